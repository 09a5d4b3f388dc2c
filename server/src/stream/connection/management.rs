//! Stream management (XEP-0198): counts, acknowledgements that wait for the disk, resumption.

use std::collections::VecDeque;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use posthouse_protocol::wire::Frame;
use tokio::time::{Instant, Sleep};

use super::{Connection, Ending};
use crate::routing::durability::{Durability, NeverDurable, Ticket};
use crate::routing::session::Outgoing;
use crate::stream::accepting::random_text;
use crate::stream::negotiation::STREAM_MANAGEMENT;
use crate::stream::resumption::Seat;
use crate::stream::stream_error::StreamError;

type Reaching = Pin<Box<dyn Future<Output = Result<(), NeverDurable>> + Send>>;

/// One session's stream management.
pub(super) struct Management {
    /// Where a new connection of this session arrives.
    pub(super) seat: Arc<Seat>,
    /// Set when the client may resume.
    token: Option<String>,
    /// The client wants a shorter time than ours, in seconds.
    longest: Option<u64>,
    /// Stanzas of the client that were routed, and what has to be on the disk for them.
    handled: u32,
    newest: Ticket,
    /// As far as all is on the disk.
    durable: u32,
    /// The client waits for an acknowledgement.
    owes_answer: bool,
    reaching: Option<(u32, Reaching)>,
    /// Stanzas the client has acknowledged.
    acknowledged: u32,
    unacknowledged: VecDeque<Outgoing>,
    /// When the client was asked to acknowledge.
    asked: Option<Instant>,
    timer: Option<Pin<Box<Sleep>>>,
    detached: Option<Instant>,
    /// What the client says it has, on a connection that is to be resumed.
    resuming: Option<u32>,
}

impl Management {
    fn new(token: Option<String>, longest: Option<u64>) -> Self {
        Self {
            seat: Arc::default(),
            token,
            longest,
            handled: 0,
            newest: Ticket::default(),
            durable: 0,
            owes_answer: false,
            reaching: None,
            acknowledged: 0,
            unacknowledged: VecDeque::new(),
            asked: None,
            timer: None,
            detached: None,
            resuming: None,
        }
    }

    /// One more stanza of the client is done.
    pub(super) fn handled(&mut self, ticket: Ticket) {
        self.handled = self.handled.wrapping_add(1);
        self.newest = self.newest.max(ticket);
    }

    /// One more stanza is on its way to the client.
    pub(super) fn sent(&mut self, outgoing: Outgoing) {
        self.unacknowledged.push_back(outgoing);
    }

    pub(super) fn unacknowledged_count(&self) -> usize {
        self.unacknowledged.len()
    }

    pub(super) fn take_unacknowledged(&mut self) -> VecDeque<Outgoing> {
        std::mem::take(&mut self.unacknowledged)
    }

    /// What has to be on the disk for all stanzas of the client.
    pub(super) fn newest(&self) -> Ticket {
        self.newest
    }

    /// Token and what was handled for good, for those who come too late.
    pub(super) fn obituary(&self, durability: &Durability) -> Option<(&str, u32)> {
        let handled = if durability.has(self.newest) { self.handled } else { self.durable };
        self.token.as_deref().map(|token| (token, handled))
    }

    /// Asks the client to acknowledge, unless it was asked already.
    pub(super) fn ask(&mut self, patience: Duration, batch: &mut Vec<u8>) {
        if self.unacknowledged.is_empty() || self.asked.is_some() || batch.is_empty() {
            return;
        }
        batch.extend_from_slice(b"<r xmlns='urn:xmpp:sm:3'/>");
        let now = Instant::now();
        self.asked = Some(now);
        if self.timer.is_none() {
            self.timer = Some(Box::pin(tokio::time::sleep_until(now + patience)));
        }
    }

    /// The network connection is gone; whether the session waits for another one.
    pub(super) fn detach(&mut self, longest: Duration) -> bool {
        if self.token.is_none() {
            return false;
        }
        let wanted = self.longest.map_or(longest, Duration::from_secs);
        let now = Instant::now();
        self.detached = Some(now);
        self.asked = None;
        self.owes_answer = false;
        self.resuming = None;
        self.timer = Some(Box::pin(tokio::time::sleep_until(now + wanted.min(longest))));
        true
    }

    pub(super) fn begin_resuming(&mut self, handled: u32) {
        self.detached = None;
        self.asked = None;
        self.owes_answer = false;
        self.timer = None;
        self.resuming = Some(handled);
    }

    /// Takes what the client has up to its count; `None` when it claims more than it was sent.
    fn acknowledge(&mut self, count: u32) -> Option<Vec<Outgoing>> {
        let more = usize::try_from(count.wrapping_sub(self.acknowledged)).ok()?;
        if more > self.unacknowledged.len() {
            return None;
        }
        self.acknowledged = count;
        let taken = self.unacknowledged.drain(..more).collect();
        if self.unacknowledged.is_empty() && self.unacknowledged.capacity() > 16 {
            self.unacknowledged = VecDeque::new();
        }
        Some(taken)
    }

    /// Whether all that was handled is on the disk, looking again as far as needed.
    fn poll_durable(
        &mut self,
        durability: &Durability,
        context: &mut Context<'_>,
    ) -> Result<bool, NeverDurable> {
        while self.durable != self.handled {
            if durability.has(self.newest) {
                self.durable = self.handled;
                self.reaching = None;
                return Ok(true);
            }
            let (goal, reaching) = self
                .reaching
                .get_or_insert_with(|| (self.handled, Box::pin(durability.clone().reach(self.newest))));
            let goal = *goal;
            match reaching.as_mut().poll(context) {
                Poll::Pending => return Ok(false),
                Poll::Ready(outcome) => {
                    outcome?;
                    self.durable = goal;
                    self.reaching = None;
                }
            }
        }
        Ok(true)
    }
}

