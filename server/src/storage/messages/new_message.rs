//! A message on its way into the store, and where it belongs.

use jid::BareJid;
use posthouse_protocol::wire::Frame;
use smallvec::SmallVec;

use super::OriginKey;

/// One place of a message in one account's archive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArchiveEntry {
    /// Whose archive.
    pub owner: BareJid,
    /// The other side.
    pub peer: BareJid,
    /// The other side's resource, empty when it has none.
    pub resource: String,
    /// Addressed to the owner.
    pub is_incoming: bool,
}

/// A message to be stored.
#[derive(Debug, Clone)]
pub struct NewMessage {
    /// Who sent it.
    pub sender: BareJid,
    /// Account that is to get it, when it waits for delivery.
    pub receiver: Option<BareJid>,
    /// The sender's origin-id (XEP-0359), or empty.
    pub origin: String,
    /// What recognises a resend.
    pub key: Option<OriginKey>,
    /// The stanza; it is stored in a form that can stand inside another namespace.
    pub frame: Frame,
    /// Archives it belongs into.
    pub entries: SmallVec<[ArchiveEntry; 2]>,
}

impl NewMessage {
    /// Is in the receiver's own archive, where a crash finds it again.
    pub(super) fn is_archived_by_receiver(&self) -> bool {
        self.entries.iter().any(|entry| entry.is_incoming && Some(&entry.owner) == self.receiver.as_ref())
    }
}
