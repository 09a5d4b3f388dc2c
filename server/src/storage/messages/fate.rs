//! What becomes of stored messages: taken by a client, parked for later, handed over, withdrawn; written down
//! about once a second.

use std::sync::Arc;

use jid::BareJid;

use super::{MessageStore, StoredId, write};
use crate::storage::{StorageError, Ticket};

impl MessageStore {
    /// No client was there to take the message: it waits in the offline store. What was parked already stays.
    ///
    /// # Errors
    /// The writer has stopped.
    pub async fn park(&self, account: &BareJid, id: StoredId) -> Result<Ticket, StorageError> {
        let addresses = Arc::clone(&self.addresses);
        let owner = account.clone();
        let ticket = self
            .database
            .write_later(move |connection| write::park(connection, &addresses, &owner, &[id]))
            .await?;
        // The row is queued before any later watermark that passes over it.
        self.under_way.deliveries.lock().parked(account, id);
        Ok(ticket)
    }

    /// Takes a message back as if it had never been accepted: its sender got an error.
    ///
    /// # Errors
    /// The writer has stopped.
    pub async fn withdraw(&self, account: &BareJid, id: StoredId) -> Result<(), StorageError> {
        self.origins.lock().forget(id);
        self.under_way.deliveries.lock().withdrawn(account, id);
        self.database.write_later(move |connection| write::withdraw(connection, id)).await.map(|_| ())
    }

    /// Like [`MessageStore::withdraw`], but as a change that goes together with others; when it is made,
    /// [`MessageStore::withdrawn`] follows.
    pub fn withdrawal(&self, id: StoredId) -> crate::storage::Change {
        Box::new(move |connection| write::withdraw(connection, id))
    }

    /// The message has been taken back.
    pub fn withdrawn(&self, account: &BareJid, id: StoredId) {
        self.origins.lock().forget(id);
        self.under_way.deliveries.lock().withdrawn(account, id);
    }

    /// Messages that wait in the offline store of an account.
    pub fn waiting(&self, account: &BareJid) -> u64 {
        self.under_way.deliveries.lock().waiting(account)
    }

    /// Messages that wait in the offline store of all accounts.
    pub fn waiting_in_all(&self) -> u64 {
        self.under_way.deliveries.lock().waiting_in_all()
    }

    /// A client of the account has these messages.
    pub fn taken(&self, account: &BareJid, ids: &[StoredId]) {
        self.under_way.deliveries.lock().taken(account, ids);
    }

    /// A stored message goes to a client now; false when it is on its way to one already.
    pub fn hand_over(&self, account: &BareJid, id: StoredId) -> bool {
        self.under_way.deliveries.lock().hand_over(account, id)
    }

    /// A message that was handed over did not reach the client; it still waits in the offline store.
    pub fn hand_back(&self, account: &BareJid, id: StoredId) {
        self.under_way.deliveries.lock().hand_back(account, id);
    }

    /// The account has no session any more: what is still under way to it goes into the offline store.
    ///
    /// # Errors
    /// The writer has stopped.
    pub async fn park_all(&self, account: &BareJid) -> Result<(), StorageError> {
        let left = self.under_way.deliveries.lock().left(account);
        for id in left {
            self.park(account, id).await?;
        }
        Ok(())
    }

    /// Writes how far each account has taken its messages, and drops taken ones from the offline store; waits
    /// until both are on the disk. Called about once a second, before a handover, and at the end.
    ///
    /// # Errors
    /// The writer has stopped.
    pub async fn settle(&self) -> Result<(), StorageError> {
        let settled = self.under_way.deliveries.lock().settle();
        if settled.is_empty() {
            return Ok(());
        }
        let addresses = Arc::clone(&self.addresses);
        let changes = settled.clone();
        let ticket = self
            .database
            .write_later(move |connection| write::settle(connection, &addresses, &changes))
            .await?;
        self.database.writer().wait_for(ticket).await?;
        self.under_way.deliveries.lock().settled(&settled);
        Ok(())
    }

    /// Before the process ends: settles, and waits until everything is on the disk.
    ///
    /// # Errors
    /// The writer has stopped.
    pub async fn finish(&self) -> Result<(), StorageError> {
        self.settle().await?;
        let writer = self.database.writer();
        writer.wait_for(writer.enqueued()).await
    }

    /// Settles about once a second, for as long as it is polled.
    pub async fn keep_settling(&self) {
        let mut seconds = tokio::time::interval(std::time::Duration::from_secs(1));
        seconds.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            seconds.tick().await;
            if let Err(error) = self.settle().await {
                tracing::error!(%error, "what was delivered cannot be noted");
                return;
            }
        }
    }
}
