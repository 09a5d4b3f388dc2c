//! The pages of tabs, on the main thread: who is shown, what became of them, and what the window is told.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Instant;

use posthouse_engine::model::{
    BusinessTab, BusinessTabEvent, BusinessTabFailure, MemoryUse, TabAction, TabDownload, TabMemory, TabPlace,
};
use tauri::{AppHandle, Manager, Wry};
use tracing::{info, warn};

use super::host::{self, Page, Report, TabHost, Visit};
use super::{Tabs, address, change, forget, tell};

mod ear;
mod going;
mod open_page;
mod rest;
mod zoom;

use ear::{Ear, Told};
use open_page::OpenPage;
pub(super) use rest::RestLimits;
use rest::Sleeper;
use zoom::zoomed;

/// Most tabs.
const MOST: usize = 24;

thread_local! {
    static PAGES: RefCell<Option<Pages>> = const { RefCell::new(None) };
}

/// Does something with the pages; none when the window cannot hold any.
pub(super) fn with<T>(app: &AppHandle<Wry>, work: impl FnOnce(&mut Pages) -> T) -> Option<T> {
    PAGES.with(|cell| {
        let mut slot = cell.try_borrow_mut().ok()?;
        if slot.is_none() {
            match host::open(app) {
                Ok(host) => *slot = Some(Pages::new(app.clone(), host)),
                Err(problem) => warn!(problem, "there can be no tabs"),
            }
        }
        slot.as_mut().map(work)
    })
}

/// Sends a tab's page through an entrance. Putting the cookie into its store lets other events in: nothing is held
/// meanwhile.
pub(super) fn visit(app: &AppHandle<Wry>, visit: &Visit) -> Result<(), String> {
    let page = with(app, |pages| pages.page_for(visit)).ok_or("there can be no tabs")??;
    page.go(visit)?;
    with(app, |pages| pages.show(pages.shown));
    Ok(())
}

/// A tab that has no page yet.
pub(super) fn fresh(tab: u32, system: &str) -> BusinessTab {
    BusinessTab {
        tab,
        system: system.to_owned(),
        title: String::new(),
        origin: String::new(),
        is_loading: true,
        can_go_back: false,
        can_go_forward: false,
        zoom: 1.0,
        failure: None,
        is_asleep: false,
        is_muted: false,
        is_audible: false,
    }
}

/// All pages.
pub(super) struct Pages {
    app: AppHandle<Wry>,
    host: Box<dyn TabHost>,
    open: BTreeMap<u32, OpenPage>,
    sleepers: BTreeMap<u32, Sleeper>,
    shown: Option<u32>,
    told: Told,
}

impl Pages {
    fn new(app: AppHandle<Wry>, host: Box<dyn TabHost>) -> Self {
        let (open, sleepers) = (BTreeMap::new(), BTreeMap::new());
        Self { app, host, open, sleepers, shown: None, told: Told::default() }
    }

    /// The page that goes through an entrance; it is made when there is none.
    fn page_for(&mut self, visit: &Visit) -> Result<Rc<dyn Page>, String> {
        let provider = address::origin_of(&visit.url);
        if let Some(open) = self.open.get_mut(&visit.tab) {
            open.failure = None;
            open.provider = provider;
            return Ok(Rc::clone(&open.page));
        }
        if self.is_full() {
            return Err(format!("there are {MOST} tabs already"));
        }
        let page: Rc<dyn Page> =
            self.host.make(visit, Rc::new(Ear { app: self.app.clone(), told: self.told.clone() }))?.into();
        let mut open = OpenPage::new(Rc::clone(&page), visit.tab, visit.system.clone(), provider);
        if let Some(sleeper) = self.sleepers.remove(&visit.tab) {
            open.zoom = sleeper.zoom;
            open.is_muted = sleeper.is_muted;
            open.way_back = sleeper.place.filter(|_| visit.is_way_back);
            page.zoom(open.zoom);
            page.mute(open.is_muted);
        }
        self.open.insert(visit.tab, open);
        Ok(page)
    }

    /// Shows one page, or none.
    pub(super) fn show(&mut self, tab: Option<u32>) {
        if let Some(left) = self.shown.and_then(|tab| self.open.get_mut(&tab)) {
            left.seen = Instant::now();
        }
        self.shown = tab;
        match tab.and_then(|tab| self.open.get(&tab)) {
            Some(open) if open.failure.is_none() => open.page.show(),
            _ => self.host.hide(),
        }
    }

    pub(super) fn place(&mut self, place: TabPlace) {
        self.host.place(place);
    }

    pub(super) fn close(&mut self, tab: u32) {
        if self.shown == Some(tab) {
            self.show(None);
        }
        self.open.remove(&tab);
        self.sleepers.remove(&tab);
    }

