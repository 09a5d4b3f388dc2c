//! An open port with somebody at the other end: commands and their answers, notices in between.

use std::collections::VecDeque;
use std::io;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::{Instant, timeout, timeout_at};

use super::settings::Timing;
use crate::at::{Command, Dialogue, Event, Reply, Unsolicited};
use crate::transport::Port;

/// Why a command has no answer. `may_be_out`: a text had been given to the modem.
#[derive(Debug)]
pub(super) enum Broken {
    /// Nothing came in time.
    Silent { may_be_out: bool },
    /// The modem has started anew, or forgot what it was told.
    Restarted { may_be_out: bool },
    /// The port is gone.
    Gone { error: io::Error, may_be_out: bool },
}

impl Broken {
    pub(super) fn may_be_out(&self) -> bool {
        match self {
            Self::Silent { may_be_out } | Self::Restarted { may_be_out } | Self::Gone { may_be_out, .. } => {
                *may_be_out
            }
        }
    }
}

/// One open modem.
pub(super) struct Line {
    name: String,
    port: Box<dyn Port>,
    dialogue: Dialogue,
    notices: VecDeque<Unsolicited>,
    timing: Timing,
    /// All settings are made: a start notice or an echo means that they are lost.
    is_set_up: bool,
    /// Echo cannot be switched off.
    echoes: bool,
}

/// Notices that wait; more than this are only chatter.
const MOST_NOTICES: usize = 1_000;
/// Takes back a half-written command or text.
const ESCAPE: &[u8] = b"\x1b";

impl Line {
    pub(super) fn new(name: &str, port: Box<dyn Port>, timing: Timing) -> Self {
        Self {
            name: name.to_owned(),
            port,
            dialogue: Dialogue::default(),
            notices: VecDeque::new(),
            timing,
            is_set_up: false,
            echoes: false,
        }
    }

    pub(super) fn begin_setup(&mut self) {
        self.is_set_up = false;
        self.echoes = false;
    }

    pub(super) fn end_setup(&mut self) {
        self.is_set_up = true;
        self.notices.retain(|notice| *notice != Unsolicited::Restarted);
    }

    pub(super) fn next_notice(&mut self) -> Option<Unsolicited> {
        self.notices.pop_front()
    }

    /// Gives a command and waits for its end.
    pub(super) async fn ask(&mut self, command: Command) -> Result<Reply, Broken> {
        let patience = self.timing.of(command.patience);
        let first = if command.payload.is_some() { self.timing.modem } else { patience };
        let bytes = self.dialogue.start(command);
        self.write(&bytes, false).await?;
        let mut deadline = Instant::now() + first;
        loop {
            let Ok(read) = timeout_at(deadline, self.read()).await else {
                return Err(Broken::Silent { may_be_out: self.dialogue.give_up() });
            };
            let events = match read {
                Ok(events) => events,
                Err(error) => return Err(Broken::Gone { error, may_be_out: self.dialogue.give_up() }),
            };
            let mut reply = None;
            for event in events {
                match event {
                    Event::Reply(ended) => reply = Some(ended),
                    Event::Prompt => {
                        if let Some(payload) = self.dialogue.payload() {
                            self.write(&payload, true).await?;
                            deadline = Instant::now() + patience;
                        }
                    }
                    other => self.note(other),
                }
            }
            if let Some(reply) = reply {
                return Ok(reply);
            }
            if self.has_restarted() {
                return Err(Broken::Restarted { may_be_out: self.dialogue.give_up() });
            }
        }
    }

    /// Waits until something was said. Can be dropped at any time without losing a byte.
    pub(super) async fn listen(&mut self) -> Result<(), Broken> {
        let events = self.read().await.map_err(|error| Broken::Gone { error, may_be_out: false })?;
        for event in events {
            self.note(event);
        }
        if self.has_restarted() { Err(Broken::Restarted { may_be_out: false }) } else { Ok(()) }
    }

    /// Is anybody there? Three tries, and then quiet: an answer that came late must not be taken for the next
    /// one's.
    pub(super) async fn wake(&mut self) -> Result<(), Broken> {
        self.write(ESCAPE, false).await?;
        self.settle().await?;
        for _ in 0..3 {
            let bytes = self.dialogue.start(Command::attention());
            self.write(&bytes, false).await?;
            if self.answers_within(self.timing.attention).await? {
                self.settle().await?;
                return Ok(());
            }
        }
        Err(Broken::Silent { may_be_out: false })
    }

    async fn answers_within(&mut self, patience: Duration) -> Result<bool, Broken> {
        let deadline = Instant::now() + patience;
        while let Ok(read) = timeout_at(deadline, self.read()).await {
            let events = read.map_err(|error| Broken::Gone { error, may_be_out: false })?;
            let mut is_answered = false;
            for event in events {
                match event {
                    Event::Reply(_) => is_answered = true,
                    other => self.note(other),
                }
            }
            if is_answered {
                return Ok(true);
            }
        }
        self.dialogue.give_up();
        Ok(false)
    }

    /// Reads until nothing comes any more.
    pub(super) async fn settle(&mut self) -> Result<(), Broken> {
        let last = Instant::now() + self.timing.modem;
        while Instant::now() < last {
            match timeout(self.timing.quiet, self.read()).await {
                Err(_) => break,
                Ok(Err(error)) => return Err(Broken::Gone { error, may_be_out: false }),
                Ok(Ok(events)) => events.into_iter().for_each(|event| self.note(event)),
            }
        }
        Ok(())
    }

    /// Restarts the modem by command and does not wait for an answer.
    pub(super) async fn reset(&mut self) -> Result<(), Broken> {
        self.write(b"AT+CFUN=1,1\r", false).await
    }

    async fn read(&mut self) -> io::Result<Vec<Event>> {
        let mut buffer = [0_u8; 1_024];
        match self.port.read(&mut buffer).await? {
            0 => Err(io::Error::from(io::ErrorKind::UnexpectedEof)),
            length => Ok(self.dialogue.receive(buffer.get(..length).unwrap_or_default())),
        }
    }

    async fn write(&mut self, bytes: &[u8], may_be_out: bool) -> Result<(), Broken> {
        let writing = async {
            self.port.write_all(bytes).await?;
            self.port.flush().await
        };
        match timeout(self.timing.modem, writing).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) => Err(Broken::Gone { error, may_be_out }),
            Err(_) => Err(Broken::Silent { may_be_out }),
        }
    }

    fn note(&mut self, event: Event) {
        match event {
            Event::Unsolicited(notice) if self.notices.len() < MOST_NOTICES => self.notices.push_back(notice),
            Event::Echo if self.is_set_up && !self.echoes => self.notices.push_back(Unsolicited::Restarted),
            Event::Echo => self.echoes = true,
            Event::Unknown(line) => {
                tracing::debug!(modem = self.name, length = line.len(), "an unknown line");
            }
            Event::Unsolicited(_) | Event::Reply(_) | Event::Prompt => {}
        }
    }

    /// Echo during the set-up counts only when it goes on after it was switched off.
    pub(super) fn forget_echo(&mut self) {
        self.echoes = false;
    }

    fn has_restarted(&self) -> bool {
        self.is_set_up && self.notices.contains(&Unsolicited::Restarted)
    }
}
