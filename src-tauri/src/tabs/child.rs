//! Pages as child webviews, on Windows and macOS. Nobody has compiled or run it there yet; searches, sound,
//! certificates and what becomes of a page's process are missing.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use cookie::{Cookie, SameSite};
use posthouse_engine::business_tabs::BIND_COOKIE;
use posthouse_engine::model::TabPlace;
use tauri::{AppHandle, Manager, Url, WebviewWindow, Wry};
use wry::dpi::{LogicalPosition, LogicalSize};
use wry::{NewWindowResponse, PageLoadEvent, Rect, WebView, WebViewBuilder};

use super::host::{Listener, Page, Report, TabHost, Visit};
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
            .build_as_child(&self.window)
            .map_err(|error| error.to_string())?;
        Ok(Box::new(ChildPage { view: Rc::new(view), title, is_loading, room: Rc::clone(&self.room) }))
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

    fn memory(&self) -> u64 {
        0
    }
}

struct ChildPage {
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

    fn find(&self, _text: &str, _forward: bool) {}

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
