//! Namespace declarations, and the rule that an element brings all it needs.

use super::super::StanzaKind;
use super::super::head::{ElementNamespace, STREAMS, XML, XMLNS};
use super::name::Name;
use super::{Attribute, Declaration, MOST_DECLARING, ScanError, Scanner, Span};

impl Scanner {
    /// Takes `xmlns='…'` or `xmlns:prefix='…'` (Namespaces in XML 1.0 section 3).
    pub(super) fn declare(
        &mut self,
        view: &[u8],
        attribute: Attribute,
        value: &[u8],
    ) -> Result<(), ScanError> {
        let at = attribute.value_start;
        // Namespaces are compared as bytes everywhere, so they have to be written plainly.
        if value.iter().any(|byte| *byte == b'&' || *byte < b' ') {
            return Err(ScanError::RestrictedXml(at));
        }
        let is_reserved = value == XML.as_bytes() || value == XMLNS.as_bytes();
        let name = attribute.name;
        if !name.has_prefix() {
            if is_reserved {
                return Err(ScanError::NotWellFormed(at));
            }
            if self.open.len() == 1 {
                self.default_declaration = Span::new(at, attribute.value_end);
            }
            return Ok(());
        }
        let is_allowed = match name.local(view) {
            b"xmlns" => false,
            b"xml" => value == XML.as_bytes(),
            _ => !is_reserved && !value.is_empty(),
        };
        if !is_allowed {
            return Err(ScanError::NotWellFormed(at));
        }
        self.declarations.push(Declaration {
            prefix_start: name.local,
            prefix_end: name.end,
            value_start: at,
            value_end: attribute.value_end,
        });
        Ok(())
    }

    /// Checks the prefixes of the element and its attributes, once all declarations are known.
    pub(super) fn check_prefixes(&mut self, view: &[u8]) -> Result<(), ScanError> {
        let Some(open) = self.open.last().copied() else {
            return Ok(());
        };
        if self.declarations.len() > open.declarations {
            self.declaring = self.declaring.saturating_add(1);
            if self.declaring > MOST_DECLARING {
                return Err(ScanError::OverLimit(open.name.start));
            }
        }
        if self.open.len() == 1 {
            self.head.namespace = self.element_namespace(view, open.name)?;
        } else if open.name.has_prefix() {
            self.namespace_of(view, open.name)?;
        }
        self.check_attribute_prefixes(view)
    }

    /// Prefixes are declared, and no two attributes have the same name in the same namespace.
    fn check_attribute_prefixes(&self, view: &[u8]) -> Result<(), ScanError> {
        let mut prefixed = self.attributes.iter().filter(|attribute| needs_namespace(view, attribute.name));
        while let Some(attribute) = prefixed.next() {
            let namespace = self.namespace_of(view, attribute.name)?;
            for other in prefixed.clone() {
                if other.name.local(view) == attribute.name.local(view)
                    && self.namespace_of(view, other.name)? == namespace
                {
                    return Err(ScanError::NotWellFormed(other.name.start));
                }
            }
        }
        Ok(())
    }

    /// What the prefix of a name stands for.
    fn namespace_of<'a>(&self, view: &'a [u8], name: Name) -> Result<&'a [u8], ScanError> {
        match self.declaration_of(view, name) {
            Some(declaration) => {
                Ok(view.get(declaration.value_start..declaration.value_end).unwrap_or_default())
            }
            None => match name.prefix(view) {
                b"xml" => Ok(XML.as_bytes()),
                b"stream" if self.head.namespace == ElementNamespace::Streams => Ok(STREAMS.as_bytes()),
                _ => Err(ScanError::UndeclaredPrefix(name.start)),
            },
        }
    }

    fn declaration_of(&self, view: &[u8], name: Name) -> Option<Declaration> {
        let prefix = name.prefix(view);
        self.declarations
            .iter()
            .rev()
            .find(|declaration| view.get(declaration.prefix_start..declaration.prefix_end) == Some(prefix))
            .copied()
    }

    /// The namespace of the first-level element.
    fn element_namespace(&self, view: &[u8], name: Name) -> Result<ElementNamespace, ScanError> {
        if !name.has_prefix() {
            let declared = self.default_declaration;
            return Ok(match declared.is_present() {
                true => ElementNamespace::Declared(declared),
                false => ElementNamespace::Stream,
            });
        }
        match self.declaration_of(view, name) {
            Some(found) => Ok(ElementNamespace::Declared(Span::new(found.value_start, found.value_end))),
            None => match name.prefix(view) {
                b"xml" => Ok(ElementNamespace::Xml),
                b"stream" if !self.is_header => Ok(ElementNamespace::Streams),
                _ => Err(ScanError::UndeclaredPrefix(name.start)),
            },
        }
    }

    /// The start tag of the first-level element is complete.
    pub(super) fn finish_head(&mut self, view: &[u8], end: usize) -> Result<(), ScanError> {
        self.head.set_tag_end(end);
        self.head.kind = self.head.kind_of(view);
        let opens_stream = self.head.kind == StanzaKind::Nonza
            && self.head.local.of(view) == Some(b"stream")
            && self.head.namespace(view) == STREAMS;
        // A stream inside the stream would never end.
        if opens_stream && !self.is_header { Err(ScanError::NotWellFormed(0)) } else { Ok(()) }
    }
}

fn needs_namespace(view: &[u8], name: Name) -> bool {
    name.has_prefix() && name.prefix(view) != b"xmlns"
}
