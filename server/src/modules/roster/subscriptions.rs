//! Presence subscriptions (RFC 6121 section 3). Within the organisation nobody has to be asked: whoever may
//! see a person gets the person's presence by asking for it.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use async_trait::async_trait;
use bytes::Bytes;
use jid::BareJid;
use posthouse_protocol::wire::{StanzaKind, escape};

use super::RosterService;
use crate::routing::passage::{Origin, Passage};
use crate::routing::session::Session;
use crate::routing::stages::{Accept, AcceptStep, StepError};
use crate::storage::roster::RosterItem;

/// Answers subscription requests for the contacts.
#[derive(Debug)]
pub struct Subscriptions {
    domain: String,
    roster: Arc<RosterService>,
}

impl Subscriptions {
    /// For contacts of this domain.
    pub fn new(domain: &str, roster: Arc<RosterService>) -> Self {
        Self { domain: domain.to_owned(), roster }
    }

    async fn subscribe(&self, session: &Session, contact: &BareJid) -> Result<(), StepError> {
        let (account, directory) = (session.bare(), &self.roster.directory);
        if account == contact {
            // One's own clients see each other anyway.
            return Ok(());
        }
        if !directory.may_see(account, contact) {
            // RFC 6121 section 3.1.3: as if the contact had declined; says nothing about who exists.
            answer(session, contact, "unsubscribed");
            return Ok(());
        }
        let is_colleague = directory.is_colleague(account, contact);
        if !is_colleague {
            self.set_subscribed(account, contact, true).await?;
        }
        self.tell(session, contact, "subscribed");
        if is_colleague {
            self.roster.show(account, contact);
        } else {
            self.roster.begin_to_show(account, contact);
        }
        Ok(())
    }

    /// A colleague stays: the client is told the same as before, once, and has nothing to try again.
    async fn unsubscribe(&self, session: &Session, contact: &BareJid) -> Result<(), StepError> {
        let account = session.bare();
        if account == contact || self.roster.directory.is_colleague(account, contact) {
            return Ok(());
        }
        let was_subscribed = self.set_subscribed(account, contact, false).await?;
        self.tell(session, contact, "unsubscribed");
        if was_subscribed {
            self.roster.end_showing(account, contact);
        }
        Ok(())
    }

    /// Answers the client that has asked, and tells the account's others that know the roster (RFC 6121
    /// section 3.1.6).
    fn tell(&self, session: &Session, contact: &BareJid, kind: &str) {
        for own in self.roster.sessions.of(session.bare()) {
            if own.id() == session.id() || own.switches().roster.load(Ordering::Acquire) {
                answer(&own, contact, kind);
            }
        }
    }

    /// Whether it was so before.
    async fn set_subscribed(
        &self,
        account: &BareJid,
        contact: &BareJid,
        subscribed: bool,
    ) -> Result<bool, StepError> {
        let store = &self.roster.store;
        let items = store.items_of(account.clone()).await.map_err(StepError::of("subscriptions"))?;
        let known = items.into_iter().find(|item| item.contact == *contact);
        let was_subscribed = known.as_ref().is_some_and(|known| known.subscribed);
        if was_subscribed == subscribed {
            return Ok(was_subscribed);
        }
        let item = RosterItem {
            subscribed,
            ..known.unwrap_or_else(|| RosterItem {
                contact: contact.clone(),
                name: String::new(),
                groups: Vec::new(),
                subscribed,
            })
        };
        store.put(account.clone(), item.clone()).await.map_err(StepError::of("subscriptions"))?;
        self.roster.push_to_account(account, &self.roster.written(account, &item));
        Ok(was_subscribed)
    }
}

fn answer(session: &Session, contact: &BareJid, kind: &str) {
    let (from, to) = (escape(contact.as_str()), escape(session.bare().as_str()));
    send(session, Bytes::from(format!("<presence type='{kind}' from='{from}' to='{to}'/>")));
}

fn send(session: &Session, bytes: Bytes) {
    if session.send(bytes).is_err() {
        tracing::debug!(session = session.id().0, "a subscription answer found no place");
    }
}

#[async_trait]
impl AcceptStep for Subscriptions {
    fn concerns(&self, passage: &Passage) -> bool {
        passage.frame.kind() == StanzaKind::Presence
    }

    async fn accept(&self, passage: &mut Passage) -> Result<Accept, StepError> {
        let Origin::Session(session) = &passage.origin else { return Ok(Accept::Continue) };
        if passage.to.domain().as_str() != self.domain {
            return Ok(Accept::Continue);
        }
        let contact = passage.to.to_bare();
        match passage.frame.type_().as_deref() {
            Some("subscribe") => self.subscribe(session, &contact).await?,
            Some("unsubscribe") => self.unsubscribe(session, &contact).await?,
            // Approval and refusal are the organisation's: nothing is left to say.
            Some("subscribed" | "unsubscribed") => {}
            _ => return Ok(Accept::Continue),
        }
        Ok(Accept::Taken)
    }
}
