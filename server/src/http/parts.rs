//! What the parts of the server give to what is answered over HTTP.

use std::sync::Arc;

use crate::clock::Clock;
use crate::modules::notices::{Desk, Pace};
use crate::organization::directory::Directory;
use crate::routing::router::Router;
use crate::sign_on::Provider;
use crate::storage::Database;
use crate::storage::badges::BadgeStore;
use crate::storage::notices::NoticeStore;

/// What the routes work with.
#[derive(Debug, Clone)]
pub struct Parts {
    /// The server's domain.
    pub domain: String,
    /// Where everything is kept.
    pub database: Database,
    /// Tells the time.
    pub clock: Arc<Clock>,
    /// The organisation.
    pub directory: Arc<Directory>,
    /// The way to the people.
    pub router: Router,
    /// Notices of business systems.
    pub notices: NoticeStore,
    /// What business systems ask for.
    pub desk: Desk,
    /// How fast each of them may ask.
    pub pace: Pace,
    /// Numbers beside business systems.
    pub badges: BadgeStore,
    /// SCRAM iterations of new passwords.
    pub iterations: u32,
    /// Single sign-on, when it is switched on.
    pub sign_on: Option<Provider>,
}
