//! `urn:posthouse:presence:1`: who is there, for the part of the tree that is on the screen.
//!
//! A client sends [`Watch`] to the server's domain whenever what it shows has changed; the answer is the
//! [`State`] of all that is watched now. Changes follow as `<message type='headline'/>` with a [`State`] of
//! what changed, at most four a second. A session that has asked for the directory (`urn:posthouse:org:1`)
//! gets no roster presence, so this is how our own client learns who is online.

use jid::BareJid;
use xmpp_parsers::iq::{IqResultPayload, IqSetPayload};
use xmpp_parsers::message::MessagePayload;
use xso::{AsXml, FromXml};

/// The namespace, also the service discovery feature.
pub const NAMESPACE: &str = "urn:posthouse:presence:1";

/// Most departments a session may watch at a time; more is answered with `policy-violation`.
pub const WATCHED_DEPARTMENTS: usize = 500;

/// Most people a session may watch at a time; more is answered with `policy-violation`.
pub const WATCHED_PEOPLE: usize = 1_000;

/// What is on the screen. Sent as IQ set to the server's domain; replaces what the session watched before,
/// empty ends it. What the user may not see is left out of the answer silently.
#[derive(FromXml, AsXml, Debug, Clone, PartialEq, Eq, Default)]
#[xml(namespace = NAMESPACE, name = "watch")]
pub struct Watch {
    /// Departments whose counts are wanted.
    #[xml(child(n = ..))]
    pub departments: Vec<WatchDepartment>,
    /// People whose state is wanted.
    #[xml(child(n = ..))]
    pub people: Vec<WatchPerson>,
}

impl IqSetPayload for Watch {}

/// A department on the screen.
#[derive(FromXml, AsXml, Debug, Clone, PartialEq, Eq, Default)]
#[xml(namespace = NAMESPACE, name = "department")]
pub struct WatchDepartment {
    /// Id of the department.
    #[xml(attribute)]
    pub id: String,
}

/// A person on the screen.
#[derive(FromXml, AsXml, Debug, Clone, PartialEq, Eq)]
#[xml(namespace = NAMESPACE, name = "person")]
pub struct WatchPerson {
    /// Address of the person.
    #[xml(attribute)]
    pub jid: BareJid,
}

/// State of what is watched: all of it in the answer, only what changed in a push.
#[derive(FromXml, AsXml, Debug, Clone, PartialEq, Eq, Default)]
#[xml(namespace = NAMESPACE, name = "state")]
pub struct State {
    /// People.
    #[xml(child(n = ..))]
    pub people: Vec<PersonState>,
    /// Counts.
    #[xml(child(n = ..))]
    pub counts: Vec<DepartmentCount>,
}

impl IqResultPayload for State {}
impl MessagePayload for State {}

/// What a person does right now: that of the most available client, in the order of [`Availability`].
#[derive(FromXml, AsXml, Debug, Clone, PartialEq, Eq)]
#[xml(namespace = NAMESPACE, name = "person")]
pub struct PersonState {
    /// Address of the person.
    #[xml(attribute)]
    pub jid: BareJid,
    /// How available; absent means online.
    #[xml(attribute(default, name = "show"))]
    pub availability: Availability,
    /// Free text of the person (RFC 6121 section 4.7.2.2); empty when there is none.
    #[xml(text)]
    pub status: String,
}

/// How many people of a department and all below it are there; each person counts once.
#[derive(FromXml, AsXml, Debug, Clone, PartialEq, Eq, Default)]
#[xml(namespace = NAMESPACE, name = "count")]
pub struct DepartmentCount {
    /// Id of the department.
    #[xml(attribute)]
    pub department: String,
    /// Signed in and available, however away.
    #[xml(attribute)]
    pub online: u32,
    /// All who are visible to the user.
    #[xml(attribute)]
    pub total: u32,
}

/// How available somebody is; the first is the most available.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Availability {
    /// At the desk: presence without `<show/>`, or `chat`. Also stands for words of a newer server.
    #[default]
    Online,
    /// `dnd`: does not want to be disturbed.
    DoNotDisturb,
    /// `away`: away for a moment.
    Away,
    /// `xa`: away for longer.
    ExtendedAway,
    /// `offline`: signed in nowhere.
    Offline,
}

impl Availability {
    /// The word on the wire; `None` for online.
    pub fn word(self) -> Option<&'static str> {
        match self {
            Self::Online => None,
            Self::DoNotDisturb => Some("dnd"),
            Self::Away => Some("away"),
            Self::ExtendedAway => Some("xa"),
            Self::Offline => Some("offline"),
        }
    }

    /// The availability of a word, as in `<show/>` (RFC 6121 section 4.7.2.1).
    pub fn of_word(word: &str) -> Self {
        match word {
            "dnd" => Self::DoNotDisturb,
            "away" => Self::Away,
            "xa" => Self::ExtendedAway,
            "offline" => Self::Offline,
            _ => Self::Online,
        }
    }
}

crate::attribute_words!(Availability);

#[cfg(test)]
mod tests;
