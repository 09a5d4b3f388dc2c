//! SUBMIT: a text on its way to the network (3GPP TS 23.040 section 9.2.2.2).

use std::time::Duration;

use super::PduError;
use super::address::Address;
use super::coding::{Alphabet, Class, Coding};
use super::header::{Element, Header};
use super::hexadecimal;
use super::reader::Reader;
use super::septets;
use super::split::{Part, References};
use super::text::{self, Content};
use super::validity::{self, Validity};

/// A text to send, or one read by the far end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Submit {
    /// TP-MR; modems put their own in.
    pub reference: u8,
    /// To whom.
    pub destination: Address,
    /// TP-PID; 0 is an ordinary text.
    pub protocol: u8,
    /// How it is coded.
    pub coding: Coding,
    /// How long it may be under way; the network's own limit when `None`.
    pub validity: Option<Validity>,
    /// The network is asked for a status report.
    pub wants_report: bool,
    /// The service centre is to refuse a second one alike.
    pub rejects_duplicates: bool,
    /// The header.
    pub header: Header,
    /// What it says.
    pub content: Content,
    /// The user data on the wire behind the header, and its length as it counts.
    body: (Vec<u8>, u8),
}

/// A PDU as a modem wants it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModemPdu {
    /// The digits.
    pub digits: String,
    /// Bytes without the service centre: the number behind `AT+CMGS=`.
    pub length: usize,
}

const MESSAGE_TYPE: u8 = 0b01;
const MOST_SEPTETS: usize = 160;
const MOST_BYTES: usize = 140;

impl Submit {
    /// One part of a text. `reference` numbers the whole text; its width is that of `references`.
    ///
    /// # Errors
    /// The part does not fit: it comes from a split with another width.
    pub fn part(
        destination: Address,
        part: &Part,
        references: References,
        reference: u16,
        class: Option<Class>,
    ) -> Result<Self, PduError> {
        let header = match part.place {
            None => Header::default(),
            Some((number, total)) => {
                Header(vec![Element::Concatenation(references.place(reference, total, number))])
            }
        };
        let header_bytes = header.encode().len();
        let (alphabet, content, body) = match &part.content {
            Content::Text(written) => {
                let units = part.septets();
                let length = (header_bytes * 8).div_ceil(7) + units.len();
                let packed = septets::pack(&units, septets::fill_behind(header_bytes));
                (Alphabet::Default, Content::Text(written.clone()), limited(packed, length, MOST_SEPTETS)?)
            }
            Content::Units(units) => {
                let bytes: Vec<u8> = units.iter().flat_map(|unit| unit.to_be_bytes()).collect();
                let length = header_bytes + bytes.len();
                (Alphabet::Ucs2, Content::Units(units.clone()), limited(bytes, length, MOST_BYTES)?)
            }
            Content::Data(bytes) => {
                let length = header_bytes + bytes.len();
                (Alphabet::Data, Content::Data(bytes.clone()), limited(bytes.clone(), length, MOST_BYTES)?)
            }
        };
        Ok(Self {
            reference: 0,
            destination,
            protocol: 0,
            coding: Coding { class, ..Coding::plain(alphabet) },
            validity: None,
            wants_report: false,
            rejects_duplicates: false,
            header,
            content,
            body,
        })
    }

    /// With a limit to the time it may be under way.
    #[must_use]
    pub fn valid_for(mut self, time: Duration) -> Self {
        self.validity = Some(Validity::Relative(time));
        self
    }

    /// With a status report.
    #[must_use]
    pub fn with_report(mut self) -> Self {
        self.wants_report = true;
        self
    }

    /// The TPDU in the form for `AT+CMGS`, sent through the service centre the SIM knows or this one.
    ///
    /// # Errors
    /// An address is no number.
    pub fn to_modem(&self, centre: Option<&Address>) -> Result<ModemPdu, PduError> {
        let mut bytes = Vec::new();
        match centre {
            None => bytes.push(0),
            Some(centre) => centre.encode_centre(&mut bytes)?,
        }
        let centre_bytes = bytes.len();
        self.encode(&mut bytes)?;
        Ok(ModemPdu { digits: hexadecimal::encode(&bytes), length: bytes.len() - centre_bytes })
    }

    fn encode(&self, bytes: &mut Vec<u8>) -> Result<(), PduError> {
        let relative = match self.validity {
            Some(Validity::Relative(time)) => Some(validity::encode_relative(time)),
            Some(Validity::Absolute(_) | Validity::Enhanced(_)) | None => None,
        };
        let header = self.header.encode();
        let flag = |is_set: bool, bit: u8| if is_set { bit } else { 0 };
        bytes.push(
            MESSAGE_TYPE
                | flag(self.rejects_duplicates, 0x04)
                | flag(relative.is_some(), 0x10)
                | flag(self.wants_report, 0x20)
                | flag(!header.is_empty(), 0x40),
        );
        bytes.push(self.reference);
        self.destination.encode(bytes)?;
        bytes.push(self.protocol);
        bytes.push(self.coding.encode());
        bytes.extend(relative);
        bytes.push(self.body.1);
        bytes.extend(header);
        bytes.extend_from_slice(&self.body.0);
        Ok(())
    }

    /// Reads what a modem was given: service centre in front, then the TPDU.
    ///
    /// # Errors
    /// It is no SUBMIT or ends too early.
    pub fn from_modem(digits: &str) -> Result<Self, PduError> {
        let bytes = hexadecimal::decode(digits)?;
        let mut reader = Reader::new(&bytes);
        Address::decode_centre(&mut reader)?;
        let first = reader.byte()?;
        if first & 0x03 != MESSAGE_TYPE {
            return Err(PduError::MessageType(first & 0x03));
        }
        let reference = reader.byte()?;
        let destination = Address::decode(&mut reader)?;
        let protocol = reader.byte()?;
        let coding = Coding::decode(reader.byte()?);
        let validity = validity::decode(&mut reader, (first >> 3) & 0x03)?;
        let length = reader.byte()?;
        let has_header = first & 0x40 != 0;
        let (header, content) = text::decode(reader.rest(), length, has_header, coding);
        let header_bytes = if has_header { header.encode().len() } else { 0 };
        let body = reader.rest().get(header_bytes..).unwrap_or_default().to_owned();
        Ok(Self {
            reference,
            destination,
            protocol,
            coding,
            validity,
            wants_report: first & 0x20 != 0,
            rejects_duplicates: first & 0x04 != 0,
            header,
            content,
            body: (body, length),
        })
    }
}

fn limited(body: Vec<u8>, length: usize, most: usize) -> Result<(Vec<u8>, u8), PduError> {
    match u8::try_from(length) {
        Ok(counted) if length <= most => Ok((body, counted)),
        _ => Err(PduError::TooLong),
    }
}

#[cfg(test)]
mod tests;
