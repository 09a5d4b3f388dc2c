//! One client gets what waits for its account; newer messages come to it when it has everything.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

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

/// How long a session of the account that is ending may take: more than a good-bye needs.
const LEAVING: Duration = Duration::from_secs(4);

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
            take_part(&offline, &session).await;
        }
    }
    offline.handovers.lock().remove(&session.id());
}

/// Gives the session what was kept for it, and from now on what comes.
async fn take_part(offline: &Inner, session: &Session) {
    loop {
        let kept = session.open_intake(|| offline.store.newest());
        if kept.is_empty() || put_all(session, kept).await.is_err() {
            return;
        }
    }
}

async fn hand_over_all(offline: &Inner, session: &Session) -> Result<(), HandoverError> {
    predecessors_have_left(offline, session).await?;
    offline.store.settle().await.map_err(HandoverError::Storage)?;
    let mut meanwhile = Meanwhile::Stored(offline.store.database().writer().enqueued());
    loop {
        match meanwhile {
            Meanwhile::Stored(ticket) => {
                wait_for(offline, ticket).await?;
                hand_over_rows(offline, session).await?;
            }
            Meanwhile::Kept(messages) => put_all(session, messages).await?,
            Meanwhile::Nothing => return Ok(()),
        }
        meanwhile = finish(offline, session);
    }
}

/// What a session of the account that is just ending never took comes into the store, in its place before what
/// was sent later.
async fn predecessors_have_left(offline: &Inner, session: &Session) -> Result<(), HandoverError> {
    for other in offline.sessions.leaving(session.bare()) {
        tokio::select! {
            left = tokio::time::timeout(LEAVING, other.closed()) => if left.is_err() {
                tracing::warn!(session = other.id().0, "a session does not end and is waited for no longer");
                offline.sessions.has_left(other.bare(), other.id());
            },
            () = session.outbox_closed() => return Err(HandoverError::SessionGone),
        }
    }
    Ok(())
}

/// What came while messages were handed over.
enum Meanwhile {
    Stored(Ticket),
    Kept(VecDeque<Outgoing>),
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
    if session.wants_messages() {
        let kept = session.open_intake(|| offline.store.newest());
        if !kept.is_empty() {
            return Meanwhile::Kept(kept);
        }
    }
    // A client that wants no messages any more gets another handover when it does again.
    handovers.remove(&session.id());
    Meanwhile::Nothing
}

async fn put_all(
    session: &Session,
    messages: impl IntoIterator<Item = Outgoing>,
) -> Result<(), HandoverError> {
    for outgoing in messages {
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
    put_all(session, session.take_kept_before(id)).await?;
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
