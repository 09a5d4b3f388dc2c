//! Text, references, CDATA sections and end tags.

use memchr::{memchr, memchr3, memmem};

use super::characters::NameByte;
use super::characters::{is_xml_character, leading_space, name_byte};
use super::{ScanError, Scanner, State, Step};

const CHARACTER_DATA_START: &[u8] = b"<![CDATA[";
const CHARACTER_DATA_END: &[u8] = b"]]>";

/// Digits of a character reference: XML sets no limit to leading zeros, but receivers do, and one of them would end
/// its stream. Common parsers take no more than these.
const MOST_DIGITS: usize = 8;

/// Where the `;` of a reference is at the latest, counted from behind the `&`: `#x` and the digits.
const LONGEST_REFERENCE: usize = MOST_DIGITS + 3;

impl Scanner {
    /// Reads text up to the next markup, and that.
    pub(super) fn content(&mut self, view: &[u8]) -> Result<Step, ScanError> {
        let rest = view.get(self.position..).unwrap_or_default();
        let Some(offset) = memchr3(b'<', b'&', b'>', rest) else {
            self.position = view.len();
            return Ok(Step::More);
        };
        let at = self.position.saturating_add(offset);
        self.position = at;
        match rest.get(offset) {
            Some(b'<') => self.markup(view, at),
            Some(b'&') => self.reference(view, at),
            _ if view.get(..at).is_some_and(|before| before.ends_with(b"]]")) => {
                Err(ScanError::NotWellFormed(at))
            }
            _ => {
                self.position = at.saturating_add(1);
                Ok(Step::Next)
            }
        }
    }

    fn markup(&mut self, view: &[u8], at: usize) -> Result<Step, ScanError> {
        match view.get(at.saturating_add(1)) {
            None => Ok(Step::More),
            Some(b'/') => self.end_tag(view, at),
            Some(b'!') => self.character_data_start(view, at),
            Some(b'?') => Err(ScanError::RestrictedXml(at)),
            Some(_) => self.start_tag(view, at),
        }
    }

    /// Moves behind the reference at `at`.
    pub(super) fn reference(&mut self, view: &[u8], at: usize) -> Result<Step, ScanError> {
        let name_start = at.saturating_add(1);
        let rest = view.get(name_start..).unwrap_or_default();
        let rest = rest.get(..LONGEST_REFERENCE).unwrap_or(rest);
        let Some(length) = memchr(b';', rest) else {
            return match rest.len() {
                LONGEST_REFERENCE => Err(bad_reference(rest, at)),
                _ => Ok(Step::More),
            };
        };
        let name = rest.get(..length).unwrap_or_default();
        if !is_known_reference(name) {
            return Err(bad_reference(name, at));
        }
        self.position = name_start.saturating_add(length).saturating_add(1);
        Ok(Step::Next)
    }

    fn character_data_start(&mut self, view: &[u8], at: usize) -> Result<Step, ScanError> {
        let rest = view.get(at..).unwrap_or_default();
        if self.open.is_empty() {
            Err(ScanError::RestrictedXml(at))
        } else if rest.starts_with(CHARACTER_DATA_START) {
            self.position = at.saturating_add(CHARACTER_DATA_START.len());
            self.state = State::CharacterData;
            Ok(Step::Next)
        } else if CHARACTER_DATA_START.starts_with(rest) {
            Ok(Step::More)
        } else {
            Err(ScanError::RestrictedXml(at))
        }
    }

    pub(super) fn character_data(&mut self, view: &[u8]) -> Step {
        let rest = view.get(self.position..).unwrap_or_default();
        match memmem::find(rest, CHARACTER_DATA_END) {
            Some(offset) => {
                self.position = self.position.saturating_add(offset).saturating_add(CHARACTER_DATA_END.len());
                self.state = State::Content;
                Step::Next
            }
            None => {
                // The end may be half there.
                self.position = self.position.max(view.len().saturating_sub(2));
                Step::More
            }
        }
    }

    /// The opening tag's name was checked, so it is enough that this one is the same.
    fn end_tag(&mut self, view: &[u8], at: usize) -> Result<Step, ScanError> {
        let Some(open) = self.open.last() else {
            return Err(ScanError::NotWellFormed(at));
        };
        let expected = open.name.of(view);
        let rest = view.get(at.saturating_add(2)..).unwrap_or_default();
        let name_end = at.saturating_add(2).saturating_add(expected.len());
        match rest.strip_prefix(expected) {
            Some([b'>', ..]) => Ok(self.close(name_end.saturating_add(1))),
            Some([b' ' | b'\t' | b'\n' | b'\r', ..]) => {
                self.position = name_end;
                self.state = State::EndTag;
                Ok(Step::Next)
            }
            Some([]) => Ok(Step::More),
            None if expected.starts_with(rest) => Ok(Step::More),
            Some(_) | None => Err(ScanError::NotWellFormed(at)),
        }
    }

    pub(super) fn end_tag_space(&mut self, view: &[u8]) -> Result<Step, ScanError> {
        let space = leading_space(view.get(self.position..).unwrap_or_default());
        self.position = self.position.saturating_add(space);
        match view.get(self.position) {
            None => Ok(Step::More),
            Some(b'>') => Ok(self.close(self.position.saturating_add(1))),
            Some(_) => Err(ScanError::NotWellFormed(self.position)),
        }
    }

    /// The innermost element ends before `end`.
    pub(super) fn close(&mut self, end: usize) -> Step {
        self.position = end;
        self.state = State::Content;
        if let Some(open) = self.open.pop()
            && self.declarations.len() > open.declarations
        {
            self.declarations.truncate(open.declarations);
            self.declaring = self.declaring.saturating_sub(1);
        }
        if self.open.is_empty() { Step::End(end) } else { Step::Next }
    }
}

/// The five entities, and references to characters that XML allows.
fn is_known_reference(name: &[u8]) -> bool {
    match name {
        b"lt" | b"gt" | b"amp" | b"apos" | b"quot" => true,
        [b'#', b'x', digits @ ..] => is_character_code(digits, 16),
        [b'#', digits @ ..] => is_character_code(digits, 10),
        _ => false,
    }
}

fn is_character_code(digits: &[u8], radix: u32) -> bool {
    let code = digits.iter().try_fold(0_u32, |code, byte| {
        let digit = char::from(*byte).to_digit(radix)?;
        code.checked_mul(radix)?.checked_add(digit)
    });
    !digits.is_empty()
        && digits.len() <= MOST_DIGITS
        && code.and_then(char::from_u32).is_some_and(is_xml_character)
}

/// An entity we do not know is restricted XML; anything else is none at all.
fn bad_reference(name: &[u8], at: usize) -> ScanError {
    let is_name = name.iter().all(|byte| name_byte(*byte) != NameByte::No);
    let starts_name =
        name.first().is_some_and(|byte| matches!(name_byte(*byte), NameByte::Start | NameByte::Wide));
    if is_name && starts_name { ScanError::RestrictedXml(at) } else { ScanError::NotWellFormed(at) }
}