impl Connection {
    pub(super) fn is_resuming(&self) -> bool {
        self.management.as_ref().is_some_and(|management| management.resuming.is_some())
    }

    /// A stream management nonza of the client.
    pub(super) fn manage(&mut self, nonza: &Frame) -> Result<(), Ending> {
        match (nonza.name(), &mut self.management) {
            ("enable", None) => {
                self.enable(nonza);
                Ok(())
            }
            ("r", Some(management)) => {
                management.owes_answer = true;
                Ok(())
            }
            ("a", Some(_)) => self.take_acknowledgement(nonza),
            ("r" | "a", None) => Ok(()),
            ("enable" | "resume", _) => {
                self.writing.say(
                    b"<failed xmlns='urn:xmpp:sm:3'>\
                      <unexpected-request xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></failed>",
                );
                Ok(())
            }
            _ => Err(Ending::Error(StreamError::UnsupportedStanzaType)),
        }
    }

    fn enable(&mut self, request: &Frame) {
        let may_resume = request.attribute("resume").is_some_and(|value| value == "true" || value == "1");
        let longest = request.attribute("max").and_then(|value| value.parse().ok());
        let token = may_resume.then(random_text);
        let management = Management::new(token.clone(), longest);
        let answer = match &token {
            None => format!("<enabled xmlns='{STREAM_MANAGEMENT}'/>"),
            Some(token) => {
                let ours = self.door.limits.resumption.as_secs();
                let seconds = longest.unwrap_or(ours).min(ours);
                format!("<enabled xmlns='{STREAM_MANAGEMENT}' resume='true' id='{token}' max='{seconds}'/>")
            }
        };
        if let Some(token) = token {
            self.door.resumption.add(token, self.session.clone(), Arc::clone(&management.seat));
        }
        // Whatever goes out behind this answer counts.
        self.writing.say(answer.as_bytes());
        self.management = Some(Box::new(management));
    }

    fn take_acknowledgement(&mut self, nonza: &Frame) -> Result<(), Ending> {
        let Some(management) = &mut self.management else { return Ok(()) };
        let count = nonza.attribute("h").and_then(|value| value.parse().ok());
        let taken = count.and_then(|count| management.acknowledge(count));
        let Some(taken) = taken else { return Err(Ending::Error(StreamError::HandledCountTooHigh)) };
        management.asked = None;
        self.report_taken(taken.iter());
        Ok(())
    }

    /// Answers, resumes and times out; answers whether anything happened.
    pub(super) fn poll_management(&mut self, context: &mut Context<'_>) -> Result<bool, Ending> {
        let Some(management) = &mut self.management else { return Ok(false) };
        poll_timer(management, self.door.limits.acknowledgement, context)?;
        if !management.owes_answer && management.resuming.is_none() {
            return Ok(false);
        }
        let is_durable = management
            .poll_durable(&self.door.durability, context)
            .map_err(|_| Ending::Error(StreamError::InternalServerError))?;
        if !is_durable {
            return Ok(false);
        }
        if management.resuming.is_some() {
            // A stanza under way would be missing from our count and come twice.
            if self.handling.is_some() {
                return Ok(false);
            }
            return self.finish_resuming();
        }
        management.owes_answer = false;
        let answer = format!("<a xmlns='{STREAM_MANAGEMENT}' h='{}'/>", management.durable);
        self.writing.say(answer.as_bytes());
        Ok(true)
    }

    /// Tells the client what we have, and sends again what it has not (XEP-0198 section 5).
    fn finish_resuming(&mut self) -> Result<bool, Ending> {
        let Some(management) = &mut self.management else { return Ok(false) };
        let Some(count) = management.resuming.take() else { return Ok(false) };
        let Some(taken) = management.acknowledge(count) else {
            return Err(Ending::Error(StreamError::HandledCountTooHigh));
        };
        let token = management.token.as_deref().unwrap_or_default();
        let answer =
            format!("<resumed xmlns='{STREAM_MANAGEMENT}' previd='{token}' h='{}'/>", management.durable);
        self.writing.say(answer.as_bytes());
        for outgoing in &management.unacknowledged {
            self.writing.say(&outgoing.bytes);
        }
        if !management.unacknowledged.is_empty() {
            self.writing.say(b"<r xmlns='urn:xmpp:sm:3'/>");
            management.asked = Some(Instant::now());
        }
        self.report_taken(taken.iter());
        Ok(true)
    }
}

/// One timer serves both waits: for an acknowledgement, and for a new connection.
fn poll_timer(
    management: &mut Management,
    patience: Duration,
    context: &mut Context<'_>,
) -> Result<(), Ending> {
    loop {
        let Some(timer) = &mut management.timer else { return Ok(()) };
        if timer.as_mut().poll(context).is_pending() {
            return Ok(());
        }
        if management.detached.is_some() {
            return Err(Ending::Expired);
        }
        let Some(asked) = management.asked else {
            management.timer = None;
            return Ok(());
        };
        let deadline = asked + patience;
        if Instant::now() >= deadline {
            return Err(Ending::Broken);
        }
        timer.as_mut().reset(deadline);
    }
}

#[cfg(test)]
mod tests;
