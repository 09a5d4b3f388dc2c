//! Lines on the terminal.

use std::io::Write;

/// One line, at once.
pub(crate) fn say(line: &str) {
    let mut out = std::io::stdout().lock();
    // A terminal that went away is no reason to stop.
    let _ = writeln!(out, "{line}").and_then(|()| out.flush());
}