    /// Answers an address that is to be opened outside.
    pub(super) fn act(&mut self, tab: u32, action: TabAction) -> Option<String> {
        let open = self.open.get_mut(&tab)?;
        match action {
            TabAction::Back => open.page.back(),
            TabAction::Forward => open.page.forward(),
            TabAction::Reload => open.page.reload(),
            TabAction::ToggleSound => {
                open.is_muted = !open.is_muted;
                open.page.mute(open.is_muted);
            }
            TabAction::OpenOutside => return Some(open.page.url()).filter(|url| address::is_web(url)),
            TabAction::ZoomIn | TabAction::ZoomOut | TabAction::ZoomReset => {
                open.zoom = zoomed(open.zoom, action);
                open.page.zoom(open.zoom);
            }
        }
        self.tell(tab);
        None
    }

    /// Goes back to what the page was before it was stopped; `false` when it was nothing.
    pub(super) fn go_on(&mut self, tab: u32) -> bool {
        let Some(open) = self.open.get_mut(&tab) else { return false };
        let url = open.page.url();
        let is_past = address::expired(&url, &open.provider).is_some();
        if !address::is_web(&url) || is_past && !open.page.can_go_back() {
            return false;
        }
        if is_past {
            open.page.back();
        }
        open.failure = None;
        self.show(self.shown);
        self.tell(tab);
        true
    }

    pub(super) fn find(&mut self, tab: u32, text: &str, forward: bool) {
        if let Some(open) = self.open.get_mut(&tab) {
            open.is_searched = !text.is_empty();
            open.page.find(text, forward);
        }
    }

    #[cfg(debug_assertions)]
    pub(super) fn evaluate(&mut self, tab: u32, script: &str, answer: tokio::sync::oneshot::Sender<String>) {
        if let Some(open) = self.open.get(&tab) {
            open.page.evaluate(script, answer);
        }
    }

    pub(super) fn cancel_download(&self, download: u32) {
        self.host.cancel_download(download);
    }

    /// What all of them take; a store whose first tab is closed is the next one's.
    pub(super) fn memory_use(&self, most_for_tabs: u64) -> MemoryUse {
        let memory = self.host.memory();
        let of_store = |store: u32| self.open.iter().find(|(_, open)| open.store == store);
        let tabs = memory.tabs.iter().filter_map(|(store, bytes)| {
            let (tab, _) = of_store(*store)?;
            Some(TabMemory { tab: *tab, bytes: *bytes })
        });
        MemoryUse { program: memory.program, window: memory.window, tabs: tabs.collect(), most_for_tabs }
    }

    fn is_full(&self) -> bool {
        self.open.len() >= MOST
    }

    fn report(&mut self, tab: u32, report: Report) {
        match report {
            Report::Download { download, name, progress, state } => {
                if let Some(open) = self.open.get_mut(&tab) {
                    open.follow_download(download, state);
                }
                let download = TabDownload { download, tab, name, progress, state };
                return tell(&self.app, &BusinessTabEvent::DownloadChanged { download });
            }
            Report::Searched { matches } => {
                return tell(&self.app, &BusinessTabEvent::Searched { tab, matches });
            }
            Report::Closed => {
                self.close(tab);
                return forget(&self.app, tab);
            }
            Report::Changed => {}
            Report::Arrived => self.arrived(tab),
            Report::Failed(failure) => {
                info!(tab, ?failure, "a tab shows no page");
                if let Some(open) = self.open.get_mut(&tab) {
                    open.failure = Some(failure);
                }
                self.show(self.shown);
            }
        }
        self.tell(tab);
    }

    fn arrived(&mut self, tab: u32) {
        let Some(open) = self.open.get_mut(&tab) else { return };
        // What was stopped behind the page that has just come is said all the same.
        let was_stopped =
            matches!(open.failure, Some(BusinessTabFailure::OtherSystem | BusinessTabFailure::SignInFailed));
        if !was_stopped {
            open.failure = None;
        }
        if open.is_searched {
            tell(&self.app, &BusinessTabEvent::Searched { tab, matches: None });
        }
        let url = open.page.url();
        let is_there = |place: &mut String| address::origin_of(place) == address::origin_of(&url);
        if let Some(place) = open.way_back.take_if(is_there)
            && place != url
        {
            open.page.go_back_to(&place);
        }
    }

    fn tell(&self, tab: u32) {
        let Some(open) = self.open.get(&tab) else { return };
        let now = BusinessTab {
            tab,
            system: open.system.clone(),
            title: open.page.title().chars().take(200).collect(),
            origin: address::origin_of(&open.page.url()),
            is_loading: open.failure.is_none() && open.page.is_loading(),
            can_go_back: open.page.can_go_back(),
            can_go_forward: open.page.can_go_forward(),
            zoom: open.zoom,
            failure: open.failure,
            is_asleep: false,
            is_muted: open.is_muted,
            is_audible: open.page.is_audible(),
        };
        if self.app.state::<Tabs>().get(tab).as_ref() != Some(&now) {
            change(&self.app, now, None);
        }
    }
}
