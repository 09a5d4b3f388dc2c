//! What a modem hands over: texts and reports, told apart by their type.

use super::PduError;
use super::address::Address;
use super::deliver::{self, Deliver};
use super::hexadecimal;
use super::reader::Reader;
use super::status_report::{self, StatusReport};

/// A PDU from the network.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Incoming {
    /// A text.
    Deliver(Deliver),
    /// What became of a text of ours.
    StatusReport(StatusReport),
}

/// Reads the digits of `+CMT`, `+CDS`, `+CMGL` or `+CMGR`: service centre in front, then the TPDU.
///
/// # Errors
/// It is nothing that comes from the network, or ends too early.
pub fn decode_incoming(digits: &str) -> Result<Incoming, PduError> {
    read(&hexadecimal::decode(digits)?)
}

pub(super) fn read(bytes: &[u8]) -> Result<Incoming, PduError> {
    let mut reader = Reader::new(bytes);
    let centre = Address::decode_centre(&mut reader)?;
    let first = reader.byte()?;
    match first & 0x03 {
        // The reserved type is read like a text (section 9.2.3.1).
        0b00 | 0b11 => deliver::decode(centre, first, reader).map(Incoming::Deliver),
        0b10 => status_report::decode(centre, reader).map(Incoming::StatusReport),
        other => Err(PduError::MessageType(other)),
    }
}

#[cfg(test)]
mod tests {
    use super::{Incoming, decode_incoming};
    use crate::pdu::{AddressKind, Content, Deliver};

    fn text(digits: &str) -> Deliver {
        match decode_incoming(&digits.replace(' ', "")) {
            Ok(Incoming::Deliver(deliver)) => deliver,
            other => panic!("no text: {other:?}"),
        }
    }

    #[test]
    fn the_best_known_text_of_all_is_read() {
        let deliver = text("07911326040000F0040B911346610089F60000208062917314080CC8F71D14969741F977FD07");
        assert_eq!(deliver.sender.to_string(), "+31641600986");
        assert_eq!(deliver.centre.unwrap().to_string(), "+31624000000");
        assert_eq!(deliver.content, Content::Text("How are you?".to_owned()));
    }

    #[test]
    fn a_turkish_locking_shift_is_obeyed() {
        // Header 25 01 01 (4 bytes with its length: 5 septets), then the septet 0x0b.
        let deliver = text("00 40 05 81 2143F5 00 00 62117200000000 06 03250101 5800");
        assert_eq!(deliver.content, Content::Text("Ğ".to_owned()));
    }

    #[test]
    fn a_multimedia_notification_is_told_apart() {
        let deliver = text("00 40 05 81 2143F5 00 04 62117200000000 09 06 0504 0B84 23F0 0102");
        assert!(deliver.is_multimedia_notification() && !deliver.is_readable());
        assert_eq!(deliver.content, Content::Data(vec![1, 2]));
    }

    #[test]
    fn a_name_as_sender_is_text() {
        let deliver = text("00 04 10 D0 D0F79B8E7EBBE765 00 00 62117200000000 02 E834");
        assert_eq!(deliver.sender.kind(), AddressKind::Alphanumeric);
        assert_eq!(deliver.content, Content::Text("hi".to_owned()));
    }

    #[test]
    fn less_data_than_announced_is_read_as_far_as_it_goes() {
        let deliver = text("00 04 05 81 2143F5 00 08 62117200000000 08 60A8597D");
        assert_eq!(deliver.content.text().unwrap(), "您好");
    }
}
