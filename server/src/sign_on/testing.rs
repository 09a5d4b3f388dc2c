//! A provider for scenes.

use std::path::Path;
use std::sync::Arc;

use posthouse_sign_on::issuer::Issuer;
use posthouse_sign_on::moment::{Lifetimes, Moment};

use super::{KeyFile, Provider, ProviderParts};
use crate::clock::Clock;
use crate::organization::directory::Directory;
use crate::outbound::Outbound;
use crate::storage::Database;
use crate::storage::sign_on::SignOnStore;

/// When all scenes begin.
pub(crate) const NOW: Moment = Moment(1_795_766_400);

/// A provider of that organisation at `example.org`, with its keys in `folder`.
pub(crate) fn provider(
    folder: &Path,
    database: &Database,
    directory: Arc<Directory>,
    clock: Arc<Clock>,
) -> Provider {
    Provider::new(ProviderParts {
        issuer: Issuer::new("https://im.example.org").unwrap(),
        lifetimes: Lifetimes::default(),
        links: true,
        domain: "example.org".to_owned(),
        store: SignOnStore::new(database.clone()),
        directory,
        clock,
        keys: KeyFile::open(folder, NOW).unwrap(),
        outbound: Outbound::new(&folder.join("ca.pem")).unwrap(),
        authority: folder.join("ca.pem"),
    })
}
