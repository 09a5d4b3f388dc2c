//! Pages as child webviews, on Windows and macOS. Nobody has compiled or run it on them yet: views do not yet leave
//! room for each other, and titles and searches are missing.

use std::cell::Cell;
use std::rc::Rc;

use cookie::{Cookie, SameSite};
use posthouse_engine::business_tabs::BIND_COOKIE;
use posthouse_engine::model::TabPlace;
use tauri::{AppHandle, Manager, Url, WebviewWindow, Wry};
use wry::dpi::{LogicalPosition, LogicalSize};
use wry::{NewWindowResponse, PageLoadEvent, Rect, WebView, WebViewBuilder};

use super::host::{Listener, Page, Report, TabHost, Visit};
use crate::window;

struct ChildHost {
    window: WebviewWindow<Wry>,
    place: Rc<Cell<TabPlace>>,
    shown: Rc<Cell<u32>>,
}

/// The host in the app's window.
pub(super) fn open(app: &AppHandle<Wry>) -> Result<Box<dyn TabHost>, String> {
    let window = app.get_webview_window(window::LABEL).ok_or("there is no window")?;
    let place = Rc::new(Cell::new(TabPlace { x: 0.0, y: 0.0, width: 1.0, height: 1.0 }));
    Ok(Box::new(ChildHost { window, place, shown: Rc::new(Cell::new(0)) }))
}

fn rectangle(place: TabPlace) -> Rect {
    Rect {
        position: LogicalPosition::new(place.x, place.y).into(),
        size: LogicalSize::new(place.width.max(1.0), place.height.max(1.0)).into(),
    }
}

impl TabHost for ChildHost {
    fn make(&self, visit: &Visit, listener: Rc<dyn Listener>) -> Result<Box<dyn Page>, String> {
        let tab = visit.tab;
        let (goer, opener, titled, loaded) =
            (Rc::clone(&listener), Rc::clone(&listener), Rc::clone(&listener), listener);
        let view = WebViewBuilder::new()
            .with_incognito(true)
            .with_visible(false)
            .with_focused(false)
            .with_bounds(rectangle(self.place.get()))
            .with_navigation_handler(move |url| goer.may_go(tab, &url))
            // A popup that needs its opener is opened by the system's webview itself.
            .with_new_window_req_handler(move |url, _| match opener.new_tab(tab, &url) {
                Some(_) => NewWindowResponse::Allow,
                None => NewWindowResponse::Deny,
            })
            .with_document_title_changed_handler(move |_| titled.report(tab, Report::Changed))
            .with_on_page_load_handler(move |event, _| {
                let report = match event {
                    PageLoadEvent::Started => Report::Changed,
                    PageLoadEvent::Finished => Report::Arrived,
                };
                loaded.report(tab, report);
            })
            .build_as_child(&self.window)
            .map_err(|error| error.to_string())?;
        Ok(Box::new(ChildPage { tab, view, place: Rc::clone(&self.place), shown: Rc::clone(&self.shown) }))
    }

    fn place(&self, place: TabPlace) {
        self.place.set(place);
    }

    fn hide(&self) {
        self.shown.set(0);
    }
}

struct ChildPage {
    tab: u32,
    view: WebView,
    place: Rc<Cell<TabPlace>>,
    shown: Rc<Cell<u32>>,
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
            .build();
        self.view.set_cookie(&cookie).map_err(|error| error.to_string())?;
        self.view.load_url(&visit.url).map_err(|error| error.to_string())
    }

    fn show(&self) {
        self.shown.set(self.tab);
        let shown =
            self.view.set_bounds(rectangle(self.place.get())).and_then(|()| self.view.set_visible(true));
        if let Err(error) = shown {
            tracing::warn!(%error, "a page cannot be shown");
        }
    }

    fn title(&self) -> String {
        String::new()
    }

    fn url(&self) -> String {
        self.view.url().unwrap_or_default()
    }

    fn is_loading(&self) -> bool {
        false
    }

    fn can_go_back(&self) -> bool {
        self.view.can_go_back().unwrap_or(false)
    }

    fn can_go_forward(&self) -> bool {
        self.view.can_go_forward().unwrap_or(false)
    }

    fn back(&self) {
        let _ = self.view.go_back();
    }

    fn forward(&self) {
        let _ = self.view.go_forward();
    }

    fn reload(&self) {
        let _ = self.view.reload();
    }

    fn zoom(&self, factor: f64) {
        let _ = self.view.zoom(factor);
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
