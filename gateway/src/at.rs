//! AT commands as modems speak them (3GPP TS 27.005 and 27.007): bytes in, events out. No ports, no clock; a
//! time-out is something the caller says.

pub mod answers;
mod command;
mod dialogue;
mod lines;
mod parameters;
mod unsolicited;

pub use command::{Command, Form, Patience};
pub use dialogue::{Dialogue, Event};
pub use lines::{LineAssembler, Received};
pub use unsolicited::Unsolicited;

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FinalResult {
    /// `OK`.
    Ok,
    /// `ERROR` without a reason.
    Error,
    /// `+CMS ERROR`: the message service, numbers of TS 27.005 section 3.2.5.
    Cms(u16),
    /// `+CME ERROR`: the equipment, numbers of TS 27.007 section 9.2.
    Cme(u16),
}

impl FinalResult {
    /// The result a line stands for; `None` for any other line.
    pub fn of_line(line: &str) -> Option<Self> {
        match line {
            "OK" | "0" => return Some(Self::Ok),
            "ERROR" | "4" | "COMMAND NOT SUPPORT" | "TOO MANY PARAMETERS" => return Some(Self::Error),
            _ => {}
        }
        // Reasons in words come from modems with CMEE=2: they have no number.
        let number = |text: &str| text.trim().parse().unwrap_or(u16::MAX);
        if let Some(reason) = line.strip_prefix("+CMS ERROR:") {
            return Some(Self::Cms(number(reason)));
        }
        line.strip_prefix("+CME ERROR:").map(|reason| Self::Cme(number(reason)))
    }
}

/// A command's whole answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// The lines before the result.
    pub lines: Vec<String>,
    /// How it ended.
    pub result: FinalResult,
}

impl Reply {
    /// It ended with `OK`.
    pub fn is_ok(&self) -> bool {
        self.result == FinalResult::Ok
    }
}
