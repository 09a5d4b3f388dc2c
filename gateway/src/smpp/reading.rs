//! What a carrier hands over (DELIVER_SM, and DATA_SM with some): receipts, and texts of phones, whole or in parts.

use rusmpp::Pdu;
use rusmpp::tlvs::{Tlv, TlvValue};
use rusmpp::values::Ton;

use super::receipt::{self, Receipt};
use super::settings::CarrierAlphabet;
use crate::inbox::{Letter, Piece};
use crate::pdu::{Alphabet, Coding, Content, Header, text_of_septets};

/// What a frame from the carrier is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Arrival {
    /// A receipt, and the phone it is about.
    Receipt(Receipt, String),
    /// A text.
    Text(Letter),
    /// Something that wants no more than an answer.
    Nothing,
}

/// Message types of `esm_class` (section 4.7.12).
const RECEIPT: u8 = 0x04;
const INTERMEDIATE: u8 = 0x20;
const TYPES: u8 = 0x3c;
const HAS_HEADER: u8 = 0x40;

/// What both commands that hand something over have.
struct Handed<'a> {
    sender: &'a str,
    kind: Ton,
    class: u8,
    coding: u8,
    short: &'a [u8],
    parameters: &'a [Tlv],
}

/// `None` when it is nothing a carrier hands over.
pub(super) fn read(pdu: &Pdu, alphabet: CarrierAlphabet) -> Option<Arrival> {
    let handed = match pdu {
        Pdu::DeliverSm(deliver) => Handed {
            sender: deliver.source_addr.as_str(),
            kind: deliver.source_addr_ton,
            class: deliver.esm_class.into(),
            coding: deliver.data_coding.into(),
            short: deliver.short_message().as_ref(),
            parameters: deliver.tlvs(),
        },
        // Its text stands in a parameter always (SMPP 5.0 section 4.2.2.1).
        Pdu::DataSm(data) => Handed {
            sender: data.source_addr.as_str(),
            kind: data.source_addr_ton,
            class: data.esm_class.into(),
            coding: data.data_coding.into(),
            short: &[],
            parameters: data.tlvs(),
        },
        _ => return None,
    };
    let phone = phone(&handed);
    let bytes = payload(&handed);
    match handed.class & TYPES {
        RECEIPT => Some(match receipt(&handed, &bytes) {
            Some(receipt) => Arrival::Receipt(receipt, phone),
            None => Arrival::Nothing,
        }),
        INTERMEDIATE => Some(Arrival::Nothing),
        _ => Some(Arrival::Text(text(&handed, phone, bytes, alphabet))),
    }
}

/// The sender, as numbers are written everywhere here.
fn phone(handed: &Handed<'_>) -> String {
    let digits = handed.sender;
    let is_bare = handed.kind == Ton::International && !digits.starts_with('+');
    if is_bare { format!("+{digits}") } else { digits.to_owned() }
}

/// A long text stands in a parameter of its own (section 4.8.4.36).
fn payload(handed: &Handed<'_>) -> Vec<u8> {
    let long = values(handed).find_map(|value| match value {
        TlvValue::MessagePayload(payload) => Some(payload.value.to_vec()),
        _ => None,
    });
    long.unwrap_or_else(|| handed.short.to_vec())
}

fn values<'a>(handed: &Handed<'a>) -> impl Iterator<Item = &'a TlvValue> {
    handed.parameters.iter().filter_map(|parameter| parameter.value())
}

fn receipt(handed: &Handed<'_>, bytes: &[u8]) -> Option<Receipt> {
    let said = receipt::of_text(&String::from_utf8_lossy(bytes));
    let id = values(handed).find_map(|value| match value {
        TlvValue::ReceiptedMessageId(id) => Some(id.as_str().to_owned()),
        _ => None,
    });
    let state = values(handed).find_map(|value| match value {
        TlvValue::MessageState(state) => Some(u8::from(*state)),
        _ => None,
    });
    let stamp = said.as_ref().map(|said| said.stamp).unwrap_or_default();
    let state = match state {
        Some(state) => receipt::of_number(state),
        None => said.as_ref().and_then(|said| said.state),
    };
    let id = id.or_else(|| said.map(|said| said.id))?;
    Some(Receipt { id, state, stamp })
}

fn text(handed: &Handed<'_>, sender: String, bytes: Vec<u8>, alphabet: CarrierAlphabet) -> Letter {
    let has_header = handed.class & HAS_HEADER != 0;
    let (header, body) = if has_header { header(&bytes) } else { (Header::default(), bytes.as_slice()) };
    let content = content(handed.coding, body, alphabet);
    let piece = match header.concatenation() {
        Some(place) if place.total > 1 => Some(Piece {
            reference: i64::from(place.reference) + if place.is_wide { 0x1_0000 } else { 0 },
            total: place.total,
            number: place.number,
        }),
        Some(_) | None => sar(handed),
    };
    Letter { sender, piece, is_for_an_application: header.ports().is_some(), content, raw: bytes }
}

fn header(bytes: &[u8]) -> (Header, &[u8]) {
    let Some((length, rest)) = bytes.split_first() else { return (Header::default(), bytes) };
    match rest.split_at_checked(usize::from(*length)) {
        Some((header, body)) => (Header::decode(header), body),
        None => (Header::default(), bytes),
    }
}

