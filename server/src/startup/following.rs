//! What edits of the organisation mean for the running server.

use std::sync::Arc;
use std::time::Duration;

use jid::BareJid;

use crate::organization::changes::{Follower, News};
use crate::organization::directory::Directory;
use crate::routing::session::EndReason;
use crate::routing::sessions::Sessions;
use crate::sign_on::Provider;

/// How long edits wait when the database does not answer.
const FOLLOW_AGAIN: Duration = Duration::from_secs(1);

/// Where somebody may still be signed in whose account is closed, or has a new password.
pub(super) struct Closing {
    pub(super) sessions: Arc<Sessions>,
    pub(super) provider: Option<Provider>,
}

impl Closing {
    fn close(&self, login: &str, domain: &str) {
        // Whoever has closed the account has marked these sessions in the same step.
        if let Some(provider) = &self.provider {
            provider.end_now();
        }
        let Ok(account) = BareJid::new(&format!("{login}@{domain}")) else { return };
        for session in self.sessions.of(&account) {
            session.end(EndReason::AccountClosed);
        }
    }
}

/// Carries edits of the organisation into the directory, and ends sessions of accounts that are closed.
pub(super) async fn follow(
    mut follower: Follower,
    directory: Arc<Directory>,
    closing: Closing,
    domain: String,
) {
    loop {
        match follower.next().await {
            Ok(update) => {
                match update.organization {
                    Some(News::Changes(version, changes)) => directory.apply(version, changes),
                    Some(News::Everything(stock)) => directory.replace(*stock),
                    None => {}
                }
                for login in update.ended {
                    closing.close(&login, &domain);
                }
            }
            Err(error) => {
                tracing::error!(%error, "edits of the organisation cannot be read");
                tokio::time::sleep(FOLLOW_AGAIN).await;
            }
        }
    }
}
