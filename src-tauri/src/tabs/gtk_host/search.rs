//! Words in a page.

use std::cell::Cell;
use std::rc::Rc;

use webkit2gtk::{FindController, FindControllerExt, LoadEvent, WebViewExt};

use crate::tabs::host::{Listener, Report};

/// Places are counted up to here.
const MOST_MATCHES: u32 = 1_000;
/// `WEBKIT_FIND_OPTIONS_CASE_INSENSITIVE | WEBKIT_FIND_OPTIONS_WRAP_AROUND`
const OPTIONS: u32 = 1 | 16;

/// The search in one page.
pub(super) struct Search {
    finder: Option<FindController>,
    /// Another page has come since the last words were looked for.
    is_new: Rc<Cell<bool>>,
}

impl Search {
    pub(super) fn new(tab: u32, view: &webkit2gtk::WebView, listener: &Rc<dyn Listener>) -> Self {
        let is_new = Rc::new(Cell::new(false));
        let new = Rc::clone(&is_new);
        view.connect_load_changed(move |_, event| {
            if event == LoadEvent::Committed {
                new.set(true);
            }
        });
        let finder = view.find_controller();
        if let Some(finder) = &finder {
            let (counted, missed) = (Rc::clone(listener), Rc::clone(listener));
            // What is told with a place that is found is right for the first one only.
            finder.connect_counted_matches(move |_, matches| {
                counted.report(tab, Report::Searched { matches: Some(matches.min(MOST_MATCHES)) });
            });
            finder.connect_failed_to_find_text(move |_| {
                missed.report(tab, Report::Searched { matches: Some(0) });
            });
        }
        Self { finder, is_new }
    }

    /// Goes to the next place or the one before; an empty text ends the search.
    pub(super) fn find(&self, text: &str, forward: bool) {
        let Some(finder) = &self.finder else { return };
        let is_same = finder.search_text().is_some_and(|known| known == text) && !self.is_new.get();
        match (text.is_empty(), is_same, forward) {
            (true, _, _) => finder.search_finish(),
            (false, true, true) => finder.search_next(),
            (false, true, false) => finder.search_previous(),
            (false, false, _) => {
                self.is_new.set(false);
                finder.search(text, OPTIONS, MOST_MATCHES);
                finder.count_matches(text, OPTIONS, MOST_MATCHES);
            }
        }
    }
}
