//! What was sent and what the server has acknowledged (XEP-0198). Without stream management the answer to a ping
//! acknowledges what was sent before it: a server handles a client's stanzas in order (RFC 6120 section 10.1).

use std::collections::VecDeque;
use std::sync::Arc;

use tokio::sync::oneshot;
use xmpp_parsers::stanza::Stanza;

use super::fault::Fault;

/// A stanza on its way.
#[derive(Debug)]
pub(super) struct Sent {
    pub(super) stanza: Arc<Stanza>,
    /// Dropped without a word when the stanza is lost.
    pub(super) delivery: Option<oneshot::Sender<bool>>,
}

/// How to ask the server what it has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Question {
    /// `<r/>`
    Request,
    /// XEP-0199
    Ping,
}

/// The counts of one session, which may outlive its connection.
#[derive(Debug)]
pub(super) struct Ledger {
    question: Question,
    /// The token that resumes the session.
    token: Option<String>,
    /// Stanzas received.
    handled: u32,
    /// Stanzas the server has.
    acknowledged: u32,
    waiting: VecDeque<Sent>,
    /// A question is open, about so many stanzas.
    asked: Option<u32>,
    /// So many stanzas were asked about.
    covered: u32,
}

impl Ledger {
    /// With stream management; `token` if the session can be resumed.
    pub(super) fn managed(token: Option<String>) -> Self {
        Self { question: Question::Request, token, ..Self::unmanaged() }
    }

    /// Without stream management.
    pub(super) fn unmanaged() -> Self {
        Self {
            question: Question::Ping,
            token: None,
            handled: 0,
            acknowledged: 0,
            waiting: VecDeque::new(),
            asked: None,
            covered: 0,
        }
    }

    /// One more stanza goes out.
    pub(super) fn sent(&mut self, sent: Sent) {
        self.waiting.push_back(sent);
    }

    /// One more stanza came in.
    pub(super) fn received(&mut self) {
        self.handled = self.handled.wrapping_add(1);
    }

    /// `h` of our `<a/>`.
    pub(super) fn handled(&self) -> u32 {
        self.handled
    }

    pub(super) fn unacknowledged(&self) -> usize {
        self.waiting.len()
    }

    /// What is not acknowledged, oldest first.
    pub(super) fn lost(&self) -> impl Iterator<Item = &Arc<Stanza>> {
        self.waiting.iter().map(|sent| &sent.stanza)
    }

    /// The token to resume with, and `h`.
    pub(super) fn resumption(&self) -> Option<(&str, u32)> {
        self.token.as_deref().map(|token| (token, self.handled))
    }

    /// The connection is a new one: whatever was asked on the old one is not answered any more.
    pub(super) fn reconnected(&mut self) {
        self.asked = None;
        self.covered = self.acknowledged;
    }

    /// The question to ask now, if there is something new to ask about and none is open.
    pub(super) fn due(&mut self) -> Option<Question> {
        let is_news = self.covered != self.total() && !self.waiting.is_empty();
        (is_news && self.asked.is_none()).then(|| self.ask())
    }

    /// The question to ask for a sign of life.
    pub(super) fn ask(&mut self) -> Question {
        let total = self.total();
        self.asked = Some(total);
        self.covered = total;
        self.question
    }

    /// The server has the first `count` stanzas of the session (modulo 2^32).
    pub(super) fn acknowledge(&mut self, count: u32) -> Result<(), Fault> {
        let more = usize::try_from(count.wrapping_sub(self.acknowledged)).unwrap_or(usize::MAX);
        if more > self.waiting.len() {
            return Err(Fault::StreamError("acknowledged more than was sent".to_owned()));
        }
        self.asked = None;
        self.acknowledged = count;
        for sent in self.waiting.drain(..more) {
            if let Some(delivery) = sent.delivery {
                // Not everybody waits for the outcome.
                let _ = delivery.send(true);
            }
        }
        Ok(())
    }

    /// The ping was answered, with a result or an error.
    pub(super) fn ping_answered(&mut self) {
        if let Some(count) = self.asked.take() {
            // It cannot be more than was sent.
            let _ = self.acknowledge(count);
        }
    }

    fn total(&self) -> u32 {
        let waiting = u32::try_from(self.waiting.len()).unwrap_or(u32::MAX);
        self.acknowledged.wrapping_add(waiting)
    }
}

#[cfg(test)]
mod tests;
