//! What can go wrong with a modem.

use std::time::Duration;

/// One mishap.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The network takes the text, the modem never says so.
    LoseResultOfSent,
    /// The network does not get the text and the modem says nothing.
    LoseText,
    /// `+CMS ERROR` with this number.
    Refuse(u16),
    /// It says nothing and does nothing for a while; what it is told waits.
    Hang(Duration),
    /// Somebody pulls it out and puts it in again after a while.
    Unplug(Duration),
    /// Its firmware starts anew and forgets all settings.
    Restart,
    /// Nothing goes wrong with this one.
    None,
}

/// How a modem behaves all the time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Habits {
    /// The network's time for a text.
    pub network_time: Duration,
    /// Time from a text to its report.
    pub report_time: Duration,
    /// Makers' notices inside answers.
    pub is_noisy: bool,
    /// Bytes that are no ASCII inside every second answer.
    pub has_garbage: bool,
    /// Answers come in pieces of so many bytes.
    pub piece: Option<usize>,
    /// With a full memory it does not send either.
    pub full_blocks_sending: bool,
    /// Echo cannot be switched off.
    pub always_echoes: bool,
}
