//! Who is typing. Somebody of whom nothing more is heard has stopped.

use std::collections::BTreeMap;
use std::time::Duration;

use tokio::time::Instant;

use crate::events::{EngineEvent, Events};

/// How long typing lasts without a further word.
const LASTS: Duration = Duration::from_secs(30);
/// Most people of whom this is kept.
const MOST: usize = 1_000;

/// Kept by the session.
#[derive(Debug)]
pub(crate) struct Typing {
    events: Events,
    until: BTreeMap<String, Instant>,
}

impl Typing {
    pub(crate) fn new(events: Events) -> Self {
        Self { events, until: BTreeMap::new() }
    }

    /// `peer` is typing, or has stopped.
    pub(crate) fn heard(&mut self, peer: &str, typing: bool) {
        if !typing {
            if self.until.remove(peer).is_some() {
                self.tell(peer.to_owned(), false);
            }
            return;
        }
        if self.until.len() < MOST && self.until.insert(peer.to_owned(), Instant::now() + LASTS).is_none() {
            self.tell(peer.to_owned(), true);
        }
    }

    /// Ends when somebody has been silent for too long, and tells so.
    pub(crate) async fn silence(&mut self) {
        let Some((peer, until)) = self.until.iter().min_by_key(|(_, until)| **until) else {
            return std::future::pending().await;
        };
        let (peer, until) = (peer.clone(), *until);
        tokio::time::sleep_until(until).await;
        self.heard(&peer, false);
    }

    /// Without a line nobody types.
    pub(crate) fn clear(&mut self) {
        for peer in std::mem::take(&mut self.until).into_keys() {
            self.tell(peer, false);
        }
    }

    fn tell(&self, peer: String, typing: bool) {
        self.events.tell(EngineEvent::TypingChanged { peer, typing });
    }
}
