//! Why a command failed: a code for the window, a cause for the log.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// The window chooses its sentence by this code, never by a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "generated.ts")]
pub enum EngineErrorCode {
    /// The name of the server cannot be resolved.
    ServerNotFound,
    /// Nobody listens there, or a firewall is in between.
    ServerUnreachable,
    /// Something answers, but it is no XMPP server.
    NotAnXmppServer,
    /// The certificate comes from an unknown authority; its fingerprint is in the detail.
    CertificateUnknownAuthority,
    /// The certificate has expired or is not valid yet.
    CertificateExpired,
    /// The certificate is for another host.
    CertificateWrongHost,
    /// The certificate is not the one that was accepted before.
    CertificateChanged,
    /// TLS failed for another reason.
    TlsFailed,
    /// ID or password wrong.
    NotAuthorized,
    /// Too many tries; wait.
    LockedOut,
    /// The account is disabled.
    AccountDisabled,
    /// The server offers no login that is safe enough.
    NoSafeLogin,
    /// The server no longer binds logins to the encrypted connection, as it did before: somebody may sit in between.
    BindingGone,
    /// The server could not prove that it knows the account.
    ServerNotAuthentic,
    /// The server signed this client out because another took its place.
    Replaced,
    /// The line broke.
    ConnectionLost,
    /// No answer in time.
    TimedOut,
    /// The keyring has no password, or there is no keyring.
    NoPassword,
    /// Nobody is signed in.
    NotSignedIn,
    /// The person or conversation does not exist (any more).
    NotFound,
    /// The server refuses: no right.
    Forbidden,
    /// The organisation does not let the person write to this phone.
    TextingNotAllowed,
    /// No phone of this person is known.
    NoPhone,
    /// Nobody can send text messages now.
    GatewayAway,
    /// The text is empty or too long.
    BadInput,
    /// The server wants a better password.
    WeakPassword,
    /// The local store cannot be read or written.
    StoreFailed,
    /// A defect of ours; the log has the cause.
    Internal,
}

/// A failed command.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, thiserror::Error)]
#[error("{code:?}: {detail}")]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "generated.ts")]
pub struct EngineError {
    /// What the window branches on.
    pub code: EngineErrorCode,
    /// A fact to show beside the sentence (a fingerprint, a host); never a sentence itself.
    pub detail: String,
}

impl EngineError {
    pub(crate) fn new(code: EngineErrorCode, detail: impl Into<String>) -> Self {
        Self { code, detail: detail.into() }
    }
}
