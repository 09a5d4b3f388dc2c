//! Settings of this computer and person.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Settings of this computer and person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase", default)]
#[ts(export_to = "generated.ts")]
pub struct Settings {
    /// `system`, `zh-CN`, `en`.
    pub language: String,
    /// `system`, `light`, `dark`.
    pub theme: String,
    /// `compact`, `cozy`.
    pub density: String,
    /// `enter`, `ctrlEnter`.
    pub send_key: String,
    /// Show notifications.
    pub notifications: bool,
    /// Show the text in notifications.
    pub notification_text: bool,
    /// Tell others when their messages were read.
    pub send_read_markers: bool,
    /// Tell others when one is typing.
    pub send_typing: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            language: "system".to_owned(),
            theme: "system".to_owned(),
            density: "cozy".to_owned(),
            send_key: "enter".to_owned(),
            notifications: true,
            notification_text: true,
            send_read_markers: true,
            send_typing: true,
        }
    }
}
