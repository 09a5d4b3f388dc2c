//! What is sent arrives: cut, written, read by the second reader and by ours, joined in any order.

use std::time::Duration;

use posthouse_gateway::pdu::{
    Address, Class, Content, Header, Incoming, Part, References, Submit, TextEncoding, join,
};

use super::reference;
use super::{Codec, digits_of};
use crate::random_input::{Finding, Randomness, Traits};

/// Bytes in one message.
const ROOM: usize = 140;

type Checked<T> = Result<T, Finding>;

fn broken<T>(detail: impl Into<String>) -> Checked<T> {
    Err(Finding::new("what is sent is what arrives", detail))
}

pub(super) fn check_text(text: &str, codec: Codec, choices: &mut Randomness) -> Checked<Traits> {
    let mut most = 0;
    for references in [References::Narrow, References::Wide] {
        let split = (codec.split)(text, references);
        most = split.parts.len();
        let reference = u16::from_le_bytes([choices.byte(), choices.byte()]);
        let mut arrived = Vec::new();
        for part in &split.parts {
            let (header, content) = check_part(part, references, reference, codec, choices)?;
            check_borders(&content, split.encoding)?;
            arrived.push((header.concatenation(), content));
        }
        let places: Vec<_> = arrived.iter().map(|(place, _)| *place).collect();
        let total = u8::try_from(arrived.len()).unwrap_or(u8::MAX);
        let is_numbered = match places.as_slice() {
            [None] => true,
            [None, ..] | [] => false,
            many => many.iter().zip(1..=total).all(|(place, number)| {
                let reference = if references == References::Wide { reference } else { reference & 0xff };
                place.is_some_and(|it| (it.reference, it.total, it.number) == (reference, total, number))
            }),
        };
        if !is_numbered || arrived.len() > 255 {
            return broken(format!("{places:?}"));
        }
        // They arrive in any order.
        for place in 1..arrived.len() {
            arrived.swap(place, choices.below(place + 1));
        }
        arrived.sort_by_key(|(place, _)| place.map(|place| place.number));
        let joined = join(arrived.iter().map(|(_, content)| content));
        let is_whole = joined == text || (total == 255 && text.starts_with(&joined));
        if !is_whole {
            return broken(format!("{text:?}\n{joined:?}"));
        }
        let is_plain = text.chars().all(reference::is_plain);
        if is_plain != (split.encoding == TextEncoding::SevenBit) {
            return broken(format!("{:?} for {text:?}", split.encoding));
        }
    }
    let classes: Vec<u8> = text.bytes().take(6).map(|byte| byte / 16).collect();
    let around =
        Randomness::of(&[classes.as_slice(), &[u8::try_from(most).unwrap_or(255)]].concat()).number();
    Ok(Traits { accepted: most.min(8), error: None, around })
}

pub(super) fn check_bytes(bytes: &[u8], codec: Codec, choices: &mut Randomness) -> Checked<Traits> {
    let place = choices.once_in(2).then(|| (1 + choices.byte() % 200, 201));
    let part = Part { content: Content::Data(bytes.to_vec()), place };
    let header = if place.is_some() { 6 } else { 0 };
    let to =
        Address::number("+8613800000001").map_err(|error| Finding::new("a number", error.to_string()))?;
    if bytes.len() + header > ROOM {
        return match Submit::part(to, &part, References::Narrow, 9, None) {
            Err(_) => Ok(Traits { accepted: 0, error: Some("too long"), around: 0 }),
            Ok(submit) => broken(format!("too long, and yet {submit:?}")),
        };
    }
    let (_, content) = check_part(&part, References::Narrow, 9, codec, choices)?;
    if content != part.content {
        return broken(format!("{content:?} for {bytes:?}"));
    }
    Ok(Traits { accepted: 1, error: None, around: u64::try_from(bytes.len() / 8).unwrap_or(0) })
}

/// Sends a part; answers what ours reads at the other end of the network.
fn check_part(
    part: &Part,
    references: References,
    reference: u16,
    codec: Codec,
    choices: &mut Randomness,
) -> Checked<(Header, Content)> {
    let failed = |error| Finding::new("what is sent is what arrives", format!("{error}: {part:?}"));
    let number = choices.pick(&["+8613800000001", "10086", "12345678901234567890"]).unwrap_or("1");
    let class = if choices.once_in(4) { Some(Class::Flash) } else { None };
    let to = Address::number(number).map_err(failed)?;
    let mut submit = Submit::part(to.clone(), part, references, reference, class).map_err(failed)?;
    if choices.once_in(2) {
        submit = submit.with_report().valid_for(Duration::from_secs(choices.number() % 40_000_000));
    }
    let centre = choices.once_in(2).then_some(&to);
    let sent = submit.to_modem(centre).map_err(failed)?;
    let bytes = reference::bytes_of(&sent.digits).unwrap_or_default();
    let centre_bytes = bytes.first().map_or(0, |length| usize::from(*length) + 1);
    let Some(message) = reference::read(&bytes).filter(|_| centre_bytes + sent.length == bytes.len()) else {
        return broken(format!("{part:?} as {sent:?}"));
    };
    let read = (codec.submitted)(&sent.digits).map_err(failed)?;
    if message.address != number || read.header != submit.header || read.content != submit.content {
        return broken(format!("{submit:?}\n{read:?}\n{message:?}"));
    }
    deliver(number, &bytes, codec, &submit)
}

/// The network turns the SUBMIT into a DELIVER: sender for destination, a time stamp for the rest.
fn deliver(number: &str, bytes: &[u8], codec: Codec, submit: &Submit) -> Checked<(Header, Content)> {
    let behind = |bytes: &[u8], count: usize| bytes.get(count..).unwrap_or_default().to_vec();
    let tpdu = behind(bytes, bytes.first().map_or(0, |length| usize::from(*length) + 1));
    let first = tpdu.first().copied().unwrap_or(0);
    let digits = number.trim_start_matches('+').len();
    let address_end = 4 + digits.div_ceil(2);
    let coding = tpdu.get(address_end + 1).copied().unwrap_or(0);
    let data = behind(&tpdu, address_end + 2 + usize::from(first & 0x10 != 0));
    if data.len() > ROOM + 1 {
        return broken(format!("{} bytes of user data: {submit:?}", data.len()));
    }
    let mut delivered = vec![0, 0x04 | first & 0x40];
    delivered.extend(tpdu.get(2..address_end).unwrap_or_default());
    delivered.extend([0, coding, 0x62, 0x11, 0x72, 0x80, 0, 0, 0x23]);
    delivered.extend(data);
    match (codec.incoming)(&digits_of(&delivered)) {
        Ok(Incoming::Deliver(deliver))
            if deliver.content == submit.content
                && deliver.header == submit.header
                && deliver.sender == submit.destination
                && deliver.coding.class == submit.coding.class =>
        {
            Ok((deliver.header, deliver.content))
        }
        other => broken(format!("{submit:?}\n{other:?}")),
    }
}

/// No character is cut: neither a pair of UTF-16 nor, as the text joined again shows, an escape and what it
/// escapes.
fn check_borders(content: &Content, encoding: TextEncoding) -> Checked<()> {
    let is_whole = match (content, encoding) {
        (Content::Text(text), TextEncoding::SevenBit) => text.chars().all(reference::is_plain),
        (Content::Units(units), TextEncoding::Ucs2) => String::from_utf16(units).is_ok(),
        _ => false,
    };
    if is_whole { Ok(()) } else { broken(format!("cut in the middle: {content:?}")) }
}
