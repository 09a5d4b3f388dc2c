//! The network behind all simulated modems: takes texts, gives reports, delivers texts to SIMs.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use tokio::sync::{Notify, watch};

use super::pdus::{self, Submitted};
use super::state::State;

/// A text that reached the network.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SentText {
    /// The modem it came through.
    pub modem: String,
    /// To whom.
    pub number: String,
    /// What it says; one part of a longer text.
    pub text: String,
    /// Reference, total, number of a longer text's part.
    pub part: Option<(u16, u8, u8)>,
    /// When.
    pub at: Instant,
}

/// The network. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Network(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    inner: Mutex<Inner>,
    count: watch::Sender<usize>,
}

#[derive(Debug, Default)]
struct Inner {
    sent: Vec<SentText>,
    modems: BTreeMap<String, (Arc<Mutex<State>>, Arc<Notify>)>,
    unreachable: BTreeSet<String>,
    reference: u8,
    tick: u32,
}

impl Default for Network {
    fn default() -> Self {
        Self(Arc::new(Shared { inner: Mutex::default(), count: watch::Sender::new(0) }))
    }
}

impl Network {
    pub(super) fn join(&self, name: &str, state: Arc<Mutex<State>>, changed: Arc<Notify>) {
        self.0.inner.lock().modems.insert(name.to_owned(), (state, changed));
    }

    /// Takes a text from a modem; a report follows when it wants one.
    pub(super) fn submit(&self, modem: &str, reference: u8, text: Submitted, report_time: Duration) {
        let mut inner = self.0.inner.lock();
        inner.tick += 1;
        let tick = inner.tick;
        let status = if inner.unreachable.contains(&text.number) { 0x46 } else { 0x00 };
        if text.wants_report
            && let Some((state, changed)) = inner.modems.get(modem).cloned()
        {
            let report = pdus::report(reference, &text.number, tick, status);
            tokio::spawn(async move {
                tokio::time::sleep(report_time).await;
                hand_over(&state, &changed, report);
            });
        }
        let Submitted { number, text, part, .. } = text;
        inner.sent.push(SentText { modem: modem.to_owned(), number, text, part, at: Instant::now() });
        self.0.count.send_replace(inner.sent.len());
    }

    /// From now on texts to this number fail for good.
    pub fn switch_off(&self, number: &str) {
        self.0.inner.lock().unreachable.insert(number.to_owned());
    }

    /// A phone writes to a modem's number.
    ///
    pub fn write(&self, sender: &str, modem: &str, text: &str) {
        for part in self.parts(sender, text) {
            self.deliver(modem, part);
        }
    }

    /// A phone writes a text of class 0, which is to be shown at once and not kept.
    pub fn flash(&self, sender: &str, modem: &str, text: &str) {
        let tick = self.tick();
        self.deliver(modem, pdus::flash(sender, tick, text));
    }

    /// The messages of a text, for scenes that shuffle or lose them.
    pub fn parts(&self, sender: &str, text: &str) -> Vec<Vec<u8>> {
        let mut inner = self.0.inner.lock();
        inner.tick += 1;
        inner.reference = inner.reference.wrapping_add(1);
        pdus::delivers(sender, text, inner.reference, inner.tick)
    }

    /// A picture waits somewhere.
    pub fn announce_picture(&self, sender: &str, modem: &str) {
        let tick = self.tick();
        self.deliver(modem, pdus::multimedia(sender, tick));
    }

    /// A picture waits somewhere whose address does not fit into one message.
    pub fn announce_picture_in_parts(&self, sender: &str, modem: &str) {
        let tick = self.tick();
        for number in [1, 2] {
            self.deliver(modem, pdus::multimedia_part(sender, tick, number));
        }
    }

    /// A report, for scenes that put one somewhere.
    pub fn report(&self, reference: u8, number: &str) -> Vec<u8> {
        pdus::report(reference, number, self.tick(), 0x00)
    }

    fn tick(&self) -> u32 {
        let mut inner = self.0.inner.lock();
        inner.tick += 1;
        inner.tick
    }

    /// Delivers one message as it is.
    pub fn deliver(&self, modem: &str, message: Vec<u8>) {
        let found = self.0.inner.lock().modems.get(modem).cloned();
        if let Some((state, changed)) = found {
            hand_over(&state, &changed, message);
        }
    }

    /// How many texts reached it, now and whenever one more does.
    pub fn count(&self) -> watch::Receiver<usize> {
        self.0.count.subscribe()
    }

    /// All texts that reached it.
    pub fn sent(&self) -> Vec<SentText> {
        self.0.inner.lock().sent.clone()
    }

    /// Waits until so many texts reached it.
    ///
    /// # Errors
    /// They do not come in time; says which came.
    pub async fn wait_for(&self, count: usize, patience: Duration) -> anyhow::Result<Vec<SentText>> {
        let mut watcher = self.0.count.subscribe();
        let waiting = watcher.wait_for(|sent| *sent >= count);
        let is_late = tokio::time::timeout(patience, waiting).await.is_err();
        let sent = self.sent();
        let texts: Vec<&str> = sent.iter().map(|text| text.text.as_str()).collect();
        anyhow::ensure!(!is_late, "{count} texts were awaited, these came: {texts:?}");
        Ok(sent)
    }
}

fn hand_over(state: &Mutex<State>, changed: &Notify, message: Vec<u8>) {
    let mut state = state.lock();
    state.waiting.push_back(message);
    state.take_waiting();
    state.done.send_replace(());
    drop(state);
    changed.notify_one();
}
