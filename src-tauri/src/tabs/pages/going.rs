//! Where pages may go, and what they may open.

use std::time::Instant;

use posthouse_engine::model::BusinessTabFailure;
use tracing::{info, warn};

use super::Pages;
use crate::tabs::address::{self, Course};
use crate::tabs::enter_again;

impl Pages {
    /// Whether a page, or a frame in it, may go there.
    pub(super) fn may_go(&mut self, tab: u32, url: &str) -> bool {
        let Some(open) = self.open.get_mut(&tab) else { return true };
        match address::course(url) {
            Course::Go => true,
            Course::Stop => {
                info!(tab, "a page wanted to leave the web");
                false
            }
            Course::Outside(address) => {
                if open.takes_window(Instant::now()) {
                    start_program_for(&address);
                }
                false
            }
        }
    }

    /// Whether the tab's own page may become that; the provider says in this way that it does not know the tab (any
    /// more). Frames are not asked about: they say nothing about the tab.
    pub(super) fn may_arrive(&mut self, tab: u32, url: &str) -> bool {
        let Some(open) = self.open.get_mut(&tab) else { return true };
        let Some(system) = address::expired(url, &open.provider) else { return true };
        if !system.is_empty() && system != open.system {
            info!(tab, "a page wanted to be signed in to another system");
            open.failure = Some(BusinessTabFailure::OtherSystem);
        } else if open.takes_entrance(Instant::now()) {
            enter_again(&self.app, tab, open.system.clone());
        } else {
            info!(tab, "a tab is not signed in though it has just been entered");
            open.failure = Some(BusinessTabFailure::SignInFailed);
        }
        self.show(self.shown);
        self.tell(tab);
        false
    }

    /// Whether a page may open a window as a tab; what belongs elsewhere goes to the system's browser.
    pub(super) fn may_open(&mut self, opener: u32, url: &str) -> bool {
        let is_full = self.is_full();
        let Some(open) = self.open.get_mut(&opener) else { return false };
        if is_full || !open.takes_window(Instant::now()) {
            info!(tab = opener, "a page wanted more windows than it gets");
            return false;
        }
        if address::opens_here(url, &open.page.url(), &open.provider) {
            return true;
        }
        if address::is_web(url) {
            start_program_for(url);
        }
        false
    }
}

fn start_program_for(address: &str) {
    if let Err(error) = open::that_detached(address) {
        warn!(%error, "no program takes this address");
    }
}
