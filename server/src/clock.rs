//! The only place that asks what time it is.

use std::sync::atomic::{AtomicI64, Ordering};

/// Microseconds since 1970-01-01T00:00:00Z.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Timestamp(pub i64);

impl Timestamp {
    /// The text form of XEP-0082: `2026-11-24T08:30:00.123456Z`.
    pub fn to_xmpp(self) -> String {
        let nanoseconds = i128::from(self.0).saturating_mul(1_000);
        time::OffsetDateTime::from_unix_timestamp_nanos(nanoseconds)
            .ok()
            .and_then(|moment| {
                moment
                    .format(time::macros::format_description!(
                        "[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:6]Z"
                    ))
                    .ok()
            })
            .unwrap_or_default()
    }

    /// Whole seconds since 1970.
    pub fn seconds(self) -> i64 {
        self.0.div_euclid(1_000_000)
    }
}

/// Tells the time: the computer's, or a time that a test sets.
#[derive(Debug)]
pub enum Clock {
    /// The computer's clock.
    System,
    /// A clock that stands until it is moved; microseconds since 1970.
    Fixed(AtomicI64),
}

impl Clock {
    /// The time now.
    pub fn now(&self) -> Timestamp {
        match self {
            Self::System => Timestamp(system_microseconds()),
            Self::Fixed(microseconds) => Timestamp(microseconds.load(Ordering::Relaxed)),
        }
    }
}

#[allow(clippy::disallowed_methods, reason = "this file is the program's clock")]
fn system_microseconds() -> i64 {
    std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .ok()
        .and_then(|elapsed| i64::try_from(elapsed.as_micros()).ok())
        .unwrap_or_default()
}
