//! A ready modem at work: notices first, then what it is asked, then what is due by the clock.

use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until, timeout};

use super::failure::{Class, class_of};
use super::line::{Broken, Line};
use super::receive::Receiver;
use super::start::{self, Started};
use super::status::State;
use super::task::Display;
use super::{ModemEvent, Request, SendFailure, send};
use crate::at::answers::{self, Registration};
use crate::at::{Command, FinalResult, Unsolicited};

/// Why a modem stopped working.
#[derive(Debug)]
pub(super) enum Ending {
    /// The line broke.
    Broken(Broken),
    /// It cannot work: what it said.
    OutOfService(FinalResult),
    /// Nobody needs it any more.
    Stopped,
}

impl From<Broken> for Ending {
    fn from(broken: Broken) -> Self {
        Self::Broken(broken)
    }
}

/// One modem at work.
pub(super) struct Work<'a> {
    pub(super) line: &'a mut Line,
    pub(super) requests: &'a mut mpsc::Receiver<Request>,
    pub(super) display: &'a Display,
    pub(super) receiver: Receiver,
    pub(super) registration: Registration,
    sweep_at: Instant,
    look_at: Instant,
    /// Whoever waits for the network's answer to a code.
    code: Option<tokio::sync::oneshot::Sender<Option<String>>>,
}

impl<'a> Work<'a> {
    pub(super) fn new(
        line: &'a mut Line,
        requests: &'a mut mpsc::Receiver<Request>,
        display: &'a Display,
        receiver: Receiver,
        registration: Registration,
    ) -> Self {
        let now = Instant::now();
        let (sweep_at, look_at) = (now + receiver.timing.sweep, now + receiver.timing.look);
        Self { line, requests, display, receiver, registration, sweep_at, look_at, code: None }
    }

    /// Works until something ends it.
    pub(super) async fn run(mut self, started: &Started) -> Ending {
        self.show();
        match self.steps(started).await {
            Ok(()) => Ending::Stopped,
            Err(ending) => ending,
        }
    }

    async fn steps(&mut self, started: &Started) -> Result<(), Ending> {
        self.receiver.sweep_all(self.line, started.quirks.memories).await?;
        loop {
            while let Some(notice) = self.line.next_notice() {
                self.heed(notice).await?;
            }
            tokio::select! {
                biased;
                heard = self.line.listen() => heard?,
                request = self.requests.recv() => match request {
                    Some(request) => self.obey(request).await?,
                    None => return Ok(()),
                },
                () = sleep_until(self.sweep_at) => self.sweep().await?,
                () = sleep_until(self.look_at) => self.look().await?,
            }
        }
    }

    async fn heed(&mut self, notice: Unsolicited) -> Result<(), Ending> {
        match notice {
            Unsolicited::TextStored { memory, place } | Unsolicited::ReportStored { memory, place } => {
                self.receiver.fetch(self.line, &memory, place).await?;
            }
            Unsolicited::Direct { digits } => self.receiver.take_direct(digits).await,
            Unsolicited::Registration(state) => {
                self.registration = Registration::of(state);
                self.show();
            }
            Unsolicited::Restarted => return Err(Broken::Restarted { may_be_out: false }.into()),
            Unsolicited::MemoryFull => self.sweep().await?,
            Unsolicited::Call => {
                let modem = self.receiver.modem.clone();
                // A call nobody hears of is no loss: the line must not wait for it.
                let _ = self.receiver.events.try_send(ModemEvent::Call { modem });
                self.line.ask(Command::setting("AT+CHUP")).await?;
            }
            Unsolicited::NetworkAnswer(text) => {
                if let Some(code) = self.code.take() {
                    // The asker may have gone.
                    let _ = code.send(Some(text));
                }
            }
            Unsolicited::Chatter => {}
        }
        Ok(())
    }

    async fn obey(&mut self, request: Request) -> Result<(), Ending> {
        match request {
            Request::Send { answer, .. } if !self.registration.is_registered() => {
                let _ = answer.send(Err(SendFailure::NotReady));
                Ok(())
            }
            Request::Send { pdu, answer } => {
                let (result, line) = send::send(self.line, &mut self.receiver, &pdu).await;
                // The asker may have gone; the modem goes on.
                let _ = answer.send(result);
                line?;
                match result {
                    Err(SendFailure::Refused(refusal)) if class_of(refusal) == Class::Modem => {
                        Err(Ending::OutOfService(refusal))
                    }
                    Ok(_) | Err(_) => Ok(()),
                }
            }
            Request::NetworkCode { code, answer } => {
                let reply = self.line.ask(Command::network_code(&code)).await?;
                if reply.is_ok() {
                    self.code = Some(answer);
                } else {
                    let _ = answer.send(None);
                }
                Ok(())
            }
        }
    }

    async fn sweep(&mut self) -> Result<(), Ending> {
        self.sweep_at = Instant::now() + self.receiver.timing.sweep;
        Ok(self.receiver.sweep_home(self.line).await?)
    }

    async fn look(&mut self) -> Result<(), Ending> {
        self.look_at = Instant::now() + self.receiver.timing.look;
        self.registration = start::registration(self.line).await?;
        let signal = answers::signal(&self.line.ask(Command::signal()).await?);
        self.display.signal(signal.and_then(|signal| signal.strength));
        self.show();
        Ok(())
    }

    fn show(&self) {
        self.display.state(match self.registration {
            Registration::Home | Registration::Roaming | Registration::TextsOnly => State::Ready,
            Registration::Denied => State::Denied,
            Registration::Idle | Registration::Searching | Registration::Unknown => State::Searching,
        });
    }
}

/// Says no to everything until the time is over or nobody needs the modem any more: false then.
pub(super) async fn refuse_until(requests: &mut mpsc::Receiver<Request>, deadline: Instant) -> bool {
    loop {
        let pause = deadline.saturating_duration_since(Instant::now());
        match timeout(pause, requests.recv()).await {
            Err(_) => return true,
            Ok(None) => return false,
            Ok(Some(Request::Send { answer, .. })) => {
                let _ = answer.send(Err(SendFailure::NotReady));
            }
            Ok(Some(Request::NetworkCode { answer, .. })) => {
                let _ = answer.send(None);
            }
        }
    }
}
