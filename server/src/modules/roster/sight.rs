//! Shows the clients of an account a contact beyond the colleagues, or takes the contact out of their sight: with
//! a subscription, its end, and the end of its roster item.

use bytes::Bytes;
use jid::BareJid;
use posthouse_protocol::wire::{Frame, escape};

use super::RosterService;
use crate::routing::session::Session;

impl RosterService {
    /// From now on the account is shown the contact's presence, beginning with that of now (RFC 6121
    /// section 3.1.5).
    pub(super) fn begin_to_show(&self, account: &BareJid, contact: &BareJid) {
        for own in self.sessions.of(account) {
            self.audience.add_contact(&own, contact);
        }
        self.show(account, contact);
    }

    /// The contact's presence of now.
    pub(super) fn show(&self, account: &BareJid, contact: &BareJid) {
        for other in self.sessions.of(contact) {
            let presence = other.presence().and_then(|bytes| Frame::parse(bytes).ok());
            if let Some(frame) = presence {
                let bytes = frame.edit().to(Some(account.as_str())).finish().bytes().clone();
                self.send_to_available(account, &other, &bytes);
            }
        }
    }

    /// The account is shown nothing of the contact any more: who was there is gone (RFC 6121 section 3.3.3).
    pub(super) fn end_showing(&self, account: &BareJid, contact: &BareJid) {
        for own in self.sessions.of(account) {
            self.audience.remove_contact(&own, contact);
        }
        for other in self.sessions.of(contact).iter().filter(|other| other.is_available()) {
            let (from, to) = (escape(other.jid().as_str()), escape(account.as_str()));
            let bytes = Bytes::from(format!("<presence type='unavailable' from='{from}' to='{to}'/>"));
            self.send_to_available(account, other, &bytes);
        }
    }

    fn send_to_available(&self, account: &BareJid, other: &Session, bytes: &Bytes) {
        for own in self.sessions.of(account).iter().filter(|own| own.is_available()) {
            if own.send_when_active(other.jid().as_str(), bytes.clone()).is_err() {
                tracing::debug!(session = own.id().0, "a contact's presence found no place");
            }
        }
    }
}
