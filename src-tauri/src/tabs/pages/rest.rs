//! Which page is put to sleep: those that were not looked at for long, and more while all together take too much memory.
//! Its process ends; the tab stays and is entered anew when somebody looks at it.

use std::time::{Duration, Instant};

use posthouse_engine::model::BusinessTab;
use tauri::Manager;
use tracing::info;

use super::Pages;
use crate::tabs::{Tabs, address, change};

/// When pages are put to sleep.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RestLimits {
    /// Not looked at for so long.
    pub(crate) unused: Duration,
    /// Bytes that pages may take together.
    pub(crate) memory: u64,
}

impl RestLimits {
    /// A page that was left less than this ago stays awake, whatever it takes: a minute of half an hour.
    fn awake_at_least(self) -> Duration {
        self.unused / 30
    }
}

/// A page that may be put to sleep: nobody looks at it, and it does nothing that would be lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Candidate {
    pub(super) tab: u32,
    pub(super) unused: Duration,
    pub(super) is_pinned: bool,
}

/// The next page to put to sleep, if any. Pinned ones only for memory's sake, and last.
pub(super) fn next_to_rest(candidates: &[Candidate], used: u64, limits: RestLimits) -> Option<u32> {
    let longest = |is_pinned: bool| {
        let of_kind = candidates.iter().filter(|one| one.is_pinned == is_pinned);
        of_kind.max_by_key(|one| (one.unused, std::cmp::Reverse(one.tab)))
    };
    if let Some(first) = longest(false).filter(|one| one.unused >= limits.unused) {
        return Some(first.tab);
    }
    if used <= limits.memory {
        return None;
    }
    let is_rested = |one: &&Candidate| one.unused >= limits.awake_at_least();
    longest(false).filter(is_rested).or_else(|| longest(true).filter(is_rested)).map(|one| one.tab)
}

/// What is kept of a page that sleeps.
#[derive(Debug, Clone)]
pub(super) struct Sleeper {
    pub(super) place: Option<String>,
    pub(super) zoom: f64,
    pub(super) is_muted: bool,
}

impl Pages {
    /// Puts at most one page to sleep: what that brings shows only after a while.
    pub(in crate::tabs) fn rest(&mut self, now: Instant, limits: RestLimits, pinned: &[String]) {
        if let Some(shown) = self.shown.and_then(|tab| self.open.get_mut(&tab)) {
            shown.seen = now;
        }
        let may_rest = self.open.iter().filter(|(tab, page)| self.shown != Some(**tab) && page.may_rest());
        let candidates: Vec<Candidate> = may_rest
            .map(|(tab, page)| Candidate {
                tab: *tab,
                unused: now.duration_since(page.seen),
                is_pinned: pinned.contains(&page.system),
            })
            .collect();
        if candidates.is_empty() {
            return;
        }
        let used = self.host.memory().tabs.values().sum();
        if let Some(tab) = next_to_rest(&candidates, used, limits) {
            self.put_to_sleep(tab);
        }
    }

    fn put_to_sleep(&mut self, tab: u32) {
        let Some(open) = self.open.remove(&tab) else { return };
        info!(tab, "a page sleeps");
        let place = Some(open.page.url()).filter(|url| address::is_web(url));
        self.sleepers.insert(tab, Sleeper { place, zoom: open.zoom, is_muted: open.is_muted });
        if let Some(known) = self.app.state::<Tabs>().get(tab) {
            let asleep = BusinessTab {
                is_asleep: true,
                is_loading: false,
                can_go_back: false,
                can_go_forward: false,
                is_audible: false,
                ..known
            };
            change(&self.app, asleep, None);
        }
    }

    /// A tab that nobody has looked at yet sleeps from the start.
    pub(in crate::tabs) fn lay_down(&mut self, tab: u32) {
        self.sleepers.insert(tab, Sleeper { place: None, zoom: 1.0, is_muted: false });
    }

    /// Whether a tab's page sleeps.
    pub(in crate::tabs) fn is_asleep(&self, tab: u32) -> bool {
        self.sleepers.contains_key(&tab)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Candidate, RestLimits, next_to_rest};

    const LIMITS: RestLimits = RestLimits { unused: Duration::from_secs(1_800), memory: 1_000 };

    fn page(tab: u32, minutes: u64, is_pinned: bool) -> Candidate {
        Candidate { tab, unused: Duration::from_secs(minutes * 60), is_pinned }
    }

    #[test]
    fn within_the_memory_only_pages_that_were_not_used_for_long_sleep() {
        assert_eq!(next_to_rest(&[page(1, 29, false), page(2, 3, false)], 900, LIMITS), None);
        assert_eq!(next_to_rest(&[page(1, 31, false), page(2, 40, false)], 0, LIMITS), Some(2));
    }

    #[test]
    fn above_the_memory_the_longest_unused_page_sleeps() {
        assert_eq!(next_to_rest(&[page(1, 2, false), page(2, 5, false)], 1_001, LIMITS), Some(2));
    }

    #[test]
    fn pinned_pages_sleep_last_and_for_memory_only() {
        assert_eq!(next_to_rest(&[page(1, 600, true)], 1_000, LIMITS), None);
        assert_eq!(next_to_rest(&[page(1, 600, true), page(2, 1, false)], 1_001, LIMITS), Some(2));
        assert_eq!(next_to_rest(&[page(1, 600, true)], 1_001, LIMITS), Some(1));
    }

    #[test]
    fn a_page_that_has_just_been_left_stays_awake() {
        assert_eq!(next_to_rest(&[page(1, 0, false), page(2, 0, true)], 9_000, LIMITS), None);
    }
}
