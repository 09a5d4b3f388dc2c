//! Registers business systems: the rules that the command line and the interface for business systems share. What is
//! written is in force at once, since every request reads it anew.

use std::sync::Arc;

use clap::ValueEnum;
use posthouse_sign_on::relying_party::{Audience, Problem, RelyingParty, problems};
use posthouse_sign_on::secret::{Random, Secret};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;

use crate::clock::Clock;
use crate::organization::fields;
use crate::organization::tree::Tree;
use crate::storage::audit::{self, AuditEntry};
use crate::storage::{Connection, Database, StorageError, organization, sign_on};

pub(crate) mod configuration;
pub(crate) mod endings;
pub(crate) mod trial;
mod ways;

pub use ways::{Edit, OpenIdWay, Ways};

/// Systems whose configuration is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Serialize, Deserialize, ToSchema)]
#[value(rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum Preset {
    /// Apache with mod_auth_openidc
    ModAuthOpenidc,
    /// Apache with mod_auth_cas
    ModAuthCas,
    /// nginx with auth_request, for sites that know no single sign-on at all
    Nginx,
    /// Grafana
    Grafana,
    /// GitLab
    Gitlab,
    /// A system of your own that redeems launch tickets
    Json,
}

impl Preset {
    /// The path below its own address at which the product, and no setting, takes people who come back.
    pub(crate) const fn callback(self) -> Option<&'static str> {
        match self {
            Self::Grafana => Some("/login/generic_oauth"),
            Self::Gitlab => Some("/users/auth/openid_connect/callback"),
            Self::ModAuthOpenidc | Self::ModAuthCas | Self::Nginx | Self::Json => None,
        }
    }
}

/// A new system.
#[derive(Debug, Clone)]
pub struct Draft {
    /// Short name.
    pub id: String,
    /// Name for people; the short name when nothing is said.
    pub name: Option<String>,
    /// Where a tab begins.
    pub launch: String,
    /// A kind of system that is known.
    pub preset: Option<Preset>,
    /// Switched on.
    pub enabled: bool,
    /// Sensitive.
    pub confirm: bool,
    /// Who may use it.
    pub audience: Audience,
    /// How it signs people in, as far as the kind of system does not say it.
    pub ways: Ways,
}

/// What was written, or would be.
#[derive(Debug, Clone)]
pub struct Registered {
    /// The system.
    pub party: RelyingParty,
    /// Its secret, when it was made just now. Nobody learns it again.
    pub secret: Option<Secret>,
    /// What the administrator should know.
    pub warnings: Vec<String>,
}

/// What is wrong, and with which field of the interface for business systems.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wrong {
    /// Such as `openId.redirectUris[0]`; empty when it is none alone.
    pub field: String,
    /// In plain words.
    pub sentence: String,
}

/// Why nothing was written.
#[derive(Debug, thiserror::Error)]
pub enum RegistrationError {
    /// There is none of that name.
    #[error("no system is called {0}")]
    Unknown(String),
    /// The name is taken.
    #[error("{0} is registered already")]
    Taken(String),
    /// It is not what was read before.
    #[error("it has been changed since it was read")]
    Changed,
    /// It signs nobody in by a secret.
    #[error("{0} has no secret")]
    NoSecret(String),
    /// It cannot be stored like that.
    #[error("{}", sentences(.0))]
    Wrong(Vec<Wrong>),
    /// The database refused.
    #[error("{0}")]
    Storage(StorageError),
}

impl From<StorageError> for RegistrationError {
    // Every statement can fail this way and none adds anything to what the error says itself.
    fn from(error: StorageError) -> Self {
        Self::Storage(error)
    }
}

type Outcome<T> = Result<T, RegistrationError>;

fn sentences(wrong: &[Wrong]) -> String {
    let all: Vec<&str> = wrong.iter().map(|one| one.sentence.as_str()).collect();
    all.join("\n")
}

/// Writes registrations in somebody's name.
#[derive(Debug, Clone)]
pub struct Registrar {
    database: Database,
    clock: Arc<Clock>,
    actor: String,
    expected: Option<RelyingParty>,
    is_dry: bool,
}

impl Registrar {
    /// In the name of `actor`, for the audit log.
    pub fn new(database: Database, clock: Arc<Clock>, actor: String) -> Self {
        Self { database, clock, actor, expected: None, is_dry: false }
    }

    /// Changes and removes only what is still as it was read.
    #[must_use]
    pub fn provided(self, expected: RelyingParty) -> Self {
        Self { expected: Some(expected), ..self }
    }

