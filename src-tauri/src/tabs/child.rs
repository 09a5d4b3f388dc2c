//! Pages as child webviews, on Windows and macOS. It is compiled for Windows (`cargo xtask check-windows`), and nobody
//! has run it yet. Sound, the organisation's own authority, the end of a page's process, how far a file is and what all
//! takes in memory are missing.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::rc::Rc;

use cookie::{Cookie, SameSite};
use posthouse_engine::business_tabs::BIND_COOKIE;
use posthouse_engine::model::{TabDownloadState, TabPlace};
use tauri::{AppHandle, Manager, Url, WebviewWindow, Wry};
use wry::dpi::{LogicalPosition, LogicalSize};
use wry::{NewWindowResponse, PageLoadEvent, Rect, WebView, WebViewBuilder};

use super::file_place;
use super::host::{Listener, Memory, Page, Report, TabHost, Visit};
use crate::window;

/// The place for pages, and the one that lies there.
struct Room {
    place: Cell<TabPlace>,
    shown: RefCell<Option<Rc<WebView>>>,
}

impl Room {
    fn show(&self, view: &Rc<WebView>) -> wry::Result<()> {
        let before = self.shown.replace(Some(Rc::clone(view)));
        view.set_bounds(rectangle(self.place.get()))?;
        view.set_visible(true)?;
        match before {
            Some(before) if !Rc::ptr_eq(&before, view) => before.set_visible(false),
            _ => Ok(()),
        }
    }

    fn clear(&self) {
        if let Some(view) = self.shown.take() {
            tell(view.set_visible(false));
        }
    }
}

struct ChildHost {
    window: WebviewWindow<Wry>,
    room: Rc<Room>,
}

/// The host in the app's window.
pub(super) fn open(app: &AppHandle<Wry>) -> Result<Box<dyn TabHost>, String> {
    let window = app.get_webview_window(window::LABEL).ok_or("there is no window")?;
    let place = Cell::new(TabPlace { x: 0.0, y: 0.0, width: 1.0, height: 1.0 });
    Ok(Box::new(ChildHost { window, room: Rc::new(Room { place, shown: RefCell::new(None) }) }))
}

fn rectangle(place: TabPlace) -> Rect {
    Rect {
        position: LogicalPosition::new(place.x, place.y).into(),
        size: LogicalSize::new(place.width.max(1.0), place.height.max(1.0)).into(),
    }
}

fn tell(outcome: wry::Result<()>) {
    if let Err(error) = outcome {
        tracing::warn!(%error, "a page does not do what it is told");
    }
}

impl TabHost for ChildHost {
    fn make(&self, visit: &Visit, listener: Rc<dyn Listener>) -> Result<Box<dyn Page>, String> {
        let tab = visit.tab;
        let ear = || Rc::clone(&listener);
        let (goer, opener, titled, loaded) = (ear(), ear(), ear(), ear());
        let title = Rc::new(RefCell::new(String::new()));
        let is_loading = Rc::new(Cell::new(false));
        let (new_title, loads) = (Rc::clone(&title), Rc::clone(&is_loading));
        let files = Rc::new(Files { tab, listener: ear(), last: Cell::new(0), open: RefCell::default() });
        let (begun, ended, folder) = (Rc::clone(&files), files, visit.downloads.clone());
        let view = WebViewBuilder::new()
            .with_incognito(true)
            .with_visible(false)
            .with_focused(false)
            .with_bounds(rectangle(self.room.place.get()))
            .with_navigation_handler(move |url| goer.may_go(tab, &url) && goer.may_arrive(tab, &url))
            // The system's webview opens it in a window of its own, which knows its opener.
            .with_new_window_req_handler(move |url, _| {
                if opener.may_open(tab, &url) { NewWindowResponse::Allow } else { NewWindowResponse::Deny }
            })
            .with_document_title_changed_handler(move |text| {
                new_title.replace(text);
                titled.report(tab, Report::Changed);
            })
            .with_on_page_load_handler(move |event, _| {
                let (is_started, report) = match event {
                    PageLoadEvent::Started => (true, Report::Changed),
                    PageLoadEvent::Finished => (false, Report::Arrived),
                };
                loads.set(is_started);
                loaded.report(tab, report);
            })
            .with_download_started_handler(move |url, target| {
                let has_place = file_place::place(&folder, target);
                if has_place {
                    begun.begin(url, target.clone());
                }
                has_place
            })
            .with_download_completed_handler(move |url, _, is_whole| ended.end(&url, is_whole))
            .build_as_child(&self.window)
            .map_err(|error| error.to_string())?;
        let room = Rc::clone(&self.room);
        Ok(Box::new(ChildPage { tab, view: Rc::new(view), title, is_loading, room, listener }))
    }

    fn place(&self, place: TabPlace) {
        self.room.place.set(place);
        if let Some(view) = &*self.room.shown.borrow() {
            tell(view.set_bounds(rectangle(place)));
        }
    }

