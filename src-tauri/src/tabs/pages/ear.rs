//! Hears of pages. What it hears while the pages are being worked on comes right behind.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use tauri::{AppHandle, Manager, Wry};
use tracing::warn;

use super::open_page::OpenPage;
use super::{Pages, fresh, with};
use crate::tabs::address::{self, Course};
use crate::tabs::host::{Listener, Page, Report};
use crate::tabs::{Tabs, change};

type Work = Box<dyn FnOnce(&mut Pages) + Send>;

/// What pages have told and nobody has dealt with, oldest first.
#[derive(Clone, Default)]
pub(super) struct Told(Arc<Mutex<VecDeque<Work>>>);

impl Told {
    fn add(&self, work: Work) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push_back(work);
    }

    fn oldest(&self) -> Option<Work> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).pop_front()
    }
}

/// The pages' listener.
#[derive(Clone)]
pub(super) struct Ear {
    pub(super) app: AppHandle<Wry>,
    pub(super) told: Told,
}

impl Ear {
    fn later(&self, work: impl FnOnce(&mut Pages) + Send + 'static) {
        self.told.add(Box::new(work));
        let Self { app, told } = self.clone();
        tauri::async_runtime::spawn(async move {
            let handle = app.clone();
            // The window may be gone.
            let _ = app.run_on_main_thread(move || {
                // Turns come in any order, what was told keeps its own.
                if let Some(work) = told.oldest() {
                    with(&handle, work);
                }
            });
        });
    }
}

impl Listener for Ear {
    fn may_go(&self, tab: u32, url: &str) -> bool {
        // While the pages are being worked on, no program of the desktop is started.
        with(&self.app, |pages| pages.may_go(tab, url)).unwrap_or_else(|| address::course(url) == Course::Go)
    }

    fn may_arrive(&self, tab: u32, url: &str) -> bool {
        with(&self.app, |pages| pages.may_arrive(tab, url)).unwrap_or(true)
    }

    fn may_open(&self, opener: u32, url: &str) -> bool {
        with(&self.app, |pages| pages.may_open(opener, url)).unwrap_or(false)
    }

    fn new_tab(&self, opener: u32, url: &str) -> Option<u32> {
        self.may_open(opener, url).then(|| {
            let tab = self.app.state::<Tabs>().next();
            let system = self.app.state::<Tabs>().get(opener).map(|opener| opener.system).unwrap_or_default();
            change(&self.app, fresh(tab, &system), Some(opener));
            tab
        })
    }

    fn opened(&self, opener: u32, tab: u32, page: Box<dyn Page>) {
        let told = with(&self.app, |pages| {
            let opener = pages.open.get_mut(&opener).map(|opener| {
                opener.has_relatives = true;
                (opener.store, opener.system.clone(), opener.provider.clone())
            });
            let (store, system, provider) = opener.unwrap_or_default();
            let mut new = OpenPage::new(page.into(), store, system, provider);
            new.has_relatives = true;
            pages.open.insert(tab, new);
        });
        if told.is_none() {
            warn!(tab, "a new tab is lost");
        }
    }

    fn report(&self, tab: u32, report: Report) {
        self.later(move |pages| pages.report(tab, report));
    }

    #[cfg(not(target_os = "linux"))]
    fn teller(&self, tab: u32) -> Box<dyn Fn(Report) + Send> {
        let ear = self.clone();
        Box::new(move |report| ear.report(tab, report))
    }
}
