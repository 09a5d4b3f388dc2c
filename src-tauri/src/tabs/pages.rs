//! The pages of tabs, on the main thread: who is shown, what became of them, and what the window is told.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::{Duration, Instant};

use posthouse_engine::model::{
    BusinessTab, BusinessTabEvent, BusinessTabFailure, TabAction, TabDownload, TabPlace,
};
use tauri::{AppHandle, Manager, Wry};
use tracing::{info, warn};

use super::address::{self, Course};
use super::host::{self, Listener, Page, Report, TabHost, Visit};
use super::{Tabs, change, enter_again, forget, tell};

/// Steps of the size of a page.
const ZOOM: [f64; 9] = [0.5, 0.67, 0.8, 0.9, 1.0, 1.1, 1.25, 1.5, 2.0];
/// Most tabs that one tab may open by itself in ten seconds.
const POPUPS: usize = 3;
const POPUP_TIME: Duration = Duration::from_secs(10);
/// A tab gets a new entrance by itself once in this time.
const ENTERED_ONCE_IN: Duration = Duration::from_secs(60);
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
    }
}

struct Open {
    page: Rc<dyn Page>,
    system: String,
    provider: String,
    /// When a new entrance was fetched by itself.
    entered_again: Option<Instant>,
    zoom: f64,
    failure: Option<BusinessTabFailure>,
    popups: Vec<Instant>,
}

/// All pages.
pub(super) struct Pages {
    app: AppHandle<Wry>,
    host: Box<dyn TabHost>,
    open: BTreeMap<u32, Open>,
    shown: Option<u32>,
}

impl Pages {
    fn new(app: AppHandle<Wry>, host: Box<dyn TabHost>) -> Self {
        Self { app, host, open: BTreeMap::new(), shown: None }
    }

    /// The page that goes through an entrance; it is made when there is none.
    fn page_for(&mut self, visit: &Visit) -> Result<Rc<dyn Page>, String> {
        let provider = address::origin_of(&visit.url);
        if let Some(open) = self.open.get_mut(&visit.tab) {
            open.failure = None;
            open.provider = provider;
            return Ok(Rc::clone(&open.page));
        }
        if self.open.len() >= MOST {
            return Err(format!("there are {MOST} tabs already"));
        }
        let page: Rc<dyn Page> = self.host.make(visit, Rc::new(Ear { app: self.app.clone() }))?.into();
        let open = Open {
            page: Rc::clone(&page),
            system: visit.system.clone(),
            provider,
            entered_again: None,
            zoom: 1.0,
            failure: None,
            popups: Vec::new(),
        };
        self.open.insert(visit.tab, open);
        Ok(page)
    }

    /// Shows one page, or none.
    pub(super) fn show(&mut self, tab: Option<u32>) {
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
    }

    /// Answers an address that is to be opened outside.
    pub(super) fn act(&mut self, tab: u32, action: TabAction) -> Option<String> {
        let open = self.open.get_mut(&tab)?;
        match action {
            TabAction::Back => open.page.back(),
            TabAction::Forward => open.page.forward(),
            TabAction::Reload => open.page.reload(),
            TabAction::OpenOutside => return Some(open.page.url()).filter(|url| address::is_web(url)),
            TabAction::ZoomIn | TabAction::ZoomOut | TabAction::ZoomReset => {
                open.zoom = zoomed(open.zoom, action);
                open.page.zoom(open.zoom);
            }
        }
        self.tell(tab);
        None
    }

    pub(super) fn find(&mut self, tab: u32, text: &str, forward: bool) {
        if let Some(open) = self.open.get(&tab) {
            open.page.find(text, forward);
        }
    }

    #[cfg(debug_assertions)]
    pub(super) fn evaluate(&mut self, tab: u32, script: &str, answer: tokio::sync::oneshot::Sender<String>) {
        if let Some(open) = self.open.get(&tab) {
            open.page.evaluate(script, answer);
        }
    }

    fn may_go(&mut self, tab: u32, url: &str) -> bool {
        let Some(open) = self.open.get_mut(&tab) else { return true };
        match address::course(url, &open.provider) {
            Course::Go => true,
            Course::Stop => {
                info!(tab, "a page wanted to leave the web");
                false
            }
            Course::Outside(address) => {
                if let Err(error) = open::that_detached(&address) {
                    warn!(%error, "no program takes this address");
                }
                false
            }
            Course::Enter(system) => {
                if !system.is_empty() && system != open.system {
                    info!(tab, "a page wanted to be signed in to another system");
                    return false;
                }
                let now = Instant::now();
                if open.entered_again.is_some_and(|then| now.duration_since(then) < ENTERED_ONCE_IN) {
                    open.failure = Some(BusinessTabFailure::SignInFailed);
                    self.show(self.shown);
                } else {
                    open.entered_again = Some(now);
                    enter_again(&self.app, tab, open.system.clone());
                }
                self.tell(tab);
                false
            }
        }
    }

