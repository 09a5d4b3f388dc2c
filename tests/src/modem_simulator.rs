//! A modem with a SIM and a network behind it, at a pseudo terminal or a TCP port. It knows nothing of the
//! gateway: its codec and its commands are its own, and other programs' gateways work with it too.

mod actor;
mod commands;
mod faults;
mod memory;
mod network;
mod pdus;
mod port;
mod state;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use tokio::sync::{Notify, watch};
use tokio::task::JoinHandle;

pub use faults::{Fault, Habits};
pub use network::{Network, SentText};
pub use state::Sim;

use state::State;

/// A modem that runs until this is dropped.
#[derive(Debug)]
pub struct ModemSimulator {
    name: String,
    place: Place,
    state: Arc<Mutex<State>>,
    changed: Arc<Notify>,
    task: JoinHandle<()>,
}

/// Where others find it.
#[derive(Debug, Clone)]
enum Place {
    Pty(PathBuf),
    Tcp(SocketAddr),
}

impl ModemSimulator {
    /// A modem at a TCP port of this computer.
    ///
    /// # Errors
    /// No port is free.
    pub async fn tcp(name: &str, network: &Network, sim: Sim, habits: Habits) -> anyhow::Result<Self> {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let place = Place::Tcp(address);
        Ok(Self::start(name, place, port::Socket::tcp(listener, address), network, sim, habits))
    }

    /// A modem at a pseudo terminal that is found under `link`.
    ///
    /// # Errors
    /// The system gives none.
    pub fn pty(name: &str, link: &Path, network: &Network, sim: Sim, habits: Habits) -> anyhow::Result<Self> {
        let socket = port::Socket::pty(link)?;
        Ok(Self::start(name, Place::Pty(link.to_owned()), socket, network, sim, habits))
    }

    fn start(
        name: &str,
        place: Place,
        socket: port::Socket,
        network: &Network,
        sim: Sim,
        habits: Habits,
    ) -> Self {
        let state = Arc::new(Mutex::new(State::new(name, sim, habits, network.clone())));
        let changed = Arc::new(Notify::new());
        network.join(name, Arc::clone(&state), Arc::clone(&changed));
        let task = tokio::spawn(actor::run(Arc::clone(&state), Arc::clone(&changed), socket));
        Self { name: name.to_owned(), place, state, changed, task }
    }

    /// Its name, which is also the name of its SIM in the network.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The device's number.
    pub fn imei(&self) -> String {
        commands::digits_of(&self.name, "86")
    }

    /// What a gateway's settings say: `tcp://…` or the path.
    pub fn port(&self) -> String {
        match &self.place {
            Place::Pty(link) => link.display().to_string(),
            Place::Tcp(address) => format!("tcp://{address}"),
        }
    }

    /// Something goes wrong with each of the next sends, in this order.
    pub fn fail_next_sends(&self, faults: impl IntoIterator<Item = Fault>) {
        self.state.lock().send_faults.extend(faults);
    }

    /// Something goes wrong now.
    pub fn fail(&self, fault: Fault) {
        self.state.lock().fault_now = Some(fault);
        self.changed.notify_one();
    }

    /// Changes how it behaves.
    pub fn set_habits(&self, habits: Habits) {
        self.state.lock().habits = habits;
    }

    /// A call comes in.
    pub fn ring(&self) {
        self.state.lock().say_unasked("RING");
        self.changed.notify_one();
    }

    /// Texts that lie in its memories.
    pub fn stored(&self) -> usize {
        self.state.lock().stored()
    }

    /// A text lies in a memory without a notice about it; false when that is full.
    pub fn slip_in(&self, memory: &str, message: &[u8]) -> bool {
        let digits: String = message.iter().map(|byte| format!("{byte:02X}")).collect();
        self.state.lock().memory(memory).put(format!("00{digits}")).is_some()
    }

    /// What it was told lately: commands, `(escape)`, and `(opened)` when a program came.
    pub fn told(&self) -> Vec<String> {
        self.state.lock().told.iter().cloned().collect()
    }

    /// Changes when it has done something that it was told, or got something from the network.
    pub fn changes(&self) -> watch::Receiver<()> {
        self.state.lock().done.subscribe()
    }

    /// Waits until something holds that changes with what the modem does.
    ///
    /// # Errors
    /// It does not come to hold in time; says what what the modem was told.
    pub async fn until(&self, patience: Duration, holds: impl Fn(&Self) -> bool) -> anyhow::Result<()> {
        let mut done = self.changes();
        let waiting = async { while !holds(self) && done.changed().await.is_ok() {} };
        let is_late = tokio::time::timeout(patience, waiting).await.is_err();
        anyhow::ensure!(!is_late, "it does not come to that; what the modem was told {:?}", self.told());
        Ok(())
    }

    /// PINs it was given.
    pub fn pins_tried(&self) -> Vec<String> {
        self.state.lock().pins_tried.clone()
    }

    /// The times its gateway let it wait between one text and the next.
    pub fn gaps(&self) -> Vec<Duration> {
        self.state.lock().gaps.clone()
    }

    /// Commands it was given since it was made.
    pub fn commands(&self) -> u64 {
        self.state.lock().commands
    }
}

impl Drop for ModemSimulator {
    fn drop(&mut self) {
        self.task.abort();
        if let Place::Pty(link) = &self.place {
            // It may be unplugged just now.
            let _ = std::fs::remove_file(link);
        }
    }
}
