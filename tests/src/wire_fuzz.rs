//! Random input for the wire scanner, held against rxml, the parser behind the clients that use xmpp-rs.
//!
//! What is checked depends on the input alone, so that a finding needs nothing but its file to show up again.

mod corpus;
mod edits;
mod grammar;
mod headers;
mod mutation;
mod reference;
mod scanning;
mod stanzas;
mod tree;

use crate::random_input::{Finding, Randomness, Target, Traits};

pub use corpus::{Corpus, Verdict};

/// The scanner of XML streams.
pub const WIRE: Target = Target { name: "wire", check, invent: grammar::elements, change: mutation::mutate };

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