/// Some carriers tell a part's place in parameters (sections 4.8.4.49 to 51).
fn sar(handed: &Handed<'_>) -> Option<Piece> {
    let (mut reference, mut total, mut number) = (None, None, None);
    for value in values(handed) {
        match value {
            TlvValue::SarMsgRefNum(it) => reference = Some(*it),
            TlvValue::SarTotalSegments(it) => total = Some(*it),
            TlvValue::SarSegmentSeqnum(it) => number = Some(*it),
            _ => {}
        }
    }
    let (reference, total, number) = (reference?, total?, number?);
    let is_part = total > 1 && (1..=total).contains(&number);
    is_part.then(|| Piece { reference: i64::from(reference) + 0x2_0000, total, number })
}

/// The meanings of `data_coding` (section 4.7.7); from 0xC0 on those of GSM.
fn content(coding: u8, body: &[u8], alphabet: CarrierAlphabet) -> Content {
    let latin = || Content::Text(body.iter().copied().map(char::from).collect());
    let gsm = || match alphabet {
        CarrierAlphabet::Gsm => Content::Text(text_of_septets(body)),
        CarrierAlphabet::Latin1 => latin(),
    };
    match coding {
        0x00 | 0x10..=0x13 => gsm(),
        0x01 | 0x03 => latin(),
        0x08 | 0x18..=0x1b => Content::Units(
            body.chunks_exact(2).filter_map(|pair| Some(u16::from_be_bytes(pair.try_into().ok()?))).collect(),
        ),
        0xc0..=0xff if Coding::decode(coding).alphabet == Alphabet::Default => gsm(),
        _ => Content::Data(body.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use rusmpp::Pdu;
    use rusmpp::pdus::DeliverSm;
    use rusmpp::types::{COctetString, OctetString};
    use rusmpp::values::{DataCoding, EsmClass, Ton};

    use bytes::BytesMut;
    use rusmpp::tokio_codec::CommandCodec;
    use tokio_util::codec::Decoder;

    use super::{Arrival, CarrierAlphabet, Content, Letter, read};
    use crate::outbox::PartState;

    /// What is in a DATA_SM with these parameters, laid out by hand (SMPP 5.0 section 4.2.2.1).
    fn data(class: u8, coding: u8, parameters: &[(u16, &[u8])]) -> Arrival {
        let mut body = b"\0\x01\x018613800000001\0\0\x0110690000\0".to_vec();
        body.extend([class, 0, coding]);
        for (tag, value) in parameters {
            body.extend(tag.to_be_bytes());
            body.extend(u16::try_from(value.len()).unwrap().to_be_bytes());
            body.extend(*value);
        }
        let mut frame = BytesMut::new();
        for word in [u32::try_from(body.len()).unwrap() + 16, 0x103, 0, 1] {
            frame.extend_from_slice(&word.to_be_bytes());
        }
        frame.extend_from_slice(&body);
        let command = CommandCodec::new().decode(&mut frame).unwrap().unwrap();
        read(command.pdu().unwrap(), CarrierAlphabet::Gsm).unwrap()
    }

    #[test]
    fn a_receipt_and_a_text_in_a_data_sm_are_read() {
        let Arrival::Receipt(receipt, phone) = data(0x04, 0, &[(0x1e, b"7f3a\0"), (0x0427, &[2])]) else {
            panic!("no receipt")
        };
        assert_eq!((receipt.id.as_str(), receipt.state), ("7f3a", Some(PartState::Delivered)));
        assert_eq!(phone, "+8613800000001");
        let Arrival::Text(letter) = data(0, 8, &[(0x0424, &[0x59, 0x7d])]) else { panic!("no text") };
        assert_eq!(letter.content.text().unwrap(), "好");
    }

    fn letter(class: u8, coding: u8, bytes: &[u8]) -> Letter {
        let deliver = DeliverSm::builder()
            .source_addr_ton(Ton::International)
            .source_addr("8613800000001".parse::<COctetString<1, 21>>().unwrap())
            .esm_class(EsmClass::from(class))
            .data_coding(DataCoding::from(coding))
            .short_message(OctetString::from_slice(bytes).unwrap())
            .build();
        match read(&Pdu::DeliverSm(deliver), CarrierAlphabet::Gsm) {
            Some(Arrival::Text(letter)) => letter,
            other => panic!("no text: {other:?}"),
        }
    }

    #[test]
    fn septets_in_bytes_and_units_are_read() {
        let plain = letter(0, 0, &[b'h', b'i', 0x00, 0x1b, 0x65]);
        assert_eq!((plain.sender.as_str(), plain.content), ("+8613800000001", Content::Text("hi@€".into())));
        assert_eq!(letter(0, 8, &[0x59, 0x7d]).content.text().unwrap(), "好");
    }

    #[test]
    fn a_part_names_its_place() {
        let part = letter(0x40, 8, &[5, 0, 3, 9, 2, 1, 0x59, 0x7d]);
        let place = part.piece.unwrap();
        assert_eq!((place.reference, place.total, place.number), (9, 2, 1));
        assert_eq!(part.content.text().unwrap(), "好");
    }

    #[test]
    fn a_header_longer_than_the_text_is_none() {
        assert_eq!(letter(0x40, 0, &[200, 0x41]).piece, None);
    }
}
