//! Ctrl-C and termination: noticed, so that what was started is stopped in good order.

use std::sync::atomic::{AtomicBool, Ordering};

static STOPPED: AtomicBool = AtomicBool::new(false);

/// From now on Ctrl-C only sets the mark that [`is_pending`] reads.
pub(crate) fn listen() {
    // Without the handler Ctrl-C ends the program at once, as usual.
    let _ = ctrlc::set_handler(|| STOPPED.store(true, Ordering::Release));
}

/// Whether somebody wants us to stop.
pub(crate) fn is_pending() -> bool {
    STOPPED.load(Ordering::Acquire)
}
