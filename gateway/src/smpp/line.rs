//! Connects a line to its carrier, signs in, and connects again with growing pauses whenever it broke.

use std::collections::{BTreeMap, VecDeque};
use std::io;
use std::sync::Arc;
use std::time::Duration;

use rusmpp::Pdu;
use rusmpp::pdus::BindTransceiver;
use rusmpp::values::InterfaceVersion;
use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, timeout};

use super::refusal;
use super::session::{Ending, Session, Submission, told_to_stop};
use super::settings::{LineSettings, Version};
use super::wire::{self, Reader, Writer, id};
use crate::inbox::Inbox;
use crate::outbox::Outbox;
use crate::store::Store;
use crate::tls;

/// How a line is, in words an administrator can act on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// Not signed in yet.
    Connecting,
    /// Signed in.
    Bound,
    /// The carrier cannot be reached, or the connection broke.
    Away(String),
    /// The carrier does not want us.
    Refused(String),
}

impl State {
    /// It can send.
    pub fn is_bound(&self) -> bool {
        *self == Self::Bound
    }

    /// One word for programs.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Connecting => "connecting",
            Self::Bound => "ready",
            Self::Away(_) => "away",
            Self::Refused(_) => "refused",
        }
    }

    /// Why it cannot send.
    pub fn cause(&self) -> Option<&str> {
        match self {
            Self::Connecting | Self::Bound => None,
            Self::Away(cause) | Self::Refused(cause) => Some(cause),
        }
    }

    /// A plain sentence.
    pub fn sentence(&self) -> String {
        match self {
            Self::Connecting => "connecting".to_owned(),
            Self::Bound => "works".to_owned(),
            Self::Away(cause) => format!("away: {cause}"),
            Self::Refused(cause) => format!("refused: {cause}"),
        }
    }
}

const FIRST_PAUSE: Duration = Duration::from_millis(500);
const LONGEST_PAUSE: Duration = Duration::from_secs(60);
/// How long the carrier may take to let us in.
const SIGNING_IN: Duration = Duration::from_secs(15);

/// A line's task.
pub(super) struct Task {
    pub(super) settings: Arc<LineSettings>,
    pub(super) store: Store,
    pub(super) outbox: Outbox,
    pub(super) inbox: Inbox,
    pub(super) state: watch::Sender<State>,
}

/// Why the carrier did not let us in.
#[derive(Debug, thiserror::Error)]
pub enum SignInError {
    /// It cannot be reached.
    #[error("{0}")]
    Unreachable(#[from] io::Error),
    /// It does not answer.
    #[error("it does not answer")]
    Silent,
    /// It does not want us.
    #[error("{0}")]
    Refused(String),
    /// A setting does not fit into SMPP.
    #[error("system_id, password or system_type is too long")]
    Settings,
}

impl Task {
    pub(super) async fn run(
        self,
        mut submissions: mpsc::Receiver<Submission>,
        mut stop: watch::Receiver<bool>,
    ) {
        let mut pause = FIRST_PAUSE;
        loop {
            let signing = tokio::select! {
                signed = sign_in(&self.settings) => signed,
                () = give_back(&mut submissions) => return,
                () = told_to_stop(&mut stop) => return,
            };
            match signing {
                Ok((reader, writer)) => {
                    pause = FIRST_PAUSE;
                    if self.work(reader, writer, &mut submissions, &mut stop).await {
                        return;
                    }
                }
                Err(error) => self.is_outside(&error).await,
            }
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                () = give_back(&mut submissions) => return,
                () = told_to_stop(&mut stop) => return,
            }
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    async fn is_outside(&self, error: &SignInError) {
        tracing::warn!(line = self.settings.name, %error, "the carrier does not let us in");
        let cause = error.to_string();
        self.is(match error {
            SignInError::Refused(_) | SignInError::Settings => State::Refused(cause),
            SignInError::Unreachable(_) | SignInError::Silent => State::Away(cause),
        })
        .await;
    }

    /// True when it was told to stop.
    async fn work(
        &self,
        reader: Reader,
        writer: Writer,
        submissions: &mut mpsc::Receiver<Submission>,
        stop: &mut watch::Receiver<bool>,
    ) -> bool {
        let ending = match self.inbox.owed(&self.settings.name).await {
            Ok(owed) => {
                tracing::info!(line = self.settings.name, "signed in at the carrier");
                self.is(State::Bound).await;
                let session = Session {
                    settings: Arc::clone(&self.settings),
                    store: self.store.clone(),
                    outbox: self.outbox.clone(),
                    inbox: self.inbox.clone(),
                    writer,
                    // The sign-in had the first number.
                    sequence: 1,
                    waiting: BTreeMap::new(),
                    asked: None,
                    answered: VecDeque::new(),
                    owed,
                    heard: Instant::now(),
                };
                session.run(reader, submissions, stop).await
            }
            Err(error) => Ending::Store(error),
        };
        self.is(State::Away(ending.to_string())).await;
        if matches!(ending, Ending::Stopped) {
            return true;
        }
        tracing::warn!(line = self.settings.name, error = %ending, "the line to the carrier ended");
        false
    }

    async fn is(&self, state: State) {
        let is_bound = state.is_bound();
        self.state.send_replace(state);
        if let Err(error) = self.outbox.hears(&self.settings.name, is_bound).await {
            tracing::error!(line = self.settings.name, %error, "a line's return cannot be noted");
        }
        self.outbox.wake();
    }
}

/// What is not written goes back to the queue; ends when nobody can ask any more.
async fn give_back(submissions: &mut mpsc::Receiver<Submission>) {
    while submissions.recv().await.is_some() {}
}

/// Signs in once and leaves again: does the carrier take us?
///
/// # Errors
/// Why not.
pub async fn try_out(settings: &LineSettings) -> Result<(), SignInError> {
    let (_, mut writer) = sign_in(settings).await?;
    Ok(writer.write(0, 2, Pdu::Unbind).await?)
}

async fn sign_in(settings: &LineSettings) -> Result<(Reader, Writer), SignInError> {
    let stream = tls::connect(&settings.address, settings.host(), settings.trust.as_ref()).await?;
    let (mut reader, mut writer) = wire::halves(stream);
    let bind = BindTransceiver::builder()
        .system_id(settings.system_id.parse().map_err(|_| SignInError::Settings)?)
        .password(settings.password.parse().map_err(|_| SignInError::Settings)?)
        .system_type(settings.system_type.parse().map_err(|_| SignInError::Settings)?)
        .interface_version(match settings.version {
            Version::ThreeFour => InterfaceVersion::Smpp3_4,
            Version::Five => InterfaceVersion::Smpp5_0,
        })
        .build();
    writer.write(0, 1, Pdu::BindTransceiver(bind)).await?;
    let answer = timeout(SIGNING_IN, async {
        loop {
            let frame = reader.frame().await?;
            if frame.sequence == 1 && frame.id & id::ANSWER != 0 {
                return Ok::<_, io::Error>(frame);
            }
        }
    });
    let answer = answer.await.map_err(|_| SignInError::Silent)??;
    match answer.status {
        0 if answer.id != id::GENERIC_NACK => Ok((reader, writer)),
        status => Err(SignInError::Refused(refusal::sentence(status))),
    }
}
