//! Text messages: what the person wished, and how far a text is.

use posthouse_protocol::sms::DeliveryWish as Word;
use rusqlite::{Connection, Row, params};

use crate::model::{DeliveryWish, Sms, SmsState};

/// Columns that came later.
pub(crate) const PHONE_COLUMNS: &str = "
ALTER TABLE message ADD COLUMN wish TEXT NOT NULL DEFAULT '';
ALTER TABLE message ADD COLUMN sms TEXT NOT NULL DEFAULT '';
ALTER TABLE message ADD COLUMN sms_failure TEXT NOT NULL DEFAULT '';
ALTER TABLE message ADD COLUMN sms_again INTEGER NOT NULL DEFAULT 0;
";

/// The column that came after those.
pub(crate) const PHONE_TIME: &str = "ALTER TABLE message ADD COLUMN sms_until TEXT NOT NULL DEFAULT '';";

const STATES: [(SmsState, &str); 8] = [
    (SmsState::Wished, "wished"),
    (SmsState::Queued, "queued"),
    (SmsState::Sending, "sending"),
    (SmsState::Unconfirmed, "unconfirmed"),
    (SmsState::Sent, "sent"),
    (SmsState::Delivered, "delivered"),
    (SmsState::Failed, "failed"),
    (SmsState::Received, "received"),
];

/// The word of a state, in the store and on the wire.
pub(crate) fn word(state: SmsState) -> &'static str {
    STATES.iter().find(|(known, _)| *known == state).map_or("", |(_, word)| word)
}

/// The state of a word; `None` for one of a newer gateway.
pub(crate) fn state_of(word: &str) -> Option<SmsState> {
    STATES.iter().find(|(_, known)| *known == word).map(|(state, _)| *state)
}

/// The wish as it stands on the wire.
pub(crate) fn word_of_wish(wish: DeliveryWish) -> &'static str {
    match wish {
        DeliveryWish::Client => Word::Client,
        DeliveryWish::Phone => Word::Phone,
        DeliveryWish::ClientElsePhone => Word::ClientElsePhone,
        DeliveryWish::Both => Word::Both,
    }
    .word()
}

/// The wish of a word; unknown words are none.
pub(crate) fn wish_of_word(word: &str) -> DeliveryWish {
    match Word::of_word(word) {
        Some(Word::Phone) => DeliveryWish::Phone,
        Some(Word::ClientElsePhone) => DeliveryWish::ClientElsePhone,
        Some(Word::Both) => DeliveryWish::Both,
        Some(Word::Client) | None => DeliveryWish::Client,
    }
}

/// The columns from `first` on: state, failure, again, until.
pub(super) fn read(row: &Row<'_>, first: usize) -> rusqlite::Result<Option<Sms>> {
    let (state, failure): (String, String) = (row.get(first)?, row.get(first.saturating_add(1))?);
    let again = row.get(first.saturating_add(2))?;
    let until: String = row.get(first.saturating_add(3))?;
    let (failure, until) = (some(failure), some(until));
    Ok(state_of(&state).map(|state| Sms { state, failure, again, until }))
}

fn some(text: String) -> Option<String> {
    Some(text).filter(|text| !text.is_empty())
}

/// Notes how far a text is.
pub(crate) fn set_sms(connection: &Connection, id: i64, sms: &Sms) -> rusqlite::Result<()> {
    connection
        .prepare_cached(
            "UPDATE message SET sms = ?2, sms_failure = ?3, sms_again = ?4, sms_until = ?5 WHERE id = ?1",
        )?
        .execute(params![
            id,
            word(sms.state),
            sms.failure.as_deref().unwrap_or_default(),
            sms.again,
            sms.until.as_deref().unwrap_or_default()
        ])
        .map(|_| ())
}

/// A text that is sent anew is a new message to everybody else.
pub(crate) fn set_new_name(connection: &Connection, id: i64, name: &str) -> rusqlite::Result<()> {
    connection
        .prepare_cached("UPDATE message SET origin_id = ?2, message_id = ?2, archive_id = '' WHERE id = ?1")?
        .execute(params![id, name])
        .map(|_| ())
}