    /// Checks everything and writes nothing.
    #[must_use]
    pub fn dry(self, is_dry: bool) -> Self {
        Self { is_dry, ..self }
    }

    /// All systems in the order of their names.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn all(&self) -> Outcome<Vec<RelyingParty>> {
        Ok(self.database.read(sign_on::parties).await?)
    }

    /// The system of that name.
    ///
    /// # Errors
    /// There is none.
    pub async fn find(&self, id: &str) -> Outcome<RelyingParty> {
        named(&self.all().await?, id)
    }

    /// Registers a system.
    ///
    /// # Errors
    /// It is there already, or makes no sense.
    pub async fn add(self, draft: Draft) -> Outcome<Registered> {
        let secret = new_secret()?;
        self.write("relying-party add", move |connection, all| {
            if all.iter().any(|other| other.id == draft.id) {
                return Err(RegistrationError::Taken(draft.id));
            }
            let ways = draft.ways.completed(draft.preset, &draft.launch);
            let mut party = RelyingParty {
                name: draft.name.unwrap_or_else(|| draft.id.clone()),
                id: draft.id,
                launch: draft.launch,
                enabled: draft.enabled,
                confirm: draft.confirm,
                audience: draft.audience,
                open_id: None,
                cas: None,
                forward_auth: None,
                launch_ticket: None,
            };
            Edit::of_ways(ways).apply(&mut party, secret.digest());
            let mut warnings = present(connection, &mut party.audience)?;
            warnings.extend(checked(&party, all)?);
            if let Some(Err(sentence)) = draft.preset.map(|preset| configuration::fits(preset, &party)) {
                return Err(RegistrationError::Wrong(vec![Wrong { field: "preset".to_owned(), sentence }]));
            }
            let secret = party.secret().map(|_| secret);
            Ok(Registered { party, secret, warnings })
        })
        .await
    }

    /// Changes a system.
    ///
    /// # Errors
    /// There is none, it is another than was expected, or makes no sense afterwards.
    pub async fn change(self, id: &str, action: &'static str, edit: Edit) -> Outcome<Registered> {
        let (id, expected, secret) = (id.to_owned(), self.expected.clone(), new_secret()?);
        self.write(action, move |connection, all| {
            let mut party = expected_one(all, &id, expected.as_ref())?;
            let (had_secret, names_people) = (party.secret().is_some(), edit.audience.is_some());
            edit.apply(&mut party, secret.digest());
            // A department that has gone since is no reason to refuse another change.
            let mut warnings =
                if names_people { present(connection, &mut party.audience)? } else { Vec::new() };
            warnings.extend(checked(&party, all)?);
            let secret = party.secret().filter(|_| !had_secret).map(|_| secret);
            Ok(Registered { party, secret, warnings })
        })
        .await
    }

    /// Makes a new secret; the old one is worth nothing any more.
    ///
    /// # Errors
    /// There is no such system, or it has no secret.
    pub async fn new_secret(self, id: &str) -> Outcome<Registered> {
        let (id, expected, secret) = (id.to_owned(), self.expected.clone(), new_secret()?);
        self.write("relying-party rotate-secret", move |_, all| {
            let mut party = expected_one(all, &id, expected.as_ref())?;
            if party.secret().is_none() {
                return Err(RegistrationError::NoSecret(id));
            }
            if let Some(known) = party.open_id.as_mut().and_then(|open_id| open_id.secret.as_mut()) {
                *known = secret.digest();
            }
            if let Some(launch) = party.launch_ticket.as_mut() {
                launch.secret = secret.digest();
            }
            Ok(Registered { party, secret: Some(secret), warnings: Vec::new() })
        })
        .await
    }

    /// Removes a system.
    ///
    /// # Errors
    /// There is none, or it is another than was expected.
    pub async fn remove(self, id: &str) -> Outcome<()> {
        let Self { database, clock, actor, expected, .. } = self;
        let id = id.to_owned();
        let removing = database.write(move |connection| {
            let all = sign_on::parties(connection)?;
            if let Err(error) = expected_one(&all, &id, expected.as_ref()) {
                return Ok(Err(error));
            }
            sign_on::remove_party(connection, &id)?;
            let (time, action) = (clock.now(), "relying-party remove".to_owned());
            let entry = AuditEntry { time, actor, action, subject: id, detail: String::new() };
            audit::append(connection, &entry)?;
            Ok(Ok(()))
        });
        removing.await?
    }

    /// Decides and writes in one step, so that nothing changes in between.
    async fn write(
        self,
        action: &'static str,
        decide: impl FnOnce(&Connection, &[RelyingParty]) -> Outcome<Registered> + Send + 'static,
    ) -> Outcome<Registered> {
        let Self { database, clock, actor, is_dry, .. } = self;
        let writing = database.write(move |connection| {
            let all = sign_on::parties(connection)?;
            let decided = decide(connection, &all);
            let Ok(Registered { party, .. }) = &decided else { return Ok(decided) };
            if !is_dry {
                let body = serde_json::to_string(party).map_err(|error| {
                    tracing::error!(%error, "a relying party cannot be written");
                    StorageError::ChangeRefused
                })?;
                sign_on::put_party(connection, &party.id, &body)?;
                let (time, action, subject) = (clock.now(), action.to_owned(), party.id.clone());
                let detail = described(party).to_string();
                audit::append(connection, &AuditEntry { time, actor, action, subject, detail })?;
            }
            Ok(decided)
        });
        writing.await?
    }
}

