//! One open page, and how often it may do what nobody has asked for.

use std::collections::BTreeSet;
use std::rc::Rc;
use std::time::{Duration, Instant};

use posthouse_engine::model::{BusinessTabFailure, TabDownloadState};

use crate::tabs::host::Page;

/// Most windows, and starts of other programs, that one page gets in [`WINDOW_TIME`].
const WINDOWS: usize = 3;
const WINDOW_TIME: Duration = Duration::from_secs(10);
/// A tab gets a new entrance by itself once in this time.
const ENTERED_ONCE_IN: Duration = Duration::from_secs(60);

/// An open page.
pub(super) struct OpenPage {
    pub(super) page: Rc<dyn Page>,
    /// The first tab of the store that it is in.
    pub(super) store: u32,
    pub(super) system: String,
    pub(super) provider: String,
    pub(super) zoom: f64,
    pub(super) failure: Option<BusinessTabFailure>,
    pub(super) is_muted: bool,
    /// Somebody looks for words in it.
    pub(super) is_searched: bool,
    /// Where it was when it was put to sleep: it goes there once its system is there.
    pub(super) way_back: Option<String>,
    /// It was opened by a page, or has opened one: they share a process and a store.
    pub(super) has_relatives: bool,
    /// When it was last on the screen.
    pub(super) seen: Instant,
    downloads: BTreeSet<u32>,
    entered_again: Option<Instant>,
    windows: Vec<Instant>,
}

impl OpenPage {
    pub(super) fn new(page: Rc<dyn Page>, store: u32, system: String, provider: String) -> Self {
        Self {
            page,
            store,
            system,
            provider,
            zoom: 1.0,
            failure: None,
            is_muted: false,
            is_searched: false,
            way_back: None,
            has_relatives: false,
            seen: Instant::now(),
            downloads: BTreeSet::new(),
            entered_again: None,
            windows: Vec::new(),
        }
    }

    /// Whether it may open something outside of itself now; it counts as opened.
    pub(super) fn takes_window(&mut self, now: Instant) -> bool {
        self.windows.retain(|then| now.duration_since(*then) < WINDOW_TIME);
        let is_free = self.windows.len() < WINDOWS;
        if is_free {
            self.windows.push(now);
        }
        is_free
    }

    /// A file of this page begins, goes on or ends.
    pub(super) fn follow_download(&mut self, download: u32, state: TabDownloadState) {
        match state {
            TabDownloadState::Running => self.downloads.insert(download),
            TabDownloadState::Finished | TabDownloadState::Failed | TabDownloadState::Cancelled => {
                self.downloads.remove(&download)
            }
        };
    }

    /// Whether nothing is lost when its process ends and it is entered anew.
    pub(super) fn may_rest(&self) -> bool {
        let is_busy = self.page.is_loading() || self.page.is_audible() || !self.downloads.is_empty();
        self.failure.is_none() && !self.has_relatives && !is_busy
    }

    /// Whether it may have a new entrance by itself now; it counts as had.
    pub(super) fn takes_entrance(&mut self, now: Instant) -> bool {
        let is_free = self.entered_again.is_none_or(|then| now.duration_since(then) >= ENTERED_ONCE_IN);
        if is_free {
            self.entered_again = Some(now);
        }
        is_free
    }
}
