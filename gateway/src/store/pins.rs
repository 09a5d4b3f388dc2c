//! PINs that were tried.

use async_trait::async_trait;
use rusqlite::params;

use super::{Store, StoreError};
use crate::modem::PinMemory;

#[async_trait]
impl PinMemory for Store {
    async fn may_try(&self, card: &str, pin: &str) -> bool {
        let (modem, pin) = (card.to_owned(), pin.to_owned());
        let noted = self
            .run(move |connection| {
                connection
                    .prepare_cached(
                        "INSERT INTO tried_pin (modem, pin) VALUES (?1, ?2) ON CONFLICT DO NOTHING",
                    )
                    .and_then(|mut statement| statement.execute(params![modem, pin]))
                    .map_err(StoreError::at("note a PIN"))
            })
            .await;
        match noted {
            Ok(inserted) => inserted > 0,
            Err(error) => {
                tracing::error!(%error, "a PIN cannot be noted and is not tried");
                false
            }
        }
    }

    async fn accepted(&self, card: &str) {
        let modem = card.to_owned();
        let forgotten = self
            .run(move |connection| {
                connection
                    .prepare_cached("DELETE FROM tried_pin WHERE modem = ?1")
                    .and_then(|mut statement| statement.execute([modem]))
                    .map_err(StoreError::at("forget a PIN"))
            })
            .await;
        if let Err(error) = forgotten {
            tracing::error!(%error, "an accepted PIN cannot be noted");
        }
    }
}
