//! Delivery receipts: what a carrier says about a message (SMPP 5.0 section 4.8.4.2 and SMPP 3.4 appendix B).

use crate::outbox::PartState;

/// A final word about a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Receipt {
    /// The carrier's name for the message.
    pub(super) id: String,
    /// What became of it; `None`: not decided yet.
    pub(super) state: Option<PartState>,
    /// When the carrier had it, by its own clock: tells receipts of a used-again name apart.
    pub(super) stamp: i64,
}

/// Reads the text of a receipt: `id:… sub:001 dlvrd:001 submit date:… done date:… stat:DELIVRD err:000 text:…`.
pub(super) fn of_text(text: &str) -> Option<Receipt> {
    let lower = text.to_ascii_lowercase();
    let field = |name: &str| {
        let start = lower.find(name)? + name.len();
        text.get(start..)?.split_whitespace().next().map(str::to_owned)
    };
    let id = field("id:")?;
    let state = field("stat:").and_then(|word| of_word(&word.to_ascii_uppercase()));
    let stamp = field("submit date:").and_then(|date| date.parse().ok()).unwrap_or_default();
    Some(Receipt { id, state, stamp })
}

fn of_word(word: &str) -> Option<PartState> {
    match word {
        "DELIVRD" => Some(PartState::Delivered),
        "EXPIRED" | "DELETED" | "UNDELIV" | "REJECTD" | "SKIPPED" => Some(PartState::Failed),
        _ => None,
    }
}

/// The state of the parameter `message_state` (section 4.7.15).
pub(super) fn of_number(state: u8) -> Option<PartState> {
    match state {
        2 => Some(PartState::Delivered),
        3 | 4 | 5 | 8 | 9 => Some(PartState::Failed),
        _ => None,
    }
}

/// The names a carrier may mean: some answer in hexadecimal and report in decimal, or the other way round.
pub(super) fn names(id: &str) -> Vec<String> {
    let mut names = vec![id.to_owned()];
    if let Ok(number) = id.parse::<u64>() {
        names.extend([format!("{number:x}"), format!("{number:X}"), format!("{number:08X}")]);
    }
    if let Ok(number) = u64::from_str_radix(id, 16) {
        names.extend([number.to_string(), format!("{number:010}")]);
    }
    names
}

/// A carrier's name as a number of the store: FNV-1a, without the sign, which stands for "not known".
pub(super) fn reference(id: &str) -> i64 {
    let hash = id.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    });
    i64::try_from(hash >> 1).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::{PartState, Receipt, names, of_text};

    #[test]
    fn the_receipt_of_the_standard_is_read() {
        let text = "id:1234567890 sub:001 dlvrd:001 submit date:2611270800 done date:2611270801 \
                    stat:DELIVRD err:000 text:hello";
        let wanted =
            Receipt { id: "1234567890".to_owned(), state: Some(PartState::Delivered), stamp: 2_611_270_800 };
        assert_eq!(of_text(text), Some(wanted));
        assert_eq!(of_text("ID:7 STAT:ENROUTE").unwrap().state, None);
        assert_eq!(of_text("id:7 stat:UNDELIV").unwrap().state, Some(PartState::Failed));
        assert_eq!(of_text("hello"), None);
    }

    #[test]
    fn a_carrier_that_reports_in_the_other_base_is_understood() {
        assert!(names("1193046").contains(&"123456".to_owned()));
        assert!(names("123456").contains(&"1193046".to_owned()));
        assert_eq!(names("abc-def"), ["abc-def"]);
    }
}
