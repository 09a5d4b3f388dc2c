//! `urn:posthouse:notice:1`: what business systems say to people. A notice stands beside a readable body, so that
//! every client can show it; `docs/notices.md` is the protocol in full.

use xmpp_parsers::message::MessagePayload;
use xso::{AsXml, FromXml};

/// The namespace of all these elements.
pub const NAMESPACE: &str = "urn:posthouse:notice:1";

/// The domain that applications write from: one below the server's, so that no person can have such an address.
#[must_use]
pub fn domain_below(server: &str) -> String {
    format!("notices.{server}")
}

/// A notice. One with a higher revision takes the place of the one with the same id.
#[derive(FromXml, AsXml, Debug, Clone, PartialEq, Eq)]
#[xml(namespace = NAMESPACE, name = "notice")]
pub struct Notice {
    /// The same for all receivers and all revisions; opaque.
    #[xml(attribute)]
    pub id: String,
    /// From 1.
    #[xml(attribute(default))]
    pub revision: u32,
    /// What has become of it.
    #[xml(attribute(default))]
    pub state: NoticeState,
    /// How much it matters.
    #[xml(attribute(default))]
    pub priority: Priority,
    /// When the application gave it to the server (XEP-0082).
    #[xml(attribute(default))]
    pub created: Option<String>,
    /// After this time it is of no interest (XEP-0082).
    #[xml(attribute(default))]
    pub expires: Option<String>,
    /// Who says it.
    #[xml(child)]
    pub application: Application,
    /// One line.
    #[xml(attribute)]
    pub title: String,
    /// What there is to say beyond the title.
    #[xml(child(default))]
    pub text: Option<Text>,
    /// Where it is seen to.
    #[xml(child(default))]
    pub link: Option<Link>,
    /// Facts, in the order in which they are shown.
    #[xml(child(n = ..))]
    pub fields: Vec<Field>,
    /// What the receiver may do, in the order in which it is shown.
    #[xml(child(n = ..))]
    pub actions: Vec<Action>,
}

impl MessagePayload for Notice {}

/// More than one line.
#[derive(FromXml, AsXml, Debug, Clone, PartialEq, Eq, Default)]
#[xml(namespace = NAMESPACE, name = "text")]
pub struct Text {
    /// What it says.
    #[xml(text)]
    pub text: String,
}

/// A business system.
#[derive(FromXml, AsXml, Debug, Clone, PartialEq, Eq, Default)]
#[xml(namespace = NAMESPACE, name = "application")]
pub struct Application {
    /// Its short name: the first half of the address it writes from.
    #[xml(attribute)]
    pub name: String,
    /// What people call it.
    #[xml(attribute)]
    pub title: String,
    /// SHA-1 of its picture, which the card at the address it writes from has; absent when it has none.
    #[xml(attribute(default))]
    pub icon: Option<String>,
}

/// A place in a business system.
#[derive(FromXml, AsXml, Debug, Clone, PartialEq, Eq, Default)]
#[xml(namespace = NAMESPACE, name = "link")]
pub struct Link {
    /// Short name of the system whose tab it opens in.
    #[xml(attribute)]
    pub app: String,
    /// Path there, with a slash in front.
    #[xml(attribute)]
    pub path: String,
}

/// A fact.
#[derive(FromXml, AsXml, Debug, Clone, PartialEq, Eq, Default)]
#[xml(namespace = NAMESPACE, name = "field")]
pub struct Field {
    /// What it is.
    #[xml(attribute)]
    pub label: String,
    /// The fact.
    #[xml(text)]
    pub value: String,
}

/// Something the receiver may do; told to the application by [`Act`].
#[derive(FromXml, AsXml, Debug, Clone, PartialEq, Eq, Default)]
#[xml(namespace = NAMESPACE, name = "action")]
pub struct Action {
    /// Names it, to the application.
    #[xml(attribute)]
    pub id: String,
    /// Names it, to people.
    #[xml(attribute)]
    pub label: String,
    /// Where it stands.
    #[xml(attribute(default))]
    pub style: ActionStyle,
    /// What is asked before it is done; empty for a plain button.
    #[xml(child(n = ..))]
    pub inputs: Vec<Input>,
}

