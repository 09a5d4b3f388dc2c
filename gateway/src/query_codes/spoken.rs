//! What somebody wrote, as it is compared with codes: signs of both widths are the same, spaces around it and small
//! or capital letters make no difference.

/// Between a full-width sign and the sign of the keyboard.
const WIDTH: u32 = 0xFEE0;

/// Digits of what looks like a code.
const DIGITS: usize = 3;

/// The form that is compared.
pub(super) fn normal(text: &str) -> String {
    let narrow: String = text.chars().map(narrow).flat_map(char::to_lowercase).collect();
    narrow.trim().to_owned()
}

/// Three digits and nothing else.
pub(super) fn looks_like_code(normal: &str) -> bool {
    normal.len() == DIGITS && normal.bytes().all(|byte| byte.is_ascii_digit())
}

fn narrow(sign: char) -> char {
    match sign {
        '\u{FF01}'..='\u{FF5E}' => char::from_u32(u32::from(sign).saturating_sub(WIDTH)).unwrap_or(sign),
        '\u{3000}' => ' ',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::{looks_like_code, normal};

    #[test]
    fn both_widths_and_spaces_around_are_forgiven() {
        for written in ["001", " 001\n", "００１", "\u{3000}０0１ "] {
            assert_eq!(normal(written), "001", "{written:?}");
        }
        assert_eq!(normal(" ＨＥＬＰ"), "help");
        assert_eq!(normal("待办"), "待办");
    }

    #[test]
    fn three_digits_look_like_a_code_and_nothing_else_does() {
        assert!(looks_like_code("999"));
        for text in ["99", "9999", "9 9", "九九九", "好的。", "ab1", ""] {
            assert!(!looks_like_code(text), "{text}");
        }
    }
}
