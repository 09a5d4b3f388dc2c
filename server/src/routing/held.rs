//! What waits while nobody looks at a client (XEP-0352): the newest stanza about each thing.

use std::collections::HashMap;

use bytes::Bytes;

/// Most stanzas held for one client; with one more everything is sent.
const MOST: usize = 512;

/// Stanzas in the order in which their subjects first changed.
#[derive(Debug, Default)]
pub(super) struct Held {
    places: HashMap<String, usize>,
    stanzas: Vec<Bytes>,
}

impl Held {
    /// Keeps the stanza instead of an older one about the same; what comes back must be sent now.
    pub(super) fn keep(&mut self, about: &str, bytes: Bytes) -> Vec<Bytes> {
        if let Some(stanza) = self.places.get(about).and_then(|place| self.stanzas.get_mut(*place)) {
            *stanza = bytes;
            return Vec::new();
        }
        self.places.insert(about.to_owned(), self.stanzas.len());
        self.stanzas.push(bytes);
        if self.stanzas.len() > MOST { self.take() } else { Vec::new() }
    }

    /// Gives everything away.
    pub(super) fn take(&mut self) -> Vec<Bytes> {
        self.places.clear();
        std::mem::take(&mut self.stanzas)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_newest_about_each_thing_is_held() {
        let mut held = Held::default();
        assert!(held.keep("bob/pc", Bytes::from_static(b"<presence id='1'/>")).is_empty());
        assert!(held.keep("eve/pc", Bytes::from_static(b"<presence id='2'/>")).is_empty());
        assert!(held.keep("bob/pc", Bytes::from_static(b"<presence id='3'/>")).is_empty());
        assert_eq!(held.take(), ["<presence id='3'/>", "<presence id='2'/>"]);
        assert!(held.take().is_empty());
    }

    #[test]
    fn a_full_hold_is_sent() {
        let mut held = Held::default();
        let kept: Vec<_> = (0..=MOST).map(|n| held.keep(&n.to_string(), Bytes::new()).len()).collect();
        assert_eq!(kept.last(), Some(&(MOST + 1)));
        assert!(held.take().is_empty());
    }
}
