//! What the person writes: queued in the store, sent in order, acknowledged by the server. It survives the end
//! of the program at any moment and is never doubled, because every copy carries the same origin-id.

mod choice;
mod sender;
mod stanza;

use jid::BareJid;

pub(crate) use self::sender::Outbox;
pub(crate) use self::stanza::{chat_state, displayed, receipt};
use crate::error::{EngineError, EngineErrorCode};
use crate::events::EngineEvent;
use crate::incoming::{Announce, Applied, choice_failed, choice_sent};
use crate::mailbox::Mailbox;
use crate::model::{DeliveryWish, Message, MessageState, Sms, SmsState};
use crate::store::conversations;
use crate::store::messages::{self, Act, READ, StoredMessage};
use crate::store::outbox;

/// Characters of a message.
const LONGEST: usize = 10_000;
/// A message that waited longer than this (microseconds) gets the time at which it leaves.
const PROMPT: i64 = 2_000_000;

impl Mailbox {
    /// Queues a message; it is durable when this returns. `origin_id` must be new.
    ///
    /// # Errors
    /// `BadInput`, `StoreFailed`.
    pub(crate) async fn queue(
        &self,
        peer: &str,
        text: &str,
        wish: DeliveryWish,
        origin_id: String,
    ) -> Result<Message, EngineError> {
        let text = sendable(text)?;
        let peer = address(peer)?.to_string();
        let now = self.time().now();
        let queueing = self.store().write(move |transaction| {
            enqueue(transaction, &peer, Written { text, wish, origin_id, act: None }, now)
        });
        let message = queueing.await?;
        let mut applied = Applied::default();
        applied.touched.insert(message.peer.clone());
        let model = self.model(&message);
        applied.added.push(message);
        self.announce(&applied, Announce::Everything).await;
        Ok(model)
    }

    /// Queues a failed message again, at the end.
    ///
    /// # Errors
    /// `NotFound` when there is no failed message of that key, `StoreFailed`.
    pub(crate) async fn retry(&self, id: i64) -> Result<(), EngineError> {
        let now = self.time().now();
        let retrying = self.change(move |transaction| {
            let failed = messages::by_id(transaction, id)?.filter(|it| it.state == MessageState::Failed);
            let Some(message) = failed else { return Ok(None) };
            let moment = at_end(transaction, &message.peer, now)?;
            messages::set_moment(transaction, id, moment)?;
            messages::set_state(transaction, id, MessageState::Queued, "")?;
            renew_text(transaction, &message, now)?;
            outbox::put(transaction, id)?;
            changed(transaction, &[id]).map(Some)
        });
        retrying.await.map(|_| ())
    }

    /// Deletes a message here; one that waits is not sent.
    ///
    /// # Errors
    /// `NotFound`, `StoreFailed`.
    pub(crate) async fn delete(&self, id: i64) -> Result<(), EngineError> {
        let deleting = self.store().write(move |transaction| {
            let Some(message) = messages::by_id(transaction, id)? else { return Ok(None) };
            messages::hide(transaction, id)?;
            outbox::remove(transaction, id)?;
            Ok(Some(message.peer))
        });
        let peer = deleting.await?.ok_or_else(|| EngineError::new(EngineErrorCode::NotFound, ""))?;
        self.events().tell(EngineEvent::MessageRemoved { peer: peer.clone(), id });
        self.tell_rows(std::iter::once(peer.as_str())).await;
        Ok(())
    }

    /// The first message behind `number` in the outbox, with its number.
    pub(crate) async fn next_to_send(
        &self,
        number: i64,
    ) -> Result<Option<(i64, StoredMessage)>, EngineError> {
        let reading = self.store().read(move |connection| {
            let mut number = number;
            while let Some((next, message)) = outbox::after(connection, number)? {
                if let Some(message) = messages::by_id(connection, message)? {
                    return Ok(Some((next, message)));
                }
                number = next;
            }
            Ok(None)
        });
        Ok(reading.await?)
    }

    /// Whatever waited for the line, behind `number` in the outbox, stands from now on at the moment at which it
    /// leaves.
    pub(crate) async fn leaving(&self, number: i64) -> Result<(), EngineError> {
        let now = self.time().now();
        // What the other side has already stays where it stands; it is sent once more for the server's sake.
        let first = self.store().read(move |connection| messages::first_queued(connection, number)).await?;
        if first.is_none_or(|message| message.moment >= now.saturating_sub(PROMPT)) {
            return Ok(());
        }
        let moving = self.change(move |transaction| {
            let mut late = Vec::new();
            let mut number = number;
            while let Some((next, id)) = outbox::after(transaction, number)? {
                number = next;
                let message = messages::by_id(transaction, id)?;
                if let Some(message) = message.filter(|message| message.state == MessageState::Queued) {
                    messages::set_moment(transaction, id, at_end(transaction, &message.peer, now)?)?;
                    late.push(id);
                }
            }
            changed(transaction, &late).map(Some)
        });
        moving.await.map(|_| ())
    }

