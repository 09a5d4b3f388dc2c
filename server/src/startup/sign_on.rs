//! Puts single sign-on together and lets its tasks run.

use std::sync::Arc;

use tokio::task::JoinSet;

use super::SingleSignOn;
use crate::clock::Clock;
use crate::organization::directory::Directory;
use crate::sign_on::{Provider, ProviderParts};
use crate::storage::Database;
use crate::storage::sign_on::SignOnStore;

pub(super) fn open(
    parts: SingleSignOn,
    domain: String,
    database: &Database,
    (directory, clock): (&Arc<Directory>, &Arc<Clock>),
) -> Provider {
    let SingleSignOn { issuer, lifetimes, links, keys, outbound, authority } = parts;
    tracing::info!(issuer = issuer.as_str(), "single sign-on is switched on");
    Provider::new(ProviderParts {
        issuer,
        lifetimes,
        links,
        domain,
        store: SignOnStore::new(database.clone()),
        directory: Arc::clone(directory),
        clock: Arc::clone(clock),
        keys,
        outbound,
        authority,
    })
}

/// Ends what is due, and tells systems of it.
pub(super) async fn run(provider: Provider, background: &mut JoinSet<()>) {
    provider.begin().await;
    background.spawn(provider.clone().end_what_is_due());
    background.spawn(provider.tell_systems());
}
