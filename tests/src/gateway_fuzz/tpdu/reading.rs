//! Any bytes are read as the second reader reads them, or refused.

use posthouse_gateway::pdu::{
    Content, Deliver, Element, Header, Incoming, Outcome, PduError, StatusReport, Submit, Timestamp,
};

use super::reference::{self, Body, Message};
use super::{Codec, digits_of};
use crate::random_input::{Finding, Randomness, Traits};

pub(super) fn check(bytes: &[u8], codec: Codec) -> Result<Traits, Finding> {
    let digits = digits_of(bytes);
    let expected = reference::read(bytes);
    let (incoming, submitted) = ((codec.incoming)(&digits), (codec.submitted)(&digits));
    let kind = expected.as_ref().map(|message| message.first % 4);
    let differs = |detail: String| {
        let claim = "a PDU is read as a second reader reads it";
        Err(Finding::new(claim, format!("{digits}\n{detail}\n{incoming:?}\n{submitted:?}\n{expected:?}")))
    };
    let outcome = match (&incoming, &submitted, &expected) {
        (Ok(Incoming::Deliver(deliver)), Err(_), Some(message)) if matches!(kind, Some(0 | 3)) => {
            check_deliver(deliver, message)
        }
        (Ok(Incoming::StatusReport(report)), Err(_), Some(message)) if kind == Some(2) => {
            check_report(report, message)
        }
        (Err(_), Ok(submit), Some(message)) if kind == Some(1) => check_submit(submit, message),
        (Err(_), Err(_), None) => Ok(()),
        _ => Err("one of them refuses".to_owned()),
    };
    if let Err(detail) = outcome {
        return differs(detail);
    }
    let shape = match &expected {
        Some(message) => {
            let sort = (message.first & 0x43, message.coding.map(|coding| coding & 0xfc));
            let ids: Vec<u8> = message.header.iter().take(3).map(|(id, _)| *id).collect();
            format!("{sort:?} {ids:?} {:?} {}", message.stamps.first(), bytes.len() / 40)
        }
        None => String::new(),
    };
    let around = Randomness::of(shape.as_bytes()).number();
    let error = incoming.err().filter(|_| submitted.is_err()).map(name);
    Ok(Traits { accepted: usize::from(expected.is_some()), error, around })
}

/// What is not hexadecimal is no PDU.
pub(super) fn check_no_digits(text: &str, codec: Codec) -> Result<Traits, Finding> {
    let refusals = ((codec.incoming)(text).err(), (codec.submitted)(text).err());
    if refusals != (Some(PduError::NotHexadecimal), Some(PduError::NotHexadecimal)) {
        return Err(Finding::new("what is not hexadecimal is no PDU", format!("{text:?}: {refusals:?}")));
    }
    Ok(Traits { accepted: 0, error: Some("not hexadecimal"), around: 0 })
}

fn check_deliver(deliver: &Deliver, message: &Message) -> Result<(), String> {
    same("sender", &deliver.sender.to_string(), &message.address)?;
    same("stamps", &vec![seconds(deliver.time)], &message.stamps)?;
    let wants_port = |(id, value): &(u8, Vec<u8>)| match (id, value.as_slice()) {
        (4, [_, _]) => Some(false),
        (5, [high, low, _, _]) => Some([*high, *low] == [0x0b, 0x84]),
        _ => None,
    };
    let is_multimedia = message.header.iter().filter_map(wants_port).next_back() == Some(true);
    same("multimedia", &deliver.is_multimedia_notification(), &is_multimedia)?;
    check_data(&deliver.header, &deliver.content, message)
}

fn check_report(report: &StatusReport, message: &Message) -> Result<(), String> {
    let status = match report.outcome {
        Outcome::Delivered => message.status.filter(|status| *status < 0x20),
        Outcome::Trying(status) => Some(status).filter(|status| status & 0xe0 == 0x20),
        Outcome::Failed(status) => Some(status).filter(|status| *status >= 0x40),
    };
    same("recipient", &report.recipient.to_string(), &message.address)?;
    same("reference", &Some(report.reference), &message.reference)?;
    same("stamps", &[report.submitted, report.discharged].map(seconds).to_vec(), &message.stamps)?;
    same("status", &status, &message.status)
}

fn check_submit(submit: &Submit, message: &Message) -> Result<(), String> {
    same("destination", &submit.destination.to_string(), &message.address)?;
    same("reference", &Some(submit.reference), &message.reference)?;
    check_data(&submit.header, &submit.content, message)
}

fn check_data(header: &Header, content: &Content, message: &Message) -> Result<(), String> {
    let part = message.header.iter().rev().find_map(|(id, value)| match (id, value.as_slice()) {
        (0, [reference, total, number]) => Some((u16::from(*reference), *total, *number)),
        (8, [high, low, total, number]) => Some((u16::from(*high) * 256 + u16::from(*low), *total, *number)),
        _ => None,
    });
    let place = header.concatenation().map(|place| (place.reference, place.total, place.number));
    let is_possible = |(_, total, number): &(u16, u8, u8)| *number > 0 && number <= total;
    // An impossible place behind a possible one is ignored.
    if part.is_none_or(|part| is_possible(&part)) {
        same("part", &place, &part)?;
    }
    same("elements", &header.0.len(), &message.header.len())?;
    let languages = |element: &Element| matches!(element, Element::SingleShift(_) | Element::LockingShift(_));
    let has_language = header.0.iter().any(languages);
    match (content, &message.body) {
        // The tables of the languages are compared elsewhere; here only how much there is.
        (Content::Text(_), Body::Septets(septets)) if has_language => {
            let escapes = reference::text(septets).chars().count();
            same("length", &content.text().map(|text| text.chars().count()), &Some(escapes))
        }
        (Content::Text(text), Body::Septets(septets)) => same("text", text, &reference::text(septets)),
        (Content::Units(units), Body::Units(expected)) => same("units", units, expected),
        (Content::Data(bytes), Body::Bytes(expected)) => same("bytes", bytes, expected),
        _ => Err("alphabet".to_owned()),
    }
}

fn seconds(time: Option<Timestamp>) -> Option<(i64, i64)> {
    time.map(|time| (time.seconds, i64::from(time.zone_quarters)))
}

fn same<T: PartialEq + std::fmt::Debug>(what: &str, ours: &T, theirs: &T) -> Result<(), String> {
    if ours == theirs { Ok(()) } else { Err(format!("{what}: ours {ours:?}, theirs {theirs:?}")) }
}

fn name(error: PduError) -> &'static str {
    match error {
        PduError::NotHexadecimal => "not hexadecimal",
        PduError::TooShort => "too short",
        PduError::MessageType(_) => "message type",
        PduError::Number => "number",
        PduError::TooLong => "too long",
    }
}
