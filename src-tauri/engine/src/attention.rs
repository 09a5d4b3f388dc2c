//! What the person looks at: for that no notification is shown.

use std::sync::Arc;

use parking_lot::Mutex;

/// Clones are the same.
#[derive(Debug, Clone, Default)]
pub(crate) struct Attention(Arc<Mutex<Looking>>);

#[derive(Debug, Default)]
struct Looking {
    is_window_looked_at: bool,
    shown: Option<String>,
    is_busy: bool,
}

impl Attention {
    /// The window is looked at, or no longer.
    pub(crate) fn window(&self, is_looked_at: bool) {
        self.0.lock().is_window_looked_at = is_looked_at;
    }

    /// The window shows this conversation.
    pub(crate) fn shows(&self, peer: &str) {
        self.0.lock().shown = Some(peer.to_owned());
    }

    /// The window shows this conversation no longer.
    pub(crate) fn leaves(&self, peer: &str) {
        let mut looking = self.0.lock();
        if looking.shown.as_deref() == Some(peer) {
            looking.shown = None;
        }
    }

    /// The person does not want to be disturbed, or no longer.
    pub(crate) fn busy(&self, is_busy: bool) {
        self.0.lock().is_busy = is_busy;
    }

    /// True when the person does not want to be disturbed.
    pub(crate) fn is_busy(&self) -> bool {
        self.0.lock().is_busy
    }

    /// Somebody else is signed in: nothing is shown.
    pub(crate) fn clear(&self) {
        let mut looking = self.0.lock();
        looking.shown = None;
        looking.is_busy = false;
    }

    /// True when the window is looked at, whatever it shows.
    pub(crate) fn is_window_looked_at(&self) -> bool {
        self.0.lock().is_window_looked_at
    }

    /// True when the person looks at this conversation.
    pub(crate) fn is_on(&self, peer: &str) -> bool {
        let looking = self.0.lock();
        looking.is_window_looked_at && looking.shown.as_deref() == Some(peer)
    }
}
