//! Sends what lies in the outbox, in order, whenever the line allows it.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use futures_util::stream::FuturesOrdered;
use futures_util::{FutureExt, StreamExt};
use tokio::sync::{Notify, watch};

use super::stanza;
use crate::connection::Line;
use crate::error::{EngineError, EngineErrorCode};
use crate::mailbox::Mailbox;

/// Messages that may be under way without an acknowledgement.
const UNDER_WAY: usize = 64;

/// Opened by the session when everything that was accepted before is known, for the stream on which it asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Gate {
    /// The stream ([`Line::stream`]).
    pub(crate) stream: u64,
    pub(crate) is_open: bool,
}

/// The handle of the sending task.
#[derive(Debug, Clone)]
pub(crate) struct Outbox {
    gate: Arc<watch::Sender<Gate>>,
    nudge: Arc<Notify>,
}

impl Outbox {
    /// Closed until [`Outbox::open`].
    pub(crate) fn new() -> Self {
        Self { gate: Arc::new(watch::Sender::new(Gate::default())), nudge: Arc::default() }
    }

    /// A login has begun: what was under way before may or may not have arrived.
    pub(crate) fn shut(&self) {
        self.gate.send_modify(|gate| gate.is_open = false);
    }

    /// Everything that waits may go, from the first, on this stream.
    pub(crate) fn open(&self, stream: u64) {
        self.gate.send_replace(Gate { stream, is_open: true });
    }

    /// Something new waits, or the line is back.
    pub(crate) fn nudge(&self) {
        self.nudge.notify_one();
    }

    /// Runs as long as the session.
    pub(crate) async fn run(self, line: Line, mailbox: Mailbox) {
        let mut gate = self.gate.subscribe();
        let mut sending =
            Sending { line, mailbox, gate: Gate::default(), through: 0, under_way: FuturesOrdered::new() };
        loop {
            tokio::select! {
                changed = gate.changed() => {
                    if changed.is_err() {
                        return;
                    }
                    let now = *gate.borrow_and_update();
                    sending.turn(now);
                }
                () = self.nudge.notified() => {}
                Some(outcome) = sending.under_way.next(), if !sending.under_way.is_empty() => {
                    sending.settle(outcome).await;
                }
            }
            if let Err(error) = sending.send().await {
                tracing::warn!(%error, "the outbox rests");
            }
        }
    }
}

type UnderWay = Pin<Box<dyn Future<Output = (i64, bool)> + Send>>;

struct Sending {
    line: Line,
    mailbox: Mailbox,
    gate: Gate,
    /// Number of the entry through which everything has been sent on this stream.
    through: i64,
    under_way: FuturesOrdered<UnderWay>,
}

impl Sending {
    fn turn(&mut self, gate: Gate) {
        if gate.stream != self.gate.stream {
            self.through = 0;
        }
        self.gate = gate;
    }

    /// Notes this acknowledgement and those that have come since.
    async fn settle(&mut self, first: (i64, bool)) {
        let mut acknowledged = Vec::new();
        let mut next = Some(first);
        while let Some((id, is_there)) = next {
            if is_there {
                acknowledged.push(id);
            }
            next = self.under_way.next().now_or_never().flatten();
        }
        if acknowledged.is_empty() {
            return;
        }
        if let Err(error) = self.mailbox.sent(acknowledged).await {
            tracing::error!(%error, "acknowledged messages cannot be noted; they are sent once more");
        }
    }

    async fn send(&mut self) -> Result<(), EngineError> {
        if !self.gate.is_open || self.under_way.len() >= UNDER_WAY {
            return Ok(());
        }
        self.mailbox.leaving(self.through).await?;
        while self.under_way.len() < UNDER_WAY {
            let Some((number, message)) = self.mailbox.next_to_send(self.through).await? else { break };
            let id = message.id;
            let Some(stanza) = stanza::text(&message) else {
                self.mailbox.failed(id, EngineErrorCode::BadInput).await?;
                continue;
            };
            match self.line.send_on(self.gate.stream, stanza).await {
                Ok(delivery) => {
                    self.through = number;
                    self.under_way.push_back(Box::pin(async move { (id, delivery.acknowledged().await) }));
                }
                Err(error) if error.code == EngineErrorCode::ConnectionLost => break,
                Err(error) => self.mailbox.failed(id, error.code).await?,
            }
        }
        Ok(())
    }
}
