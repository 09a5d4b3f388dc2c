//! Whom a text from a phone is for, as far as it says so itself.

/// How a text begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Reading {
    /// `#2 …`
    Tagged {
        /// The short number.
        tag: u32,
        /// What follows.
        rest: String,
    },
    /// `@张三 …`
    Named {
        /// The name and what follows.
        rest: String,
    },
    /// Nothing of that.
    Plain,
}

/// Chinese keyboards write both signs in their own width.
pub(super) fn read(body: &str) -> Reading {
    let body = body.trim_start();
    if let Some(rest) = body.strip_prefix(['#', '＃']) {
        let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
        if let Ok(tag) = digits.parse() {
            let rest = rest.strip_prefix(digits.as_str()).unwrap_or(rest);
            return Reading::Tagged { tag, rest: rest.trim_start().to_owned() };
        }
    }
    match body.strip_prefix(['@', '＠']) {
        Some(rest) => Reading::Named { rest: rest.trim_start().to_owned() },
        None => Reading::Plain,
    }
}

/// A digit of either width in front.
pub(super) fn begins_with_a_number(body: &str) -> bool {
    body.trim_start().starts_with(|sign: char| sign.is_ascii_digit() || ('０'..='９').contains(&sign))
}

#[cfg(test)]
mod tests {
    use super::{Reading, begins_with_a_number, read};

    #[test]
    fn a_number_in_front_may_be_of_either_width() {
        assert!(["1同意", " ２", "3"].into_iter().all(begins_with_a_number));
        assert!(!["同意1", "一", ""].into_iter().any(begins_with_a_number));
    }

    #[test]
    fn both_widths_of_signs_are_read() {
        for body in ["#2 好的", "＃2好的", "  #2   好的"] {
            assert_eq!(read(body), Reading::Tagged { tag: 2, rest: "好的".to_owned() }, "{body}");
        }
        assert_eq!(read("＠张三 在吗"), Reading::Named { rest: "张三 在吗".to_owned() });
    }

    #[test]
    fn other_texts_are_plain() {
        for body in ["好的", "# not a number", "mail a@b", ""] {
            assert_eq!(read(body), Reading::Plain, "{body}");
        }
    }
}
