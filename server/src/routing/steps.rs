//! The list of steps that a server is made of; `modules/pipeline.rs` fills it.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::stages::{AcceptStep, DeliverStep, IqHandler, Observer, UndeliveredStep};

/// All steps of the server, in order.
#[derive(Default)]
pub struct Pipeline {
    /// Before routing.
    pub accepting: Vec<Arc<dyn AcceptStep>>,
    /// Before a copy goes to one session.
    pub delivering: Vec<Arc<dyn DeliverStep>>,
    /// When no session took the stanza.
    pub undelivered: Vec<Arc<dyn UndeliveredStep>>,
    /// Who answers which namespace.
    pub iq: IqTable,
    /// Who is told afterwards.
    pub observers: Vec<Arc<dyn Observer>>,
}

impl std::fmt::Debug for Pipeline {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Pipeline").finish_non_exhaustive()
    }
}

/// Namespaces and their owners.
#[derive(Default, Clone)]
pub struct IqTable(BTreeMap<&'static str, Arc<dyn IqHandler>>);

impl std::fmt::Debug for IqTable {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_set().entries(self.0.keys()).finish()
    }
}

/// Two modules claim one namespace.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("namespace {0} is claimed by two modules")]
pub struct NamespaceClaimedTwice(pub &'static str);

impl IqTable {
    /// A table of these handlers.
    ///
    /// # Errors
    /// Two of them own the same namespace.
    pub fn new(handlers: Vec<Arc<dyn IqHandler>>) -> Result<Self, NamespaceClaimedTwice> {
        let mut table = BTreeMap::new();
        for handler in handlers {
            for namespace in handler.namespaces() {
                if table.insert(*namespace, Arc::clone(&handler)).is_some() {
                    return Err(NamespaceClaimedTwice(namespace));
                }
            }
        }
        Ok(Self(table))
    }

    /// Who answers this namespace.
    pub fn owner(&self, namespace: &str) -> Option<&Arc<dyn IqHandler>> {
        self.0.get(namespace)
    }

    /// All namespaces, for service discovery.
    pub fn namespaces(&self) -> impl Iterator<Item = &'static str> {
        self.0.keys().copied()
    }
}
