//! The end of a session: good-bye to the client, and a new way for what it never took.

use std::collections::VecDeque;
use std::time::Duration;

use tokio::io::AsyncWriteExt;

use super::{Connection, Ending};
use crate::routing::session::{EndReason, Outgoing};
use crate::stream::stream_error::StreamError;

/// How long a client may take to receive its last bytes.
const GOODBYE: Duration = Duration::from_secs(2);

impl Connection {
    /// Ends the session for good.
    pub(super) async fn finish(&mut self, ending: Ending) {
        tracing::info!(reason = ending.word(), "signed out");
        self.door.router.sessions().unbind(self.session.bare(), self.session.id());
        self.outbox.close();
        if let Some(handling) = self.handling.take() {
            let ticket = handling.await;
            if let Some(management) = &mut self.management {
                management.handled(ticket);
            }
        }
        // What others still believe to have sent here has been refused: this is all.
        let waiting = self.drain_outbox();
        let left = self.say_goodbye(&ending, waiting).await;
        self.bury().await;
        self.door.router.reroute(&self.session, left).await;
        for observer in self.door.router.observers() {
            observer.session_closed(&self.session).await;
        }
        self.door.router.sessions().has_left(self.session.bare(), self.session.id());
        self.session.mark_closed();
    }

    fn drain_outbox(&mut self) -> VecDeque<Outgoing> {
        let mut waiting = VecDeque::new();
        while let Ok(outgoing) = self.outbox.try_recv() {
            waiting.push_back(outgoing);
        }
        waiting
    }

    /// Sends what still can be sent; what comes back has to go elsewhere, oldest first.
    async fn say_goodbye(&mut self, ending: &Ending, waiting: VecDeque<Outgoing>) -> VecDeque<Outgoing> {
        let error = match ending {
            Ending::Broken | Ending::Expired => None,
            Ending::Closed => Some(b"</stream:stream>".to_vec()),
            Ending::Error(error) => Some(error.write()),
            Ending::Told(reason) => Some(stream_error_of(*reason).write()),
        };
        let is_slow = matches!(ending, Ending::Told(EndReason::Overflow));
        let mut is_sent = false;
        if let (Some(mut line), Some(last)) = (self.line.take(), error) {
            let mut bytes = self.writing.take_bytes();
            if !is_slow && !self.is_resuming() {
                waiting.iter().for_each(|outgoing| bytes.extend_from_slice(&outgoing.bytes));
            }
            bytes.extend_from_slice(&last);
            let goodbye = async {
                line.stream.write_all(&bytes).await?;
                line.stream.shutdown().await
            };
            is_sent = matches!(tokio::time::timeout(GOODBYE, goodbye).await, Ok(Ok(()))) && !is_slow;
        }
        let mut left = self.management.as_mut().map(|one| one.take_unacknowledged()).unwrap_or_default();
        let has_management = self.management.is_some();
        let mut unmanaged = self.writing.take_unflushed();
        if has_management || !is_sent {
            left.extend(unmanaged.drain(..));
            left.extend(waiting);
        } else {
            unmanaged.extend(waiting);
            self.report_taken(unmanaged.iter());
        }
        left
    }

    /// The token is worth nothing any more but the count it stood for. Others have the newest stanzas already:
    /// once these are on the disk they count, so that the client does not send them a second time.
    async fn bury(&mut self) {
        let Some(newest) = self.management.as_ref().map(|management| management.newest()) else { return };
        if self.door.durability.clone().reach(newest).await.is_err() {
            tracing::error!("the last stanzas of a session are not on the disk");
        }
        if let Some(management) = &self.management
            && let Some((token, handled)) = management.obituary(&self.door.durability)
        {
            self.door.resumption.lose(token, &management.seat, self.session.bare().clone(), handled);
        }
    }
}

fn stream_error_of(reason: EndReason) -> StreamError {
    match reason {
        EndReason::Conflict => StreamError::Conflict,
        EndReason::Overflow => StreamError::PolicyViolation,
        EndReason::Shutdown => StreamError::SystemShutdown,
        EndReason::AccountClosed => StreamError::NotAuthorized,
    }
}
