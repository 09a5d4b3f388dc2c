//! Changes the start tag of a stanza, adds and drops direct children; the rest is copied as it is.

use bytes::Bytes;

use super::head::{ElementNamespace, Head, Span};
use super::text::escape_attribute;
use super::walk::{Attributes, WrittenAttribute};
use super::{Child, Frame};

/// A change under way; [`HeadEdit::finish`] copies the element once.
#[must_use]
pub struct HeadEdit<'a> {
    frame: &'a Frame,
    to: Change<'a>,
    from: Change<'a>,
    id: Change<'a>,
    type_: Change<'a>,
    lang: Change<'a>,
    is_self_contained: bool,
    appended: Vec<&'a [u8]>,
    dropped: Vec<Dropped<'a>>,
}

/// What becomes of an attribute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Change<'a> {
    Keep,
    Remove,
    Set(&'a str),
}

impl<'a> Change<'a> {
    fn of(value: Option<&'a str>) -> Self {
        value.map_or(Self::Remove, Self::Set)
    }
}

/// Which direct children go.
struct Dropped<'a> {
    name: &'a str,
    namespace: &'a str,
    applies: &'a dyn Fn(&Child<'_>) -> bool,
}

impl<'a> HeadEdit<'a> {
    pub(super) fn new(frame: &'a Frame) -> Self {
        Self {
            frame,
            to: Change::Keep,
            from: Change::Keep,
            id: Change::Keep,
            type_: Change::Keep,
            lang: Change::Keep,
            is_self_contained: false,
            appended: Vec::new(),
            dropped: Vec::new(),
        }
    }

    /// Sets `to`, given unescaped; `None` removes it.
    pub fn to(mut self, value: Option<&'a str>) -> Self {
        self.to = Change::of(value);
        self
    }

    /// Sets `from`, given unescaped; `None` removes it.
    pub fn from(mut self, value: Option<&'a str>) -> Self {
        self.from = Change::of(value);
        self
    }

    /// Sets `id`, given unescaped.
    pub fn id(mut self, value: &'a str) -> Self {
        self.id = Change::Set(value);
        self
    }

    /// Sets `type`, given unescaped; `None` removes it.
    pub fn type_(mut self, value: Option<&'a str>) -> Self {
        self.type_ = Change::of(value);
        self
    }

    /// Sets `xml:lang` when the stanza has none of its own.
    pub fn default_lang(mut self, value: &'a str) -> Self {
        if !self.frame.head().lang.is_present() {
            self.lang = Change::Set(value);
        }
        self
    }

    /// Makes the start tag declare its default namespace (`xmlns='jabber:client'`) itself, for a place inside
    /// another namespace (archive results, carbons).
    pub fn self_contained(mut self) -> Self {
        self.is_self_contained = true;
        self
    }

    /// Appends a ready-made child element behind the last one. It must declare its namespace.
    pub fn append(mut self, child: &'a [u8]) -> Self {
        self.appended.push(child);
        self
    }

