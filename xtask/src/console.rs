//! What the commands say.

use std::io::Write;

/// One line to the terminal, at once. A terminal that went away is no reason to stop.
pub(crate) fn say(line: &str) {
    let mut out = std::io::stdout().lock();
    let _ = writeln!(out, "{line}").and_then(|()| out.flush());
}
