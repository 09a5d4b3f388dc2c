//! Business systems that let people in on our word, as the administrator has registered them.

use serde::{Deserialize, Serialize};

use crate::address;
use crate::person::Person;
use crate::refusal::Refusal;
use crate::secret::Digest;

mod check;

pub use check::{Problem, problems};

/// A business system.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RelyingParty {
    /// Its name in requests (`client_id`); any case.
    pub id: String,
    /// Its name for people.
    pub name: String,
    /// Where a tab begins; paths of notices lie below it.
    pub launch: String,
    /// Switched on.
    #[serde(default = "yes")]
    pub enabled: bool,
    /// Sensitive: people prove anew who they are before they get in.
    #[serde(default)]
    pub confirm: bool,
    /// Who may use it.
    #[serde(default)]
    pub audience: Audience,
    /// Signs in by OpenID Connect or OAuth 2.0.
    #[serde(default)]
    pub open_id: Option<OpenId>,
    /// Signs in by CAS.
    #[serde(default)]
    pub cas: Option<Cas>,
    /// Stands behind a proxy that asks us.
    #[serde(default)]
    pub forward_auth: Option<ForwardAuth>,
    /// Redeems launch tickets.
    #[serde(default)]
    pub launch_ticket: Option<LaunchTicket>,
}

fn yes() -> bool {
    true
}

/// Who may use a system: everybody, unless people, departments or tags are named.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Audience {
    /// Logins.
    pub people: Vec<String>,
    /// Paths of departments; what is below them is meant as well.
    pub departments: Vec<String>,
    /// Tags; whoever has one of them is meant.
    pub tags: Vec<String>,
}

impl Audience {
    /// The person is one of them.
    pub fn holds(&self, person: &Person) -> bool {
        let is_below = |path: &str, department: &str| {
            path.strip_prefix(department).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        let is_in = |department: &String| person.departments.iter().any(|path| is_below(path, department));
        *self == Self::default()
            || self.people.contains(&person.login)
            || self.departments.iter().any(is_in)
            || self.tags.iter().any(|tag| person.tags.contains(tag))
    }
}

/// OpenID Connect and OAuth 2.0.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OpenId {
    /// Hash of the secret; none for programs that cannot keep one (public clients).
    #[serde(default)]
    pub secret: Option<Digest>,
    /// Where codes may go, character for character.
    pub redirect_uris: Vec<String>,
    /// Where people may be sent after signing out, character for character.
    #[serde(default)]
    pub post_logout_redirect_uris: Vec<String>,
    /// Is told when a session ends.
    #[serde(default)]
    pub back_channel_logout: Option<String>,
    /// PKCE is asked of it. Public clients must in any case; switch it off only for a system that cannot.
    #[serde(default = "yes")]
    pub requires_pkce: bool,
    /// A program on the person's computer: its loopback address may have any port.
    #[serde(default)]
    pub is_native: bool,
    /// How its ID tokens are signed.
    #[serde(default)]
    pub algorithm: Algorithm,
}

impl OpenId {
    /// Must send a code challenge.
    pub fn must_prove_the_code(&self) -> bool {
        self.requires_pkce || self.secret.is_none()
    }
}

/// How something is signed. Each key has exactly one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
pub enum Algorithm {
    /// RSA with SHA-256, which every client knows.
    #[default]
    #[serde(rename = "RS256")]
    Rs256,
    /// ECDSA with P-256 and SHA-256.
    #[serde(rename = "ES256")]
    Es256,
}

impl Algorithm {
    /// Its name in JOSE.
    pub fn name(self) -> &'static str {
        match self {
            Self::Rs256 => "RS256",
            Self::Es256 => "ES256",
        }
    }
}

/// CAS.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cas {
    /// Services lie at or below these addresses.
    pub services: Vec<String>,
    /// What the system takes for the name of the user.
    #[serde(default)]
    pub user: UserName,
    /// Is told by POST when a session ends.
    #[serde(default = "yes")]
    pub single_logout: bool,
}

/// What a CAS client gets as the name of the user.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UserName {
    /// Login name.
    #[default]
    Login,
    /// The opaque stable id.
    Subject,
    /// Mail.
    Email,
}

impl UserName {
    /// Of this person; none when there is no mail.
    pub fn of(self, person: &Person) -> Option<&str> {
        match self {
            Self::Login => Some(&person.login),
            Self::Subject => Some(&person.subject),
            Self::Email => person.email.as_deref(),
        }
    }
}

