//! Escaping and unescaping of text and attribute values.

use std::borrow::Cow;

use memchr::memchr3;

/// Replaces `<`, `>`, `&`, `'` and `"` by their entities; safe in text and in attribute values.
///
/// A carriage return becomes a character reference, since a parser would fold it into a line feed
/// (XML 1.0 section 2.11). Characters that XML cannot carry at all become U+FFFD.
pub fn escape(text: &str) -> Cow<'_, str> {
    escape_where(text, |character| matches!(character, '\r'))
}

/// Like [`escape`], and keeps tabs and line feeds, which a parser would turn into spaces
/// in an attribute value (XML 1.0 section 3.3.3).
pub fn escape_attribute(value: &str) -> Cow<'_, str> {
    escape_where(value, |character| matches!(character, '\t' | '\n' | '\r'))
}

fn escape_where(text: &str, by_reference: impl Fn(char) -> bool) -> Cow<'_, str> {
    let needs_escape = |character: char| replacement(character).is_some() || by_reference(character);
    let Some(first) = text.find(needs_escape) else {
        return Cow::Borrowed(text);
    };
    let (clean, rest) = text.split_at(first);
    let mut escaped = String::with_capacity(text.len().saturating_add(32));
    escaped.push_str(clean);
    for character in rest.chars() {
        if let Some(entity) = replacement(character) {
            escaped.push_str(entity);
        } else if by_reference(character) {
            escaped.push_str(white_space_reference(character));
        } else {
            escaped.push(character);
        }
    }
    Cow::Owned(escaped)
}

fn replacement(character: char) -> Option<&'static str> {
    match character {
        '<' => Some("&lt;"),
        '>' => Some("&gt;"),
        '&' => Some("&amp;"),
        '\'' => Some("&apos;"),
        '"' => Some("&quot;"),
        '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => Some("\u{fffd}"),
        _ => None,
    }
}

fn white_space_reference(character: char) -> &'static str {
    match character {
        '\t' => "&#9;",
        '\n' => "&#10;",
        _ => "&#13;",
    }
}

/// Resolves the five entities and character references of already checked text, and folds line ends
/// into line feeds as every parser does (XML 1.0 section 2.11).
///
/// What is no reference is left as it is.
pub fn unescape(text: &str) -> Cow<'_, str> {
    if memchr::memchr2(b'&', b'\r', text.as_bytes()).is_none() {
        return Cow::Borrowed(text);
    }
    Cow::Owned(unescape_with(text, '\n'))
}

/// The value of an attribute as a parser reports it: references resolved, raw white space turned into
/// spaces (XML 1.0 section 3.3.3).
pub(super) fn unescape_attribute(value: &str) -> Cow<'_, str> {
    let bytes = value.as_bytes();
    if memchr3(b'&', b'\n', b'\t', bytes).is_none() && memchr::memchr(b'\r', bytes).is_none() {
        return Cow::Borrowed(value);
    }
    Cow::Owned(unescape_with(value, ' '))
}

/// `line_end` stands for a raw line end; a space also for a raw tab.
fn unescape_with(text: &str, line_end: char) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(character) = rest.chars().next() {
        let (resolved, length) = match character {
            '&' => reference(rest).unwrap_or(('&', 1)),
            '\r' if rest.starts_with("\r\n") => (line_end, 2),
            '\r' | '\n' => (line_end, 1),
            '\t' if line_end == ' ' => (' ', 1),
            other => (other, other.len_utf8()),
        };
        plain.push(resolved);
        rest = rest.get(length..).unwrap_or_default();
    }
    plain
}

/// The character that the reference at the start of `text` stands for, and the reference's length.
fn reference(text: &str) -> Option<(char, usize)> {
    let (name, _) = text.get(1..)?.split_once(';')?;
    let character = match name {
        "lt" => '<',
        "gt" => '>',
        "amp" => '&',
        "apos" => '\'',
        "quot" => '"',
        _ => {
            let digits = name.strip_prefix('#')?;
            let code = match digits.strip_prefix('x') {
                Some(hexadecimal) => u32::from_str_radix(hexadecimal, 16),
                None => digits.parse(),
            };
            char::from_u32(code.ok()?)?
        }
    };
    Some((character, name.len().saturating_add(2)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escaped_text_holds_no_markup() {
        assert_eq!(escape("a<b>&'\"]]>"), "a&lt;b&gt;&amp;&apos;&quot;]]&gt;");
        assert!(matches!(escape("驿站"), Cow::Borrowed("驿站")));
    }

    #[test]
    fn what_xml_cannot_carry_is_replaced() {
        assert_eq!(escape("a\u{0}b\u{ffff}"), "a\u{fffd}b\u{fffd}");
    }

    #[test]
    fn references_are_resolved() {
        assert_eq!(unescape("&lt;&#x9A7F;&#31449;&amp;amp;\r\n\r"), "<驿站&amp;\n\n");
        assert_eq!(unescape_attribute("a\tb\nc&#10;"), "a b c\n");
    }

    #[test]
    fn a_stray_ampersand_survives() {
        assert_eq!(unescape("a & b &nope; &#xD800;"), "a & b &nope; &#xD800;");
    }
}
