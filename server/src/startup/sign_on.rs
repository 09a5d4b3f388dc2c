//! Puts single sign-on together and lets its tasks run.

use std::sync::Arc;

use tokio::task::JoinSet;

use super::SingleSignOn;
use crate::clock::Clock;
use crate::organization::directory::Directory;
use crate::outbound::Outbound;
use crate::sign_on::{Provider, ProviderParts};
use crate::storage::Database;
use crate::storage::sign_on::SignOnStore;

/// The provider, and its way to systems.
pub(super) struct Opened {
    pub(super) provider: Provider,
    outbound: Outbound,
}

pub(super) fn open(
    parts: SingleSignOn,
    domain: String,
    database: &Database,
    (directory, clock): (&Arc<Directory>, &Arc<Clock>),
) -> Opened {
    let SingleSignOn { issuer, lifetimes, links, keys, outbound } = parts;
    tracing::info!(issuer = issuer.as_str(), "single sign-on is switched on");
    let provider = Provider::new(ProviderParts {
        issuer,
        lifetimes,
        links,
        domain,
        store: SignOnStore::new(database.clone()),
        directory: Arc::clone(directory),
        clock: Arc::clone(clock),
        keys,
    });
    Opened { provider, outbound }
}

/// Ends what is due, and tells systems of it.
pub(super) async fn run(opened: Opened, background: &mut JoinSet<()>) {
    let Opened { provider, outbound } = opened;
    provider.begin().await;
    background.spawn(provider.clone().end_what_is_due());
    background.spawn(provider.tell_systems(outbound));
}
