//! Stored texts, memories, and the number a sent text got.

use crate::at::{Reply, parameters};

/// A text in the modem's memory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredText {
    /// Where; `None` for the answer to a place that was asked for.
    pub place: Option<u16>,
    /// It is one we stored to send it, not one that came.
    pub is_ours: bool,
    /// The PDU.
    pub digits: String,
}

/// How full a memory is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Memory {
    /// Texts in it.
    pub used: u16,
    /// Places.
    pub total: u16,
}

/// Reads `+CMGL` or `+CMGR`. A header without digits is left out.
pub fn stored_texts(reply: &Reply) -> Vec<StoredText> {
    let mut texts = Vec::new();
    let mut lines = reply.lines.iter().peekable();
    while let Some(line) = lines.next() {
        let header = if let Some(values) = parameters::of_line(line, "+CMGL") {
            values
                .first()
                .and_then(|place| place.parse().ok())
                .map(|place| (Some(place), values.get(1).copied()))
        } else {
            parameters::of_line(line, "+CMGR").map(|values| (None, values.first().copied()))
        };
        let Some((place, state)) = header else { continue };
        let Some(digits) = lines.next_if(|line| !line.starts_with('+')) else { continue };
        texts.push(StoredText { place, is_ours: matches!(state, Some("2" | "3")), digits: digits.clone() });
    }
    texts
}

/// Reads the answer to `AT+CPMS=`: the first memory.
pub fn memory(reply: &Reply) -> Option<Memory> {
    let values = parameters::of_line(reply.lines.first()?, "+CPMS")?;
    Some(Memory { used: values.first()?.parse().ok()?, total: values.get(1)?.parse().ok()? })
}

/// Reads `+CMGS`: the number a status report will have.
pub fn sent_reference(reply: &Reply) -> Option<u8> {
    reply.lines.iter().find_map(|line| parameters::of_line(line, "+CMGS")?.first()?.parse().ok())
}

#[cfg(test)]
mod tests {
    use super::{Memory, memory, sent_reference, stored_texts};
    use crate::at::{FinalResult, Reply};

    fn reply(lines: &[&str]) -> Reply {
        Reply { lines: lines.iter().map(|line| (*line).to_owned()).collect(), result: FinalResult::Ok }
    }

    #[test]
    fn stored_texts_have_their_places() {
        let texts = stored_texts(&reply(&["+CMGL: 3,1,,24", "0791", "+CMGL: 9,3,\"\",20", "0011"]));
        assert_eq!((texts[0].place, texts[0].is_ours), (Some(3), false));
        assert_eq!((texts[1].place, texts[1].is_ours, texts[1].digits.as_str()), (Some(9), true, "0011"));
    }

    #[test]
    fn a_header_without_digits_does_not_take_the_next_texts() {
        let texts = stored_texts(&reply(&["+CMGL: 1,1,,24", "+CMGL: 2,1,,24", "0791"]));
        assert_eq!(texts.len(), 1);
        assert_eq!(texts[0].place, Some(2));
    }

    #[test]
    fn the_number_of_a_sent_text_is_read() {
        assert_eq!(sent_reference(&reply(&["+CMGS: 200"])), Some(200));
        assert_eq!(memory(&reply(&["+CPMS: 3,20,3,20,3,20"])), Some(Memory { used: 3, total: 20 }));
    }
}
