//! People who prove anew who they are: the questions that wait, and what was proved. Both are forgotten at a restart,
//! which costs a password and gives nothing away. Wrong passwords are kept in the store: to forget them would give more
//! tries to whoever can make the server start anew.

use std::collections::HashMap;

use posthouse_sign_on::moment::Moment;
use posthouse_sign_on::refusal::Refusal;
use posthouse_sign_on::relying_party::RelyingParty;
use posthouse_sign_on::secret::Digest;
use posthouse_sign_on::session::SignedIn;
use posthouse_sign_on::step_up::{Answered, Challenge, Look, Proof, Said, WRONG_AN_HOUR};

use super::Provider;
use crate::storage::StorageError;

/// Seconds that a question is remembered beyond its end, for the page that still looks.
const AFTERGLOW: i64 = 120;
/// Questions that one person may have waiting.
const WAITING: usize = 5;
const HOUR: i64 = 3_600;

#[derive(Debug, Default)]
pub(super) struct Proofs {
    questions: HashMap<String, Challenge>,
    /// By the hash of the session's cookie.
    proved: HashMap<String, Vec<Proof>>,
}

impl Proofs {
    fn forget_what_is_over(&mut self, now: Moment, longest: i64) {
        self.questions.retain(|_, one| now.since(one.expires) <= AFTERGLOW);
        self.proved.retain(|_, proofs| {
            proofs.retain(|proof| now.since(proof.time) <= longest);
            !proofs.is_empty()
        });
    }
}

impl Provider {
    /// A question for the app that owns the session; an older one of the same tab is over.
    ///
    /// # Errors
    /// `TooMany` when the person is asked too often or has guessed too often; the outer error is ours.
    pub async fn ask_for_proof(
        &self,
        session: &SignedIn,
        party: &RelyingParty,
        ways: (String, Option<String>),
    ) -> Result<Result<Challenge, Refusal>, StorageError> {
        let (now, mut random) = (self.now(), self.random()?);
        let challenge = Challenge::new(session, party, ways, now, &mut random);
        let has_guessed_too_often = self.has_guessed_too_often(&challenge.login).await?;
        let mut proofs = self.0.proofs.lock();
        proofs.forget_what_is_over(now, self.0.lifetimes.absolute);
        proofs.questions.retain(|_, one| one.child != challenge.child);
        let waiting = proofs
            .questions
            .values()
            .filter(|one| one.login == challenge.login && one.waits_for(&challenge.instance, now));
        if waiting.count() >= WAITING || has_guessed_too_often {
            return Ok(Err(Refusal::TooMany));
        }
        proofs.questions.insert(challenge.id.clone(), challenge.clone());
        Ok(Ok(challenge))
    }

    async fn has_guessed_too_often(&self, login: &str) -> Result<bool, StorageError> {
        Ok(self.0.store.guesses(login, self.now()).await? >= WRONG_AN_HOUR)
    }

    /// A question still waits for that app, and more passwords may be tried.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn waits_for_proof(&self, id: &str, instance: &str) -> Result<bool, StorageError> {
        let login = {
            let proofs = self.0.proofs.lock();
            let question = proofs.questions.get(id).filter(|one| one.waits_for(instance, self.now()));
            question.map(|one| one.login.clone())
        };
        match login {
            Some(login) => Ok(!self.has_guessed_too_often(&login).await?),
            None => Ok(false),
        }
    }

    /// The app has answered. A wrong password is on the disk before it is told.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn take_proof(&self, id: &str, instance: &str, said: Said) -> Result<Answered, StorageError> {
        let (answered, login) = self.hear(id, instance, said);
        if let (Some(login), Said::Wrong) = (login, said) {
            let (now, name) = (self.now(), self.random()?.secret().digest());
            self.0.store.note_guess(&login, name, (now, now.plus(HOUR))).await?;
        }
        Ok(answered)
    }

    /// What comes of an answer, and whose it was.
    fn hear(&self, id: &str, instance: &str, said: Said) -> (Answered, Option<String>) {
        let now = self.now();
        let mut proofs = self.0.proofs.lock();
        let Some(question) = proofs.questions.get_mut(id) else { return (Answered::Over, None) };
        if !question.waits_for(instance, now) {
            return (Answered::Over, None);
        }
        let (login, child) = (question.login.clone(), question.child.to_text());
        let answered = question.answer(instance, said, now);
        if let Answered::Proved(proof) = &answered {
            tracing::info!(login, party = proof.party, "somebody has proved anew who they are");
            proofs.proved.entry(child).or_default().push(proof.clone());
        }
        (answered, Some(login))
    }

    /// What the page of that session shows.
    pub fn look_at_proof(&self, id: &str, child: Digest) -> Look {
        let proofs = self.0.proofs.lock();
        proofs.questions.get(id).map_or(Look::Refused, |one| one.look(child, self.now()))
    }

    /// What was proved in that session.
    pub(super) fn proofs_of(&self, child: Digest) -> Vec<Proof> {
        self.0.proofs.lock().proved.get(&child.to_text()).cloned().unwrap_or_default()
    }
}
