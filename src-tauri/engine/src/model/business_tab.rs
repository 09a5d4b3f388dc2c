//! Business systems and their tabs.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// A business system that this person may open.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "generated.ts")]
pub struct BusinessSystem {
    /// The name it has at the server, such as `oa`.
    pub id: String,
    /// Display name.
    pub name: String,
    /// Hash of its picture, when it has one.
    pub icon: Option<String>,
    /// How much waits there, as the system itself says; 0 when it says nothing.
    pub badge: u32,
}

/// How much waits in a business system.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "generated.ts")]
pub struct BusinessBadge {
    /// The system's name at the server.
    pub system: String,
    /// Never 0.
    pub count: u32,
}

/// An open tab.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "generated.ts")]
pub struct BusinessTab {
    /// Key of the tab; never used twice while the program runs.
    pub tab: u32,
    /// The system it was opened for.
    pub system: String,
    /// The page's title; empty until it has one.
    pub title: String,
    /// Where the page is, without what could be secret: scheme and host.
    pub origin: String,
    /// A page is on its way.
    pub is_loading: bool,
    /// There is a page before this one.
    pub can_go_back: bool,
    /// There is a page behind this one.
    pub can_go_forward: bool,
    /// Size of the page, 1 = as it is.
    pub zoom: f64,
    /// Why there is no page.
    pub failure: Option<BusinessTabFailure>,
    /// It has given its memory back; whoever looks at it is signed in anew at the same place.
    pub is_asleep: bool,
    /// Its sound is off.
    pub is_muted: bool,
    /// It makes sounds, or would if they were not off.
    pub is_audible: bool,
}

/// Why a tab shows no page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "generated.ts")]
pub enum BusinessTabFailure {
    /// The server cannot be asked for an entrance: there is no line.
    NoLine,
    /// The person may not open the system (any more), or it does not exist.
    NotAllowed,
    /// The system does not answer.
    Unreachable,
    /// The system's certificate is not to be trusted.
    Certificate,
    /// The page's process has ended.
    Crashed,
    /// The sign-in did not succeed, also on the second try.
    SignInFailed,
    /// The page led to another system, which has a tab of its own.
    OtherSystem,
}

/// A file that a tab brings to this computer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "generated.ts")]
pub struct TabDownload {
    /// Key of the download.
    pub download: u32,
    /// The tab.
    pub tab: u32,
    /// The file's name, as it is stored.
    pub name: String,
    /// Part that is here: 0 to 1.
    pub progress: f64,
    /// What became of it.
    pub state: TabDownloadState,
}

/// What becomes of a download.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "generated.ts")]
pub enum TabDownloadState {
    /// On its way.
    Running,
    /// Stored.
    Finished,
    /// Ended before it was whole.
    Failed,
    /// The person did not want it any more.
    Cancelled,
}

/// What the app takes of the computer's memory, in bytes. What this desktop does not tell is missing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "generated.ts")]
pub struct MemoryUse {
    /// The program itself.
    #[ts(type = "number | null")]
    pub program: Option<u64>,
    /// What draws the window and fetches pages for all.
    #[ts(type = "number | null")]
    pub window: Option<u64>,
    /// Tabs whose pages are awake. Windows that a page has opened share the page's processes and are counted there.
    pub tabs: Vec<TabMemory>,
    /// From here on the pages of tabs together take too much, and the longest unused sleep earlier.
    #[ts(type = "number")]
    pub most_for_tabs: u64,
}

/// What one tab takes, and the windows that it has opened with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "generated.ts")]
pub struct TabMemory {
    /// The tab.
    pub tab: u32,
    /// Bytes.
    #[ts(type = "number")]
    pub bytes: u64,
}

/// Where the page of tabs lies in the window, in CSS pixels.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "generated.ts")]
pub struct TabPlace {
    /// From the left.
    pub x: f64,
    /// From the top.
    pub y: f64,
    /// Width.
    pub width: f64,
    /// Height.
    pub height: f64,
}

/// What a person does with a tab's page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "generated.ts")]
pub enum TabAction {
    /// To the page before this one.
    Back,
    /// To the page behind this one.
    Forward,
    /// The same page anew; a page that has crashed or was not reached is tried again, with a new entrance.
    Reload,
    /// Larger.
    ZoomIn,
    /// Smaller.
    ZoomOut,
    /// As it is.
    ZoomReset,
    /// Its sound off, or on again.
    ToggleSound,
    /// The page in the system's browser.
    OpenOutside,
}

/// What tabs tell the window without being asked.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase", tag = "event", rename_all_fields = "camelCase")]
#[ts(export_to = "generated.ts")]
pub enum BusinessTabEvent {
    /// A tab is new or different.
    TabChanged {
        /// The tab.
        tab: BusinessTab,
        /// The tab whose page has opened it, when it is new and was not asked for by the person.
        opener: Option<u32>,
    },
    /// A tab is gone.
    TabClosed {
        /// Its key.
        tab: u32,
    },
    /// A download has begun, gone on or ended.
    DownloadChanged {
        /// The download.
        download: TabDownload,
    },
    /// A search in a page has an answer.
    Searched {
        /// The tab.
        tab: u32,
        /// How often the text stands there; 0 when it does not, nothing when the page is new and was not searched.
        matches: Option<u32>,
    },
}
