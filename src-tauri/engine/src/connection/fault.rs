//! Why there is no line.

use std::io;

use xmpp_parsers::stream_error::{DefinedCondition, StreamError};

use crate::error::{EngineError, EngineErrorCode};

/// Why connecting or signing in failed, or why the connection ended. Details are facts, not sentences.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Fault {
    #[error("what was typed is no address: {0}")]
    BadAddress(String),
    #[error("no address for {0}")]
    NotFound(String),
    #[error("{address}: {source}")]
    Unreachable { address: String, source: io::Error },
    #[error("no XMPP server: {0}")]
    NotXmpp(String),
    #[error("unknown certificate authority {fingerprint}")]
    UnknownAuthority { fingerprint: String },
    #[error("another certificate authority than accepted before: {fingerprint}")]
    ChangedAuthority { fingerprint: String },
    #[error("the certificate is not valid now: {0}")]
    CertificateExpired(String),
    #[error("the certificate is for {0}")]
    CertificateWrongHost(String),
    #[error("TLS: {0}")]
    Tls(String),
    #[error("ID or password wrong")]
    NotAuthorized,
    #[error("too many tries")]
    LockedOut,
    #[error("the account is disabled")]
    AccountDisabled,
    #[error("no safe login among {0}")]
    NoSafeLogin(String),
    #[error("logins were bound to the connection before, and now the server offers {0}")]
    BindingGone(String),
    #[error("the server does not prove that it knows the account: {0}")]
    ServerNotAuthentic(&'static str),
    #[error("the server refuses the login: {0}")]
    LoginRefused(String),
    #[error("replaced by another client")]
    Replaced,
    #[error("the server does not serve {0}")]
    HostUnknown(String),
    #[error("the server goes down")]
    ShuttingDown,
    #[error("the server ends the stream: {0}")]
    StreamError(String),
    #[error("redirected to {0}")]
    Redirected(String),
    #[error("the connection broke: {0}")]
    Broken(String),
    #[error("no answer in time: {0}")]
    TimedOut(&'static str),
}

impl Fault {
    /// The code for the window.
    pub(crate) fn code(&self) -> EngineErrorCode {
        match self {
            Self::BadAddress(_) | Self::NotFound(_) | Self::HostUnknown(_) => EngineErrorCode::ServerNotFound,
            Self::Unreachable { .. } => EngineErrorCode::ServerUnreachable,
            Self::NotXmpp(_) => EngineErrorCode::NotAnXmppServer,
            Self::UnknownAuthority { .. } => EngineErrorCode::CertificateUnknownAuthority,
            Self::ChangedAuthority { .. } => EngineErrorCode::CertificateChanged,
            Self::CertificateExpired(_) => EngineErrorCode::CertificateExpired,
            Self::CertificateWrongHost(_) => EngineErrorCode::CertificateWrongHost,
            Self::Tls(_) => EngineErrorCode::TlsFailed,
            Self::NotAuthorized => EngineErrorCode::NotAuthorized,
            Self::LockedOut => EngineErrorCode::LockedOut,
            Self::AccountDisabled => EngineErrorCode::AccountDisabled,
            Self::NoSafeLogin(_) => EngineErrorCode::NoSafeLogin,
            Self::BindingGone(_) => EngineErrorCode::BindingGone,
            Self::ServerNotAuthentic(_) => EngineErrorCode::ServerNotAuthentic,
            Self::LoginRefused(_) => EngineErrorCode::Internal,
            Self::Replaced => EngineErrorCode::Replaced,
            Self::ShuttingDown | Self::StreamError(_) | Self::Redirected(_) | Self::Broken(_) => {
                EngineErrorCode::ConnectionLost
            }
            Self::TimedOut(_) => EngineErrorCode::TimedOut,
        }
    }

    /// The fact to show beside the window's sentence.
    pub(crate) fn detail(&self) -> String {
        match self {
            Self::UnknownAuthority { fingerprint } | Self::ChangedAuthority { fingerprint } => {
                fingerprint.clone()
            }
            Self::Unreachable { address, .. } => address.clone(),
            Self::BadAddress(fact)
            | Self::NotFound(fact)
            | Self::HostUnknown(fact)
            | Self::CertificateExpired(fact)
            | Self::CertificateWrongHost(fact)
            | Self::NoSafeLogin(fact)
            | Self::BindingGone(fact)
            | Self::Redirected(fact) => fact.clone(),
            Self::NotAuthorized
            | Self::LockedOut
            | Self::AccountDisabled
            | Self::Replaced
            | Self::ShuttingDown => String::new(),
            Self::NotXmpp(_)
            | Self::Tls(_)
            | Self::ServerNotAuthentic(_)
            | Self::LoginRefused(_)
            | Self::StreamError(_)
            | Self::Broken(_)
            | Self::TimedOut(_) => self.to_string(),
        }
    }

    /// Whether trying again by itself would be useless or harmful.
    pub(crate) fn is_final(&self) -> bool {
        match self {
            Self::BadAddress(_)
            | Self::UnknownAuthority { .. }
            | Self::ChangedAuthority { .. }
            | Self::CertificateExpired(_)
            | Self::CertificateWrongHost(_)
            | Self::NotAuthorized
            | Self::AccountDisabled
            | Self::NoSafeLogin(_)
            | Self::BindingGone(_)
            | Self::ServerNotAuthentic(_)
            | Self::LoginRefused(_)
            | Self::Replaced => true,
            Self::NotFound(_)
            | Self::Unreachable { .. }
            | Self::NotXmpp(_)
            | Self::Tls(_)
            | Self::LockedOut
            | Self::HostUnknown(_)
            | Self::ShuttingDown
            | Self::StreamError(_)
            | Self::Redirected(_)
            | Self::Broken(_)
            | Self::TimedOut(_) => false,
        }
    }

    /// Of several addresses tried in vain, the one that came furthest says most.
    pub(crate) fn says_more_than(&self, other: &Self) -> bool {
        self.depth() > other.depth()
    }

    fn depth(&self) -> u8 {
        match self {
            Self::BadAddress(_) | Self::NotFound(_) => 0,
            Self::Unreachable { .. } => 1,
            Self::TimedOut(_) | Self::Broken(_) => 2,
            Self::Tls(_) => 3,
            Self::NotXmpp(_) => 4,
            Self::HostUnknown(_) | Self::ShuttingDown | Self::StreamError(_) | Self::Redirected(_) => 5,
            Self::UnknownAuthority { .. }
            | Self::ChangedAuthority { .. }
            | Self::CertificateExpired(_)
            | Self::CertificateWrongHost(_)
            | Self::NotAuthorized
            | Self::LockedOut
            | Self::AccountDisabled
            | Self::NoSafeLogin(_)
            | Self::BindingGone(_)
            | Self::ServerNotAuthentic(_)
            | Self::LoginRefused(_)
            | Self::Replaced => 6,
        }
    }
}

impl From<Fault> for EngineError {
    fn from(fault: Fault) -> Self {
        Self::new(fault.code(), fault.detail())
    }
}

/// What a stream error of the server means for the line (RFC 6120 section 4.9.3).
pub(super) fn stream_fault(error: StreamError) -> Fault {
    match error.condition {
        DefinedCondition::Conflict => Fault::Replaced,
        DefinedCondition::SeeOtherHost(host) => Fault::Redirected(host),
        DefinedCondition::SystemShutdown => Fault::ShuttingDown,
        condition @ (DefinedCondition::HostUnknown | DefinedCondition::HostGone) => {
            Fault::HostUnknown(condition.to_string())
        }
        other => Fault::StreamError(other.to_string()),
    }
}
