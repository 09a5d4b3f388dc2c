//! Random input for the wire scanner, held against rxml, the parser behind the clients that use xmpp-rs.
//!
//! What is checked depends on the input alone, so that a finding needs nothing but its file to show up again.

mod corpus;
mod edits;
mod finding;
mod grammar;
mod headers;
mod hunt;
mod mutation;
mod randomness;
mod reference;
mod scanning;
mod stanzas;
mod tree;

pub use corpus::{Corpus, Verdict};
pub use finding::Finding;
pub use hunt::{Hunt, Report};
pub use randomness::Randomness;

/// What an input turned out to be. New traits make an input worth changing further.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Traits {
    /// Stanzas accepted.
    pub stanzas: usize,
    /// Why the scanner went no further, if it had a reason.
    pub error: Option<&'static str>,
    /// What was around the place where it stopped, and what the stanzas are made of.
    pub around: u64,
}

/// Holds the scanner, the head editor, the conversion and the stream header to their word on one input.
///
/// # Errors
/// One of them does not keep it.
pub fn check(input: &[u8]) -> Result<Traits, Finding> {
    let mut choices = Randomness::of(input);
    headers::check(input, &mut choices)?;
    let scan = scanning::check(input, &mut choices)?;
    for stanza in &scan.stanzas {
        stanzas::check(stanza, &mut choices)?;
    }
    scanning::check_refusal(input, &scan)?;
    Ok(scan.traits(input))
}

#[cfg(test)]
mod tests;
