//! Sessions: one parent for each signed-in app, one child (a cookie) for each tab. When the parent ends, everything
//! that was signed in through it ends.

use serde::{Deserialize, Serialize};

use crate::moment::{Lifetimes, Moment};
use crate::person::Person;
use crate::secret::{Digest, Random, Secret};
use crate::step_up::{JUST_NOW, Proof, Strength};

/// Name of the session's cookie on the provider's host.
pub const COOKIE: &str = "__Host-sso";

/// An app that is signed in, as long as its stream is there and a while longer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parent {
    /// Names it; no secret.
    pub id: String,
    /// Login of the person.
    pub login: String,
    /// Full address of the app's stream.
    pub instance: String,
    /// Begin.
    pub created: Moment,
    /// When the person has proved who they are.
    pub auth_time: Moment,
    /// Last use by any tab.
    pub last_seen: Moment,
    /// Since when the stream is gone.
    pub gone_since: Option<Moment>,
}

/// One tab's session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Child {
    /// Hash of the cookie.
    pub cookie: Digest,
    /// Its parent.
    pub parent: String,
    /// Begin.
    pub created: Moment,
    /// Last use.
    pub last_seen: Moment,
}

/// A system that the tab is signed in to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Participation {
    /// The system.
    pub party: String,
    /// Names the person to the system: what it was told as `sub`, or as the user of CAS.
    #[serde(default)]
    pub user: String,
    /// Names the session to the system (`sid`); no secret.
    pub sid: String,
    /// For CAS: the redeemed service ticket, by which the system knows its session. It opens nothing any more.
    pub service_ticket: Option<String>,
    /// For CAS: where the ticket was redeemed.
    pub service: Option<String>,
}

/// What a cookie leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedIn {
    /// The tab.
    pub child: Child,
    /// The app.
    pub parent: Parent,
    /// The person, when the account is live.
    pub person: Option<Person>,
    /// What the person has proved anew in this tab's session.
    pub proofs: Vec<Proof>,
}

/// Why a session is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum End {
    /// The account is locked or gone.
    AccountClosed,
    /// The app's stream is gone for too long.
    AppGone,
    /// Nothing happened for too long.
    Idle,
    /// It has lasted too long.
    TooOld,
    /// The person has signed out.
    SignedOut,
    /// The password has changed.
    PasswordChanged,
}

impl End {
    /// A word for logs.
    pub fn code(self) -> &'static str {
        match self {
            Self::AccountClosed => "account-closed",
            Self::AppGone => "app-gone",
            Self::Idle => "idle",
            Self::TooOld => "too-old",
            Self::SignedOut => "signed-out",
            Self::PasswordChanged => "password-changed",
        }
    }
}

impl Parent {
    /// Why it is over, if it is.
    pub fn end(&self, lifetimes: &Lifetimes, now: Moment) -> Option<End> {
        if self.gone_since.is_some_and(|gone| now.since(gone) > lifetimes.grace) {
            return Some(End::AppGone);
        }
        if now.since(self.created) > lifetimes.absolute {
            return Some(End::TooOld);
        }
        (now.since(self.last_seen) > lifetimes.idle).then_some(End::Idle)
    }
}

impl SignedIn {
    /// Why it is over, if it is.
    pub fn end(&self, lifetimes: &Lifetimes, now: Moment) -> Option<End> {
        if self.person.is_none() {
            return Some(End::AccountClosed);
        }
        if let Some(end) = self.parent.end(lifetimes, now) {
            return Some(end);
        }
        if now.since(self.child.created) > lifetimes.absolute {
            return Some(End::TooOld);
        }
        (now.since(self.child.last_seen) > lifetimes.idle).then_some(End::Idle)
    }

    /// When the person has last proved who they are.
    pub fn auth_time(&self) -> Moment {
        let anew = self.proofs.iter().map(|proof| proof.time);
        anew.fold(self.parent.auth_time, Moment::max)
    }

    /// How the person has proved it.
    pub fn strength(&self) -> Strength {
        if self.proofs.is_empty() { Strength::App } else { Strength::Confirmed }
    }

