//! Lines to carriers that speak SMPP 3.4 or 5.0, each a route of its own. The codec is that of `rusmpp`; frames
//! are cut and answers awaited here, since a text without an answer may be out: what was never written has to be
//! known from what was.

mod courier;
mod line;
mod reading;
mod receipt;
mod refusal;
mod session;
mod settings;
mod wire;
mod writing;

use std::sync::Arc;

use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;

use crate::clock::Moment;
use crate::inbox::Inbox;
use crate::outbox::Outbox;
use crate::route::{Capabilities, Delivery, Reports, Route};
use crate::store::{DueText, Store};

use courier::{Courier, Pace};
use session::Submission;

pub use line::{State, try_out};
pub use settings::{CarrierAlphabet, LineSettings, Version};

/// A line as the administrator sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineView {
    /// Its name.
    pub name: String,
    /// How it is.
    pub state: State,
    /// Texts it is sending now, and the most at once.
    pub window: (usize, usize),
    /// It rests until then, because of this.
    pub rests: Option<(Moment, String)>,
}

/// A running line.
#[derive(Debug)]
pub struct Line {
    route: LineRoute,
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
}

/// The line as a route. Cheap to clone.
#[derive(Debug, Clone)]
pub struct LineRoute {
    settings: Arc<LineSettings>,
    outbox: Outbox,
    state: watch::Receiver<State>,
    submissions: mpsc::Sender<Submission>,
    window: Arc<tokio::sync::Semaphore>,
    pace: Arc<Pace>,
    rest: Arc<parking_lot::Mutex<Option<(Moment, String)>>>,
}

impl Line {
    /// Starts the line; it connects, and connects again, until it is stopped.
    pub fn start(settings: LineSettings, store: &Store, outbox: &Outbox, inbox: &Inbox) -> Self {
        let settings = Arc::new(settings);
        let (submissions, waiting) = mpsc::channel(settings.window.max(1));
        let (stop, stopped) = watch::channel(false);
        let (state, shown) = watch::channel(State::Connecting);
        let task = line::Task {
            settings: Arc::clone(&settings),
            store: store.clone(),
            outbox: outbox.clone(),
            inbox: inbox.clone(),
            state,
        };
        let route = LineRoute {
            outbox: outbox.clone(),
            state: shown,
            submissions,
            window: Arc::new(tokio::sync::Semaphore::new(settings.window)),
            pace: Arc::new(Pace::new(settings.per_second)),
            rest: Arc::default(),
            settings,
        };
        Self { route, stop, task: tokio::spawn(task.run(waiting, stopped)) }
    }

    /// The line as a route.
    pub fn route(&self) -> LineRoute {
        self.route.clone()
    }

    /// Says good-bye to the carrier and ends.
    pub async fn stop(self) {
        self.stop.send_replace(true);
        if let Err(error) = self.task.await {
            tracing::error!(line = self.route.settings.name, %error, "the line's task failed");
        }
    }
}

impl LineRoute {
    /// How it is.
    pub fn view(&self) -> LineView {
        let most = self.settings.window;
        LineView {
            name: self.settings.name.clone(),
            state: self.state.borrow().clone(),
            window: (most.saturating_sub(self.window.available_permits()), most),
            rests: self.rests(),
        }
    }

    /// How it is, now and whenever that changes.
    pub fn state(&self) -> watch::Receiver<State> {
        self.state.clone()
    }

    /// It can send now.
    pub fn is_healthy(&self) -> bool {
        self.state.borrow().is_bound() && self.rests().is_none()
    }

    fn rests(&self) -> Option<(Moment, String)> {
        let now = self.outbox.now();
        self.rest.lock().clone().filter(|(until, _)| *until > now)
    }

    /// Texts of a conversation or already begun belong to another way.
    fn is_others(&self, text: &DueText) -> bool {
        let is_other = |name: &str| !name.is_empty() && name != self.settings.name;
        is_other(&text.pinned) || (self.settings.prefixes.is_empty() && is_other(&text.wanted))
    }
}

impl Route for LineRoute {
    fn name(&self) -> &str {
        &self.settings.name
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities { free_text: true, receives: true, reports: Reports::PerPart, most_parts: u8::MAX }
    }

    fn matches(&self, number: &str) -> Option<usize> {
        let prefixes = &self.settings.prefixes;
        if prefixes.is_empty() {
            return Some(0);
        }
        prefixes.iter().filter(|prefix| number.starts_with(prefix.as_str())).map(String::len).max()
    }

    /// A line that rests is not closed: nothing wakes whoever looks when the rest is over.
    fn is_closed_to(&self, lane: &str) -> bool {
        let is_full = self.window.available_permits() == 0 || !self.state.borrow().is_bound();
        is_full || is_lane_of_others(lane, &self.settings.name, &self.settings.prefixes)
    }

    fn offer(&self, text: &DueText) -> Option<Delivery> {
        if !self.is_healthy() || self.is_others(text) {
            return None;
        }
        let place = Arc::clone(&self.window).try_acquire_owned().ok()?;
        let courier = Courier {
            settings: Arc::clone(&self.settings),
            outbox: self.outbox.clone(),
            submissions: self.submissions.clone(),
            pace: Arc::clone(&self.pace),
            rest: Arc::clone(&self.rest),
            state: self.state.clone(),
        };
        let text = text.clone();
        Some(Box::pin(async move {
            courier.carry(text).await;
            drop(place);
        }))
    }
}

/// A line without numbers of its own takes nothing that a modem or another line has to take.
fn is_lane_of_others(lane: &str, name: &str, prefixes: &[String]) -> bool {
    prefixes.is_empty() && !lane.is_empty() && lane != name
}

#[cfg(test)]
mod tests {
    use super::is_lane_of_others;

    #[test]
    fn a_line_without_numbers_leaves_the_lanes_of_modems_alone_and_one_with_numbers_does_not() {
        let is_others = |lane: &str, prefixes: &[&str]| {
            let prefixes: Vec<String> = prefixes.iter().map(ToString::to_string).collect();
            is_lane_of_others(lane, "carrier", &prefixes)
        };
        assert!(is_others("modem", &[]));
        assert!(!is_others("", &[]) && !is_others("carrier", &[]) && !is_others("modem", &["+8613"]));
    }
}