/// Sites behind a proxy that asks for each request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ForwardAuth {
    /// Scheme, host and port of each site.
    pub sites: Vec<String>,
}

/// JSON ticket for home-grown systems.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LaunchTicket {
    /// Hash of the secret by which the system redeems.
    pub secret: Digest,
}

impl RelyingParty {
    /// The person may use it now.
    ///
    /// # Errors
    /// It is switched off, or not for this person.
    pub fn admits(&self, person: Option<&Person>) -> Result<(), Refusal> {
        if !self.enabled {
            return Err(Refusal::UnknownSystem);
        }
        let person = person.ok_or(Refusal::AccountClosed)?;
        if self.audience.holds(person) { Ok(()) } else { Err(Refusal::NotForThisPerson) }
    }

    /// Where a tab begins, for a path that a notice links to.
    ///
    /// # Errors
    /// The path leads elsewhere.
    pub fn begin_at(&self, path: Option<&str>) -> Result<String, Refusal> {
        match path {
            None | Some("") => Ok(self.launch.clone()),
            Some(path) => address::below(&self.launch, path).ok_or(Refusal::WrongPath),
        }
    }

    /// Its secret, by whatever way it has one.
    pub fn secret(&self) -> Option<&Digest> {
        let open_id = self.open_id.as_ref().and_then(|open_id| open_id.secret.as_ref());
        open_id.or_else(|| self.launch_ticket.as_ref().map(|launch| &launch.secret))
    }
}

#[cfg(test)]
mod tests {
    use super::Audience;
    use crate::person::Person;
    use crate::refusal::Refusal;
    use crate::testing::{oa, zhang};

    fn owned(all: &[&str]) -> Vec<String> {
        all.iter().map(|one| (*one).to_owned()).collect()
    }

    fn audience(people: &[&str], departments: &[&str]) -> Audience {
        Audience { people: owned(people), departments: owned(departments), tags: Vec::new() }
    }

    #[test]
    fn a_system_is_for_everybody_or_for_those_that_are_named() {
        let zhang = zhang();
        assert!(audience(&[], &[]).holds(&zhang));
        assert!(audience(&["zhang.aili"], &[]).holds(&zhang));
        assert!(audience(&[], &["总部"]).holds(&zhang));
        assert!(audience(&[], &["总部/财务部"]).holds(&zhang));
        assert!(!audience(&[], &["总部/财"]).holds(&zhang));
        assert!(!audience(&[], &["总部/财务部/审计"]).holds(&zhang));
        assert!(!audience(&["li.si"], &[]).holds(&zhang));
    }

    #[test]
    fn a_tag_lets_in_whoever_has_it_beside_those_whom_a_department_lets_in() {
        let with = |departments: &[&str], tags: &[&str]| Audience {
            tags: owned(tags),
            ..audience(&[], departments)
        };
        let (zhang, untagged) = (zhang(), Person { tags: Vec::new(), ..zhang() });
        assert!(with(&[], &["司机", "审批"]).holds(&zhang));
        assert!(!with(&[], &["司机"]).holds(&zhang), "a tag alone is not for everybody");
        assert!(!with(&[], &["审"]).holds(&zhang) && !with(&[], &["审批"]).holds(&untagged));
        assert!(with(&["总部/技术部"], &["审批"]).holds(&zhang), "either is enough");
        assert!(with(&["总部/财务部"], &["司机"]).holds(&untagged));
    }

    #[test]
    fn a_system_that_is_switched_off_is_not_there() {
        let mut oa = oa();
        assert_eq!(oa.admits(Some(&zhang())), Ok(()));
        assert_eq!(oa.admits(None), Err(Refusal::AccountClosed));
        oa.enabled = false;
        assert_eq!(oa.admits(Some(&zhang())), Err(Refusal::UnknownSystem));
    }

    #[test]
    fn a_notice_opens_a_path_below_the_system_and_nothing_else() {
        assert_eq!(oa().begin_at(None).unwrap(), "https://oa.example.org/");
        assert_eq!(oa().begin_at(Some("/todo/42")).unwrap(), "https://oa.example.org/todo/42");
        assert_eq!(oa().begin_at(Some("//evil.net")), Err(Refusal::WrongPath));
    }
}
