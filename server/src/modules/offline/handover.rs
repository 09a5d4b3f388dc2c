//! One client gets what waits for its account; newer messages come to it when it has everything.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use bytes::Bytes;
use jid::BareJid;
use posthouse_protocol::wire::Frame;

use super::Inner;
use crate::routing::forwarded::{delay, stanza_id};
use crate::routing::session::{Outgoing, Session};
use crate::storage::offline::WaitingMessage;
use crate::storage::{StorageError, StoredId, Ticket};

/// Messages read at once.
const PAGE: u32 = 100;

/// Why a handover ended early.
#[derive(Debug, thiserror::Error)]
enum HandoverError {
    #[error("the client has gone")]
    SessionGone,
    #[error(transparent)]
    Storage(StorageError),
}

/// Runs until nothing waits; then the session receives.
pub(super) async fn run(offline: Arc<Inner>, session: Session) {
    match hand_over_all(&offline, &session).await {
        Ok(()) | Err(HandoverError::SessionGone) => {}
        Err(HandoverError::Storage(error)) => {
            tracing::error!(%error, "stored messages cannot be read; they stay where they are");
            // The client must not be cut off from new messages.
            session.switches().receiving.store(true, Ordering::Release);
        }
    }
    offline.handovers.lock().remove(&session.id());
}

async fn hand_over_all(offline: &Inner, session: &Session) -> Result<(), HandoverError> {
    offline.store.settle().await.map_err(HandoverError::Storage)?;
    let mut meanwhile = Meanwhile::Stored(offline.store.database().writer().enqueued());
    loop {
        match meanwhile {
            Meanwhile::Stored(ticket) => {
                wait_for(offline, ticket).await?;
                hand_over_rows(offline, session).await?;
            }
            Meanwhile::Unstored(messages) => hand_over_unstored(session, messages).await?,
            Meanwhile::Nothing => return Ok(()),
        }
        meanwhile = finish(offline, session);
    }
}

/// What came while messages were handed over.
enum Meanwhile {
    Stored(Ticket),
    Unstored(Vec<Bytes>),
    Nothing,
}

/// Lets the session receive, unless something came in the meantime.
fn finish(offline: &Inner, session: &Session) -> Meanwhile {
    let mut handovers = offline.handovers.lock();
    // Without an entry the session has closed.
    let Some(handover) = handovers.get_mut(&session.id()) else { return Meanwhile::Nothing };
    if let Some(ticket) = handover.again.take() {
        return Meanwhile::Stored(ticket);
    }
    if !handover.unstored.is_empty() {
        return Meanwhile::Unstored(std::mem::take(&mut handover.unstored));
    }
    handovers.remove(&session.id());
    let switches = session.switches();
    if switches.priority.load(Ordering::Acquire) < 0 {
        // The client wants no messages any more; when it does again, there is another handover.
        return Meanwhile::Nothing;
    }
    switches.receiving.store(true, Ordering::Release);
    // Behind it: what comes in between may be taken for unknown to this client, never for known.
    switches.receiving_after.store(offline.store.newest().0, Ordering::Release);
    Meanwhile::Nothing
}

async fn hand_over_unstored(session: &Session, messages: Vec<Bytes>) -> Result<(), HandoverError> {
    for bytes in messages {
        let outgoing = Outgoing { bytes, is_stanza: true, reroute: false, stored: None };
        session.put_when_free(outgoing).await.map_err(|_| HandoverError::SessionGone)?;
    }
    Ok(())
}

async fn wait_for(offline: &Inner, ticket: Ticket) -> Result<(), HandoverError> {
    offline.store.database().writer().wait_for(ticket).await.map_err(HandoverError::Storage)
}

async fn hand_over_rows(offline: &Inner, session: &Session) -> Result<(), HandoverError> {
    let account = session.bare();
    let mut after = StoredId(0);
    loop {
        let rows = offline
            .store
            .waiting_after(account.clone(), after, PAGE)
            .await
            .map_err(HandoverError::Storage)?;
        let Some(last) = rows.last() else { return Ok(()) };
        after = last.id;
        for row in rows {
            hand_over(offline, session, account, row).await?;
        }
    }
}

async fn hand_over(
    offline: &Inner,
    session: &Session,
    account: &BareJid,
    row: WaitingMessage,
) -> Result<(), HandoverError> {
    let id = row.id;
    if !offline.store.hand_over(account, id) {
        return Ok(());
    }
    let Some(bytes) = stamped(&offline.domain, account, row) else {
        tracing::error!(%id, "a stored message cannot be read and is left out");
        return Ok(());
    };
    let outgoing = Outgoing { bytes, is_stanza: true, reroute: true, stored: Some(id) };
    if session.put_when_free(outgoing).await.is_err() {
        offline.store.hand_back(account, id);
        return Err(HandoverError::SessionGone);
    }
    Ok(())
}

/// With the id it has in the archive, and the time at which it was sent (XEP-0203).
fn stamped(domain: &str, account: &BareJid, row: WaitingMessage) -> Option<Bytes> {
    let frame = Frame::parse(Bytes::from(row.frame)).ok()?;
    let id = if row.is_archived { stanza_id(account, &row.id.to_string()) } else { Vec::new() };
    let delay = delay(Some(domain), row.id.time());
    Some(frame.edit().append(&id).append(&delay).finish().bytes().clone())
}
