//! The contact that answers codes.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// A contact of the gateway: whoever writes a code to it gets what a business system says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "generated.ts")]
pub struct QueryContact {
    /// Bare address.
    pub address: String,
    /// Codes that this person may use.
    pub codes: Vec<QueryCode>,
}

/// A code that can be asked with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "generated.ts")]
pub struct QueryCode {
    /// What is written.
    pub name: String,
    /// What it asks for, in a few words; may be empty.
    pub help: String,
}
