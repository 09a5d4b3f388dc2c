//! One signed-in connection at work: messages and their answers, what the carrier hands over, signs of life.
//!
//! An answer to the carrier may not reach it; then it hands the same text over again on the next connection. A
//! text is owed an answer from when it is kept until something that we asked afterwards is answered: whoever
//! answers that has our answer, too. On a new connection a text that is alike to one owed is that one.

use std::collections::{BTreeMap, VecDeque};
use std::io;
use std::sync::Arc;
use std::time::Duration;

use rusmpp::Pdu;
use rusmpp::pdus::{DataSmResp, DeliverSmResp, SubmitSm};
use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::{Instant, sleep_until};

use super::reading::{self, Arrival};
use super::receipt::{self, Receipt};
use super::settings::LineSettings;
use super::wire::{Frame, Reader, Writer, id};
use crate::inbox::{Inbox, Owed};
use crate::outbox::Outbox;
use crate::store::{Store, StoreError};

/// What came of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Answer {
    /// The carrier has it under this name.
    Accepted(String),
    /// The carrier does not take it.
    Refused(u32),
    /// It was written and no answer came.
    Unknown,
}

/// A message to be sent. When `answer` is dropped it was never written.
#[derive(Debug)]
pub(super) struct Submission {
    pub(super) message: Box<SubmitSm>,
    pub(super) answer: oneshot::Sender<Answer>,
}