    /// The person has proved it a moment ago for this system.
    pub fn has_just_proved(&self, party: &str, now: Moment) -> bool {
        self.proofs.iter().any(|proof| proof.party == party && now.since(proof.time) <= JUST_NOW)
    }

    /// The person, as long as the session lasts.
    pub fn person(&self, lifetimes: &Lifetimes, now: Moment) -> Option<&Person> {
        if self.end(lifetimes, now).is_some() {
            return None;
        }
        self.person.as_ref()
    }
}

/// Begins a tab's session; its cookie is new whatever the browser has sent.
pub fn begin_child(parent: &Parent, now: Moment, random: &mut Random) -> (Secret, Child) {
    let cookie = random.secret();
    let child = Child { cookie: cookie.digest(), parent: parent.id.clone(), created: now, last_seen: now };
    (cookie, child)
}

/// `Set-Cookie` of a cookie that only this host gets back.
pub fn set_cookie(name: &str, value: &str, seconds: Option<i64>) -> String {
    let age = seconds.map(|seconds| format!("; Max-Age={seconds}")).unwrap_or_default();
    format!("{name}={value}; Path=/; Secure; HttpOnly; SameSite=Lax{age}")
}

/// `Set-Cookie` that takes it away.
pub fn forget_cookie(name: &str) -> String {
    set_cookie(name, "", Some(0))
}

/// The value of a cookie in a `Cookie` header; none when it is there more than once with different values.
pub fn cookie<'a>(header: &'a str, name: &str) -> Option<&'a str> {
    let mut values = header.split(';').filter_map(|pair| {
        let (key, value) = pair.trim().split_once('=')?;
        (key == name && !value.is_empty()).then_some(value)
    });
    let first = values.next()?;
    values.all(|other| other == first).then_some(first)
}

#[cfg(test)]
mod tests {
    use super::{End, cookie, forget_cookie, set_cookie};
    use crate::moment::Lifetimes;
    use crate::testing::{NOW, signed_in};

    const HOUR: i64 = 3_600;

    #[test]
    fn a_session_ends_when_idle_for_eight_hours_and_after_a_day_in_any_case() {
        let lifetimes = Lifetimes::default();
        let mut session = signed_in();
        assert_eq!(session.end(&lifetimes, NOW.plus(8 * HOUR)), None);
        assert_eq!(session.end(&lifetimes, NOW.plus(8 * HOUR + 1)), Some(End::Idle));
        session.child.last_seen = NOW.plus(24 * HOUR);
        session.parent.last_seen = NOW.plus(24 * HOUR);
        assert_eq!(session.end(&lifetimes, NOW.plus(24 * HOUR)), None);
        assert_eq!(session.end(&lifetimes, NOW.plus(24 * HOUR + 1)), Some(End::TooOld));
    }

    #[test]
    fn a_closed_laptop_lid_does_not_sign_out_but_a_quarter_of_an_hour_does() {
        let mut session = signed_in();
        session.parent.gone_since = Some(NOW);
        assert_eq!(session.end(&Lifetimes::default(), NOW.plus(900)), None);
        assert_eq!(session.end(&Lifetimes::default(), NOW.plus(901)), Some(End::AppGone));
    }

    #[test]
    fn a_locked_account_has_no_session() {
        let mut session = signed_in();
        assert!(session.person(&Lifetimes::default(), NOW).is_some());
        session.person = None;
        assert_eq!(session.end(&Lifetimes::default(), NOW), Some(End::AccountClosed));
    }

    #[test]
    fn cookies_belong_to_this_host_alone() {
        assert_eq!(
            set_cookie("__Host-sso", "x", None),
            "__Host-sso=x; Path=/; Secure; HttpOnly; SameSite=Lax"
        );
        assert!(forget_cookie("__Host-sso").ends_with("; Max-Age=0"));
        assert_eq!(cookie("a=1; __Host-sso=x; b=2", "__Host-sso"), Some("x"));
        assert_eq!(cookie("__Host-sso=x;__Host-sso=x", "__Host-sso"), Some("x"));
        assert_eq!(cookie("__Host-sso=x; __Host-sso=y", "__Host-sso"), None);
        assert_eq!(cookie("x__Host-sso=x", "__Host-sso"), None);
        assert_eq!(cookie("", "__Host-sso"), None);
    }
}
