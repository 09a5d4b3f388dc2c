//! Ways to phones. The modem pool is the first; lines of carriers are of the same shape.

use std::future::Future;
use std::pin::Pin;

use crate::store::DueText;

/// What becomes of texts is reported …
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reports {
    /// … never.
    None,
    /// … for each part.
    PerPart,
    /// … for the whole text.
    PerText,
}

/// What a route can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Capabilities {
    /// Carries any text; otherwise only what its carrier approved before.
    pub free_text: bool,
    /// Phones can write back.
    pub receives: bool,
    /// What becomes of texts is reported so.
    pub reports: Reports,
    /// The most parts of one text.
    pub most_parts: u8,
}

/// Carries one text to its end and notes everything in the outbox.
pub type Delivery = Pin<Box<dyn Future<Output = ()> + Send>>;

/// A way to phones.
pub trait Route: Send + Sync {
    /// Its name, for people.
    fn name(&self) -> &str;

    /// What it can do.
    fn capabilities(&self) -> Capabilities;

    /// How much of this number its prefixes know: 0 when it is for all numbers, `None` when it does not reach it.
    fn matches(&self, number: &str) -> Option<usize>;

    /// Nothing of this lane can be taken now: of the texts that this modem has to take or, without a name, any may.
    fn is_closed_to(&self, lane: &str) -> bool {
        let _ = lane;
        false
    }

    /// Takes a text when it can do so now; never waits.
    fn offer(&self, text: &DueText) -> Option<Delivery>;
}
