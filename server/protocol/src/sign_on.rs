//! `urn:posthouse:sso:0`: which business systems a person may open, and the one-time entrance into one of them.
//! `docs/single-sign-on.md` tells what the link does.

use xmpp_parsers::iq::{IqGetPayload, IqResultPayload, IqSetPayload};
use xso::{AsXml, FromXml};

/// The namespace of all these elements.
pub const NAMESPACE: &str = "urn:posthouse:sso:0";

/// The cookie that an app puts into its webview before the first visit: the link is worthless without it. The prefix
/// makes browsers hold it to one host and to HTTPS (RFC 6265bis section 4.1.3).
pub const BIND_COOKIE: &str = "__Host-sso_bind";

/// Asks for an entrance: `<open app='oa' bind='…' path='/todo/42'/>`.
#[derive(FromXml, AsXml, Debug, Clone, PartialEq, Eq)]
#[xml(namespace = NAMESPACE, name = "open")]
pub struct Open {
    /// The system's name at the server.
    #[xml(attribute)]
    pub app: String,
    /// SHA-256 of the text of [`BIND_COOKIE`], base64url without padding.
    #[xml(attribute)]
    pub bind: String,
    /// A place below the system's own address, beginning with `/`.
    #[xml(attribute(default))]
    pub path: Option<String>,
}

impl IqSetPayload for Open {}

/// The entrance: `<open url='https://…' expires='30'/>`.
#[derive(FromXml, AsXml, Debug, Clone, PartialEq, Eq)]
#[xml(namespace = NAMESPACE, name = "open")]
pub struct Entrance {
    /// Where to go, once.
    #[xml(attribute)]
    pub url: String,
    /// Seconds until it is worth nothing.
    #[xml(attribute)]
    pub expires: u32,
}

impl IqResultPayload for Entrance {}

/// The person signs out of this app: what was entered through it ends at once. `<sign-out/>`
#[derive(FromXml, AsXml, Debug, Clone, Copy, PartialEq, Eq)]
#[xml(namespace = NAMESPACE, name = "sign-out")]
pub struct SignOut;

impl IqSetPayload for SignOut {}

/// The server asks the app that owns a session to have the person prove anew who they are:
/// `<prove id='…' system='办公自动化' person='张爱丽' number='42' expires='60'/>`.
#[derive(FromXml, AsXml, Debug, Clone, PartialEq, Eq)]
#[xml(namespace = NAMESPACE, name = "prove")]
pub struct Prove {
    /// Names the question.
    #[xml(attribute)]
    pub id: String,
    /// Name of the system, for people.
    #[xml(attribute)]
    pub system: String,
    /// Name of the person.
    #[xml(attribute)]
    pub person: String,
    /// Stands on the page that waits, too.
    #[xml(attribute)]
    pub number: u8,
    /// Seconds until it is too late.
    #[xml(attribute)]
    pub expires: u32,
}

impl IqSetPayload for Prove {}

/// What the app answers later, in a request of its own: `<proof id='…' password='…'/>`; without a password the person
/// does not want to.
#[derive(FromXml, AsXml, Clone, PartialEq, Eq)]
#[xml(namespace = NAMESPACE, name = "proof")]
pub struct Proof {
    /// Names the question.
    #[xml(attribute)]
    pub id: String,
    /// What the person has typed.
    #[xml(attribute(default))]
    pub password: Option<String>,
}

impl std::fmt::Debug for Proof {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Proof").field("id", &self.id).finish_non_exhaustive()
    }
}

impl IqSetPayload for Proof {}

/// The systems that the person may open, in the organisation's order; as a question it is empty.
#[derive(FromXml, AsXml, Debug, Clone, PartialEq, Eq, Default)]
#[xml(namespace = NAMESPACE, name = "systems")]
pub struct Systems {
    /// Each of them.
    #[xml(child(n = ..))]
    pub systems: Vec<System>,
}

impl IqGetPayload for Systems {}
impl IqResultPayload for Systems {}

/// A business system: `<system id='oa' name='办公自动化' badge='3'/>`.
#[derive(FromXml, AsXml, Debug, Clone, PartialEq, Eq)]
#[xml(namespace = NAMESPACE, name = "system")]
pub struct System {
    /// The system's name at the server.
    #[xml(attribute)]
    pub id: String,
    /// Name for people.
    #[xml(attribute)]
    pub name: String,
    /// How much waits there, as the system says it; absent when it says nothing.
    #[xml(attribute(default))]
    pub badge: Option<u32>,
    /// SHA-1 of its picture, which the card of `oa@notices.example.org` has; absent when it has none.
    #[xml(attribute(default))]
    pub icon: Option<String>,
}

/// What waits in the systems now: a headline of the server to whoever has asked for [`Systems`] before. A system that
/// is not named says nothing.
#[derive(FromXml, AsXml, Debug, Clone, PartialEq, Eq, Default)]
#[xml(namespace = NAMESPACE, name = "badges")]
pub struct Badges {
    /// Each of them.
    #[xml(child(n = ..))]
    pub badges: Vec<Badge>,
}

/// How much waits in a system: `<badge system='oa' count='3'/>`.
#[derive(FromXml, AsXml, Debug, Clone, PartialEq, Eq)]
#[xml(namespace = NAMESPACE, name = "badge")]
pub struct Badge {
    /// The system's name at the server.
    #[xml(attribute)]
    pub system: String,
    /// Never 0.
    #[xml(attribute)]
    pub count: u32,
}
