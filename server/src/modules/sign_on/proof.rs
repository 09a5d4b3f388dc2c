//! Proving anew who one is: the app that owns a session, that one alone, is asked, and answers with the password.

use bytes::Bytes;
use jid::FullJid;
use posthouse_protocol::sign_on::{Proof, Prove};
use posthouse_sign_on::step_up::{Answered, Challenge, LIFE, Said};

use super::SignOn;
use crate::routing::iq::IqAnswer;
use crate::routing::session::Session;
use crate::routing::sessions::Sessions;
use crate::routing::stanza_error::{Condition, StanzaError};
use crate::storage::StorageError;

/// Asks the app that owns the session; false when it is not there.
pub fn ask(sessions: &Sessions, domain: &str, challenge: &Challenge, (system, person): (&str, &str)) -> bool {
    let Ok(instance) = FullJid::new(&challenge.instance) else { return false };
    let Some(session) = sessions.find(&instance) else { return false };
    let question = Prove {
        id: challenge.id.clone(),
        system: system.to_owned(),
        person: person.to_owned(),
        number: challenge.number,
        expires: u32::try_from(LIFE).unwrap_or_default(),
    };
    // What the app answers to this comes as a request of its own, so the id may be any.
    let payload = match xso::to_vec(&question) {
        Ok(payload) => payload,
        Err(error) => {
            tracing::error!(%error, "a question cannot be written");
            return false;
        }
    };
    let head = format!(
        "<iq type='set' id='prove' from='{}' to='{}'>",
        posthouse_protocol::wire::escape(domain),
        posthouse_protocol::wire::escape(session.jid().as_str())
    );
    let stanza = [head.as_bytes(), payload.as_slice(), b"</iq>"].concat();
    session.send(Bytes::from(stanza)).is_ok()
}

impl SignOn {
    /// The app answers a question that it was asked.
    pub(super) async fn prove(
        &self,
        session: &Session,
        login: &str,
        Proof { id, password }: Proof,
    ) -> Result<IqAnswer, StanzaError> {
        let instance = session.jid().to_string();
        let broken = |error: StorageError| {
            tracing::error!(%error, "a proof cannot be taken");
            StanzaError::new(Condition::InternalServerError)
        };
        if !self.provider.waits_for_proof(&id, &instance).await.map_err(broken)? {
            return Err(StanzaError::new(Condition::ItemNotFound));
        }
        let said = match password {
            None => Said::No,
            Some(password) => {
                let checked = self.passwords.is_right(login, &password).await.map_err(|error| {
                    tracing::error!(%error, "a password cannot be checked");
                    StanzaError::new(Condition::InternalServerError)
                })?;
                if checked { Said::Right } else { Said::Wrong }
            }
        };
        match (self.provider.take_proof(&id, &instance, said).await.map_err(broken)?, said) {
            (Answered::Proved(_), _) | (Answered::Over, Said::No) => Ok(IqAnswer::Empty),
            (Answered::TryAgain(_), _) => Err(StanzaError::new(Condition::NotAuthorized)),
            (Answered::Over, _) => Err(StanzaError::new(Condition::ItemNotFound)),
        }
    }
}
