//! Carries a stanza from one stream namespace into another (XEP-0114 section 3).

use bytes::Bytes;

use super::head::StreamNamespace;
use super::walk::{Attributes, StartTag, Token, Tokens};
use super::{Frame, StanzaKind};

/// An element that changes its namespace.
struct Converted<'a> {
    /// The name in the output.
    local: &'a [u8],
    /// The default namespace inside it, in the source.
    default: &'a [u8],
    /// The prefixes that stand for its namespace inside it, as far as declared by converted elements.
    prefixes: Vec<&'a [u8]>,
}

struct Conversion<'a> {
    source: &'a [u8],
    /// The namespace the stanza is in.
    old: &'a [u8],
    new: StreamNamespace,
    /// Everything before it is in the output.
    copied: usize,
    output: Vec<u8>,
    /// The converted elements that are open, outermost first.
    open: Vec<Converted<'a>>,
}

/// Nonzas stay as they are.
pub(super) fn convert(frame: &Frame, new: StreamNamespace) -> Frame {
    let source: &[u8] = frame.bytes();
    if frame.kind() == StanzaKind::Nonza {
        return frame.clone();
    }
    let mut conversion = Conversion {
        source,
        old: frame.namespace().as_bytes(),
        new,
        copied: 0,
        output: Vec::with_capacity(source.len().saturating_add(48)),
        open: Vec::new(),
    };
    if conversion.run(frame.stream_namespace()).is_none() {
        return frame.clone();
    }
    // What was checked and rewritten is checked again: a mistake here would end somebody's stream.
    Frame::parse_in(Bytes::from(conversion.output), new).unwrap_or_else(|_| frame.clone())
}

impl<'a> Conversion<'a> {
    fn run(&mut self, stream: StreamNamespace) -> Option<()> {
        let root = StartTag::read(self.source, 0)?;
        let outside = Converted { local: b"", default: stream.name().as_bytes(), prefixes: Vec::new() };
        self.open_element(&outside, 0, root);
        let mut tokens = Tokens::from(self.source, root.end);
        while !self.open.is_empty() {
            match tokens.next()? {
                Token::Text(..) | Token::CharacterData(..) => {}
                Token::End(start, end) => {
                    self.copy_to(start);
                    let element = self.open.pop()?;
                    self.output.extend_from_slice(b"</");
                    self.output.extend_from_slice(element.local);
                    self.output.push(b'>');
                    self.copied = end;
                }
                Token::Start(at, tag) => {
                    let parent = self.open.pop()?;
                    let is_converted = self.open_child(&parent, at, tag);
                    let child = if is_converted && !tag.is_empty { self.open.pop() } else { None };
                    self.open.push(parent);
                    self.open.extend(child);
                    if !is_converted {
                        tokens.skip_element(tag)?;
                    }
                }
            }
        }
        self.copy_to(self.source.len());
        Some(())
    }

    /// Whether the child is in the stanza's namespace and has been rewritten.
    fn open_child(&mut self, parent: &Converted<'a>, at: usize, tag: StartTag<'a>) -> bool {
        if self.is_converted(parent, tag) {
            self.copy_to(at);
            self.open_element(parent, at, tag);
            return true;
        }
        // What is inside may rely on the default namespace that was in force here.
        let declares = Attributes::of(self.source, tag.name_end).any(|attribute| attribute.name == b"xmlns");
        if !declares && parent.default != self.new.name().as_bytes() {
            self.copy_to(tag.name_end);
            self.declare(parent.default);
        }
        false
    }

    fn is_converted(&self, parent: &Converted<'a>, tag: StartTag<'a>) -> bool {
        match tag.parts().0 {
            None => self.default_of(parent, tag) == self.old,
            Some(prefix) => self.prefixes_of(parent, tag).contains(&prefix),
        }
    }

    /// Writes the start tag of an element that changes its namespace.
    fn open_element(&mut self, parent: &Converted<'a>, at: usize, tag: StartTag<'a>) {
        let is_root = at == 0;
        let element = Converted {
            local: tag.parts().1,
            default: self.default_of(parent, tag),
            prefixes: self.prefixes_of(parent, tag),
        };
        self.output.push(b'<');
        self.output.extend_from_slice(element.local);
        self.copied = tag.name_end;
        for attribute in Attributes::of(self.source, tag.name_end) {
            if attribute.name == b"xmlns" {
                self.copy_to(attribute.start);
                self.copied = attribute.end;
            }
        }
        let close = tag.end.saturating_sub(if tag.is_empty { 2 } else { 1 });
        self.copy_to(close);
        if is_root {
            self.declare(self.new.name().as_bytes());
        }
        self.copy_to(tag.end);
        if !tag.is_empty {
            self.open.push(element);
        }
    }

    fn default_of(&self, parent: &Converted<'a>, tag: StartTag<'a>) -> &'a [u8] {
        Attributes::of(self.source, tag.name_end)
            .find(|attribute| attribute.name == b"xmlns")
            .map_or(parent.default, |attribute| attribute.value)
    }

    fn prefixes_of(&self, parent: &Converted<'a>, tag: StartTag<'a>) -> Vec<&'a [u8]> {
        let mut prefixes = parent.prefixes.clone();
        for attribute in Attributes::of(self.source, tag.name_end) {
            if let Some(prefix) = attribute.name.strip_prefix(b"xmlns:") {
                prefixes.retain(|other| *other != prefix);
                if attribute.value == self.old {
                    prefixes.push(prefix);
                }
            }
        }
        prefixes
    }

    fn copy_to(&mut self, end: usize) {
        self.output.extend_from_slice(self.source.get(self.copied..end).unwrap_or_default());
        self.copied = end;
    }

    /// The value was copied from a declaration or is ours, so it needs no escaping but may hold a quote.
    fn declare(&mut self, namespace: &[u8]) {
        let quote = if namespace.contains(&b'\'') { b'"' } else { b'\'' };
        self.output.extend_from_slice(b" xmlns=");
        self.output.push(quote);
        self.output.extend_from_slice(namespace);
        self.output.push(quote);
    }
}
