//! Changing one's own password (XEP-0077 section 3.3). Accounts are made and removed by administrators only.

use std::sync::Arc;

use async_trait::async_trait;
use posthouse_protocol::wire::{Child, escape};

use crate::routing::accounts::{PasswordRefusal, Passwords};
use crate::routing::iq::{IqAnswer, IqRequest, IqTarget};
use crate::routing::session::{EndReason, Session};
use crate::routing::sessions::Sessions;
use crate::routing::stages::IqHandler;
use crate::routing::stanza_error::{Condition, StanzaError};

const NAMESPACE: &str = "jabber:iq:register";

/// Answers `jabber:iq:register` of people who have signed in.
pub struct OwnPassword {
    passwords: Arc<dyn Passwords>,
    sessions: Arc<Sessions>,
}

impl std::fmt::Debug for OwnPassword {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("OwnPassword").finish_non_exhaustive()
    }
}

impl OwnPassword {
    /// Changes these passwords.
    pub fn new(passwords: Arc<dyn Passwords>, sessions: Arc<Sessions>) -> Self {
        Self { passwords, sessions }
    }

    /// What is registered; with `<must-change/>` as long as somebody else chose the password.
    async fn registration(&self, login: &str) -> Result<IqAnswer, StanzaError> {
        let must_change = self.passwords.must_change(login).await.map_err(|error| {
            tracing::error!(%error, "an account cannot be read");
            StanzaError::new(Condition::InternalServerError)
        })?;
        let mark = if must_change { "<must-change xmlns='urn:posthouse:account:1'/>" } else { "" };
        let login = escape(login);
        Ok(IqAnswer::Payload(
            format!(
                "<query xmlns='{NAMESPACE}'><registered/><username>{login}</username><password/>{mark}</query>"
            )
            .into_bytes(),
        ))
    }

    /// Other clients of the account have to prove the new password; the one that changed it goes on.
    fn end_others(&self, changer: &Session) {
        for other in self.sessions.of(changer.bare()) {
            if other.id() != changer.id() {
                other.end(EndReason::AccountClosed);
            }
        }
    }

    async fn change(
        &self,
        session: &Session,
        login: &str,
        query: &Child<'_>,
    ) -> Result<IqAnswer, StanzaError> {
        let text = |name: &str| query.child(name, NAMESPACE).map(|it| it.text());
        if query.child("remove", NAMESPACE).is_some() {
            return Err(StanzaError::new(Condition::NotAllowed).with_text("Ask the administrator."));
        }
        let (Some(name), Some(password)) = (text("username"), text("password")) else {
            return Err(StanzaError::new(Condition::BadRequest));
        };
        if name.trim() != login {
            return Err(StanzaError::new(Condition::Forbidden));
        }
        match self.passwords.change(login, session.jid().as_str(), &password).await {
            Ok(()) => {
                tracing::info!(login, "the owner has changed the password");
                self.end_others(session);
                Ok(IqAnswer::Empty)
            }
            Err(PasswordRefusal::TooWeak(why)) => {
                Err(StanzaError::new(Condition::NotAcceptable).with_text(why))
            }
            Err(PasswordRefusal::Failed(error)) => {
                tracing::error!(%error, login, "the password cannot be stored");
                Err(StanzaError::new(Condition::InternalServerError))
            }
        }
    }
}

#[async_trait]
impl IqHandler for OwnPassword {
    fn namespaces(&self) -> &'static [&'static str] {
        &[NAMESPACE]
    }

    async fn handle(&self, request: IqRequest<'_>) -> Result<IqAnswer, StanzaError> {
        let is_own = matches!(request.target, IqTarget::Server | IqTarget::OwnAccount);
        let (Some(session), true) = (request.session, is_own) else {
            return Err(StanzaError::new(Condition::NotAllowed));
        };
        let Some(login) = session.bare().node() else {
            return Err(StanzaError::new(Condition::NotAllowed));
        };
        if request.is_set {
            self.change(session, login.as_str(), &request.payload).await
        } else {
            self.registration(login.as_str()).await
        }
    }
}

#[cfg(test)]
mod tests;
