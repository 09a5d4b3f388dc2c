//! How a modem is, in words an administrator can act on.

use crate::at::FinalResult;

/// How a modem is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum State {
    /// Its port is not there or belongs to another program.
    #[default]
    Unplugged,
    /// Being made ready.
    Starting,
    /// There is no SIM in it.
    NoSim,
    /// The SIM wants a PIN and none is set.
    PinMissing,
    /// The PIN that is set was refused; it is not tried again.
    PinRefused,
    /// The SIM wants its PUK.
    SimLocked,
    /// Looking for a network.
    Searching,
    /// The network does not want it.
    Denied,
    /// Can send.
    Ready,
    /// Does not answer, and is being brought back.
    Silent,
    /// Answers, but cannot work: what it said.
    OutOfService(FinalResult),
}

/// What a modem is called by its maker and its network.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Identity {
    /// Maker and model.
    pub model: String,
    /// The modem's number.
    pub imei: Option<String>,
    /// The SIM's number.
    pub imsi: Option<String>,
    /// The network.
    pub operator: Option<String>,
    /// The service centre the SIM knows.
    pub service_centre: Option<String>,
}

/// All that is known about a modem.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Status {
    /// How it is.
    pub state: State,
    /// Why it is not plugged in, in the system's words.
    pub cause: Option<String>,
    /// Who it is.
    pub identity: Identity,
    /// Decibels against a milliwatt.
    pub signal: Option<i16>,
    /// How often it was brought back after it had worked.
    pub recoveries: u32,
}

impl State {
    /// It can send.
    pub fn is_ready(self) -> bool {
        self == Self::Ready
    }

    /// What an administrator should do, in a plain sentence.
    pub fn advice(self) -> &'static str {
        match self {
            Self::Unplugged => "Plug the modem in, and see that no other program uses its port.",
            Self::Starting => "Wait a moment.",
            Self::NoSim => "Put a SIM card in.",
            Self::PinMissing => "Write the SIM's PIN into the settings.",
            Self::PinRefused => {
                "The SIM refused the PIN in the settings. It will not be tried again: correct it before \
                 three wrong ones lock the card."
            }
            Self::SimLocked => "The SIM is locked. Unlock it with its PUK in a phone.",
            Self::Searching => "No network yet: look at the antenna and where the modem stands.",
            Self::Denied => "The network refuses this SIM. Ask the operator whether it is active.",
            Self::Ready => "Nothing: it works.",
            Self::Silent => "The modem does not answer and is being brought back. If it stays so, unplug it.",
            Self::OutOfService(_) => "The SIM or modem says it cannot work. Try the SIM in a phone.",
        }
    }
}