    fn hide(&self) {
        self.room.clear();
    }

    fn memory(&self) -> Memory {
        Memory::default()
    }

    fn cancel_download(&self, _download: u32) {}
}

/// Files on their way; the library tells of their beginning and end only, by their address.
struct Files {
    tab: u32,
    listener: Rc<dyn Listener>,
    last: Cell<u32>,
    open: RefCell<BTreeMap<String, (u32, PathBuf)>>,
}

impl Files {
    fn begin(&self, url: String, path: PathBuf) {
        // Each page counts for itself.
        let number = self.tab.wrapping_shl(16) | self.last.get();
        self.last.set(self.last.get().saturating_add(1));
        self.tell(number, &path, TabDownloadState::Running);
        self.open.borrow_mut().insert(url, (number, path));
    }

    fn end(&self, url: &str, is_whole: bool) {
        let known = self.open.borrow_mut().remove(url);
        if let Some((number, path)) = known {
            let state = if is_whole { TabDownloadState::Finished } else { TabDownloadState::Failed };
            self.tell(number, &path, state);
        }
    }

    fn tell(&self, download: u32, path: &std::path::Path, state: TabDownloadState) {
        let name = file_place::name_of(path);
        self.listener.report(self.tab, Report::Download { download, name, progress: 0.0, state });
    }
}

/// Looks for a text behind or before what is selected, and answers how often it stands in the page.
fn search(text: &str, forward: bool) -> String {
    let text = serde_json::Value::from(text);
    format!(
        "((text, back) => {{ if (!text) return getSelection().removeAllRanges(); \
         window.find(text, false, back, true); \
         return (document.body?.innerText ?? '').toLowerCase().split(text.toLowerCase()).length - 1 \
         }})({text}, {})",
        !forward
    )
}

struct ChildPage {
    tab: u32,
    listener: Rc<dyn Listener>,
    view: Rc<WebView>,
    title: Rc<RefCell<String>>,
    is_loading: Rc<Cell<bool>>,
    room: Rc<Room>,
}

impl Drop for ChildPage {
    fn drop(&mut self) {
        let is_shown = self.room.shown.borrow().as_ref().is_some_and(|shown| Rc::ptr_eq(shown, &self.view));
        if is_shown {
            self.room.clear();
        }
    }
}

impl Page for ChildPage {
    fn go(&self, visit: &Visit) -> Result<(), String> {
        let url = Url::parse(&visit.url).map_err(|error| error.to_string())?;
        let host = url.host_str().ok_or("the entrance has no host")?.to_owned();
        let cookie = Cookie::build((BIND_COOKIE, visit.secret.clone()))
            .domain(host)
            .path("/")
            .secure(true)
            .http_only(true)
            .same_site(SameSite::Lax)
            .max_age(cookie::time::Duration::seconds(60))
            .build();
        self.view.set_cookie(&cookie).map_err(|error| error.to_string())?;
        self.view.load_url(&visit.url).map_err(|error| error.to_string())
    }

    fn go_back_to(&self, url: &str) {
        tell(self.view.load_url(url));
    }

    fn mute(&self, _is_muted: bool) {}

    fn is_audible(&self) -> bool {
        false
    }

    fn show(&self) {
        tell(self.room.show(&self.view));
    }

    fn title(&self) -> String {
        self.title.borrow().clone()
    }

    fn url(&self) -> String {
        self.view.url().unwrap_or_default()
    }

    fn is_loading(&self) -> bool {
        self.is_loading.get()
    }

    fn can_go_back(&self) -> bool {
        self.view.can_go_back().unwrap_or(false)
    }

    fn can_go_forward(&self) -> bool {
        self.view.can_go_forward().unwrap_or(false)
    }

    fn back(&self) {
        tell(self.view.go_back());
    }

    fn forward(&self) {
        tell(self.view.go_forward());
    }

    fn reload(&self) {
        tell(self.view.reload());
    }

    fn zoom(&self, factor: f64) {
        tell(self.view.zoom(factor));
    }

    fn find(&self, text: &str, forward: bool) {
        let (teller, is_over) = (self.listener.teller(self.tab), text.is_empty());
        let answer = move |matches: String| {
            if let (false, Ok(matches)) = (is_over, matches.parse()) {
                teller(Report::Searched { matches: Some(matches) });
            }
        };
        tell(self.view.evaluate_script_with_callback(&search(text, forward), answer));
    }

    #[cfg(debug_assertions)]
    fn evaluate(&self, script: &str, answer: tokio::sync::oneshot::Sender<String>) {
        let answer = std::sync::Mutex::new(Some(answer));
        let _ = self.view.evaluate_script_with_callback(script, move |value| {
            if let Some(answer) = answer.lock().ok().and_then(|mut answer| answer.take()) {
                let _ = answer.send(value);
            }
        });
    }
}
