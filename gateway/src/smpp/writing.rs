//! A text as the messages that a carrier takes: our own parts, a header before each, septets in bytes of their
//! own or UCS2.

use std::time::Duration;

use rusmpp::pdus::SubmitSm;
use rusmpp::types::{COctetString, EmptyOrFullCOctetString, OctetString};
use rusmpp::values::{DataCoding, EsmClass, Npi, RegisteredDelivery, Ton};

use super::settings::{CarrierAlphabet, LineSettings};
use crate::pdu::{Concatenation, Element, Header, Part, TextEncoding, split_with};

/// Why a text cannot be written for the carrier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum WriteError {
    #[error("the number or sender is too long for SMPP")]
    Address,
    #[error("a part is too long for SMPP")]
    Part,
}

/// A header is before the text.
const HAS_HEADER: u8 = 0x40;
/// A receipt for success and failure is wanted.
const WITH_RECEIPT: u8 = 0x01;
const UCS2: u8 = 0x08;
/// Shown at once and not kept: class 0 of the general group.
const FLASH: u8 = 0x10;

/// What is to be written.
pub(super) struct Letter<'a> {
    pub(super) number: &'a str,
    pub(super) body: &'a str,
    /// Shared by all parts.
    pub(super) reference: u8,
    pub(super) is_flash: bool,
    pub(super) validity: Duration,
}

/// All messages of a text. They are made alike every time, so that a part sent again is the same part.
pub(super) fn messages(line: &LineSettings, letter: &Letter<'_>) -> Result<Vec<SubmitSm>, WriteError> {
    // The carrier's own alphabet is used where it is certain; all else goes as UCS2.
    let is_plain = |character: char| match line.alphabet {
        CarrierAlphabet::Gsm => true,
        CarrierAlphabet::Latin1 => character.is_ascii_graphic() || matches!(character, ' ' | '\n' | '\r'),
    };
    let split = split_with(letter.body, is_plain);
    split.parts.iter().map(|part| message(line, letter, part, split.encoding)).collect()
}

fn message(
    line: &LineSettings,
    letter: &Letter<'_>,
    part: &Part,
    encoding: TextEncoding,
) -> Result<SubmitSm, WriteError> {
    let mut bytes = part.place.map_or_else(Vec::new, |(number, total)| {
        let place = Concatenation { reference: letter.reference.into(), is_wide: false, total, number };
        Header(vec![Element::Concatenation(place)]).encode()
    });
    let class = if bytes.is_empty() { 0 } else { HAS_HEADER };
    bytes.extend(match line.alphabet {
        CarrierAlphabet::Latin1 if encoding == TextEncoding::SevenBit => {
            part.content.text().unwrap_or_default().into_bytes()
        }
        CarrierAlphabet::Gsm | CarrierAlphabet::Latin1 => part.octets(),
    });
    let alphabet = if encoding == TextEncoding::Ucs2 { UCS2 } else { 0 };
    let coding = if letter.is_flash { alphabet | FLASH } else { alphabet };
    let (ton, npi, number) = kind_of(letter.number);
    let (sender_ton, sender_npi, sender) = kind_of(&line.sender);
    let address = |text: &str| text.parse::<COctetString<1, 21>>().map_err(|_| WriteError::Address);
    Ok(SubmitSm::builder()
        .source_addr_ton(sender_ton)
        .source_addr_npi(sender_npi)
        .source_addr(address(sender)?)
        .dest_addr_ton(ton)
        .dest_addr_npi(npi)
        .destination_addr(address(number)?)
        .esm_class(EsmClass::from(class))
        .validity_period(period(letter.validity))
        .registered_delivery(RegisteredDelivery::from(WITH_RECEIPT))
        .data_coding(DataCoding::from(coding))
        .short_message(OctetString::from_vec(bytes).map_err(|_| WriteError::Part)?)
        .build())
}

/// How an address is to be understood, and its digits or letters (sections 4.7.1 and 4.7.2).
fn kind_of(address: &str) -> (Ton, Npi, &str) {
    match address.strip_prefix('+') {
        Some(digits) => (Ton::International, Npi::Isdn, digits),
        None if address.is_empty() => (Ton::Unknown, Npi::Unknown, address),
        None if address.bytes().all(|byte| byte.is_ascii_digit()) => (Ton::Unknown, Npi::Isdn, address),
        None => (Ton::Alphanumeric, Npi::Unknown, address),
    }
}

/// The relative form of a time (section 4.7.23.5.2): days, hours, minutes and seconds.
fn period(time: Duration) -> EmptyOrFullCOctetString<17> {
    const MOST: u64 = 28 * 86_400;
    let seconds = time.as_secs().clamp(60, MOST);
    let (days, rest) = (seconds / 86_400, seconds % 86_400);
    let text = format!("0000{days:02}{:02}{:02}{:02}000R\0", rest / 3_600, rest % 3_600 / 60, rest % 60);
    EmptyOrFullCOctetString::from_vec(text.into_bytes()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Letter, messages, period};
    use crate::smpp::settings::tests::line;

    fn bytes(body: &str) -> Vec<(u8, u8, Vec<u8>)> {
        let letter = Letter {
            number: "+8613800000001",
            body,
            reference: 0x2a,
            is_flash: false,
            validity: Duration::from_secs(90_061),
        };
        messages(&line(), &letter)
            .unwrap()
            .into_iter()
            .map(|it| (it.esm_class.into(), it.data_coding.into(), it.short_message().to_vec()))
            .collect()
    }

    #[test]
    fn plain_letters_go_as_septets_in_bytes() {
        assert_eq!(bytes("hi @€"), [(0, 0, vec![b'h', b'i', b' ', 0x00, 0x1b, 0x65])]);
    }

    #[test]
    fn a_long_chinese_text_goes_in_parts_with_headers_and_no_emoji_is_cut() {
        let text = "会议改到下午3点😀".repeat(12);
        let parts = bytes(&text);
        assert_eq!(parts.len(), 2);
        let units: Vec<u16> = parts
            .iter()
            .zip(1_u8..)
            .flat_map(|((class, coding, bytes), number)| {
                assert_eq!((*class, *coding, &bytes[..6]), (0x40, 8, &[5, 0, 3, 0x2a, 2, number][..]));
                assert!(bytes.len() <= 140);
                let text = String::from_utf16(
                    &bytes[6..].chunks(2).map(|it| u16::from_be_bytes([it[0], it[1]])).collect::<Vec<_>>(),
                );
                text.expect("whole characters").encode_utf16().collect::<Vec<_>>()
            })
            .collect();
        assert_eq!(String::from_utf16(&units).unwrap(), text);
    }

    #[test]
    fn a_validity_is_written_as_the_standard_has_it() {
        assert_eq!(period(Duration::from_secs(90_061)).as_str(), "000001010101000R");
    }
}
