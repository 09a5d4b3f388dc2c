//! An element inside a stanza: a view of the stanza's bytes, nothing is built.

use std::borrow::Cow;

use super::Frame;
use super::head::{ElementNamespace, STREAMS, XML};
use super::scanner::MOST_DECLARING;
use super::text::{unescape, unescape_attribute};
use super::walk::{Attributes, StartTag, Token, Tokens, split_name};

/// An element inside a stanza, or the stanza itself.
#[derive(Debug, Clone, Copy)]
pub struct Child<'a> {
    /// Local name.
    pub name: &'a str,
    /// Resolved namespace.
    pub namespace: &'a str,
    /// The element from `<` to `>`.
    pub bytes: &'a [u8],
    scope: Scope<'a>,
}

/// What namespaces mean inside an element.
#[derive(Debug, Clone, Copy)]
struct Scope<'a> {
    /// The first-level element.
    root: &'a [u8],
    /// The default namespace.
    default: &'a str,
    /// Elements around, innermost last, that declare prefixes: where they start. The scanner limits them.
    declaring: [u32; MOST_DECLARING],
    declaring_count: usize,
    /// The prefix `stream` is in force without declaration.
    has_stream_prefix: bool,
}

impl<'a> Scope<'a> {
    /// The scope inside the element with this start tag.
    fn enter(mut self, at: usize, tag: StartTag<'a>) -> Self {
        let mut declares = false;
        for attribute in Attributes::of(self.root, tag.name_end) {
            if attribute.name == b"xmlns" {
                self.default = attribute.value_text();
            } else {
                declares |= attribute.name.starts_with(b"xmlns:");
            }
        }
        if declares && let Some(slot) = self.declaring.get_mut(self.declaring_count) {
            *slot = u32::try_from(at).unwrap_or(u32::MAX);
            self.declaring_count = self.declaring_count.saturating_add(1);
        }
        self
    }

    /// The prefixes that elements around the one at `inside` declare, innermost first, with what they stand for.
    fn prefixes_around(&self, inside: usize) -> impl Iterator<Item = (&'a [u8], &'a [u8])> + use<'a> {
        let root = self.root;
        let around: Vec<usize> = self
            .declaring
            .iter()
            .take(self.declaring_count)
            .filter_map(|at| usize::try_from(*at).ok())
            .filter(|at| *at != inside)
            .rev()
            .collect();
        around
            .into_iter()
            .filter_map(move |at| StartTag::read(root, at))
            .flat_map(move |tag| Attributes::of(root, tag.name_end))
            .filter_map(|attribute| Some((attribute.name.strip_prefix(b"xmlns:")?, attribute.value)))
    }

    /// What a prefix stands for; empty when it is declared nowhere.
    fn namespace_of(&self, prefix: Option<&[u8]>) -> &'a str {
        let Some(prefix) = prefix else {
            return self.default;
        };
        let around = self.declaring.get(..self.declaring_count).unwrap_or_default();
        for at in around.iter().rev() {
            let found = usize::try_from(*at)
                .ok()
                .and_then(|at| StartTag::read(self.root, at))
                .and_then(|tag| declared(self.root, tag, prefix));
            if let Some(namespace) = found {
                return namespace;
            }
        }
        match prefix {
            b"xml" => XML,
            b"stream" if self.has_stream_prefix => STREAMS,
            _ => "",
        }
    }
}

/// ` name='namespace'`; a namespace that was declared may hold one kind of quotes.
fn write_declaration(out: &mut Vec<u8>, name: &[u8], namespace: &[u8]) {
    let quote: &[u8] = if namespace.contains(&b'\'') { b"\"" } else { b"'" };
    out.extend_from_slice(&[b" ", name, b"=", quote, namespace, quote].concat());
}

/// What the start tag declares a prefix to stand for.
fn declared<'a>(bytes: &'a [u8], tag: StartTag<'a>, prefix: &[u8]) -> Option<&'a str> {
    Attributes::of(bytes, tag.name_end)
        .find(|attribute| attribute.name.strip_prefix(b"xmlns:") == Some(prefix))
        .map(|attribute| attribute.value_text())
}

impl<'a> Child<'a> {
    /// The first-level element of a frame.
    pub(super) fn root(frame: &'a Frame) -> Self {
        let root: &[u8] = frame.bytes();
        let head = frame.head();
        let outside = Scope {
            root,
            default: head.stream.name(),
            declaring: [0; MOST_DECLARING],
            declaring_count: 0,
            has_stream_prefix: head.namespace == ElementNamespace::Streams,
        };
        let scope = match StartTag::read(root, 0) {
            Some(tag) => outside.enter(0, tag),
            None => outside,
        };
        Self { name: frame.name(), namespace: frame.namespace(), bytes: root, scope }
    }