    /// The server has these messages, durably.
    pub(crate) async fn sent(&self, ids: Vec<i64>) -> Result<(), EngineError> {
        let noting = self.change(move |transaction| acknowledge(transaction, &ids).map(Some));
        noting.await.map(|_| ())
    }

    /// This message cannot be sent at all.
    pub(crate) async fn failed(&self, id: i64, code: EngineErrorCode) -> Result<(), EngineError> {
        let word = crate::incoming::failure_word(code);
        let noting = self.change(move |transaction| {
            outbox::remove(transaction, id)?;
            messages::set_state(transaction, id, MessageState::Failed, &word)?;
            let notice = match messages::by_id(transaction, id)? {
                Some(own) => choice_failed(transaction, &own, &word)?,
                None => None,
            };
            changed(transaction, &std::iter::once(id).chain(notice).collect::<Vec<_>>()).map(Some)
        });
        noting.await.map(|_| ())
    }
}

/// An address to write to.
///
/// # Errors
/// `BadInput`.
pub(crate) fn address(peer: &str) -> Result<BareJid, EngineError> {
    BareJid::new(peer).map_err(|_| EngineError::new(EngineErrorCode::BadInput, "address"))
}

/// What the person wrote.
pub(crate) struct Written {
    pub(crate) text: String,
    pub(crate) wish: DeliveryWish,
    /// A name that no other message has.
    pub(crate) origin_id: String,
    /// What the person has chosen with it.
    pub(crate) act: Option<Act>,
}

/// The gateway knows a text that failed by its name, and would not send it once more.
fn renew_text(connection: &rusqlite::Connection, message: &StoredMessage, now: i64) -> rusqlite::Result<()> {
    let Some(sms) = &message.sms else { return Ok(()) };
    if sms.state == SmsState::Failed {
        let (name, _) = message.origin_id.split_once('~').unwrap_or((&message.origin_id, ""));
        messages::set_new_name(connection, message.id, &format!("{name}~{now}"))?;
    }
    messages::set_sms(connection, message.id, &Sms::new(SmsState::Wished))
}

/// Puts a message at the end of its conversation and of the outbox.
pub(crate) fn enqueue(
    connection: &rusqlite::Connection,
    peer: &str,
    written: Written,
    now: i64,
) -> rusqlite::Result<StoredMessage> {
    let Written { text, wish, origin_id, act } = written;
    let mut conversation = conversations::of(connection, peer)?;
    conversation.draft.clear();
    conversations::save(connection, &conversation)?;
    let message = StoredMessage {
        id: 0,
        moment: at_end(connection, peer, now)?,
        peer: peer.to_owned(),
        own: true,
        text,
        state: MessageState::Queued,
        failure: String::new(),
        archive_id: String::new(),
        message_id: origin_id.clone(),
        origin_id,
        markable: true,
        unread: READ,
        deleted: false,
        wish,
        sms: (wish != DeliveryWish::Client).then(|| Sms::new(SmsState::Wished)),
        notice: None,
        act,
    };
    let id = messages::insert(connection, &message)?;
    outbox::put(connection, id)?;
    Ok(StoredMessage { id, ..message })
}

/// The server has these messages. One that has been refused or read in the meantime stays so.
pub(crate) fn acknowledge(connection: &rusqlite::Connection, ids: &[i64]) -> rusqlite::Result<Applied> {
    let mut sent = Vec::new();
    for id in ids {
        let was_there = outbox::remove(connection, *id)?;
        let Some(message) = messages::by_id(connection, *id)?.filter(|_| was_there) else { continue };
        if message.state == MessageState::Queued {
            messages::set_state(connection, *id, MessageState::Sent, "")?;
            sent.push(*id);
        }
        sent.extend(choice_sent(connection, &message)?);
    }
    changed(connection, &sent)
}

/// The end of a conversation, not before `now`.
fn at_end(connection: &rusqlite::Connection, peer: &str, now: i64) -> rusqlite::Result<i64> {
    let newest = messages::newest(connection, peer)?.map_or(0, |newest| newest.moment);
    Ok(now.max(newest.saturating_add(1)))
}

fn changed(connection: &rusqlite::Connection, ids: &[i64]) -> rusqlite::Result<Applied> {
    let mut applied = Applied::default();
    for id in ids {
        if let Some(message) = messages::by_id(connection, *id)? {
            applied.touched.insert(message.peer.clone());
            applied.changed.push(message);
        }
    }
    Ok(applied)
}

/// The text without what XML cannot carry (XML 1.0 section 2.2).
fn sendable(text: &str) -> Result<String, EngineError> {
    let is_carried = |letter: &char| {
        !letter.is_control() && !matches!(letter, '\u{FFFE}' | '\u{FFFF}') || matches!(letter, '\n' | '\t')
    };
    let text: String = text.replace("\r\n", "\n").chars().filter(is_carried).collect();
    let text = text.trim();
    if text.is_empty() || text.chars().count() > LONGEST {
        return Err(EngineError::new(EngineErrorCode::BadInput, "text"));
    }
    Ok(text.to_owned())
}

#[cfg(test)]
mod tests;
