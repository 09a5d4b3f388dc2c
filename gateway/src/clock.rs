//! The only place that asks what time it is.

use std::sync::atomic::{AtomicI64, Ordering};

use time::format_description::well_known::Rfc3339;

/// Milliseconds since 1970-01-01T00:00:00Z.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Moment(pub i64);

impl Moment {
    /// Later by this time.
    #[must_use]
    pub fn after(self, time: std::time::Duration) -> Self {
        Self(self.0.saturating_add(milliseconds(time)))
    }

    /// Earlier by this time.
    #[must_use]
    pub fn before(self, time: std::time::Duration) -> Self {
        Self(self.0.saturating_sub(milliseconds(time)))
    }

    /// How long until then; nothing when it is over.
    pub fn until(self, then: Self) -> std::time::Duration {
        std::time::Duration::from_millis(u64::try_from(then.0.saturating_sub(self.0)).unwrap_or(0))
    }

    /// As protocols write it (XEP-0082), in whole seconds.
    pub fn to_xmpp(self) -> String {
        let time = time::OffsetDateTime::from_unix_timestamp(self.0.div_euclid(1_000));
        time.ok().and_then(|time| time.format(&Rfc3339).ok()).unwrap_or_default()
    }
}

fn milliseconds(time: std::time::Duration) -> i64 {
    i64::try_from(time.as_millis()).unwrap_or(i64::MAX)
}

/// Tells the time: the computer's, or a time that a test sets.
#[derive(Debug)]
pub enum Clock {
    /// The computer's clock.
    System,
    /// A clock that stands until it is moved; milliseconds since 1970.
    Fixed(AtomicI64),
}

impl Clock {
    /// The time now.
    pub fn now(&self) -> Moment {
        match self {
            Self::System => Moment(system_milliseconds()),
            Self::Fixed(milliseconds) => Moment(milliseconds.load(Ordering::Relaxed)),
        }
    }
}

#[allow(clippy::disallowed_methods, reason = "this file is the program's clock")]
fn system_milliseconds() -> i64 {
    std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .ok()
        .map(milliseconds)
        .unwrap_or_default()
}
