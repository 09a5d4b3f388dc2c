//! How the server tells a connection that its session has to end.

use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Waker};

use parking_lot::Mutex;
use tokio::sync::Notify;

/// Why the server ends a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EndReason {
    /// Another client has taken the same full address (RFC 6120 section 7.7.2.2).
    Conflict,
    /// The client takes its stanzas too slowly.
    Overflow,
    /// The server stops.
    Shutdown,
    /// The account was disabled or removed, or its password changed.
    AccountClosed,
}

/// The end, once decided, and who waits for it.
#[derive(Debug, Default)]
pub(super) struct SessionEnd {
    state: Mutex<State>,
    is_over: AtomicBool,
    over: Notify,
}

#[derive(Debug, Default)]
struct State {
    reason: Option<EndReason>,
    waker: Option<Waker>,
}

impl SessionEnd {
    /// The first reason stays.
    pub(super) fn decide(&self, reason: EndReason) {
        let waker = {
            let mut state = self.state.lock();
            state.reason.get_or_insert(reason);
            state.waker.take()
        };
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    /// The reason that was decided.
    pub(super) fn reason(&self) -> Option<EndReason> {
        self.state.lock().reason
    }

    /// The connection has said good-bye and told everybody.
    pub(super) fn finish(&self) {
        self.is_over.store(true, Ordering::Release);
        self.over.notify_waiters();
    }

    /// Waits for [`SessionEnd::finish`].
    pub(super) async fn finished(&self) {
        let over = self.over.notified();
        if !self.is_over.load(Ordering::Acquire) {
            over.await;
        }
    }

    pub(super) fn wake(&self) {
        let waker = self.state.lock().waker.take();
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    pub(super) fn poll(&self, context: &Context<'_>) -> Poll<EndReason> {
        let mut state = self.state.lock();
        if let Some(reason) = state.reason {
            return Poll::Ready(reason);
        }
        match &state.waker {
            Some(waker) if waker.will_wake(context.waker()) => {}
            _ => state.waker = Some(context.waker().clone()),
        }
        Poll::Pending
    }
}
