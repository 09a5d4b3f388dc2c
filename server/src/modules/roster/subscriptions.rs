//! Presence subscriptions (RFC 6121 section 3). Within the organisation nobody has to be asked: whoever may
//! see a person gets the person's presence by asking for it.

use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use jid::BareJid;
use posthouse_protocol::wire::{Frame, StanzaKind, escape};

use super::RosterService;
use crate::organization::directory::Directory;
use crate::routing::audience::Audience;
use crate::routing::passage::{Origin, Passage};
use crate::routing::session::Session;
use crate::routing::stages::{Accept, AcceptStep, StepError};
use crate::storage::roster::RosterItem;

/// Answers subscription requests for the contacts.
#[derive(Debug)]
pub struct Subscriptions {
    domain: String,
    directory: Arc<Directory>,
    roster: Arc<RosterService>,
    audience: Arc<Audience>,
}

impl Subscriptions {
    /// For contacts of this domain.
    pub fn new(
        domain: &str,
        directory: Arc<Directory>,
        roster: Arc<RosterService>,
        audience: Arc<Audience>,
    ) -> Self {
        Self { domain: domain.to_owned(), directory, roster, audience }
    }

    async fn subscribe(&self, session: &Session, contact: &BareJid) -> Result<(), StepError> {
        if !self.directory.may_see(session.bare(), contact) {
            // RFC 6121 section 3.1.3: as if the contact had declined; says nothing about who exists.
            answer(session, contact, "unsubscribed");
            return Ok(());
        }
        if !self.directory.is_colleague(session.bare(), contact) {
            self.set_subscribed(session.bare(), contact, true).await?;
            for own in self.roster.sessions.of(session.bare()) {
                self.audience.add_contact(&own, contact);
            }
        }
        answer(session, contact, "subscribed");
        for other in self.roster.sessions.of(contact) {
            let presence = other.presence().and_then(|bytes| Frame::parse(bytes).ok());
            if let Some(frame) = presence {
                let to = Some(session.bare().as_str());
                send(session, frame.edit().to(to).finish().bytes().clone());
            }
        }
        Ok(())
    }

    /// A colleague stays: the client is told the same as before, once, and has nothing to try again.
    async fn unsubscribe(&self, session: &Session, contact: &BareJid) -> Result<(), StepError> {
        if self.directory.is_colleague(session.bare(), contact) {
            return Ok(());
        }
        self.set_subscribed(session.bare(), contact, false).await?;
        for own in self.roster.sessions.of(session.bare()) {
            self.audience.remove_contact(&own, contact);
        }
        answer(session, contact, "unsubscribed");
        Ok(())
    }

    async fn set_subscribed(
        &self,
        account: &BareJid,
        contact: &BareJid,
        subscribed: bool,
    ) -> Result<(), StepError> {
        let store = &self.roster.store;
        let items = store.items_of(account.clone()).await.map_err(StepError::of("subscriptions"))?;
        let known = items.into_iter().find(|item| item.contact == *contact);
        if known.is_none() && !subscribed {
            return Ok(());
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
        Ok(())
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