/// A line to fill in.
#[derive(FromXml, AsXml, Debug, Clone, PartialEq, Eq, Default)]
#[xml(namespace = NAMESPACE, name = "input")]
pub struct Input {
    /// Names it, to the application.
    #[xml(attribute)]
    pub name: String,
    /// Names it, to people.
    #[xml(attribute)]
    pub label: String,
    /// May not be left empty.
    #[xml(attribute(default))]
    pub required: bool,
}

/// The receiver has chosen an action; sent to the address the notice came from.
#[derive(FromXml, AsXml, Debug, Clone, PartialEq, Eq, Default)]
#[xml(namespace = NAMESPACE, name = "act")]
pub struct Act {
    /// The `id` of the message that brought the notice.
    #[xml(attribute)]
    pub message: String,
    /// [`Action::id`].
    #[xml(attribute)]
    pub action: String,
    /// What was filled in.
    #[xml(child(n = ..))]
    pub values: Vec<Value>,
}

impl MessagePayload for Act {}

/// The person says to their own clients that a notice is done, or is not: `<mark message='notice-17' done='true'/>`. The
/// application hears nothing of it.
#[derive(FromXml, AsXml, Debug, Clone, PartialEq, Eq, Default)]
#[xml(namespace = NAMESPACE, name = "mark")]
pub struct Mark {
    /// `id` of the stanza that brought the notice.
    #[xml(attribute)]
    pub message: String,
    /// It is done.
    #[xml(attribute)]
    pub done: bool,
}

impl MessagePayload for Mark {}

/// The person asks the server what became of a notice for themself: `<timeline message='notice-17'/>`.
#[derive(FromXml, AsXml, Debug, Clone, PartialEq, Eq, Default)]
#[xml(namespace = NAMESPACE, name = "timeline")]
pub struct AskTimeline {
    /// `id` of the stanza that brought the notice.
    #[xml(attribute)]
    pub message: String,
}

/// A line that was filled in.
#[derive(FromXml, AsXml, Debug, Clone, PartialEq, Eq, Default)]
#[xml(namespace = NAMESPACE, name = "value")]
pub struct Value {
    /// [`Input::name`].
    #[xml(attribute)]
    pub name: String,
    /// What stands there.
    #[xml(text)]
    pub text: String,
}

/// What has become of a notice, as its application sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum NoticeState {
    /// There may be something to do.
    #[default]
    Open,
    /// Somebody has seen to it.
    Handled,
    /// The application has taken it back.
    Withdrawn,
}

impl NoticeState {
    /// The word on the wire; `None` for the default.
    pub fn word(self) -> Option<&'static str> {
        match self {
            Self::Open => None,
            Self::Handled => Some("handled"),
            Self::Withdrawn => Some("withdrawn"),
        }
    }

    /// The state of a word; unknown words mean open.
    pub fn of_word(word: &str) -> Self {
        match word {
            "handled" => Self::Handled,
            "withdrawn" => Self::Withdrawn,
            _ => Self::Open,
        }
    }
}

/// How much it matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Priority {
    /// Can wait.
    Low,
    /// The usual.
    #[default]
    Normal,
    /// Soon.
    High,
    /// Now.
    Urgent,
}

impl Priority {
    /// The word on the wire; `None` for the default.
    pub fn word(self) -> Option<&'static str> {
        match self {
            Self::Low => Some("low"),
            Self::Normal => None,
            Self::High => Some("high"),
            Self::Urgent => Some("urgent"),
        }
    }

    /// The priority of a word; unknown words mean normal.
    pub fn of_word(word: &str) -> Self {
        match word {
            "low" => Self::Low,
            "high" => Self::High,
            "urgent" => Self::Urgent,
            _ => Self::Normal,
        }
    }
}

/// Where an action stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ActionStyle {
    /// One of several.
    #[default]
    Usual,
    /// What most people will do.
    Primary,
    /// What cannot be undone.
    Danger,
}

impl ActionStyle {
    /// The word on the wire; `None` for the default.
    pub fn word(self) -> Option<&'static str> {
        match self {
            Self::Usual => None,
            Self::Primary => Some("primary"),
            Self::Danger => Some("danger"),
        }
    }

    /// The style of a word; unknown words mean the usual one.
    pub fn of_word(word: &str) -> Self {
        match word {
            "primary" => Self::Primary,
            "danger" => Self::Danger,
            _ => Self::Usual,
        }
    }
}

crate::attribute_words!(NoticeState, Priority, ActionStyle);

#[cfg(test)]
mod tests;
