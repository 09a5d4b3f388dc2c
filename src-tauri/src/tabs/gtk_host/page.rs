//! A page in WebKitGTK. Each has a store in memory of its own; pages that it opens share that store.

use std::path::PathBuf;
use std::rc::Rc;

use cookie::{Cookie, SameSite};
use gtk::prelude::*;
use posthouse_engine::business_tabs::BIND_COOKIE;
use posthouse_engine::model::BusinessTabFailure;
use tauri::Url;
use webkit2gtk::{FindControllerExt, LoadEvent, WebContextExt, WebViewExt};
use wry::{NewWindowResponse, WebView, WebViewBuilder, WebViewBuilderExtUnix, WebViewExtUnix};

use super::{certificate, downloads};
use crate::tabs::host::{Listener, Page, Report, Visit};

/// Matches of a search are counted up to here.
const MOST_MATCHES: u32 = 1_000;
/// `WEBKIT_FIND_OPTIONS_CASE_INSENSITIVE | WEBKIT_FIND_OPTIONS_WRAP_AROUND`
const FIND_OPTIONS: u32 = 1 | 16;

/// A page.
pub(super) struct GtkPage {
    view: WebView,
    stack: gtk::Stack,
}

impl Drop for GtkPage {
    fn drop(&mut self) {
        self.stack.remove(&self.view.webview());
    }
}

/// What all pages of one store share.
#[derive(Clone)]
struct Shared {
    stack: gtk::Stack,
    listener: Rc<dyn Listener>,
    authority: Option<String>,
    downloads: PathBuf,
}

impl GtkPage {
    pub(super) fn new(stack: &gtk::Stack, visit: &Visit, listener: Rc<dyn Listener>) -> Result<Self, String> {
        let shared = Shared {
            stack: stack.clone(),
            listener,
            authority: visit.authority.clone(),
            downloads: visit.downloads.clone(),
        };
        let page = Self::build(visit.tab, &shared, None)?;
        if let Some(context) = page.view.webview().context() {
            let (tab, shared) = (visit.tab, shared);
            // Downloads belong to the store, not to a page: this is done once for each store.
            context.connect_download_started(move |_, download| {
                downloads::follow(tab, download, shared.downloads.clone(), &shared.listener);
            });
        }
        Ok(page)
    }

    fn build(tab: u32, shared: &Shared, opener: Option<webkit2gtk::WebView>) -> Result<Self, String> {
        let (goer, related) = (Rc::clone(&shared.listener), shared.clone());
        let mut builder = WebViewBuilder::new()
            .with_incognito(true)
            .with_visible(true)
            .with_focused(false)
            .with_navigation_handler(move |url| goer.may_go(tab, &url))
            .with_new_window_req_handler(move |url, features| {
                let Some(new) = related.listener.new_tab(tab, &url) else { return NewWindowResponse::Deny };
                match Self::build(new, &related, Some(features.opener.webview)) {
                    Ok(page) => {
                        let webview = page.view.webview();
                        related.listener.opened(tab, new, Box::new(page));
                        NewWindowResponse::Create { webview }
                    }
                    Err(_) => NewWindowResponse::Deny,
                }
            });
        if let Some(opener) = opener {
            builder = builder.with_related_view(opener);
        }
        let view = builder.build_gtk(&shared.stack).map_err(|error| error.to_string())?;
        watch(tab, &view.webview(), shared);
        Ok(Self { view, stack: shared.stack.clone() })
    }
}

fn watch(tab: u32, view: &webkit2gtk::WebView, shared: &Shared) {
    let ear = || Rc::clone(&shared.listener);
    let listener = ear();
    view.connect_title_notify(move |_| listener.report(tab, Report::Changed));
    let listener = ear();
    view.connect_uri_notify(move |_| listener.report(tab, Report::Changed));
    let listener = ear();
    view.connect_load_changed(move |_, event| {
        let report = match event {
            LoadEvent::Committed => Report::Arrived,
            _ => Report::Changed,
        };
        listener.report(tab, report);
    });
    let listener = ear();
    view.connect_load_failed(move |_, _, _, error| {
        // What was stopped by us, by the page or by a download is no failure.
        let was_stopped = error.matches(webkit2gtk::NetworkError::Cancelled)
            || error.matches(webkit2gtk::PolicyError::FrameLoadInterruptedByPolicyChange);
        if !was_stopped {
            listener.report(tab, Report::Failed(BusinessTabFailure::Unreachable));
        }
        true
    });
    let (listener, authority) = (ear(), shared.authority.clone());
    view.connect_load_failed_with_tls_errors(move |view, url, certificate, _| {
        if !certificate::is_accepted(view, url, certificate, authority.as_deref()) {
            listener.report(tab, Report::Failed(BusinessTabFailure::Certificate));
        }
        true
    });
    let listener = ear();
    view.connect_web_process_terminated(move |_, _| {
        listener.report(tab, Report::Failed(BusinessTabFailure::Crashed));
    });
    let listener = ear();
    view.connect_close(move |_| listener.report(tab, Report::Closed));
}

impl Page for GtkPage {
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

    fn show(&self) {
        let webview = self.view.webview();
        webview.show();
        self.stack.show();
        self.stack.set_visible_child(&webview);
    }

    fn title(&self) -> String {
        self.view.webview().title().map(Into::into).unwrap_or_default()
    }

    fn url(&self) -> String {
        self.view.webview().uri().map(Into::into).unwrap_or_default()
    }

    fn is_loading(&self) -> bool {
        self.view.webview().is_loading()
    }

    fn can_go_back(&self) -> bool {
        self.view.webview().can_go_back()
    }

    fn can_go_forward(&self) -> bool {
        self.view.webview().can_go_forward()
    }

    fn back(&self) {
        self.view.webview().go_back();
    }

    fn forward(&self) {
        self.view.webview().go_forward();
    }

    fn reload(&self) {
        WebViewExt::reload(&self.view.webview());
    }

    fn zoom(&self, factor: f64) {
        self.view.webview().set_zoom_level(factor);
    }

    fn find(&self, text: &str, forward: bool) {
        let Some(finder) = self.view.webview().find_controller() else { return };
        let is_same = finder.search_text().is_some_and(|known| known == text);
        match (text.is_empty(), is_same, forward) {
            (true, _, _) => finder.search_finish(),
            (false, true, true) => finder.search_next(),
            (false, true, false) => finder.search_previous(),
            (false, false, _) => finder.search(text, FIND_OPTIONS, MOST_MATCHES),
        }
    }

    #[cfg(debug_assertions)]
    fn evaluate(&self, script: &str, answer: tokio::sync::oneshot::Sender<String>) {
        let answer = std::sync::Mutex::new(Some(answer));
        let evaluated = self.view.evaluate_script_with_callback(script, move |value| {
            if let Some(answer) = answer.lock().ok().and_then(|mut answer| answer.take()) {
                // Whoever asked may have gone.
                let _ = answer.send(value);
            }
        });
        if let Err(error) = evaluated {
            tracing::warn!(%error, "a script does not run in a tab");
        }
    }
}
