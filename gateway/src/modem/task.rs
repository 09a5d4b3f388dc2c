//! The modem's life: open the port, make it ready, work, and begin again at the right place when it breaks.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, watch};
use tokio::time::Instant;

use super::line::{Broken, Line};
use super::pin::PinMemory;
use super::receive::Receiver;
use super::serve::{Ending, Work, refuse_until};
use super::settings::Settings;
use super::start::{self, NotStarted};
use super::status::{State, Status};
use super::switchboard::Switchboard;
use super::{ModemEvent, Request};
use crate::transport::Port;

/// What others see of the modem.
pub(super) struct Display {
    modem: String,
    status: watch::Sender<Status>,
}

impl Display {
    pub(super) fn state(&self, state: State) {
        let is_new = self.status.send_if_modified(|status| {
            let is_new = status.state != state;
            status.state = state;
            is_new
        });
        if is_new {
            tracing::info!(modem = self.modem, ?state, "the modem's state");
        }
    }

    pub(super) fn signal(&self, signal: Option<i16>) {
        self.status.send_if_modified(|status| std::mem::replace(&mut status.signal, signal) != signal);
    }

    fn cause(&self, cause: Option<String>) {
        self.status.send_if_modified(|status| std::mem::replace(&mut status.cause, cause.clone()) != cause);
    }
}

/// What is known about modems and cards.
pub(super) struct Papers {
    pub(super) pins: Arc<dyn PinMemory>,
    pub(super) board: Arc<Switchboard>,
}

/// One modem's task.
pub(super) struct Task {
    settings: Settings,
    papers: Papers,
    events: mpsc::Sender<ModemEvent>,
    requests: mpsc::Receiver<Request>,
    display: Display,
    pause: Duration,
    /// When it was restarted by command; it needs its time.
    reset: Option<Instant>,
}

/// What to do next with an open port.
enum Next {
    /// Make the modem ready again.
    Setup,
    /// Close it and open it again.
    Reopen,
    /// Nobody needs the modem any more.
    Stop,
}

impl Task {
    pub(super) fn new(
        settings: Settings,
        papers: Papers,
        events: mpsc::Sender<ModemEvent>,
        requests: mpsc::Receiver<Request>,
        status: watch::Sender<Status>,
    ) -> Self {
        let display = Display { modem: settings.name.clone(), status };
        let pause = settings.timing.reopen.0;
        Self { settings, papers, events, requests, display, pause, reset: None }
    }

    pub(super) async fn run(mut self) {
        loop {
            match self.open().await {
                Ok(port) => {
                    self.display.cause(None);
                    let line = Line::new(&self.settings.name, port, self.settings.timing);
                    let is_needed = self.occupy(line).await;
                    self.papers.board.is_closed(&self.settings.name);
                    if !is_needed {
                        return;
                    }
                }
                Err(cause) => {
                    self.display.cause(Some(cause));
                    self.display.state(State::Unplugged);
                }
            }
            let wait = self.pause;
            self.pause = (wait * 2).min(self.settings.timing.reopen.1);
            if !refuse_until(&mut self.requests, Instant::now() + wait).await {
                return;
            }
        }
    }

    /// Opens the port at which the modem is now; else says why not.
    async fn open(&self) -> Result<Box<dyn Port>, String> {
        let board = &self.papers.board;
        let Some(address) = board.port(&self.settings).await else {
            return Err(format!("no modem with this number is plugged in ({})", self.settings.port));
        };
        board.is_open(&self.settings.name, &address);
        let opened = address.open().await.map_err(|error| error.to_string());
        if opened.is_err() {
            board.is_closed(&self.settings.name);
        }
        opened
    }

    /// Works with an open port as long as it is good; false when nobody needs the modem any more.
    async fn occupy(&mut self, mut line: Line) -> bool {
        loop {
            match self.round(&mut line).await {
                Next::Setup => {}
                Next::Reopen => return true,
                Next::Stop => return false,
            }
        }
    }

    /// Makes the modem ready and works until something ends it.
    async fn round(&mut self, line: &mut Line) -> Next {
        self.display.state(State::Starting);
        let Papers { pins, board } = &self.papers;
        let started = match start::start(line, &self.settings, pins.as_ref(), board).await {
            Ok(started) => started,
            Err(NotStarted::Another) => {
                self.pause = self.settings.timing.reopen.0;
                return Next::Reopen;
            }
            Err(NotStarted::OutOfService(state)) => return self.rest(state).await,
            Err(NotStarted::Broken(broken)) => return self.mend(line, broken, true).await,
        };
        self.pause = self.settings.timing.reopen.0;
        self.display.status.send_modify(|status| {
            status.identity = started.identity.clone();
            status.signal = started.signal;
        });
        let receiver = Receiver {
            modem: self.settings.name.clone(),
            events: self.events.clone(),
            timing: self.settings.timing,
            home: started.memory.to_owned(),
            open: started.memory.to_owned(),
            has_report_memory: false,
        };
        let work = Work::new(line, &mut self.requests, &self.display, receiver, started.registration);
        let ending = work.run(&started).await;
        self.display.status.send_modify(|status| status.recoveries = status.recoveries.saturating_add(1));
        match ending {
            Ending::Stopped => Next::Stop,
            Ending::OutOfService(refusal) => self.rest(State::OutOfService(refusal)).await,
            Ending::Broken(broken) => self.mend(line, broken, false).await,
        }
    }

    /// Out of service for a while.
    async fn rest(&mut self, state: State) -> Next {
        self.display.state(state);
        let until = Instant::now() + self.settings.timing.retry;
        if refuse_until(&mut self.requests, until).await { Next::Setup } else { Next::Stop }
    }

    /// The smallest means first: set up again, wake it, open the port again, restart it by command.
    async fn mend(&mut self, line: &mut Line, broken: Broken, is_starting: bool) -> Next {
        tracing::warn!(modem = self.settings.name, ?broken, "the modem's line broke");
        match broken {
            Broken::Gone { error, .. } => {
                self.display.cause(Some(error.to_string()));
                self.display.state(State::Unplugged);
                Next::Reopen
            }
            Broken::Restarted { .. } => {
                self.display.state(State::Starting);
                if line.settle().await.is_ok() { Next::Setup } else { Next::Reopen }
            }
            Broken::Silent { .. } => {
                self.display.state(State::Silent);
                if !is_starting && line.wake().await.is_ok() {
                    return Next::Setup;
                }
                if is_starting {
                    self.restart(line).await;
                }
                Next::Reopen
            }
        }
    }

    /// The last means, for modems that come back from it: once in a while, for a start takes its time.
    async fn restart(&mut self, line: &mut Line) {
        let is_at_it = self.reset.is_some_and(|reset| reset.elapsed() < self.settings.timing.retry);
        if !self.settings.may_reset || is_at_it {
            return;
        }
        self.reset = Some(Instant::now());
        match line.reset().await {
            Ok(()) => tracing::warn!(modem = self.settings.name, "the modem is restarted by command"),
            Err(_) => tracing::warn!(modem = self.settings.name, "the modem cannot be restarted by command"),
        }
    }
}
