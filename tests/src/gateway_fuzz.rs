//! Random input for the gateway's readers of what comes from modems, held against slower readers of our own.

mod dialogue;
mod lines;
mod tpdu;

use crate::random_input::Target;

/// Bytes from a port, cut into lines.
pub const LINES: Target = lines::TARGET;
/// Commands and what noisy modems answer.
pub const DIALOGUE: Target = dialogue::TARGET;
/// Texts and reports as they travel.
pub const TPDU: Target = tpdu::TARGET;

#[cfg(test)]
mod tests;
