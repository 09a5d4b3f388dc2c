//! What was sent, and what came to clients.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use anyhow::Context;
use parking_lot::Mutex;
use tokio::sync::watch;

use super::Size;
use crate::modem_simulator::Network;

/// What is known of one notice.
#[derive(Debug, Clone, Default)]
pub(super) struct Entry {
    /// What the server calls it.
    pub(super) id: String,
    /// Ids of the messages that brought it to a client: more than one are shown as two.
    pub(super) messages: BTreeSet<String>,
    /// How often it came, under whatever id.
    pub(super) copies: usize,
    /// Somebody got it whom it was not for.
    pub(super) is_astray: bool,
}

/// All notices.
#[derive(Debug)]
pub(super) struct Ledger {
    size: Size,
    next: AtomicUsize,
    entries: Mutex<Vec<Entry>>,
    /// How many may be sent by now.
    allowed: watch::Sender<usize>,
    accepted: watch::Sender<usize>,
    /// How many clients are signed in.
    there: watch::Sender<usize>,
    shown: watch::Sender<usize>,
}

pub(super) fn title(number: usize) -> String {
    format!("n{number}.")
}

/// The notice that a text is about.
pub(super) fn number_in(text: &str) -> Option<usize> {
    text.split_once('n')?.1.split_once('.')?.0.parse().ok()
}

impl Ledger {
    pub(super) fn new(size: Size) -> Self {
        Self {
            size,
            next: AtomicUsize::new(0),
            entries: Mutex::new(vec![Entry::default(); size.notices]),
            allowed: watch::Sender::new(0),
            accepted: watch::Sender::new(0),
            there: watch::Sender::new(0),
            shown: watch::Sender::new(0),
        }
    }

    /// The next notice to send, once it may be sent.
    pub(super) async fn next(&self) -> Option<usize> {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        if number >= self.size.notices {
            return None;
        }
        self.allowed.subscribe().wait_for(|allowed| number < *allowed).await.ok()?;
        Some(number)
    }

    /// From now on so many may be sent in all.
    pub(super) fn allow(&self, count: usize) {
        self.allowed.send_replace(count);
    }

    /// Whom a notice is for: neighbours in time are far apart.
    pub(super) fn receiver(&self, number: usize) -> usize {
        (number * 7) % self.size.people
    }

    pub(super) fn size(&self) -> Size {
        self.size
    }

    pub(super) fn entries(&self) -> Vec<Entry> {
        self.entries.lock().clone()
    }

    pub(super) fn accepted(&self) -> usize {
        *self.accepted.borrow()
    }

    pub(super) fn was_accepted(&self, number: usize, id: &str) {
        if let Some(entry) = self.entries.lock().get_mut(number) {
            id.clone_into(&mut entry.id);
        }
        self.accepted.send_modify(|count| *count += 1);
    }

    /// A client has signed in.
    pub(super) fn has_come(&self) {
        self.there.send_modify(|count| *count += 1);
    }

    /// A client has lost its line.
    pub(super) fn has_gone(&self) {
        self.there.send_modify(|count| *count -= 1);
    }

    /// A client shows a notice.
    pub(super) fn came(&self, person: usize, number: usize, message: &str) {
        let is_astray = self.receiver(number) != person;
        let mut entries = self.entries.lock();
        let Some(entry) = entries.get_mut(number) else { return };
        entry.is_astray |= is_astray;
        entry.copies += 1;
        if entry.messages.insert(message.to_owned()) {
            self.shown.send_modify(|count| *count += 1);
        }
    }

    pub(super) async fn are_there(&self, count: usize, patience: Duration) -> anyhow::Result<()> {
        reach(&self.there, count, patience).await.context("not all clients can sign in")
    }

    pub(super) async fn is_accepted(&self, count: usize, patience: Duration) -> anyhow::Result<()> {
        reach(&self.accepted, count, patience).await.context("notices are not accepted")
    }

    /// Waits until as many have come as were sent, or for long enough; what is wrong is found by others.
    pub(super) async fn has_arrived(&self, network: &Network, patience: Duration) {
        let (mut shown, mut texts) = (self.shown.subscribe(), network.count());
        let all = async {
            while *shown.borrow_and_update() + *texts.borrow_and_update() < self.size.notices {
                tokio::select! {
                    changed = shown.changed() => if changed.is_err() { return },
                    changed = texts.changed() => if changed.is_err() { return },
                }
            }
        };
        let _ = tokio::time::timeout(patience, all).await;
    }
}

async fn reach(counter: &watch::Sender<usize>, count: usize, patience: Duration) -> anyhow::Result<()> {
    let mut counter = counter.subscribe();
    let waiting = counter.wait_for(|known| *known >= count);
    tokio::time::timeout(patience, waiting)
        .await
        .with_context(|| format!("{count} do not come in time"))??;
    Ok(())
}
