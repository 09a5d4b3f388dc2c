//! Who is meant by an address.

use jid::Jid;

use super::components::{ComponentLink, Components};

/// Where a stanza goes.
#[derive(Debug)]
pub enum Destination {
    /// The server itself.
    Server,
    /// An account of this server, existing or not.
    Account,
    /// A component; `None` when it is not connected.
    Component(Option<ComponentLink>),
    /// Another organisation's server; we do not talk to those.
    Foreign,
}

/// Which of ours an address belongs to.
#[derive(Debug)]
pub struct Destinations {
    domain: String,
    components: Components,
}

impl Destinations {
    /// For the server of `domain`, a normalised name.
    pub fn new(domain: String, components: Components) -> Self {
        Self { domain, components }
    }

    /// The server's domain.
    pub fn domain(&self) -> &str {
        &self.domain
    }

    /// The components.
    pub fn components(&self) -> &Components {
        &self.components
    }

    /// Who is meant by `to`.
    pub fn find(&self, to: &Jid) -> Destination {
        let domain = to.domain().as_str();
        if domain == self.domain {
            return if to.node().is_some() { Destination::Account } else { Destination::Server };
        }
        self.components.find(domain).map_or(Destination::Foreign, Destination::Component)
    }
}