    fn may_open(&mut self, opener: u32, url: &str) -> bool {
        let is_full = self.open.len() >= MOST;
        let Some(open) = self.open.get_mut(&opener) else { return false };
        let now = Instant::now();
        open.popups.retain(|then| now.duration_since(*then) < POPUP_TIME);
        if open.popups.len() >= POPUPS || is_full {
            return false;
        }
        open.popups.push(now);
        if address::opens_here(url, &open.page.url(), &open.provider) {
            return true;
        }
        if address::is_web(url)
            && let Err(error) = open::that_detached(url)
        {
            warn!(%error, "the browser cannot be started");
        }
        false
    }

    fn report(&mut self, tab: u32, report: Report) {
        match report {
            Report::Download { download, name, progress, state } => {
                let download = TabDownload { download, tab, name, progress, state };
                return tell(&self.app, &BusinessTabEvent::DownloadChanged { download });
            }
            Report::Closed => {
                self.close(tab);
                return forget(&self.app, tab);
            }
            Report::Changed => {}
            Report::Arrived => {
                if let Some(open) = self.open.get_mut(&tab) {
                    open.failure = None;
                }
            }
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
        };
        if self.app.state::<Tabs>().get(tab).as_ref() != Some(&now) {
            change(&self.app, now, None);
        }
    }
}

fn zoomed(zoom: f64, action: TabAction) -> f64 {
    let next = match action {
        TabAction::ZoomIn => ZOOM.iter().find(|step| **step > zoom + 0.001),
        TabAction::ZoomOut => ZOOM.iter().rev().find(|step| **step < zoom - 0.001),
        _ => None,
    };
    match (next, action) {
        (Some(step), _) => *step,
        (None, TabAction::ZoomReset) => 1.0,
        (None, _) => zoom,
    }
}

/// Hears of pages. What it hears while the pages are being worked on comes right behind.
struct Ear {
    app: AppHandle<Wry>,
}

impl Ear {
    fn later(&self, work: impl FnOnce(&mut Pages) + Send + 'static) {
        let app = self.app.clone();
        tauri::async_runtime::spawn(async move {
            let handle = app.clone();
            // The window may be gone.
            let _ = app.run_on_main_thread(move || {
                with(&handle, work);
            });
        });
    }
}

impl Listener for Ear {
    fn may_go(&self, tab: u32, url: &str) -> bool {
        // While the pages are being worked on there is no provider to ask about.
        with(&self.app, |pages| pages.may_go(tab, url))
            .unwrap_or_else(|| address::course(url, "") == Course::Go)
    }

    fn new_tab(&self, opener: u32, url: &str) -> Option<u32> {
        with(&self.app, |pages| pages.may_open(opener, url)).unwrap_or(false).then(|| {
            let tab = self.app.state::<Tabs>().next();
            let system = self.app.state::<Tabs>().get(opener).map(|opener| opener.system).unwrap_or_default();
            change(&self.app, fresh(tab, &system), Some(opener));
            tab
        })
    }

    fn opened(&self, opener: u32, tab: u32, page: Box<dyn Page>) {
        let told = with(&self.app, |pages| {
            let opener = pages.open.get(&opener);
            let provider = opener.map(|opener| opener.provider.clone()).unwrap_or_default();
            let system = opener.map(|opener| opener.system.clone()).unwrap_or_default();
            pages.open.insert(
                tab,
                Open {
                    page: page.into(),
                    system,
                    provider,
                    entered_again: None,
                    zoom: 1.0,
                    failure: None,
                    popups: Vec::new(),
                },
            );
        });
        if told.is_none() {
            warn!(tab, "a new tab is lost");
        }
    }

    fn report(&self, tab: u32, report: Report) {
        self.later(move |pages| pages.report(tab, report));
    }
}

#[cfg(test)]
mod tests {
    use posthouse_engine::model::TabAction;

    use super::zoomed;

    #[test]
    fn zoom_goes_in_steps_and_ends_somewhere() {
        assert_eq!(zoomed(1.0, TabAction::ZoomIn), 1.1);
        assert_eq!(zoomed(1.0, TabAction::ZoomOut), 0.9);
        assert_eq!(zoomed(2.0, TabAction::ZoomIn), 2.0);
        assert_eq!(zoomed(0.5, TabAction::ZoomOut), 0.5);
        assert_eq!(zoomed(1.5, TabAction::ZoomReset), 1.0);
    }
}
