//! One stanza on its way, and what the steps noted about it.

use jid::{BareJid, Jid};
pub use posthouse_protocol::sms::DeliveryWish;
use posthouse_protocol::wire::{Frame, StanzaKind};

use super::session::Session;
use crate::clock::Timestamp;
pub use crate::storage::StoredId;
use crate::storage::Ticket;

/// Where a stanza comes from.
#[derive(Debug, Clone)]
pub enum Origin {
    /// A client of ours.
    Session(Session),
    /// A component (XEP-0114): its domain.
    Component(String),
    /// The server itself.
    Server,
}

/// What the stanza is to a chat history; found once, used by archive, offline and carbons.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct MessageTraits {
    /// `chat`, `normal`, `groupchat`, `headline` or `error`.
    pub message_type: MessageType,
    /// Has a `<body/>`.
    pub has_body: bool,
    /// Belongs into the archive (XEP-0313 section 5.1.1, XEP-0334).
    pub archive: bool,
    /// Is kept for an absent receiver.
    pub store: bool,
    /// May be carbon-copied (XEP-0280 section 6).
    pub copy: bool,
    /// Carries ids that servers give (XEP-0359 `<stanza-id/>`).
    pub has_stanza_id: bool,
    /// Carries an id by its sender's client (XEP-0359 `<origin-id/>`).
    pub has_origin_id: bool,
    /// Says something about text messages (`urn:posthouse:sms:1`).
    pub is_about_phones: bool,
}

/// Type of a message (RFC 6121 section 5.2.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum MessageType {
    /// The default.
    #[default]
    Normal,
    /// One-to-one chat.
    Chat,
    /// A room's message.
    Groupchat,
    /// Not kept, not answered.
    Headline,
    /// An answer to an earlier message.
    Error,
}

/// A stanza under way.
#[derive(Debug, Clone)]
pub struct Passage {
    /// The stanza; `from` is the true sender already.
    pub frame: Frame,
    /// Who sent it.
    pub origin: Origin,
    /// The sender's address.
    pub from: Jid,
    /// The addressee; the sender's own bare address when the stanza had none.
    pub to: Jid,
    /// The sender's account: `from` without its resource.
    pub sender: BareJid,
    /// The addressee's account: `to` without its resource.
    pub receiver: BareJid,
    /// When the server got it.
    pub received: Timestamp,
    /// Where the sender wants it.
    pub delivery: DeliveryWish,
    /// Of messages; found once.
    pub traits: MessageTraits,
    /// The newest write that has to be on the disk before the sender's stanza may be acknowledged.
    pub durable_at: Ticket,
    /// Archive ids given to the stanza (XEP-0359): whose archive, id.
    pub archive_ids: Vec<(BareJid, String)>,
    /// Set when the stanza is in the store for its receiver until a client has taken it: goes into
    /// [`super::session::Outgoing::stored`] of each copy.
    pub stored: Option<StoredId>,
}

impl Passage {
    /// A passage that starts.
    pub fn new(frame: Frame, origin: Origin, from: Jid, to: Jid, received: Timestamp) -> Self {
        let sender = match &origin {
            Origin::Session(session) => session.bare().clone(),
            Origin::Component(_) | Origin::Server => from.clone().into_bare(),
        };
        let receiver = to.clone().into_bare();
        let is_message = frame.kind() == StanzaKind::Message;
        let traits = if is_message { MessageTraits::of(&frame) } else { MessageTraits::default() };
        Self {
            frame,
            origin,
            from,
            to,
            sender,
            receiver,
            received,
            delivery: DeliveryWish::default(),
            traits,
            durable_at: Ticket::default(),
            archive_ids: Vec::new(),
            stored: None,
        }
    }

    /// Notes that the stanza may be acknowledged only after `ticket`.
    pub fn needs(&mut self, ticket: Ticket) {
        self.durable_at = self.durable_at.max(ticket);
    }
}
