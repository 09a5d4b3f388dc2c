//! Makes a modem ready: from "is anybody there" to the first reading of its memory.

use super::line::{Broken, Line};
use super::pin::PinMemory;
use super::quirks::{self, Quirks};
use super::settings::Settings;
use super::status::{Identity, State};
use super::switchboard::Switchboard;
use crate::at::answers::{self, PinState, Registration};
use crate::at::{Command, FinalResult, Reply};

/// Why a modem is not ready.
#[derive(Debug)]
pub(super) enum NotStarted {
    /// The line broke.
    Broken(Broken),
    /// It answers but cannot work.
    OutOfService(State),
    /// It is another one, which is known by another name.
    Another,
}

impl From<Broken> for NotStarted {
    fn from(broken: Broken) -> Self {
        Self::Broken(broken)
    }
}

/// A modem that was made ready.
#[derive(Debug)]
pub(super) struct Started {
    pub(super) identity: Identity,
    pub(super) quirks: Quirks,
    /// The memory that texts come into.
    pub(super) memory: &'static str,
    pub(super) registration: Registration,
    pub(super) signal: Option<i16>,
}

/// How often a SIM that is not ready yet is asked.
const SIM_TRIES: u32 = 20;

pub(super) async fn start(
    line: &mut Line,
    settings: &Settings,
    pins: &dyn PinMemory,
    board: &Switchboard,
) -> Result<Started, NotStarted> {
    line.begin_setup();
    line.wake().await?;
    line.ask(Command::setting("ATE0")).await?;
    line.forget_echo();
    line.ask(Command::setting("AT+CMEE=1")).await?;
    let mut identity = who(line).await?;
    let quirks = quirks::of(&identity.model);
    // Before the PIN: it is not to be another modem's.
    if identity.imei.as_deref().is_some_and(|imei| !board.recognise(&settings.name, imei)) {
        return Err(NotStarted::Another);
    }
    let card = answers::identity(&line.ask(Command::card()).await?).or_else(|| identity.imei.clone());
    unlock(line, settings, pins, card.as_deref().unwrap_or(&settings.name)).await?;
    identity.imsi = answers::identity(&line.ask(Command::subscriber()).await?);
    board.has_sim(&settings.name, &identity).await;
    let memory = set_up(line, quirks).await?;
    line.end_setup();
    let registration = registration(line).await?;
    identity.operator =
        answers::operator(&line.ask(Command::operator()).await?).map(|operator| operator.name);
    identity.service_centre = answers::service_centre(&line.ask(Command::service_centre()).await?);
    let signal = answers::signal(&line.ask(Command::signal()).await?).and_then(|signal| signal.strength);
    Ok(Started { identity, quirks, memory, registration, signal })
}

/// Maker, model and number of the modem.
pub(super) async fn who(line: &mut Line) -> Result<Identity, Broken> {
    let maker = answers::identity(&line.ask(Command::maker()).await?).unwrap_or_default();
    let model = answers::identity(&line.ask(Command::model()).await?).unwrap_or_default();
    let imei = answers::identity(&line.ask(Command::serial_number()).await?);
    Ok(Identity { model: format!("{maker} {model}").trim().to_owned(), imei, ..Identity::default() })
}

/// Gets the SIM to work. One wrong PIN only, ever.
async fn unlock(
    line: &mut Line,
    settings: &Settings,
    pins: &dyn PinMemory,
    card: &str,
) -> Result<(), NotStarted> {
    let mut has_tried = false;
    for _ in 0..SIM_TRIES {
        match answers::pin_state(&line.ask(Command::pin_state()).await?) {
            PinState::Ready => {
                pins.accepted(card).await;
                return Ok(());
            }
            PinState::NoSim => return Err(NotStarted::OutOfService(State::NoSim)),
            PinState::Locked => return Err(NotStarted::OutOfService(State::SimLocked)),
            PinState::Other => {
                return Err(NotStarted::OutOfService(State::OutOfService(FinalResult::Cme(5))));
            }
            PinState::Busy => tokio::time::sleep(settings.timing.attention).await,
            PinState::PinNeeded if has_tried => tokio::time::sleep(settings.timing.attention).await,
            PinState::PinNeeded => {
                enter(line, settings, pins, card).await?;
                has_tried = true;
            }
        }
    }
    let state = if has_tried { State::PinRefused } else { State::NoSim };
    Err(NotStarted::OutOfService(state))
}

async fn enter(
    line: &mut Line,
    settings: &Settings,
    pins: &dyn PinMemory,
    card: &str,
) -> Result<(), NotStarted> {
    let Some(pin) = &settings.pin else { return Err(NotStarted::OutOfService(State::PinMissing)) };
    if !pins.may_try(card, pin).await {
        return Err(NotStarted::OutOfService(State::PinRefused));
    }
    let reply = line.ask(Command::enter_pin(pin)).await?;
    if reply.is_ok() { Ok(()) } else { Err(NotStarted::OutOfService(State::PinRefused)) }
}

/// The settings all sending and receiving rests on; gives the memory texts come into.
async fn set_up(line: &mut Line, quirks: Quirks) -> Result<&'static str, NotStarted> {
    for command in ["AT+CREG=2", "AT+CEREG=2"].into_iter().chain(quirks.more.iter().copied()) {
        line.ask(Command::setting(command)).await?;
    }
    required(line, Command::setting("AT+CMGF=0")).await?;
    let mut memory = None;
    for candidate in quirks.memories {
        if line.ask(Command::use_memory(candidate)).await?.is_ok() {
            memory = Some(*candidate);
            break;
        }
    }
    for command in quirks.notices {
        if line.ask(Command::setting(*command)).await?.is_ok() {
            break;
        }
    }
    // A modem without the command has one memory and uses it.
    Ok(memory.or_else(|| quirks.memories.first().copied()).unwrap_or("SM"))
}

async fn required(line: &mut Line, command: Command) -> Result<Reply, NotStarted> {
    let reply = line.ask(command).await?;
    if reply.is_ok() { Ok(reply) } else { Err(NotStarted::OutOfService(State::OutOfService(reply.result))) }
}

pub(super) async fn registration(line: &mut Line) -> Result<Registration, Broken> {
    let circuit = answers::registration(&line.ask(Command::registration()).await?);
    if let Some(state) = circuit.filter(|state| state.is_registered()) {
        return Ok(state);
    }
    // Modems in networks without circuits know the other one only.
    let packet = answers::registration(&line.ask(Command::packet_registration()).await?);
    Ok(packet.filter(|state| state.is_registered()).or(circuit).unwrap_or(Registration::Unknown))
}
