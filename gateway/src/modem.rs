//! One modem: a task that opens its port, makes it ready, sends and receives, and brings it back whatever
//! happens. It keeps nothing: a text leaves the modem's memory only when the receiver says it is kept.

mod failure;
mod line;
mod pin;
mod probe;
mod quirks;
mod receive;
mod search;
mod send;
mod serve;
mod settings;
mod start;
mod status;
mod switchboard;
mod task;

pub use failure::{Class, class_of};
pub use pin::PinMemory;
pub use probe::{Probe, probe};
pub use settings::{Settings, Timing};
pub use status::{Identity, State, Status};
pub use switchboard::{Switchboard, locate};

use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::JoinHandle;

use crate::at::FinalResult;
use crate::pdu::ModemPdu;

/// Why a text was not sent, or not known to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SendFailure {
    /// The modem or the network said no: the text is not out.
    #[error("refused: {0:?}")]
    Refused(FinalResult),
    /// The modem could not take it: the text is not out.
    #[error("the modem is not ready")]
    NotReady,
    /// The text was given to the modem and no result came: it may be out.
    #[error("no result came")]
    Unknown,
}

/// The reference of a sent text, when the modem told one.
pub type SendResult = Result<Option<u8>, SendFailure>;

/// What a modem can be asked.
#[derive(Debug)]
pub(crate) enum Request {
    /// Send this.
    Send { pdu: ModemPdu, answer: oneshot::Sender<SendResult> },
    /// Ask the network, as for the balance.
    NetworkCode { code: String, answer: oneshot::Sender<Option<String>> },
}

/// What modems tell.
#[derive(Debug)]
pub enum ModemEvent {
    /// A text or report came.
    Received {
        /// The modem's name.
        modem: String,
        /// The PDU.
        digits: String,
        /// To be told when it is kept; only then is it removed from the modem.
        kept: oneshot::Sender<()>,
    },
    /// Somebody called this modem's number.
    Call {
        /// The modem's name.
        modem: String,
    },
}

/// A running modem.
#[derive(Debug)]
pub struct Modem {
    name: String,
    requests: mpsc::Sender<Request>,
    status: watch::Receiver<Status>,
    task: JoinHandle<()>,
}

/// Requests that wait; the pool gives a modem one text at a time.
const REQUESTS: usize = 8;

impl Modem {
    /// Starts the modem's task. It runs until this is stopped.
    pub fn start(
        settings: Settings,
        pins: std::sync::Arc<dyn PinMemory>,
        board: std::sync::Arc<Switchboard>,
        events: mpsc::Sender<ModemEvent>,
    ) -> Self {
        let (requests, receiver) = mpsc::channel(REQUESTS);
        let (status, watcher) = watch::channel(Status::default());
        let name = settings.name.clone();
        let task = task::Task::new(settings, task::Papers { pins, board }, events, receiver, status);
        Self { name, requests, status: watcher, task: tokio::spawn(task.run()) }
    }

    /// Its name in the settings.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// How it is, now and whenever that changes.
    pub fn status(&self) -> watch::Receiver<Status> {
        self.status.clone()
    }

    /// For whoever sends.
    pub fn sender(&self) -> ModemSender {
        ModemSender { requests: self.requests.clone() }
    }

    /// Ends the task after what it is doing.
    pub async fn stop(self) {
        drop(self.requests);
        if let Err(error) = self.task.await {
            tracing::error!(modem = self.name, %error, "the modem's task failed");
        }
    }
}

/// Gives texts to one modem. Cheap to clone; the modem's task ends when all are gone.
#[derive(Debug, Clone)]
pub struct ModemSender {
    requests: mpsc::Sender<Request>,
}

impl ModemSender {
    /// Sends one message and waits for the network's word.
    ///
    /// # Errors
    /// It is not sent, or not known to be.
    pub async fn send(&self, pdu: ModemPdu) -> SendResult {
        let (answer, receiver) = oneshot::channel();
        if self.requests.send(Request::Send { pdu, answer }).await.is_err() {
            return Err(SendFailure::NotReady);
        }
        // A task that ends in the middle does not say how far it came.
        receiver.await.unwrap_or(Err(SendFailure::Unknown))
    }

    /// Asks the network; `None` when it does not answer.
    pub async fn network_code(&self, code: String) -> Option<String> {
        let (answer, receiver) = oneshot::channel();
        self.requests.send(Request::NetworkCode { code, answer }).await.ok()?;
        receiver.await.ok().flatten()
    }
}
