//! Software version (XEP-0092): the name for everybody, the version for administrators.

use async_trait::async_trait;
use jid::BareJid;
use xmpp_parsers::version::{VersionQuery, VersionResult};

use crate::routing::iq::{IqAnswer, IqRequest, IqTarget};
use crate::routing::stages::IqHandler;
use crate::routing::stanza_error::{Condition, StanzaError};

/// Says whether an account administers the server.
pub type IsAdministrator = Box<dyn Fn(&BareJid) -> bool + Send + Sync>;

/// Answers `jabber:iq:version`.
pub struct SoftwareVersion {
    is_administrator: IsAdministrator,
}

impl std::fmt::Debug for SoftwareVersion {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("SoftwareVersion").finish_non_exhaustive()
    }
}

impl SoftwareVersion {
    /// Shows the version to those for whom `is_administrator` holds.
    pub fn new(is_administrator: IsAdministrator) -> Self {
        Self { is_administrator }
    }
}

#[async_trait]
impl IqHandler for SoftwareVersion {
    fn namespaces(&self) -> &'static [&'static str] {
        &["jabber:iq:version"]
    }

    async fn handle(&self, request: IqRequest<'_>) -> Result<IqAnswer, StanzaError> {
        if request.is_set || *request.target != IqTarget::Server {
            return Err(StanzaError::new(Condition::ServiceUnavailable));
        }
        let VersionQuery = request.parse()?;
        let may_know = (self.is_administrator)(&request.from.to_bare());
        let version = if may_know { env!("CARGO_PKG_VERSION") } else { "" };
        IqAnswer::of(&VersionResult { name: "Posthouse".to_owned(), version: version.to_owned(), os: None })
    }
}
