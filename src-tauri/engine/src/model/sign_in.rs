//! Signing in, and the state of the line.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// What the last session left, for the sign-in form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "generated.ts")]
pub struct SavedSignIn {
    /// Server address as it was typed.
    pub server: String,
    /// ID.
    pub login: String,
    /// A password lies in the keyring.
    pub has_password: bool,
    /// The system has a keyring, so that "remember" can be offered.
    pub can_remember: bool,
}

/// What the sign-in form sends.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "generated.ts")]
pub struct SignIn {
    /// IP address, host name or domain, with or without a port.
    pub server: String,
    /// ID (`zhang.san`) or full address (`zhang.san@example.org`).
    pub login: String,
    /// Password; empty = use the one in the keyring.
    pub password: String,
    /// Keep the password in the keyring.
    pub remember: bool,
    /// Fingerprint (SHA-256, lower-case hex) of the certificate authority or certificate the user has accepted just now.
    pub accept_fingerprint: Option<String>,
}

/// Who is signed in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "generated.ts")]
pub struct Account {
    /// Bare address.
    pub person: String,
    /// Display name, once the directory is known.
    pub name: String,
    /// Server as typed.
    pub server: String,
    /// The server has a gateway to phones.
    pub can_text: bool,
}

/// The state of the line, for the strip near the composer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase", tag = "state")]
#[ts(export_to = "generated.ts")]
pub enum ConnectionState {
    /// Signed out.
    SignedOut,
    /// Tries to connect.
    Connecting,
    /// Connected and in step with the server.
    Online,
    /// Connected; reads what was missed.
    CatchingUp,
    /// Waits before the next try.
    Waiting {
        /// Seconds until the next try.
        #[serde(rename = "retryInSeconds")]
        #[ts(rename = "retryInSeconds")]
        retry_in_seconds: u32,
        /// Why the last try failed: a code of [`crate::error::EngineErrorCode`].
        reason: crate::error::EngineErrorCode,
    },
    /// Stopped for good until the user does something.
    Stopped {
        /// Why.
        reason: crate::error::EngineErrorCode,
    },
}

/// One line of the connection self-test (R72).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "generated.ts")]
pub struct ConnectionTestStep {
    /// `resolve`, `connect`, `tls`, `stream`, `login`, `roundTrip`.
    pub step: String,
    /// Passed.
    pub passed: bool,
    /// Milliseconds it took.
    pub milliseconds: u32,
    /// Fact to show: an address, a protocol version, a fingerprint.
    pub detail: String,
    /// Why it failed.
    pub failure: Option<crate::error::EngineErrorCode>,
}
