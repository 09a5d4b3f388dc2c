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
    /// It hears nothing but `AT+CFUN=1,1`, and comes back when it has heard that so often.
    Deaf(u8),
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
    /// Reports lie in a memory of their own, `SR`.
    pub has_report_memory: bool,
    /// Texts of class 0, which it always hands over at once, are stored as well.
    pub keeps_flash: bool,
}

impl Habits {
    /// Nothing is out of the ordinary.
    pub const CALM: Self = Self {
        network_time: Duration::ZERO,
        report_time: Duration::ZERO,
        is_noisy: false,
        has_garbage: false,
        piece: None,
        full_blocks_sending: false,
        always_echoes: false,
        has_report_memory: false,
        keeps_flash: false,
    };
}
