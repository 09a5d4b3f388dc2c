//! Texts out of the modem: read, handed over, and removed once they are kept.

use tokio::sync::{mpsc, oneshot};
use tokio::time::timeout;

use super::ModemEvent;
use super::line::{Broken, Line};
use super::settings::Timing;
use crate::at::answers::{self, StoredText};
use crate::at::{Command, Form, Patience};
use crate::pdu::{Incoming, decode_incoming};

/// Where received texts go, and which memory is open for reading.
pub(super) struct Receiver {
    pub(super) modem: String,
    pub(super) events: mpsc::Sender<ModemEvent>,
    pub(super) timing: Timing,
    /// The memory that texts come into.
    pub(super) home: String,
    /// The memory that is being read.
    pub(super) open: String,
    /// Reports may lie in a memory of their own.
    pub(super) has_report_memory: bool,
}

/// The memory of reports (TS 27.005 section 3.1), in modems that have one.
const REPORTS: &str = "SR";

impl Receiver {
    /// Reads one announced text from the memory it was announced in. A modem that cannot choose has one only.
    pub(super) async fn fetch(&mut self, line: &mut Line, memory: &str, place: u16) -> Result<(), Broken> {
        let _is_open = self.open(line, memory).await?;
        let reply = line.ask(Command::read_text(place)).await?;
        if !reply.is_ok() {
            // An empty place answers differently everywhere; a modem that forgot the mode says ERROR too.
            return self.check_mode(line).await;
        }
        for text in answers::stored_texts(&reply) {
            self.take(line, StoredText { place: Some(place), ..text }).await?;
        }
        Ok(())
    }

    /// Reads all there is in these memories, and in that of reports if there is one.
    pub(super) async fn sweep_all(&mut self, line: &mut Line, memories: &[&str]) -> Result<(), Broken> {
        for memory in memories {
            if self.open(line, memory).await? {
                self.sweep(line).await?;
            }
        }
        self.has_report_memory = self.open(line, REPORTS).await?;
        if self.has_report_memory {
            self.sweep(line).await?;
        }
        self.go_home(line).await
    }

    /// Reads what came without a notice.
    pub(super) async fn sweep_home(&mut self, line: &mut Line) -> Result<(), Broken> {
        if self.has_report_memory && self.open(line, REPORTS).await? {
            self.sweep(line).await?;
        }
        self.go_home(line).await?;
        self.sweep(line).await
    }

    /// Reads all there is in the open memory.
    async fn sweep(&mut self, line: &mut Line) -> Result<(), Broken> {
        let reply = line.ask(Command::list_texts()).await?;
        if !reply.is_ok() {
            return self.check_mode(line).await;
        }
        let mut texts = answers::stored_texts(&reply);
        // Places are given anew as they become free: the network's time is the order.
        texts.sort_by_key(|text| sent_at(&text.digits));
        for text in texts {
            self.take(line, text).await?;
        }
        Ok(())
    }

    /// Back to the memory that texts come into.
    async fn go_home(&mut self, line: &mut Line) -> Result<(), Broken> {
        let home = self.home.clone();
        self.open(line, &home).await.map(|_| ())
    }

    /// A text that lies in no memory: there is nothing to remove, so nobody is waited for.
    pub(super) async fn take_direct(&self, digits: String) {
        let (kept, _) = oneshot::channel();
        let event = ModemEvent::Received { modem: self.modem.clone(), digits, kept };
        if self.events.send(event).await.is_err() {
            tracing::error!(modem = self.modem, "a text came that nobody takes");
        }
    }

    /// False when the modem does not know the memory.
    async fn open(&mut self, line: &mut Line, memory: &str) -> Result<bool, Broken> {
        if self.open != memory && line.ask(Command::read_memory(memory)).await?.is_ok() {
            memory.clone_into(&mut self.open);
        }
        Ok(self.open == memory)
    }

    async fn take(&self, line: &mut Line, text: StoredText) -> Result<(), Broken> {
        let Some(place) = text.place else { return Ok(()) };
        // What is ours to send was left there by another program; it takes the room of what comes in.
        if text.is_ours || self.hand_over(text.digits).await {
            let reply = line.ask(Command::remove_text(place)).await?;
            if !reply.is_ok() {
                tracing::warn!(modem = self.modem, place, "a text cannot be removed");
            }
        }
        Ok(())
    }

    /// True when it is kept.
    async fn hand_over(&self, digits: String) -> bool {
        let (kept, keeping) = oneshot::channel();
        let event = ModemEvent::Received { modem: self.modem.clone(), digits, kept };
        if self.events.send(event).await.is_err() {
            return false;
        }
        let is_kept = timeout(self.timing.keeping, keeping).await.is_ok_and(|kept| kept.is_ok());
        if !is_kept {
            tracing::warn!(modem = self.modem, "a text could not be kept; it stays in the modem");
        }
        is_kept
    }

    /// A modem that restarted unseen is in text mode again.
    async fn check_mode(&self, line: &mut Line) -> Result<(), Broken> {
        let mode = line.ask(Command::new("AT+CMGF?", Form::Prefixed("+CMGF"), Patience::Modem)).await?;
        let is_lost = mode.lines.first().is_some_and(|answer| answer.trim_end().ends_with('1'));
        if is_lost { Err(Broken::Restarted { may_be_out: false }) } else { Ok(()) }
    }
}

/// When the network took a text; reports and what nobody can read come first.
fn sent_at(digits: &str) -> Option<i64> {
    match decode_incoming(digits) {
        Ok(Incoming::Deliver(deliver)) => deliver.time.map(|time| time.seconds),
        Ok(Incoming::StatusReport(_)) | Err(_) => None,
    }
}
