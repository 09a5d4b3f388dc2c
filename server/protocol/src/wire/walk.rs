//! Finds its way through bytes the scanner has checked. Does not check again, and ends early rather than
//! panic on bytes that were not checked.

use memchr::{memchr, memchr3, memmem};

use super::scanner::{is_space, leading_space};

/// An attribute as it is written. Offsets into the bytes given to [`Attributes::of`].
#[derive(Debug, Clone, Copy)]
pub(super) struct WrittenAttribute<'a> {
    /// Where the white space before it starts.
    pub(super) start: usize,
    /// The name with its prefix.
    pub(super) name: &'a [u8],
    pub(super) value_start: usize,
    pub(super) value: &'a [u8],
    /// Behind the closing quote.
    pub(super) end: usize,
}

impl<'a> WrittenAttribute<'a> {
    pub(super) fn value_text(&self) -> &'a str {
        std::str::from_utf8(self.value).unwrap_or_default()
    }
}

/// The attributes of a start tag in order.
#[derive(Debug, Clone)]
pub(super) struct Attributes<'a> {
    bytes: &'a [u8],
    position: usize,
}

impl<'a> Attributes<'a> {
    /// `position` is behind the element's name.
    pub(super) fn of(bytes: &'a [u8], position: usize) -> Self {
        Self { bytes, position }
    }
}

impl<'a> Iterator for Attributes<'a> {
    type Item = WrittenAttribute<'a>;

    fn next(&mut self) -> Option<Self::Item> {
        let start = self.position;
        let name_start = start.checked_add(leading_space(self.bytes.get(start..)?))?;
        let rest = self.bytes.get(name_start..)?;
        if matches!(rest.first(), None | Some(b'>' | b'/')) {
            return None;
        }
        let name_length = rest.iter().position(|byte| *byte == b'=' || is_space(*byte))?;
        let name = rest.get(..name_length)?;
        let quote_at = name_length
            .checked_add(rest.get(name_length..)?.iter().position(|byte| matches!(byte, b'\'' | b'"'))?)?;
        let quote = *rest.get(quote_at)?;
        let value_at = quote_at.checked_add(1)?;
        let value_length = memchr(quote, rest.get(value_at..)?)?;
        let value_end = value_at.checked_add(value_length)?;
        self.position = name_start.checked_add(value_end)?.checked_add(1)?;
        Some(WrittenAttribute {
            start,
            name,
            value_start: name_start.checked_add(value_at)?,
            value: rest.get(value_at..value_end)?,
            end: self.position,
        })
    }
}

/// A start tag.
#[derive(Debug, Clone, Copy)]
pub(super) struct StartTag<'a> {
    /// The name with its prefix.
    pub(super) name: &'a [u8],
    /// Behind the name.
    pub(super) name_end: usize,
    /// Behind the `>`.
    pub(super) end: usize,
    /// `<…/>`
    pub(super) is_empty: bool,
}

impl<'a> StartTag<'a> {
    /// The start tag whose `<` is at `at`.
    pub(super) fn read(bytes: &'a [u8], at: usize) -> Option<Self> {
        let name_start = at.checked_add(1)?;
        let rest = bytes.get(name_start..)?;
        let length = rest.iter().position(|byte| matches!(byte, b'>' | b'/') || is_space(*byte))?;
        let name_end = name_start.checked_add(length)?;
        let end = tag_end(bytes, name_end)?;
        let is_empty = bytes.get(end.checked_sub(2)?) == Some(&b'/');
        Some(Self { name: rest.get(..length)?, name_end, end, is_empty })
    }

    /// The prefix, and the name without it.
    pub(super) fn parts(&self) -> (Option<&'a [u8]>, &'a [u8]) {
        split_name(self.name)
    }
}

/// The prefix of a name, and the name without it.
pub(super) fn split_name(name: &[u8]) -> (Option<&[u8]>, &[u8]) {
    match memchr(b':', name) {
        Some(at) => (name.get(..at), name.get(at.saturating_add(1)..).unwrap_or_default()),
        None => (None, name),
    }
}

/// Behind the `>` of the tag that `position` is in, outside of any attribute value.
fn tag_end(bytes: &[u8], position: usize) -> Option<usize> {
    let mut position = position;
    loop {
        let found = position.checked_add(memchr3(b'>', b'"', b'\'', bytes.get(position..)?)?)?;
        position = found.checked_add(1)?;
        match bytes.get(found) {
            Some(b'>') => return Some(position),
            Some(quote) => {
                position = position.checked_add(memchr(*quote, bytes.get(position..)?)?)?.checked_add(1)?
            }
            None => return None,
        }
    }
}

/// What comes next inside an element.
#[derive(Debug, Clone, Copy)]
pub(super) enum Token<'a> {
    /// Text with references, from here to there.
    Text(usize, usize),
    /// The inside of a CDATA section.
    CharacterData(usize, usize),
    /// A start tag whose `<` is there.
    Start(usize, StartTag<'a>),
    /// An end tag: its `<`, and behind its `>`.
    End(usize, usize),
}

/// The tokens from an offset on, nested ones included.
#[derive(Debug, Clone)]
pub(super) struct Tokens<'a> {
    bytes: &'a [u8],
    position: usize,
}

impl<'a> Tokens<'a> {
    pub(super) fn from(bytes: &'a [u8], position: usize) -> Self {
        Self { bytes, position }
    }

    /// Skips what is inside the element whose start tag was just given; returns where it ends.
    pub(super) fn skip_element(&mut self, tag: StartTag<'a>) -> Option<usize> {
        let mut depth = usize::from(!tag.is_empty);
        while depth > 0 {
            match self.next()? {
                Token::Start(_, inner) if !inner.is_empty => depth = depth.checked_add(1)?,
                Token::End(..) => depth = depth.checked_sub(1)?,
                Token::Start(..) | Token::Text(..) | Token::CharacterData(..) => {}
            }
        }
        Some(self.position)
    }
}

impl<'a> Iterator for Tokens<'a> {
    type Item = Token<'a>;

    fn next(&mut self) -> Option<Self::Item> {
        let start = self.position;
        let rest = self.bytes.get(start..)?;
        let text_length = memchr(b'<', rest)?;
        if text_length > 0 {
            self.position = start.checked_add(text_length)?;
            return Some(Token::Text(start, self.position));
        }
        match rest.get(1)? {
            b'/' => {
                self.position = start.checked_add(memchr(b'>', rest)?)?.checked_add(1)?;
                Some(Token::End(start, self.position))
            }
            b'!' => {
                let inside = start.checked_add(b"<![CDATA[".len())?;
                let end = inside.checked_add(memmem::find(self.bytes.get(inside..)?, b"]]>")?)?;
                self.position = end.checked_add(b"]]>".len())?;
                Some(Token::CharacterData(inside, end))
            }
            _ => {
                let tag = StartTag::read(self.bytes, start)?;
                self.position = tag.end;
                Some(Token::Start(start, tag))
            }
        }
    }
}
