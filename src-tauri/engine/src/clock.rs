//! The only place of the engine that asks what time it is.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

/// Tells the time: the computer's, or one that a test sets. Clones are the same clock.
#[derive(Debug, Clone, Default)]
pub struct Clock {
    /// `None`: the computer's clock.
    manual: Option<Arc<AtomicI64>>,
}

impl Clock {
    /// The computer's clock.
    #[must_use]
    pub fn system() -> Self {
        Self::default()
    }

    /// A clock that stands until it is moved. `now`: milliseconds since 1970 UTC.
    #[must_use]
    pub fn manual(now: i64) -> Self {
        Self { manual: Some(Arc::new(AtomicI64::new(now))) }
    }

    /// Milliseconds since 1970 UTC.
    #[must_use]
    pub fn now(&self) -> i64 {
        self.manual.as_ref().map_or_else(system_milliseconds, |manual| manual.load(Ordering::Relaxed))
    }

    /// Moves a manual clock; the computer's clock stays as it is.
    pub fn advance(&self, milliseconds: i64) {
        if let Some(manual) = &self.manual {
            manual.fetch_add(milliseconds, Ordering::Relaxed);
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "this file is the engine's clock")]
fn system_milliseconds() -> i64 {
    std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .ok()
        .and_then(|elapsed| i64::try_from(elapsed.as_millis()).ok())
        .unwrap_or_default()
}
