//! Where pages are shown: the part of tabs that every desktop does in its own way.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::rc::Rc;

use posthouse_engine::model::{BusinessTabFailure, TabDownloadState, TabPlace};
use tauri::{AppHandle, Wry};

/// An entrance for a tab.
#[derive(Debug, Clone)]
pub(super) struct Visit {
    pub(super) tab: u32,
    pub(super) system: String,
    /// Where to go, once.
    pub(super) url: String,
    /// Whether a page that slept goes back to where it was.
    pub(super) is_way_back: bool,
    /// What the cookie holds that the link is bound to.
    pub(super) secret: String,
    /// SHA-256 of the certificate authority that the person has accepted, if any.
    #[cfg_attr(
        not(target_os = "linux"),
        expect(dead_code, reason = "other libraries know the system's authorities only")
    )]
    pub(super) authority: Option<String>,
    /// Where files go.
    pub(super) downloads: PathBuf,
}

/// What a page reports.
#[derive(Debug, Clone)]
pub(super) enum Report {
    /// Title, address or history are different, or loading has begun or ended.
    Changed,
    /// A page is there.
    Arrived,
    /// There is no page.
    #[cfg_attr(
        not(target_os = "linux"),
        expect(dead_code, reason = "other libraries show a page of their own")
    )]
    Failed(BusinessTabFailure),
    /// The page has closed itself.
    #[cfg_attr(not(target_os = "linux"), expect(dead_code, reason = "other libraries do not tell"))]
    Closed,
    /// Something about a file.
    Download { download: u32, name: String, progress: f64, state: TabDownloadState },
    /// A search has found its text so often; nothing is known of a page that is new.
    Searched { matches: Option<u32> },
}

/// What processes take in bytes, as far as this desktop tells.
#[derive(Debug, Clone, Default)]
pub(super) struct Memory {
    /// The program itself.
    pub(super) program: Option<u64>,
    /// What draws the window and works for all pages.
    pub(super) window: Option<u64>,
    /// What draws the pages of each store, by the store's first tab.
    pub(super) tabs: BTreeMap<u32, u64>,
}

/// Hears of pages, on the main thread.
pub(super) trait Listener {
    /// Whether the page, or a frame in it, may go there.
    fn may_go(&self, tab: u32, url: &str) -> bool;
    /// Whether the page itself may become that, or may stay what it has become; else it is stopped where that can be.
    fn may_arrive(&self, tab: u32, url: &str) -> bool;
    /// Whether a page may open a window; what belongs elsewhere is opened there.
    fn may_open(&self, opener: u32, url: &str) -> bool;
    /// The same, for a window that becomes a tab; answers the new tab's key.
    #[cfg_attr(
        not(target_os = "linux"),
        expect(dead_code, reason = "windows of pages are the library's own there")
    )]
    fn new_tab(&self, opener: u32, url: &str) -> Option<u32>;
    /// A tab that a page has opened is there.
    #[cfg_attr(
        not(target_os = "linux"),
        expect(dead_code, reason = "windows of pages are the library's own there")
    )]
    fn opened(&self, opener: u32, tab: u32, page: Box<dyn Page>);
    /// Something has happened.
    fn report(&self, tab: u32, report: Report);
    /// Reports of a tab from another thread.
    #[cfg(not(target_os = "linux"))]
    fn teller(&self, tab: u32) -> Box<dyn Fn(Report) + Send>;
}

/// Shows pages in the window; lives on the main thread.
pub(super) trait TabHost {
    /// Makes a page that is not shown yet.
    fn make(&self, visit: &Visit, listener: Rc<dyn Listener>) -> Result<Box<dyn Page>, String>;
    /// Where pages lie.
    fn place(&self, place: TabPlace);
    /// Takes pages off the window.
    fn hide(&self);
    /// What is taken now; measuring takes a few milliseconds for each process.
    fn memory(&self) -> Memory;
    /// Ends a download that nobody wants any more.
    fn cancel_download(&self, download: u32);
}

/// One page.
pub(super) trait Page {
    fn go(&self, visit: &Visit) -> Result<(), String>;
    /// Goes to an address that it was at before.
    fn go_back_to(&self, url: &str);
    /// Sound off or on.
    fn mute(&self, is_muted: bool);
    fn is_audible(&self) -> bool;
    fn show(&self);
    fn title(&self) -> String;
    fn url(&self) -> String;
    fn is_loading(&self) -> bool;
    fn can_go_back(&self) -> bool;
    fn can_go_forward(&self) -> bool;
    fn back(&self);
    fn forward(&self);
    fn reload(&self);
    fn zoom(&self, factor: f64);
    fn find(&self, text: &str, forward: bool);
    #[cfg(debug_assertions)]
    fn evaluate(&self, script: &str, answer: tokio::sync::oneshot::Sender<String>);
}

/// The host of this desktop.
pub(super) fn open(app: &AppHandle<Wry>) -> Result<Box<dyn TabHost>, String> {
    #[cfg(target_os = "linux")]
    return super::gtk_host::open(app);
    #[cfg(not(target_os = "linux"))]
    return super::child::open(app);
}
