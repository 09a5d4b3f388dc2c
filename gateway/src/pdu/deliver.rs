//! DELIVER: a text that came from the network (3GPP TS 23.040 section 9.2.2.1).

use super::address::Address;
use super::coding::Coding;
use super::header::Header;
use super::reader::Reader;
use super::text::{self, Content};
use super::timestamp::Timestamp;
use super::{MULTIMEDIA_PORT, PduError};

/// A text somebody sent us.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deliver {
    /// The service centre, when the modem says which.
    pub centre: Option<Address>,
    /// Who sent it.
    pub sender: Address,
    /// TP-PID.
    pub protocol: u8,
    /// How it is coded.
    pub coding: Coding,
    /// When the service centre got it; `None` when that is nonsense.
    pub time: Option<Timestamp>,
    /// The header.
    pub header: Header,
    /// What it says.
    pub content: Content,
    /// The user data as it came, to recognise the same text again.
    pub raw: Vec<u8>,
}

pub(super) fn decode(
    centre: Option<Address>,
    first: u8,
    mut reader: Reader<'_>,
) -> Result<Deliver, PduError> {
    let sender = Address::decode(&mut reader)?;
    let protocol = reader.byte()?;
    let coding = Coding::decode(reader.byte()?);
    let time = Timestamp::decode(reader.take(7)?);
    let length = reader.byte()?;
    let raw = reader.rest().to_owned();
    let (header, content) = text::decode(&raw, length, first & 0x40 != 0, coding);
    Ok(Deliver { centre, sender, protocol, coding, time, header, content, raw })
}

impl Deliver {
    /// It only says that a multimedia message waits somewhere.
    pub fn is_multimedia_notification(&self) -> bool {
        self.header.ports().is_some_and(|ports| ports.destination == MULTIMEDIA_PORT)
    }

    /// It is for an application or a voice mail lamp, not for a person to read.
    pub fn is_readable(&self) -> bool {
        !matches!(self.content, Content::Data(_)) && self.header.ports().is_none()
    }
}
