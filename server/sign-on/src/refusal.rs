//! Why something was refused: the browser gets one page that looks the same, the administrator gets the reason.

mod advice;

pub use advice::advice;

/// A reason, for the list of refusals and the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
pub enum Refusal {
    /// No system of that name is registered, or it is switched off.
    #[error("no system of that name is registered, or it is switched off")]
    UnknownSystem,
    /// The system does not sign in this way.
    #[error("the system is not registered for this way of signing in")]
    WrongWay,
    /// The person may not use the system.
    #[error("the person may not use this system")]
    NotForThisPerson,
    /// The account is locked or gone.
    #[error("the account is locked or gone")]
    AccountClosed,
    /// There is no session in this tab, or it is over.
    #[error("nobody is signed in in this tab")]
    NotSignedIn,
    /// More tickets than anybody opens tabs.
    #[error("too many requests in a minute")]
    TooMany,
    /// The ticket has no shape, is unknown, or was used before.
    #[error("the ticket is unknown or was used before")]
    UnknownTicket,
    /// The ticket came too late.
    #[error("the ticket came too late")]
    TicketExpired,
    /// The browser does not hold what the ticket is bound to.
    #[error("the ticket was opened in another browser than the one it was made for")]
    OtherBrowser,
    /// Another page led here, or it was no top-level navigation.
    #[error("another site led the browser to the ticket, or it was loaded inside a page")]
    LedByAnotherSite,
    /// The relative path leads elsewhere.
    #[error("the path does not lie below the system's address")]
    WrongPath,
    /// The request has no shape.
    #[error("the request is malformed")]
    Malformed,
    /// The redirect URI is not registered.
    #[error("the redirect URI is missing or is not registered, character for character")]
    WrongRedirectUri,
    /// The CAS service is not registered.
    #[error("the CAS service does not lie below a registered address")]
    WrongService,
    /// A form came without the mark of its page.
    #[error("a form came from elsewhere than our own page")]
    ForgedForm,
    /// A forward-auth request for a site that is not registered, or with a cookie of another one.
    #[error("the address that the proxy tells is not one of the registered sites")]
    WrongSite,
    /// The app that the session belongs to is not there to be asked.
    #[error("the app that the session belongs to is not connected, so the person cannot be asked")]
    AppAway,
    /// The person was asked to prove who they are, and has not.
    #[error("the person was asked to prove again who they are, and has not")]
    NotProved,
    /// Who asks did not prove to be the system.
    #[error("the secret of the system is missing or wrong")]
    WrongSecret,
}

impl Refusal {
    /// All of them.
    pub const ALL: [Self; 19] = [
        Self::UnknownSystem,
        Self::WrongWay,
        Self::NotForThisPerson,
        Self::AccountClosed,
        Self::NotSignedIn,
        Self::TooMany,
        Self::UnknownTicket,
        Self::TicketExpired,
        Self::OtherBrowser,
        Self::LedByAnotherSite,
        Self::WrongPath,
        Self::Malformed,
        Self::WrongRedirectUri,
        Self::WrongService,
        Self::ForgedForm,
        Self::WrongSite,
        Self::AppAway,
        Self::NotProved,
        Self::WrongSecret,
    ];

    /// A word for logs.
    pub fn code(self) -> &'static str {
        match self {
            Self::UnknownSystem => "unknown-system",
            Self::WrongWay => "wrong-way",
            Self::NotForThisPerson => "not-for-this-person",
            Self::AccountClosed => "account-closed",
            Self::NotSignedIn => "not-signed-in",
            Self::TooMany => "too-many",
            Self::UnknownTicket => "unknown-ticket",
            Self::TicketExpired => "ticket-expired",
            Self::OtherBrowser => "other-browser",
            Self::LedByAnotherSite => "led-by-another-site",
            Self::WrongPath => "wrong-path",
            Self::Malformed => "malformed",
            Self::WrongRedirectUri => "wrong-redirect-uri",
            Self::WrongService => "wrong-service",
            Self::ForgedForm => "forged-form",
            Self::WrongSite => "wrong-site",
            Self::AppAway => "app-away",
            Self::NotProved => "not-proved",
            Self::WrongSecret => "wrong-secret",
        }
    }
}