    /// Drops direct children of that name and namespace for which `drop` is true (forged stanza ids).
    pub fn without(
        mut self,
        name: &'a str,
        namespace: &'a str,
        drop: &'a dyn Fn(&Child<'_>) -> bool,
    ) -> Self {
        self.dropped.push(Dropped { name, namespace, applies: drop });
        self
    }

    /// The changed stanza.
    pub fn finish(self) -> Frame {
        let source: &[u8] = self.frame.bytes();
        let mut output = Vec::with_capacity(source.len().saturating_add(self.most_added()));
        let mut head = self.write_start_tag(source, &mut output);
        self.write_content(source, &mut output, &mut head);
        Frame::new(Bytes::from(output), head)
    }

    /// A guess that is right unless values hold many characters to escape.
    fn most_added(&self) -> usize {
        let values = [self.to, self.from, self.id, self.type_, self.lang];
        let attributes: usize = values
            .iter()
            .map(|change| match change {
                Change::Keep | Change::Remove => 0,
                Change::Set(value) => value.len().saturating_add(16),
            })
            .sum();
        let children: usize = self.appended.iter().map(|child| child.len()).sum();
        let declaration = if self.is_self_contained { 40 } else { 0 };
        attributes.saturating_add(children).saturating_add(declaration)
    }

    /// Everything up to the start tag's `>` or `/>`, which is left out.
    fn write_start_tag(&self, source: &[u8], output: &mut Vec<u8>) -> Head {
        let old = self.frame.head();
        let mut head = Head::new(old.stream);
        (head.kind, head.namespace, head.name, head.local) = (old.kind, old.namespace, old.name, old.local);
        output.extend_from_slice(source.get(..old.name.end()).unwrap_or_default());
        let mut declares_default = false;
        for attribute in Attributes::of(source, old.name.end()) {
            declares_default |= attribute.name == b"xmlns";
            match self.change_of(attribute.name) {
                Change::Remove => {}
                Change::Keep => copy_attribute(source, &attribute, old, &mut head, output),
                Change::Set(value) => {
                    write_attribute(attribute.name, value, &mut head, output);
                }
            }
        }
        let old_values = [
            (b"to".as_slice(), self.to, old.to),
            (b"from", self.from, old.from),
            (b"id", self.id, old.id),
            (b"type", self.type_, old.type_),
            (b"xml:lang", self.lang, old.lang),
        ];
        for (name, change, was) in old_values {
            if let Change::Set(value) = change
                && !was.is_present()
            {
                write_attribute(name, value, &mut head, output);
            }
        }
        if self.is_self_contained && !declares_default {
            let value = write_attribute(b"xmlns", old.stream.name(), &mut head, output);
            if old.namespace == ElementNamespace::Stream {
                head.namespace = ElementNamespace::Declared(value);
            }
        }
        head
    }

    fn change_of(&self, name: &[u8]) -> Change<'a> {
        match name {
            b"to" => self.to,
            b"from" => self.from,
            b"id" => self.id,
            b"type" => self.type_,
            b"xml:lang" => self.lang,
            _ => Change::Keep,
        }
    }

    /// The end of the start tag, and all that follows.
    fn write_content(&self, source: &[u8], output: &mut Vec<u8>, head: &mut Head) {
        let old = self.frame.head();
        let is_empty = source.get(..old.tag_end()).is_some_and(|tag| tag.ends_with(b"/>"));
        if is_empty && self.appended.is_empty() {
            output.extend_from_slice(b"/>");
            head.set_tag_end(output.len());
            return;
        }
        output.push(b'>');
        head.set_tag_end(output.len());
        let end_tag =
            if is_empty { source.len() } else { memchr::memrchr(b'<', source).unwrap_or(source.len()) };
        let mut copied = old.tag_end();
        if !self.dropped.is_empty() {
            for child in self.frame.children().filter(|child| self.drops(child)) {
                join(output, source.get(copied..child.offset()).unwrap_or_default());
                copied = child.offset().saturating_add(child.bytes.len());
            }
        }
        join(output, source.get(copied..end_tag).unwrap_or_default());
        for child in &self.appended {
            output.extend_from_slice(child);
        }
        if is_empty {
            output.extend_from_slice(b"</");
            output.extend_from_slice(old.name.of(source).unwrap_or_default());
            output.push(b'>');
        } else {
            output.extend_from_slice(source.get(end_tag..).unwrap_or_default());
        }
    }

    fn drops(&self, child: &Child<'_>) -> bool {
        self.dropped
            .iter()
            .any(|drop| child.name == drop.name && child.namespace == drop.namespace && (drop.applies)(child))
    }
}

impl std::fmt::Debug for HeadEdit<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("HeadEdit")
            .field("to", &self.to)
            .field("from", &self.from)
            .field("id", &self.id)
            .field("type", &self.type_)
            .finish_non_exhaustive()
    }
}

/// Writes what follows a dropped child. With the text before it may form `]]>`, which no text may hold (XML 1.0
/// section 2.4): the receiver's parser would end the stream. Two ends of lines stay two: a carriage return before
/// a line feed would become one with it (section 2.11).
fn join(output: &mut Vec<u8>, piece: &[u8]) {
    if piece.starts_with(b"\n") {
        // All of them: one that is left would become one with the line feed behind it.
        output.iter_mut().rev().take_while(|byte| **byte == b'\r').for_each(|byte| *byte = b'\n');
    }
    let before = output.iter().rev().take(2).take_while(|byte| **byte == b']').count();
    let behind = piece.iter().take_while(|byte| **byte == b']').count();
    let (brackets, rest) = piece.split_at(behind);
    match rest.strip_prefix(b">") {
        Some(rest) if before > 0 && before.saturating_add(behind) >= 2 => {
            output.extend_from_slice(brackets);
            output.extend_from_slice(b"&gt;");
            output.extend_from_slice(rest);
        }
        _ => output.extend_from_slice(piece),
    }
}

fn copy_attribute(
    source: &[u8],
    attribute: &WrittenAttribute<'_>,
    old: &Head,
    head: &mut Head,
    output: &mut Vec<u8>,
) {
    let value_start = output.len().saturating_add(attribute.value_start.saturating_sub(attribute.start));
    let value = Span::new(value_start, value_start.saturating_add(attribute.value.len()));
    head.note(attribute.name, value);
    if let ElementNamespace::Declared(declared) = old.namespace
        && declared.start() == attribute.value_start
    {
        head.namespace = ElementNamespace::Declared(value);
    }
    output.extend_from_slice(source.get(attribute.start..attribute.end).unwrap_or_default());
}

/// Returns where the value lies.
fn write_attribute(name: &[u8], value: &str, head: &mut Head, output: &mut Vec<u8>) -> Span {
    output.push(b' ');
    output.extend_from_slice(name);
    output.extend_from_slice(b"='");
    let start = output.len();
    output.extend_from_slice(escape_attribute(value).as_bytes());
    let span = Span::new(start, output.len());
    output.push(b'\'');
    head.note(name, span);
    span
}

#[cfg(test)]
mod tests;