fn named(all: &[RelyingParty], id: &str) -> Outcome<RelyingParty> {
    let found = all.iter().find(|party| party.id == id);
    found.cloned().ok_or_else(|| RegistrationError::Unknown(id.to_owned()))
}

fn expected_one(all: &[RelyingParty], id: &str, expected: Option<&RelyingParty>) -> Outcome<RelyingParty> {
    let party = named(all, id)?;
    if expected.is_some_and(|expected| *expected != party) {
        return Err(RegistrationError::Changed);
    }
    Ok(party)
}

/// Refuses what cannot be; answers what the administrator should know.
fn checked(party: &RelyingParty, all: &[RelyingParty]) -> Outcome<Vec<String>> {
    let (mut wrong, mut warnings) = (Vec::new(), Vec::new());
    for problem in problems(party, all) {
        match problem {
            Problem::Wrong { field, sentence } => wrong.push(Wrong { field, sentence }),
            Problem::Warning(sentence) => warnings.push(sentence),
        }
    }
    if wrong.is_empty() { Ok(warnings) } else { Err(RegistrationError::Wrong(wrong)) }
}

/// Refuses departments and people that are not there; paths and tags are written as they are stored. Answers what the
/// administrator should know.
fn present(connection: &Connection, audience: &mut Audience) -> Outcome<Vec<String>> {
    if *audience == Audience::default() {
        return Ok(Vec::new());
    }
    let tree = Tree::new(organization::departments(connection)?, organization::people(connection)?);
    let mut wrong = Vec::new();
    for (at, path) in audience.departments.iter_mut().enumerate() {
        let field = || format!("audience.departments[{at}]");
        match fields::path(path) {
            Ok(names) if tree.department_at(&names).is_some() => *path = names.join("/"),
            Ok(_) => {
                wrong.push(Wrong { field: field(), sentence: format!("there is no department {path}") });
            }
            Err(problem) => wrong.push(Wrong { field: field(), sentence: problem.to_string() }),
        }
    }
    for (at, login) in audience.people.iter().enumerate() {
        if !tree.people().any(|person| person.login == *login) {
            let sentence = format!("there is nobody with the ID {login}");
            wrong.push(Wrong { field: format!("audience.people[{at}]"), sentence });
        }
    }
    let mut warnings = Vec::new();
    for (at, tag) in audience.tags.iter_mut().enumerate() {
        match fields::tag(tag) {
            Ok(stored) => *tag = stored,
            Err(problem) => {
                let (field, sentence) = (format!("audience.tags[{at}]"), problem.to_string());
                wrong.push(Wrong { field, sentence });
            }
        }
        // A role may be there before the first person who has it.
        if !tree.people().any(|person| person.tags.contains(tag)) {
            warnings.push(format!("nobody has the tag {tag} now"));
        }
    }
    if wrong.is_empty() { Ok(warnings) } else { Err(RegistrationError::Wrong(wrong)) }
}

/// All about a system but its secret's hash.
pub(crate) fn described(party: &RelyingParty) -> Value {
    let mut value = serde_json::to_value(party).unwrap_or_else(|_| json!({ "id": party.id }));
    for way in ["open_id", "launch_ticket"] {
        if let Some(fields) = value.get_mut(way).and_then(Value::as_object_mut) {
            fields.remove("secret");
        }
    }
    value
}

fn new_secret() -> Result<Secret, StorageError> {
    let mut seed = [0; 32];
    getrandom::fill(&mut seed).map_err(|_| StorageError::NoRandomness)?;
    Ok(Random::new(seed).secret())
}

#[cfg(test)]
mod tests;
