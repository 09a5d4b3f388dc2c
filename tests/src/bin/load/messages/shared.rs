//! What the pairs of one round share with whoever measures it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::{Duration, Instant};

/// Cheap to clone.
#[derive(Debug, Clone)]
pub(super) struct Shared(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    received: AtomicU32,
    is_recording: AtomicBool,
    is_over: AtomicBool,
}

impl Shared {
    pub(super) fn begin() -> Self {
        Self(Arc::default())
    }

    /// Lets the round go on for a while; how many messages were received in it, and how long it was.
    pub(super) async fn record(&self, time: Duration) -> (u32, Duration) {
        self.0.is_recording.store(true, Ordering::Release);
        let (before, since) = (self.0.received.load(Ordering::Acquire), Instant::now());
        tokio::time::sleep(time).await;
        let (after, took) = (self.0.received.load(Ordering::Acquire), since.elapsed());
        self.0.is_recording.store(false, Ordering::Release);
        (after.wrapping_sub(before), took)
    }

    /// Nothing more is sent.
    pub(super) fn stop(&self) {
        self.0.is_over.store(true, Ordering::Release);
    }

    pub(super) fn is_over(&self) -> bool {
        self.0.is_over.load(Ordering::Acquire)
    }

    pub(super) fn is_recording(&self) -> bool {
        self.0.is_recording.load(Ordering::Acquire)
    }

    pub(super) fn count(&self, received: usize) {
        let received = u32::try_from(received).unwrap_or(u32::MAX);
        self.0.received.fetch_add(received, Ordering::AcqRel);
    }
}