/// Why a connection ended.
#[derive(Debug, thiserror::Error)]
pub(super) enum Ending {
    #[error("the connection broke: {0}")]
    Broken(#[from] io::Error),
    #[error("the carrier gives no sign of life")]
    Silent,
    #[error("the carrier signed us off")]
    SignedOff,
    #[error("the store: {0}")]
    Store(#[from] StoreError),
    #[error("the gateway stops")]
    Stopped,
}

/// How long after a text its answer is made certain.
const SOON: Duration = Duration::from_secs(1);
/// How long the carrier may take to say good-bye.
const GOODBYE: Duration = Duration::from_secs(3);
/// SMPP status of a text that nobody here can read (ESME_RX_P_APPN), and of one that could not be kept now.
const UNREADABLE: u32 = 0x65;
const NOT_NOW: u32 = 0x64;

/// Whoever could tell may be gone: that means the same.
pub(super) async fn told_to_stop(stop: &mut watch::Receiver<bool>) {
    let _ = stop.wait_for(|stops| *stops).await;
}

/// A connection.
pub(super) struct Session {
    pub(super) settings: Arc<LineSettings>,
    pub(super) store: Store,
    pub(super) outbox: Outbox,
    pub(super) inbox: Inbox,
    pub(super) writer: Writer,
    pub(super) sequence: u32,
    /// Messages without answer, with the time it has to be there.
    pub(super) waiting: BTreeMap<u32, (oneshot::Sender<Answer>, Instant)>,
    /// A sign of life that was asked for, and until when it has to come.
    pub(super) asked: Option<(u32, Instant)>,
    /// Texts whose answer may not have reached the carrier: their rows, and the newest question before it.
    pub(super) answered: VecDeque<(i64, u32)>,
    /// Texts of earlier connections that may come again.
    pub(super) owed: Vec<Owed>,
    pub(super) heard: Instant,
}

impl Session {
    /// Works until the connection ends. Messages that were written and not answered are `Unknown` then.
    pub(super) async fn run(
        mut self,
        mut reader: Reader,
        submissions: &mut mpsc::Receiver<Submission>,
        stop: &mut watch::Receiver<bool>,
    ) -> Ending {
        let ending = loop {
            if let Err(ending) = self.step(&mut reader, submissions, stop).await {
                break ending;
            }
        };
        if matches!(ending, Ending::Stopped) {
            self.say_goodbye(&mut reader).await;
        }
        for (_, (answer, _)) in std::mem::take(&mut self.waiting) {
            // Whoever asked may be gone: then the next start finds the message under way.
            let _ = answer.send(Answer::Unknown);
        }
        ending
    }

    async fn step(
        &mut self,
        reader: &mut Reader,
        submissions: &mut mpsc::Receiver<Submission>,
        stop: &mut watch::Receiver<bool>,
    ) -> Result<(), Ending> {
        let deadline = self.deadline();
        tokio::select! {
            frame = reader.frame() => self.heed(frame?).await,
            // More than the window never come: each holds a place in it.
            Some(submission) = submissions.recv() => self.submit(submission).await,
            () = sleep_until(deadline) => self.look_at_clock().await,
            () = told_to_stop(stop) => Err(Ending::Stopped),
        }
    }

    fn deadline(&self) -> Instant {
        let first = self.waiting.values().map(|(_, until)| *until).min();
        let sign = match self.asked {
            Some((_, until)) => until,
            None if self.answered.is_empty() => self.heard + self.settings.quiet,
            None => self.heard + SOON.min(self.settings.quiet),
        };
        first.map_or(sign, |first| first.min(sign))
    }

    fn next_sequence(&mut self) -> u32 {
        // 1 to 0x7fffffff (section 3.2.1).
        self.sequence = if self.sequence >= 0x7fff_ffff { 1 } else { self.sequence + 1 };
        self.sequence
    }

    async fn submit(&mut self, submission: Submission) -> Result<(), Ending> {
        let sequence = self.next_sequence();
        // Before it is written: a part of it may be out when the writing fails.
        self.waiting.insert(sequence, (submission.answer, Instant::now() + self.settings.patience));
        Ok(self.writer.write(0, sequence, Pdu::SubmitSm(*submission.message)).await?)
    }

    async fn look_at_clock(&mut self) -> Result<(), Ending> {
        let now = Instant::now();
        if self.asked.is_some_and(|(_, until)| until <= now) {
            return Err(Ending::Silent);
        }
        let late: Vec<u32> =
            self.waiting.iter().filter(|(_, (_, until))| *until <= now).map(|(id, _)| *id).collect();
        for sequence in late {
            if let Some((answer, _)) = self.waiting.remove(&sequence) {
                let _ = answer.send(Answer::Unknown);
            }
        }
        if self.asked.is_none() && self.deadline() <= now {
            let sequence = self.next_sequence();
            self.asked = Some((sequence, now + self.settings.patience));
            self.writer.write(0, sequence, Pdu::EnquireLink).await?;
        }
        Ok(())
    }

    async fn heed(&mut self, frame: Frame) -> Result<(), Ending> {
        self.heard = Instant::now();
        match frame.id {
            id::DELIVER | id::DATA => self.take(frame).await,
            id::ENQUIRE_LINK => Ok(self.writer.write(0, frame.sequence, Pdu::EnquireLinkResp).await?),
            id::UNBIND => {
                self.writer.write(0, frame.sequence, Pdu::UnbindResp).await?;
                Err(Ending::SignedOff)
            }
            answer if answer & id::ANSWER != 0 => self.answered(&frame).await,
            _ => {
                // Section 4.1.4: a command that we do not know.
                Ok(self.writer.write(0x03, frame.sequence, Pdu::GenericNack).await?)
            }
        }
    }

    async fn answered(&mut self, frame: &Frame) -> Result<(), Ending> {
        if self.asked.is_some_and(|(sequence, _)| sequence == frame.sequence) {
            self.asked = None;
        }
        if let Some((answer, _)) = self.waiting.remove(&frame.sequence) {
            let name = match &frame.body {
                Some(Pdu::SubmitSmResp(response)) => response.message_id().as_str().to_owned(),
                _ => String::new(),
            };
            let is_taken = frame.status == 0 && frame.id != id::GENERIC_NACK;
            let word = if is_taken { Answer::Accepted(name) } else { Answer::Refused(frame.status) };
            let _ = answer.send(word);
        }
        let mut certain = Vec::new();
        while let Some((row, before)) = self.answered.front().copied() {
            if before >= frame.sequence {
                break;
            }
            certain.push(row);
            self.answered.pop_front();
        }
        if !certain.is_empty() {
            self.store.answers_arrived(certain).await?;
        }
        Ok(())
    }

    /// Keeps what the carrier hands over, then answers.
    async fn take(&mut self, frame: Frame) -> Result<(), Ending> {
        let arrival = frame.body.as_ref().and_then(|body| reading::read(body, self.settings.alphabet));
        let kept = match arrival {
            Some(Arrival::Text(letter)) => {
                self.inbox.take_letter(&self.settings.name, letter, &mut self.owed).await.map(Some)
            }
            Some(Arrival::Receipt(receipt, phone)) => self.report(receipt, phone).await.map(|()| None),
            Some(Arrival::Nothing) => Ok(None),
            None => {
                let digits: String = frame.bytes.iter().map(|byte| format!("{byte:02X}")).collect();
                tracing::warn!(line = self.settings.name, "a message of the carrier cannot be read");
                self.inbox.keep_unreadable(&self.settings.name, digits).await?;
                return Ok(self.respond(&frame, UNREADABLE).await?);
            }
        };
        match kept {
            Ok(row) => {
                self.respond(&frame, 0).await?;
                self.answered.extend(row.map(|row| (row, self.sequence)));
                Ok(())
            }
            Err(error) => {
                tracing::error!(line = self.settings.name, %error, "a text cannot be kept");
                Ok(self.respond(&frame, NOT_NOW).await?)
            }
        }
    }

    async fn respond(&mut self, frame: &Frame, status: u32) -> io::Result<()> {
        let answer = match frame.id {
            id::DATA => Pdu::DataSmResp(DataSmResp::default()),
            _ => Pdu::DeliverSmResp(DeliverSmResp::default()),
        };
        self.writer.write(status, frame.sequence, answer).await
    }

    async fn report(&self, receipt: Receipt, phone: String) -> Result<(), StoreError> {
        let Some(state) = receipt.state else { return Ok(()) };
        let line = &self.settings.name;
        let names = receipt::names(&receipt.id).iter().map(|name| receipt::reference(name)).collect();
        let known = self.store.attempt_of(line.clone(), names).await?;
        let (reference, number) = known.unwrap_or_else(|| (receipt::reference(&receipt.id), phone));
        self.outbox.carrier_report(line, reference, number, receipt.stamp, state).await
    }

    /// Answers that are on their way still come.
    async fn say_goodbye(&mut self, reader: &mut Reader) {
        let until = Instant::now() + GOODBYE;
        let goodbye = async {
            while !self.waiting.is_empty() {
                let frame = reader.frame().await?;
                self.heed(frame).await?;
            }
            let sequence = self.next_sequence();
            self.writer.write(0, sequence, Pdu::Unbind).await?;
            loop {
                let frame = reader.frame().await?;
                if frame.sequence == sequence && frame.id & id::ANSWER != 0 {
                    self.answered(&frame).await?;
                    return Ok::<(), Ending>(());
                }
                self.heed(frame).await?;
            }
        };
        if !matches!(tokio::time::timeout_at(until, goodbye).await, Ok(Ok(()))) {
            tracing::info!(line = self.settings.name, "the carrier did not say good-bye");
        }
    }
}