    /// The unescaped value of an attribute without prefix.
    pub fn attribute(&self, name: &str) -> Option<Cow<'a, str>> {
        self.written_attributes()
            .find(|attribute| attribute.name == name.as_bytes())
            .map(|attribute| unescape_attribute(attribute.value_text()))
    }

    /// The unescaped value of an attribute in a namespace.
    pub fn attribute_in(&self, name: &str, namespace: &str) -> Option<Cow<'a, str>> {
        self.written_attributes()
            .find(|attribute| match split_name(attribute.name) {
                (Some(b"xmlns") | None, _) => false,
                (prefix, local) => local == name.as_bytes() && self.scope.namespace_of(prefix) == namespace,
            })
            .map(|attribute| unescape_attribute(attribute.value_text()))
    }

    /// The element in a form that means the same outside of its stanza: with the declarations it relies on.
    pub fn standalone(&self) -> Cow<'a, [u8]> {
        let Some(tag) = StartTag::read(self.bytes, 0) else { return Cow::Borrowed(self.bytes) };
        let mut has_default = false;
        let mut own: Vec<&[u8]> = Vec::new();
        for attribute in self.written_attributes() {
            has_default |= attribute.name == b"xmlns";
            own.extend(attribute.name.strip_prefix(b"xmlns:"));
        }
        let mut added = Vec::new();
        if !has_default {
            write_declaration(&mut added, b"xmlns", self.scope.default.as_bytes());
        }
        for (prefix, namespace) in self.scope.prefixes_around(self.offset()) {
            if !own.contains(&prefix) {
                own.push(prefix);
                write_declaration(&mut added, &[b"xmlns:", prefix].concat(), namespace);
            }
        }
        if self.scope.has_stream_prefix && !own.contains(&b"stream".as_slice()) {
            write_declaration(&mut added, b"xmlns:stream", STREAMS.as_bytes());
        }
        if added.is_empty() {
            return Cow::Borrowed(self.bytes);
        }
        let (name, rest) = self.bytes.split_at_checked(tag.name_end).unwrap_or((self.bytes, b""));
        Cow::Owned([name, &added, rest].concat())
    }

    /// Unescaped `xml:lang` of the element itself.
    pub fn lang(&self) -> Option<Cow<'a, str>> {
        self.attribute("xml:lang")
    }

    /// The unescaped text directly inside the element.
    pub fn text(&self) -> Cow<'a, str> {
        let mut text = Cow::Borrowed("");
        let Some(mut tokens) = self.content() else {
            return text;
        };
        while let Some(token) = tokens.next() {
            match token {
                Token::Text(start, end) => join(&mut text, unescape(self.slice(start, end))),
                Token::CharacterData(start, end) => join(&mut text, fold_line_ends(self.slice(start, end))),
                Token::Start(_, tag) => {
                    if tokens.skip_element(tag).is_none() {
                        break;
                    }
                }
                Token::End(..) => break,
            }
        }
        text
    }

    /// Its own direct children.
    pub fn children(&self) -> impl Iterator<Item = Self> + use<'a> {
        Children { scope: self.scope, offset: self.offset(), tokens: self.content() }
    }

    /// The first direct child of that name and namespace.
    pub fn child(&self, name: &str, namespace: &str) -> Option<Self> {
        self.children().find(|child| child.name == name && child.namespace == namespace)
    }

    fn written_attributes(&self) -> Attributes<'a> {
        let name_end = StartTag::read(self.bytes, 0).map_or(self.bytes.len(), |tag| tag.name_end);
        Attributes::of(self.bytes, name_end)
    }

    /// The tokens behind the start tag; `None` for an empty element.
    fn content(&self) -> Option<Tokens<'a>> {
        let tag = StartTag::read(self.bytes, 0)?;
        if tag.is_empty { None } else { Some(Tokens::from(self.bytes, tag.end)) }
    }

    fn slice(&self, start: usize, end: usize) -> &'a str {
        self.bytes.get(start..end).and_then(|bytes| std::str::from_utf8(bytes).ok()).unwrap_or_default()
    }

    /// Where in the first-level element it starts.
    pub(super) fn offset(&self) -> usize {
        self.bytes.as_ptr().addr().saturating_sub(self.scope.root.as_ptr().addr())
    }
}

/// The direct children of an element, in order.
struct Children<'a> {
    /// The scope inside the element.
    scope: Scope<'a>,
    /// Where in the first-level element it starts.
    offset: usize,
    tokens: Option<Tokens<'a>>,
}

impl<'a> Iterator for Children<'a> {
    type Item = Child<'a>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let tokens = self.tokens.as_mut()?;
            match tokens.next() {
                Some(Token::Text(..) | Token::CharacterData(..)) => {}
                Some(Token::End(..)) | None => {
                    self.tokens = None;
                    return None;
                }
                Some(Token::Start(at, tag)) => {
                    let end = tokens.skip_element(tag)?;
                    return self.child(at, end);
                }
            }
        }
    }
}

impl<'a> Children<'a> {
    fn child(&self, at: usize, end: usize) -> Option<Child<'a>> {
        let at = self.offset.checked_add(at)?;
        let end = self.offset.checked_add(end)?;
        let root = self.scope.root;
        let tag = StartTag::read(root, at)?;
        let scope = self.scope.enter(at, tag);
        let (prefix, local) = tag.parts();
        Some(Child {
            name: std::str::from_utf8(local).ok()?,
            namespace: scope.namespace_of(prefix),
            bytes: root.get(at..end)?,
            scope,
        })
    }
}

fn join<'a>(text: &mut Cow<'a, str>, more: Cow<'a, str>) {
    if text.is_empty() {
        *text = more;
    } else {
        text.to_mut().push_str(&more);
    }
}

/// XML 1.0 section 2.11; in a CDATA section nothing else is done.
fn fold_line_ends(text: &str) -> Cow<'_, str> {
    match text.contains('\r') {
        true => Cow::Owned(text.replace("\r\n", "\n").replace('\r', "\n")),
        false => Cow::Borrowed(text),
    }
}
