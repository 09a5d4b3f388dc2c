//! What follows from how a delivery went: the next one, another try, or the end.

use rusqlite::{Connection, params};

use super::{Told, forget, head};
use crate::clock::Timestamp;
use crate::storage::{StorageError, applications};

/// How long one delivery is tried: a day.
const LONGEST: i64 = 86_400 * 1_000_000;
/// How long an application may fail before nothing more is told to it: three days.
const DISABLED_AFTER: i64 = 3 * 86_400 * 1_000_000;
/// Seconds to wait after so many failures; after more it is the last.
const WAITS: [i64; 8] = [1, 5, 30, 120, 600, 1_800, 3_600, 7_200];

pub(super) fn settle(
    connection: &Connection,
    id: i64,
    told: &Told,
    now: Timestamp,
) -> Result<(), StorageError> {
    // It is gone when the application was told to hear nothing more meanwhile.
    let Some((application, notice, last)) = head(connection, id)? else { return Ok(()) };
    let Some(row) = applications::application(connection, application)? else { return Ok(()) };
    // A component is asked to connect by its owner, not by us: what is for it waits.
    let is_patient = !row.component.is_empty();
    let mut webhook = row.webhook;
    let error = match told {
        Told::Yes => {
            if webhook.failing.0 > 0 {
                (webhook.failing, webhook.error) = (Timestamp::default(), String::new());
                applications::note_webhook(connection, application, &webhook)?;
            }
            return next(connection, (id, application, notice), last, now);
        }
        Told::No(error) | Told::Never(error) => error,
    };
    webhook.error.clone_from(error);
    if webhook.failing.0 == 0 {
        webhook.failing = now;
    }
    let is_over = !is_patient && now.0.saturating_sub(webhook.failing.0) >= DISABLED_AFTER;
    if is_over || matches!(told, Told::Never(_)) {
        webhook.disabled = now;
        applications::note_webhook(connection, application, &webhook)?;
        return forget(connection, application);
    }
    applications::note_webhook(connection, application, &webhook)?;
    again(connection, (id, application, notice), last, (now, is_patient))
}

/// The next events of that notice are a delivery of their own.
fn next(
    connection: &Connection,
    (id, application, notice): (i64, i64, i64),
    last: i64,
    now: Timestamp,
) -> Result<(), StorageError> {
    let at = StorageError::at("next delivery of a notice");
    connection
        .prepare_cached("DELETE FROM webhook_event WHERE notice = ?1 AND event <= ?2")
        .and_then(|mut statement| statement.execute([notice, last]))
        .map_err(&at)?;
    connection
        .prepare_cached("DELETE FROM webhook_delivery WHERE id = ?1")
        .and_then(|mut statement| statement.execute([id]))
        .map_err(&at)?;
    connection
        .prepare_cached(
            "INSERT INTO webhook_delivery (application, notice, due) SELECT ?1, ?2, ?3
             WHERE EXISTS (SELECT 1 FROM webhook_event WHERE notice = ?2)",
        )
        .and_then(|mut statement| statement.execute([application, notice, now.0]))
        .map(|_| ())
        .map_err(&at)
}

/// Later; what has been tried for a day is given up.
fn again(
    connection: &Connection,
    (id, application, notice): (i64, i64, i64),
    last: i64,
    (now, is_patient): (Timestamp, bool),
) -> Result<(), StorageError> {
    let at = StorageError::at("put off a delivery");
    let (attempts, begun): (i64, i64) = connection
        .prepare_cached("SELECT attempts, begun FROM webhook_delivery WHERE id = ?1")
        .and_then(|mut statement| statement.query_row([id], |row| Ok((row.get(0)?, row.get(1)?))))
        .map_err(&at)?;
    if !is_patient && now.0.saturating_sub(begun) >= LONGEST {
        tracing::warn!(application, "a delivery is given up after a day");
        return next(connection, (id, application, notice), last, now);
    }
    let place = usize::try_from(attempts).unwrap_or(usize::MAX).min(WAITS.len().saturating_sub(1));
    let wait = WAITS.get(place).copied().unwrap_or(7_200).saturating_mul(1_000_000);
    connection
        .prepare_cached("UPDATE webhook_delivery SET attempts = attempts + 1, due = ?2 WHERE id = ?1")
        .and_then(|mut statement| statement.execute(params![id, now.0.saturating_add(wait)]))
        .map(|_| ())
        .map_err(&at)
}
