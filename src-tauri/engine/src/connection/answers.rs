//! Requests that wait for their answers.

use std::collections::BTreeMap;

use jid::{FullJid, Jid};
use xmpp_parsers::iq::Iq;

use super::{Answer, AskError};

#[derive(Debug)]
struct Pending {
    to: Option<Jid>,
    answer: Answer,
}

/// Open requests by id.
#[derive(Debug, Default)]
pub(super) struct Answers {
    open: BTreeMap<String, Pending>,
}

impl Answers {
    /// A request goes out.
    pub(super) fn wait(&mut self, request: &Iq, answer: Answer) {
        self.open.insert(request.id().to_owned(), Pending { to: request.to().cloned(), answer });
    }

    /// Gives an answer to who waits for it; what nobody waits for comes back. `own`: this client's address.
    pub(super) fn take(&mut self, iq: Iq, own: &FullJid) -> Option<Iq> {
        if matches!(iq, Iq::Get { .. } | Iq::Set { .. }) {
            return Some(iq);
        }
        let Some(pending) = self.open.get(iq.id()) else { return Some(iq) };
        // An answer from somebody else is forged (RFC 6120 section 8.1.2.1).
        if !comes_from(iq.from(), pending, own) {
            tracing::debug!(id = iq.id(), "an answer from somebody who was not asked");
            return None;
        }
        let pending = self.open.remove(iq.id())?;
        let outcome = match iq {
            Iq::Result { payload, .. } => Ok(payload),
            Iq::Error { error, .. } => Err(AskError::Refused(Box::new(error))),
            Iq::Get { .. } | Iq::Set { .. } => return None,
        };
        // Who does not wait any longer does not mind.
        drop(pending.answer.send(outcome));
        None
    }

    /// Forgets requests whose senders have stopped waiting.
    pub(super) fn tidy(&mut self) {
        self.open.retain(|_, pending| !pending.answer.is_closed());
    }

    /// The session is lost, and with it all answers.
    pub(super) fn lose(&mut self) {
        for pending in std::mem::take(&mut self.open).into_values() {
            drop(pending.answer.send(Err(AskError::Lost)));
        }
    }
}

/// Whether `from` may answer. A request to nobody goes to the own account, for which the server answers without
/// `from`, as the bare or full address, or as itself.
fn comes_from(from: Option<&Jid>, pending: &Pending, own: &FullJid) -> bool {
    let is_own = |jid: &Jid| {
        let is_same = jid.node() == own.node() && jid.domain() == own.domain();
        is_same && jid.resource().is_none_or(|resource| resource == own.resource()) || is_domain(jid, own)
    };
    match (&pending.to, from) {
        (None, None) => true,
        (None, Some(from)) => is_own(from),
        (Some(to), None) => is_own(to),
        (Some(to), Some(from)) => to == from,
    }
}

fn is_domain(jid: &Jid, own: &FullJid) -> bool {
    jid.node().is_none() && jid.resource().is_none() && jid.domain() == own.domain()
}

#[cfg(test)]
mod tests {
    use tokio::sync::oneshot;
    use xmpp_parsers::ping::Ping;

    use super::*;

    fn own() -> FullJid {
        "a@example.org/desk".parse().unwrap()
    }

    fn ask(
        answers: &mut Answers,
        to: Option<&str>,
    ) -> oneshot::Receiver<Result<Option<xmpp_parsers::minidom::Element>, AskError>> {
        let (answer, outcome) = oneshot::channel();
        let mut request = Iq::from_get("1", Ping);
        *request.to_mut() = to.map(|to| to.parse().unwrap());
        answers.wait(&request, answer);
        outcome
    }

    fn result(from: Option<&str>, id: &str) -> Iq {
        Iq::Result {
            from: from.map(|from| from.parse().unwrap()),
            to: None,
            id: id.to_owned(),
            payload: None,
        }
    }

    #[test]
    fn answers_are_taken_only_from_who_was_asked() {
        for (to, from, is_taken) in [
            (None, None, true),
            (None, Some("a@example.org"), true),
            (None, Some("a@example.org/desk"), true),
            (None, Some("example.org"), true),
            (None, Some("b@example.org"), false),
            (Some("example.org"), None, true),
            (Some("example.org"), Some("example.org"), true),
            (Some("b@example.org"), None, false),
            (Some("b@example.org/x"), Some("b@example.org/x"), true),
            (Some("b@example.org/x"), Some("c@example.org/x"), false),
        ] {
            let mut answers = Answers::default();
            let mut outcome = ask(&mut answers, to);
            assert_eq!(answers.take(result(from, "1"), &own()), None);
            assert_eq!(outcome.try_recv() == Ok(Ok(None)), is_taken, "{to:?} {from:?}");
        }
    }

    #[test]
    fn answers_that_nobody_waits_for_take_their_place_among_the_events() {
        let mut answers = Answers::default();
        let mut outcome = ask(&mut answers, None);
        assert_eq!(answers.take(result(None, "2"), &own()), Some(result(None, "2")));
        assert!(outcome.try_recv().is_err());
    }

    #[test]
    fn requests_from_outside_are_not_answers() {
        let mut answers = Answers::default();
        let _outcome = ask(&mut answers, None);
        let request = Iq::from_get("1", Ping);
        assert_eq!(answers.take(request.clone(), &own()), Some(request));
    }

    #[test]
    fn a_lost_session_answers_everybody() {
        let mut answers = Answers::default();
        let mut outcome = ask(&mut answers, None);
        answers.tidy();
        answers.lose();
        assert_eq!(outcome.try_recv(), Ok(Err(AskError::Lost)));
    }
}
