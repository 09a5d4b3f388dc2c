//! Start tags and their attributes.

use memchr::{memchr, memchr3};

use super::characters::{is_space, leading_space};
use super::name::Name;
use super::{Attribute, LONGEST_VALUE, Open, ScanError, Scanner, Span, State, Step};

impl Scanner {
    /// Reads `<` and the name.
    pub(super) fn start_tag(&mut self, view: &[u8], at: usize) -> Result<Step, ScanError> {
        match view.get(at) {
            None => return Ok(Step::More),
            Some(b'<') => {}
            Some(_) => return Err(ScanError::NotWellFormed(at)),
        }
        let Some(name) = Name::read(view, at.saturating_add(1))? else {
            return Ok(Step::More);
        };
        if self.open.len() >= self.limits.depth {
            return Err(ScanError::OverLimit(at));
        }
        if self.open.is_empty() {
            self.head.name = Span::new(name.start, name.end);
            self.head.local = Span::new(name.local, name.end);
        }
        self.open.push(Open { name, declarations: self.declarations.len() });
        self.attributes.clear();
        self.position = name.end;
        self.state = State::Tag;
        Ok(Step::Next)
    }

    /// Reads the end of the tag, or an attribute.
    pub(super) fn tag(&mut self, view: &[u8]) -> Result<Step, ScanError> {
        self.skip_space(view);
        let at = self.position;
        match view.get(at..).unwrap_or_default() {
            [] | [b'/'] => Ok(Step::More),
            [b'>', ..] => self.finish_tag(view, at.saturating_add(1), false),
            [b'/', b'>', ..] => self.finish_tag(view, at.saturating_add(2), true),
            [b'/', ..] => Err(ScanError::NotWellFormed(at)),
            _ => self.attribute(view, at),
        }
    }

    fn attribute(&mut self, view: &[u8], at: usize) -> Result<Step, ScanError> {
        if !view.get(at.saturating_sub(1)).is_some_and(|byte| is_space(*byte)) {
            return Err(ScanError::NotWellFormed(at));
        }
        let Some(name) = Name::read(view, at)? else {
            return Ok(Step::More);
        };
        let is_repeated = self.attributes.iter().any(|other| other.name.of(view) == name.of(view));
        if is_repeated {
            return Err(ScanError::NotWellFormed(at));
        }
        if self.attributes.len() >= self.limits.attributes {
            return Err(ScanError::OverLimit(at));
        }
        self.attributes.push(Attribute { name, value_start: 0, value_end: 0 });
        self.position = name.end;
        self.state = State::Equals;
        self.equals(view)
    }

    pub(super) fn equals(&mut self, view: &[u8]) -> Result<Step, ScanError> {
        self.skip_space(view);
        match view.get(self.position) {
            None => Ok(Step::More),
            Some(b'=') => {
                self.position = self.position.saturating_add(1);
                self.state = State::Quote;
                self.quote(view)
            }
            Some(_) => Err(ScanError::NotWellFormed(self.position)),
        }
    }

    pub(super) fn quote(&mut self, view: &[u8]) -> Result<Step, ScanError> {
        self.skip_space(view);
        match view.get(self.position) {
            None => Ok(Step::More),
            Some(quote @ (b'\'' | b'"')) => {
                self.position = self.position.saturating_add(1);
                if let Some(attribute) = self.attributes.last_mut() {
                    attribute.value_start = self.position;
                }
                self.state = State::Value(*quote);
                self.value(view, *quote)
            }
            Some(_) => Err(ScanError::NotWellFormed(self.position)),
        }
    }

    pub(super) fn value(&mut self, view: &[u8], quote: u8) -> Result<Step, ScanError> {
        let Some(attribute) = self.attributes.last().copied() else {
            return Err(ScanError::NotWellFormed(self.position));
        };
        let rest = view.get(self.position..).unwrap_or_default();
        let found = memchr3(quote, b'<', b'&', rest);
        let at = self.position.saturating_add(found.unwrap_or(rest.len()));
        if at.saturating_sub(attribute.value_start) > LONGEST_VALUE {
            return Err(ScanError::OverLimit(attribute.value_start));
        }
        self.position = at;
        match view.get(at) {
            None => Ok(Step::More),
            Some(b'<') => Err(ScanError::NotWellFormed(at)),
            Some(b'&') => self.reference(view, at),
            Some(_) => self.finish_value(view, Attribute { value_end: at, ..attribute }),
        }
    }

    fn finish_value(&mut self, view: &[u8], attribute: Attribute) -> Result<Step, ScanError> {
        let value = view.get(attribute.value_start..attribute.value_end).unwrap_or_default();
        check_carriage_returns(value, attribute.value_start)?;
        if let Some(last) = self.attributes.last_mut() {
            *last = attribute;
        }
        let name = attribute.name;
        if name.of(view) == b"xmlns" || name.prefix(view) == b"xmlns" {
            self.declare(view, attribute, value)?;
        } else if self.open.len() == 1 {
            self.head.note(name.of(view), Span::new(attribute.value_start, attribute.value_end));
        }
        self.position = attribute.value_end.saturating_add(1);
        self.state = State::Tag;
        Ok(Step::Next)
    }

    fn finish_tag(&mut self, view: &[u8], end: usize, is_empty: bool) -> Result<Step, ScanError> {
        self.check_prefixes(view)?;
        if self.open.len() == 1 {
            self.finish_head(view, end)?;
        }
        if self.is_header {
            return if is_empty { Err(ScanError::NotWellFormed(end)) } else { Ok(Step::End(end)) };
        }
        if is_empty {
            return Ok(self.close(end));
        }
        self.position = end;
        self.state = State::Content;
        Ok(Step::Next)
    }

    #[inline]
    fn skip_space(&mut self, view: &[u8]) {
        let space = leading_space(view.get(self.position..).unwrap_or_default());
        self.position = self.position.saturating_add(space);
    }
}

/// COMPAT(rxml 0.14): a carriage return without line feed in an attribute value breaks that parser, and
/// nobody means to send one: serialisers write `&#13;`.
fn check_carriage_returns(value: &[u8], start: usize) -> Result<(), ScanError> {
    let mut from = 0;
    while let Some(offset) = memchr(b'\r', value.get(from..).unwrap_or_default()) {
        let at = offset.saturating_add(from);
        from = at.saturating_add(1);
        if value.get(from) != Some(&b'\n') {
            return Err(ScanError::RestrictedXml(start.saturating_add(at)));
        }
    }
    Ok(())
}
