//! Reads and changes the list, tells the account's other clients, and hides or shows presence.

use std::collections::BTreeSet;

use async_trait::async_trait;
use bytes::Bytes;
use jid::{BareJid, Jid};
use posthouse_protocol::wire::{Child, Frame, escape};

use super::{Blocklist, NAMESPACE};
use crate::routing::iq::{IqAnswer, IqRequest, IqTarget};
use crate::routing::session::Session;
use crate::routing::stages::IqHandler;
use crate::routing::stanza_error::{Condition, StanzaError};
use crate::storage::blocklist::set_blocked;

/// Most addresses an account may block.
const MOST: usize = 1_000;

#[async_trait]
impl IqHandler for Blocklist {
    fn namespaces(&self) -> &'static [&'static str] {
        &[NAMESPACE]
    }

    async fn handle(&self, request: IqRequest<'_>) -> Result<IqAnswer, StanzaError> {
        let Some(session) = request.session else { return Err(StanzaError::new(Condition::Forbidden)) };
        if !matches!(request.target, IqTarget::OwnAccount) {
            return Err(StanzaError::new(Condition::Forbidden));
        }
        match (request.payload.name, request.is_set) {
            ("blocklist", false) => {
                self.interested.lock().insert(session.id());
                Ok(IqAnswer::Payload(list_of("blocklist", &self.list(session.bare()))))
            }
            ("block", true) => self.block(session.bare(), &self.addresses(&request.payload)?).await,
            ("unblock", true) => self.unblock(session.bare(), &self.addresses(&request.payload)?).await,
            _ => Err(StanzaError::new(Condition::BadRequest)),
        }
    }
}

impl Blocklist {
    fn list(&self, account: &BareJid) -> BTreeSet<String> {
        self.blocked.read().get(account).cloned().unwrap_or_default()
    }

    fn addresses(&self, payload: &Child<'_>) -> Result<BTreeSet<String>, StanzaError> {
        let mut found = BTreeSet::new();
        for item in payload.children().filter(|child| child.name == "item") {
            let address = item.attribute("jid").ok_or_else(|| StanzaError::new(Condition::BadRequest))?;
            let address = Jid::new(&address).map_err(|_| StanzaError::new(Condition::JidMalformed))?;
            if address.as_str() == self.domain {
                return Err(StanzaError::new(Condition::NotAllowed).with_text("the server cannot be blocked"));
            }
            found.insert(address.as_str().to_owned());
        }
        Ok(found)
    }

    async fn block(&self, account: &BareJid, addresses: &BTreeSet<String>) -> Result<IqAnswer, StanzaError> {
        if addresses.is_empty() {
            // Section 3.3: there must be an item.
            return Err(StanzaError::new(Condition::BadRequest));
        }
        let _changing = self.changing.lock().await;
        let mut list = self.list(account);
        list.extend(addresses.iter().cloned());
        if list.len() > MOST {
            return Err(StanzaError::new(Condition::ResourceConstraint));
        }
        self.change(account, list).await?;
        self.push(account, "block", addresses);
        self.show(account, addresses, false);
        Ok(IqAnswer::Empty)
    }

    async fn unblock(
        &self,
        account: &BareJid,
        addresses: &BTreeSet<String>,
    ) -> Result<IqAnswer, StanzaError> {
        let _changing = self.changing.lock().await;
        let mut list = self.list(account);
        let removed = if addresses.is_empty() { list.clone() } else { addresses.clone() };
        list.retain(|address| !removed.contains(address));
        self.change(account, list).await?;
        self.push(account, "unblock", addresses);
        self.show(account, &removed, true);
        Ok(IqAnswer::Empty)
    }

    async fn change(&self, account: &BareJid, list: BTreeSet<String>) -> Result<(), StanzaError> {
        let rows = list.iter().cloned().collect();
        set_blocked(&self.database, account.clone(), rows).await.map_err(|error| {
            tracing::error!(%error, "a blocklist cannot be written");
            StanzaError::new(Condition::InternalServerError)
        })?;
        let mut blocked = self.blocked.write();
        if list.is_empty() {
            blocked.remove(account)
        } else {
            blocked.insert(account.clone(), list)
        };
        Ok(())
    }

    fn push(&self, account: &BareJid, name: &str, addresses: &BTreeSet<String>) {
        let payload = list_of(name, addresses);
        for session in self.sessions.of(account) {
            if !self.interested.lock().contains(&session.id()) {
                continue;
            }
            let open = format!(
                "<iq type='set' id='block-{}' to='{}'>",
                session.id().0,
                escape(session.jid().as_str()),
            );
            let bytes = Bytes::from([open.as_bytes(), &payload, b"</iq>"].concat());
            if session.send(bytes).is_err() {
                tracing::debug!("a push found its client gone");
            }
        }
    }

    /// Both sides see each other leave, or come back, when they see each other at all (sections 3.3 and 3.4).
    fn show(&self, account: &BareJid, addresses: &BTreeSet<String>, is_visible: bool) {
        for address in addresses {
            let Ok(other) = BareJid::new(address) else { continue };
            if other == *account {
                continue;
            }
            for (of, to) in [(account, &other), (&other, account)] {
                if self.contacts.shares_presence(of, to) {
                    self.show_to(of, to, is_visible);
                }
            }
            for observer in self.observers.all() {
                observer.blocking_changed(account, &other);
            }
        }
    }

    fn show_to(&self, of: &BareJid, to: &BareJid, is_visible: bool) {
        for session in self.sessions.of(of) {
            let Some(presence) = session.presence() else { continue };
            for receiver in self.sessions.of(to) {
                if receiver.presence().is_some() {
                    send_presence(&session, &presence, &receiver, is_visible);
                }
            }
        }
    }
}

fn send_presence(session: &Session, presence: &Bytes, receiver: &Session, is_visible: bool) {
    let to = receiver.bare().as_str();
    let bytes = if is_visible {
        let Ok(frame) = Frame::parse(presence.clone()) else { return };
        frame.edit().to(Some(to)).finish().bytes().clone()
    } else {
        let from = escape(session.jid().as_str()).into_owned();
        Bytes::from(format!("<presence type='unavailable' from='{from}' to='{}'/>", escape(to)))
    };
    if receiver.send_when_active(&format!("presence {}", session.jid()), bytes).is_err() {
        tracing::debug!("presence found its client gone");
    }
}

fn list_of(name: &str, addresses: &BTreeSet<String>) -> Vec<u8> {
    let items: String =
        addresses.iter().map(|address| format!("<item jid='{}'/>", escape(address))).collect();
    format!("<{name} xmlns='{NAMESPACE}'>{items}</{name}>").into_bytes()
}
