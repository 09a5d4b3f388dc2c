//! Looks at a modem once, for commands that show or examine it.

use async_trait::async_trait;

use super::line::Line;
use super::pin::PinMemory;
use super::settings::{Settings, Timing};
use super::start::{self, NotStarted};
use super::status::{Identity, State};
use super::switchboard::Switchboard;
use crate::at::answers::Registration;
use crate::store::Store;
use crate::transport::PortAddress;

/// What is at a port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Probe {
    /// It cannot be opened: the system's words.
    NoPort(String),
    /// Nobody answers.
    NoAnswer,
    /// A modem.
    Modem {
        /// How it is.
        state: State,
        /// Who it is.
        identity: Identity,
        /// Decibels against a milliwatt.
        signal: Option<i16>,
    },
}

/// No PIN may be tried.
struct NoPins;

#[async_trait]
impl PinMemory for NoPins {
    async fn may_try(&self, _: &str, _: &str) -> bool {
        false
    }

    async fn accepted(&self, _: &str) {}
}

/// Opens a port, makes the modem ready and says how it is. A PIN is tried only when the store of tried ones
/// comes with it.
pub async fn probe(port: &PortAddress, pin: Option<(&str, &Store)>) -> Probe {
    let opened = match port.open().await {
        Ok(opened) => opened,
        Err(error) => return Probe::NoPort(error.to_string()),
    };
    let settings = Settings {
        name: port.to_string(),
        port: port.clone(),
        pin: pin.map(|(pin, _)| pin.to_owned()),
        may_reset: false,
        timing: Timing::default(),
    };
    let mut line = Line::new(&settings.name, opened, settings.timing);
    let board = Switchboard::without_memory();
    let started = match pin {
        Some((_, store)) => start::start(&mut line, &settings, store, &board).await,
        None => start::start(&mut line, &settings, &NoPins, &board).await,
    };
    match started {
        Ok(started) => Probe::Modem {
            state: match started.registration {
                Registration::Home | Registration::Roaming | Registration::TextsOnly => State::Ready,
                Registration::Denied => State::Denied,
                Registration::Idle | Registration::Searching | Registration::Unknown => State::Searching,
            },
            identity: started.identity,
            signal: started.signal,
        },
        Err(NotStarted::OutOfService(state)) => {
            // It tells who it is even when its SIM does not work.
            let identity = start::who(&mut line).await.unwrap_or_default();
            Probe::Modem { state, identity, signal: None }
        }
        Err(NotStarted::Broken(_) | NotStarted::Another) => Probe::NoAnswer,
    }
}
