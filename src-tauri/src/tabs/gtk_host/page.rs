//! A page in WebKitGTK. Each has a store in memory of its own; pages that it opens share that store.

use std::cell::Cell;
use std::path::PathBuf;
use std::rc::Rc;

use cookie::{Cookie, SameSite};
use gtk::prelude::*;
use posthouse_engine::business_tabs::BIND_COOKIE;
use posthouse_engine::model::BusinessTabFailure;
use tauri::Url;
use webkit2gtk::{
    BackForwardListExt, DownloadExt, LoadEvent, PolicyDecisionExt, PolicyDecisionType,
    ResponsePolicyDecision, ResponsePolicyDecisionExt, URIRequestExt, WebContextExt, WebViewExt,
};
use wry::{NewWindowResponse, WebView, WebViewBuilder, WebViewBuilderExtUnix, WebViewExtUnix};

use super::GtkHost;
use super::certificate::Accepted;
use super::search::Search;
use crate::tabs::file_place;
use crate::tabs::host::{Listener, Page, Report, Visit};

/// Widgets of pages are named after their tab.
const TAB: &str = "tab-";

/// A page.
pub(super) struct GtkPage {
    view: WebView,
    stack: gtk::Stack,
    search: Search,
    /// It was closed from here, not by itself.
    is_dropped: Rc<Cell<bool>>,
}

impl Drop for GtkPage {
    fn drop(&mut self) {
        self.is_dropped.set(true);
        let view = self.view.webview();
        // One that has closed itself is gone already.
        if view.parent().is_some() {
            self.stack.remove(&view);
        }
    }
}

/// What all pages of one store share.
#[derive(Clone)]
struct Shared {
    stack: gtk::Stack,
    listener: Rc<dyn Listener>,
    authority: Rc<Accepted>,
    downloads: PathBuf,
}

impl GtkPage {
    pub(super) fn new(host: &GtkHost, visit: &Visit, listener: Rc<dyn Listener>) -> Result<Self, String> {
        let shared = Shared {
            stack: host.stack.clone(),
            listener,
            authority: Rc::new(Accepted::new(visit.authority.clone())),
            downloads: visit.downloads.clone(),
        };
        let page = Self::build(visit.tab, &shared, None)?;
        if let Some(context) = page.view.webview().context() {
            let (tab, shared) = (visit.tab, shared);
            let (processes, desk) = (Rc::clone(&host.processes), Rc::clone(&host.downloads));
            context.connect_initialize_web_extensions(move |_| processes.note(tab));
            // Downloads belong to the store, not to a page: this is done once for each store.
            context.connect_download_started(move |_, download| {
                let starter = download.web_view();
                let from = starter.as_ref().and_then(tab_of).unwrap_or(tab);
                desk.follow(from, download, &shared.listener);
                // A window that was opened for a file only has nothing to show.
                if from != tab && starter.is_some_and(|view| is_empty(&view)) {
                    shared.listener.report(from, Report::Closed);
                }
            });
        }
        Ok(page)
    }

    fn build(tab: u32, shared: &Shared, opener: Option<webkit2gtk::WebView>) -> Result<Self, String> {
        let (goer, related, folder) = (Rc::clone(&shared.listener), shared.clone(), shared.downloads.clone());
        let mut builder = WebViewBuilder::new()
            .with_incognito(true)
            .with_visible(true)
            .with_focused(false)
            .with_navigation_handler(move |url| goer.may_go(tab, &url))
            // Without it the library stores files where it likes. In a store that is there already it is not asked.
            .with_download_started_handler(move |_, target| file_place::place(&folder, target))
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
        view.webview().set_widget_name(&format!("{TAB}{tab}"));
        watch(tab, &view.webview(), shared);
        let search = Search::new(tab, &view.webview(), &shared.listener);
        let is_dropped = Rc::new(Cell::new(false));
        let (listener, dropped) = (Rc::clone(&shared.listener), Rc::clone(&is_dropped));
        // The library destroys a page that closes itself, and nobody hears of `close` behind that.
        view.webview().connect_destroy(move |_| {
            if !dropped.get() {
                listener.report(tab, Report::Closed);
            }
        });
        Ok(Self { view, stack: shared.stack.clone(), search, is_dropped })
    }
}

fn tab_of(view: &webkit2gtk::WebView) -> Option<u32> {
    view.widget_name().strip_prefix(TAB)?.parse().ok()
}

/// No page has come to it yet.
fn is_empty(view: &webkit2gtk::WebView) -> bool {
    view.back_forward_list().is_none_or(|list| list.current_item().is_none())
}

fn watch(tab: u32, view: &webkit2gtk::WebView, shared: &Shared) {
    let ear = || Rc::clone(&shared.listener);
    let listener = ear();
    view.connect_title_notify(move |_| listener.report(tab, Report::Changed));
    let listener = ear();
    view.connect_uri_notify(move |_| listener.report(tab, Report::Changed));
    let listener = ear();
    view.connect_is_playing_audio_notify(move |_| listener.report(tab, Report::Changed));
    let listener = ear();
    view.connect_load_changed(move |view, event| {
        let is_there = event == LoadEvent::Committed;
        // Where the process of the page changes on the way, this is the first that is seen of it.
        if is_there && view.uri().is_some_and(|url| !listener.may_arrive(tab, &url)) {
            return;
        }
        listener.report(tab, if is_there { Report::Arrived } else { Report::Changed });
    });
    let listener = ear();
    view.connect_decide_policy(move |view, decision, kind| {
        let answer = decision.downcast_ref::<ResponsePolicyDecision>();
        let (PolicyDecisionType::Response, Some(answer)) = (kind, answer) else { return false };
        let url = answer.request().and_then(|request| request.uri());
        // What a frame gets is not where the page is going.
        let is_page = url == view.uri();
        let is_stopped = is_page && url.is_some_and(|url| !listener.may_arrive(tab, &url));
        if is_stopped {
            decision.ignore();
        }
        is_stopped
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
    let (listener, authority) = (ear(), Rc::clone(&shared.authority));
    view.connect_load_failed_with_tls_errors(move |view, url, certificate, _| {
        if !authority.lets_in(view, url, certificate) {
            listener.report(tab, Report::Failed(BusinessTabFailure::Certificate));
        }
        true
    });
    let listener = ear();
    view.connect_web_process_terminated(move |_, _| {
        listener.report(tab, Report::Failed(BusinessTabFailure::Crashed));
    });
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

    fn go_back_to(&self, url: &str) {
        self.view.webview().load_uri(url);
    }

    fn mute(&self, is_muted: bool) {
        self.view.webview().set_is_muted(is_muted);
    }

    fn is_audible(&self) -> bool {
        self.view.webview().is_playing_audio()
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
        self.search.find(text, forward);
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
