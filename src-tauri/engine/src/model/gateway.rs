//! The gateway to phones, for its administrators.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// How the gateway is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "generated.ts")]
pub struct GatewayStatus {
    /// Texts that are not sent yet.
    pub waiting: u32,
    /// Texts that came from phones today.
    pub received: u32,
    /// What today's texts cost.
    pub cost: String,
    /// In which money.
    pub currency: String,
    /// Modems and lines.
    pub ways: Vec<GatewayWay>,
    /// Texts of today, by what became of them.
    pub today: Vec<GatewayTexts>,
}

/// What sends texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "generated.ts")]
pub enum GatewayWayKind {
    /// A modem.
    Modem,
    /// A line to a carrier.
    Line,
}

/// A modem or line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "generated.ts")]
pub struct GatewayWay {
    /// What it is.
    pub kind: GatewayWayKind,
    /// Its name in the gateway's settings.
    pub name: String,
    /// It can send.
    pub is_ready: bool,
    /// How it is, in one word (`docs/sms.md`).
    pub condition: String,
    /// The same in plain words, in English.
    pub state: String,
    /// What modem, network or carrier said, when something is wrong.
    pub reason: Option<String>,
    /// It failed again and again and is not used until then: milliseconds since 1970 UTC.
    #[ts(type = "number | null")]
    pub rests_until: Option<i64>,
    /// The network.
    pub operator: Option<String>,
    /// Decibels against a milliwatt.
    pub signal: Option<i32>,
    /// Texts of the last day.
    pub sent: Option<u32>,
}

/// How many texts are in a state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "generated.ts")]
pub struct GatewayTexts {
    /// `sent`, `delivered`, `failed` and the like (`docs/sms.md`).
    pub state: String,
    /// How many.
    pub count: u32,
}
