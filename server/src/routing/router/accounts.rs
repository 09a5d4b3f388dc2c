//! Stanzas to accounts (RFC 6121 section 8.5).

use jid::{BareJid, Jid};
use posthouse_protocol::wire::StanzaKind;

use super::Router;
use crate::routing::iq::IqTarget;
use crate::routing::outcome::Outcome;
use crate::routing::passage::{MessageType, Passage};
use crate::routing::session::Session;
use crate::routing::sessions::Resources;
use crate::routing::stages::{StepError, Undelivered};

impl Router {
    pub(super) async fn to_account(&self, passage: &mut Passage) -> Result<Outcome, StepError> {
        let account = passage.receiver.clone();
        let exact = passage.to.try_as_full().ok().and_then(|full| self.sessions().find(full));
        match passage.frame.kind() {
            StanzaKind::Message => match exact {
                Some(session) => self.message_to_session(passage, &account, &session).await,
                None => self.message_to_account(passage, &account).await,
            },
            StanzaKind::Iq => Ok(Box::pin(self.iq_to_account(passage, account, exact)).await),
            StanzaKind::Presence => Ok(self.presence_to_account(passage, &account, exact)),
            StanzaKind::Nonza => Ok(Outcome::Dropped),
        }
    }

    async fn message_to_session(
        &self,
        passage: &mut Passage,
        account: &BareJid,
        session: &Session,
    ) -> Result<Outcome, StepError> {
        if self.deliver(passage, session) {
            return Ok(Outcome::Delivered);
        }
        // The client was too slow and is on its way out.
        self.message_to_account(passage, account).await
    }

    /// To the bare address, or to a resource that is not there.
    async fn message_to_account(
        &self,
        passage: &mut Passage,
        account: &BareJid,
    ) -> Result<Outcome, StepError> {
        let is_full = passage.to.is_full();
        match passage.traits.message_type {
            MessageType::Error => Ok(Outcome::Dropped),
            // A room's copy for a client that has left: RFC 6121 section 8.5.3.2.1.
            MessageType::Groupchat => Ok(self.unavailable(passage)),
            MessageType::Headline if is_full => Ok(Outcome::Dropped),
            MessageType::Headline => Ok(self.deliver_to_all(passage, &self.headline_takers(account))),
            MessageType::Chat | MessageType::Normal => {
                if self.deliver_to_takers(passage, account) {
                    return Ok(Outcome::Delivered);
                }
                Box::pin(self.nobody_took(passage, account)).await
            }
        }
    }

    /// Gives the message to every client that takes it; false when there is none. What one client takes goes to
    /// those as well that have yet to get older ones, in its turn; with XEP-0280 they have a copy already.
    fn deliver_to_takers(&self, passage: &Passage, account: &BareJid) -> bool {
        let (takers, others): (Resources, Resources) = self
            .sessions()
            .of(account)
            .into_iter()
            .filter(Session::wants_messages)
            .partition(Session::takes_messages);
        let is_taken = self.deliver_to_all(passage, &takers) == Outcome::Delivered;
        if is_taken {
            let lacking = others.iter().filter(|session| !session.has_carbons());
            lacking.for_each(|session| self.deliver_in_turn(passage, session));
        }
        is_taken
    }

    /// Headlines are not kept, so they do not wait for older messages.
    fn headline_takers(&self, account: &BareJid) -> Resources {
        let mut resources = self.sessions().of(account);
        resources.retain(|session| session.is_available() && session.priority() >= 0);
        resources
    }

    fn deliver_to_all(&self, passage: &Passage, sessions: &[Session]) -> Outcome {
        // Every session gets its copy: no short circuit.
        let delivered = sessions.iter().filter(|session| self.deliver(passage, session)).count();
        if delivered > 0 { Outcome::Delivered } else { Outcome::Dropped }
    }

    pub(in crate::routing) async fn nobody_took(
        &self,
        passage: &mut Passage,
        account: &BareJid,
    ) -> Result<Outcome, StepError> {
        if self.account_exists(account) {
            for step in &self.pipeline().undelivered {
                match step.take(passage).await? {
                    Undelivered::Pass => {}
                    Undelivered::Taken(how) => return Ok(Outcome::Kept(how)),
                    Undelivered::Refuse(error) => return Ok(self.refuse(passage, &error)),
                }
            }
        }
        Ok(self.unavailable(passage))
    }

    async fn iq_to_account(&self, passage: &Passage, account: BareJid, exact: Option<Session>) -> Outcome {
        if passage.to.is_full() {
            let is_delivered = exact.is_some_and(|session| self.deliver(passage, &session));
            return if is_delivered { Outcome::Delivered } else { self.unavailable(passage) };
        }
        let is_own = is_account_of(&passage.from, &account);
        if !is_own && !self.account_exists(&account) {
            return self.unavailable(passage);
        }
        let target = if is_own { IqTarget::OwnAccount } else { IqTarget::Account(account) };
        self.answer_request(passage, target).await
    }

    /// What the presence module has let pass: directed presence.
    fn presence_to_account(&self, passage: &Passage, account: &BareJid, exact: Option<Session>) -> Outcome {
        match passage.frame.type_().as_deref() {
            None | Some("unavailable" | "error") => {}
            Some(_) => return Outcome::Dropped,
        }
        if let Some(session) = exact {
            return if self.deliver(passage, &session) { Outcome::Delivered } else { Outcome::Dropped };
        }
        if passage.to.is_full() {
            return Outcome::Dropped;
        }
        let mut resources = self.sessions().of(account);
        resources.retain(|session| session.is_available());
        self.deliver_to_all(passage, &resources)
    }
}

fn is_account_of(address: &Jid, account: &BareJid) -> bool {
    address.node() == account.node() && address.domain() == account.domain()
}
