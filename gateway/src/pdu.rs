//! The SMS transfer layer as modems speak it in PDU mode (3GPP TS 23.040 and 23.038): bytes and values, no
//! input, no output, no clock. Nothing in here can panic on what comes from the air.

mod address;
mod alphabet;
mod coding;
mod deliver;
mod header;
mod hexadecimal;
mod incoming;
mod reader;
mod septets;
mod shift_tables;
mod split;
mod status_report;
mod submit;
mod text;
mod timestamp;
mod validity;

#[cfg(test)]
mod properties;

pub use address::{Address, AddressKind};
pub use coding::{Alphabet, Class, Coding};
pub use deliver::Deliver;
pub use header::{Concatenation, Element, Header, Ports};
pub use incoming::{Incoming, decode_incoming};
pub use shift_tables::Language;
pub(crate) use split::split_with;
pub use split::{Count, Part, References, Split, TextEncoding, count, split};
pub use status_report::{Outcome, StatusReport};
pub use submit::{ModemPdu, Submit};
pub use text::{Content, join};
pub use timestamp::Timestamp;
pub use validity::Validity;

/// Septets with a byte each, as carriers hand them over.
pub(crate) fn text_of_septets(septets: &[u8]) -> String {
    alphabet::text_of(septets, None, None)
}

/// Why a PDU cannot be read or written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PduError {
    /// A character that is no hexadecimal digit, or an odd number of them.
    #[error("not hexadecimal")]
    NotHexadecimal,
    /// It ends before all its fields.
    #[error("too short")]
    TooShort,
    /// Nothing a modem receives (TP-MTI).
    #[error("message type {0} is not for us")]
    MessageType(u8),
    /// A phone number with something else in it, or too long.
    #[error("not a phone number")]
    Number,
    /// More than fits into one message.
    #[error("the text does not fit into one message")]
    TooLong,
}

/// Multimedia messages announce themselves to this port (WAP push).
const MULTIMEDIA_PORT: u16 = 2_948;
