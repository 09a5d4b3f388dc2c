//! Deduplicates and stores what came in, in one transaction: whatever way a message comes, and however often, it
//! is in the store once, at the place that the archive gives it.

mod notices;
mod outcomes;
mod places;

use std::collections::BTreeSet;

use jid::BareJid;
use rusqlite::Connection;

pub(crate) use self::notices::{choice_failed, choice_sent};
use super::classify::{Arrival, Text, Way};
use super::failure;
use crate::model::{DeliveryWish, MessageState, Notice, Sms, SmsState};
use crate::store::conversations::{self, StoredConversation};
use crate::store::messages::{self, ASSUMED_READ, READ, StoredMessage, UNREAD};
use crate::store::outbox;

/// An archive id that is a number this close to now (microseconds) is a moment: thirty years.
const CLOSE: i64 = 30 * 365 * 24 * 3_600 * 1_000_000;
/// A message that moved by less than this (microseconds) looks the same in the window.
const MILLISECOND: i64 = 1_000;

/// Why messages are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reading {
    /// They are news: what the person has not read anywhere is unread.
    News,
    /// They are from before this computer's time: nothing of it is news.
    History,
}

/// What storing has changed.
#[derive(Debug, Default)]
pub(crate) struct Applied {
    /// New messages.
    pub(crate) added: Vec<StoredMessage>,
    /// Known messages that look different now.
    pub(crate) changed: Vec<StoredMessage>,
    /// Conversations whose row may look different now.
    pub(crate) touched: BTreeSet<String>,
    /// Conversations that were read on another client.
    pub(crate) read_elsewhere: BTreeSet<String>,
    /// New messages that the person has not seen.
    pub(crate) fresh: Vec<StoredMessage>,
}

/// Stores `arrivals` in their order. `now` in microseconds, by the server's clock as well as it is known.
pub(crate) fn apply(
    connection: &Connection,
    arrivals: &[Arrival],
    reading: Reading,
    now: i64,
) -> rusqlite::Result<Applied> {
    let mut step = Step::new(connection, reading, now);
    for arrival in arrivals {
        step.take(arrival)?;
    }
    step.finish()
}

/// Another client of the account has read the conversation with `peer` through the message `archive_id`.
pub(crate) fn read_elsewhere(
    connection: &Connection,
    positions: &[(BareJid, String)],
    now: i64,
) -> rusqlite::Result<Applied> {
    let mut step = Step::new(connection, Reading::News, now);
    for (peer, archive_id) in positions {
        let message = messages::by_archive_id(connection, archive_id)?;
        match message.filter(|message| message.peer == peer.as_str()) {
            Some(message) => step.position_found(peer.as_str(), message.moment)?,
            None => {
                let mut conversation = conversations::of(connection, peer.as_str())?;
                conversation.read_archive_id.clone_from(archive_id);
                conversations::save(connection, &conversation)?;
            }
        }
    }
    step.finish()
}

struct Step<'a> {
    connection: &'a Connection,
    reading: Reading,
    now: i64,
    added: BTreeSet<i64>,
    changed: BTreeSet<i64>,
    fresh: BTreeSet<i64>,
    touched: BTreeSet<String>,
    read_elsewhere: BTreeSet<String>,
}

impl<'a> Step<'a> {
    fn new(connection: &'a Connection, reading: Reading, now: i64) -> Self {
        Self {
            connection,
            reading,
            now,
            added: BTreeSet::new(),
            changed: BTreeSet::new(),
            fresh: BTreeSet::new(),
            touched: BTreeSet::new(),
            read_elsewhere: BTreeSet::new(),
        }
    }

    fn finish(self) -> rusqlite::Result<Applied> {
        let load = |ids: &mut dyn Iterator<Item = i64>| -> rusqlite::Result<Vec<StoredMessage>> {
            let mut found = Vec::new();
            for id in ids {
                found.extend(messages::by_id(self.connection, id)?);
            }
            found.sort_by_key(|message| (message.moment, message.id));
            Ok(found)
        };
        let mut fresh = load(&mut self.fresh.iter().copied())?;
        fresh.retain(|message| message.unread == UNREAD);
        Ok(Applied {
            added: load(&mut self.added.iter().copied())?,
            changed: load(&mut self.changed.difference(&self.added).copied())?,
            fresh,
            touched: self.touched,
            read_elsewhere: self.read_elsewhere,
        })
    }

    fn take(&mut self, arrival: &Arrival) -> rusqlite::Result<()> {
        if let Some(text) = &arrival.text {
            match self.known(arrival, text)? {
                Some(message) => {
                    self.revised(arrival, text, &message)?;
                    self.again(arrival, &message)?;
                }
                None => self.first(arrival, text)?,
            }
        }
        let peer = arrival.peer.as_str();
        if let Some(id) = arrival.receipt.as_ref().filter(|_| !arrival.own) {
            self.delivered(peer, id)?;
        }
        match (&arrival.displayed, arrival.own) {
            (Some(id), false) => self.read_by_peer(peer, id)?,
            (Some(id), true) => {
                if let Some(message) = messages::by_message_id(self.connection, peer, false, id)? {
                    self.read_through(peer, message.moment)?;
                }
            }
            (None, _) => {}
        }
        if let Some((id, code)) = &arrival.failure {
            self.refused(peer, id, &failure::word(*code))?;
        }
        if let Some((id, sms)) = &arrival.sms {
            self.texted(peer, id, sms)?;
        }
        Ok(())
    }

    fn known(&self, arrival: &Arrival, text: &Text) -> rusqlite::Result<Option<StoredMessage>> {
        if let Some(message) = messages::by_archive_id(self.connection, &arrival.archive_id)? {
            return Ok(Some(message));
        }
        let peer = arrival.peer.as_str();
        if let Some(notice) = &text.notice {
            return messages::by_notice_id(self.connection, peer, &notice.id);
        }
        messages::by_origin(self.connection, peer, arrival.own, &text.origin_id, &text.body)
    }

    /// A message that is in the store comes once more: it may bring its place, or an answer.
    fn again(&mut self, arrival: &Arrival, message: &StoredMessage) -> rusqlite::Result<()> {
        if message.archive_id.is_empty() && !arrival.archive_id.is_empty() {
            messages::set_archive_id(self.connection, message.id, &arrival.archive_id)?;
        }
        if message.deleted {
            outbox::remove(self.connection, message.id)?;
            return Ok(());
        }
        let is_same = message.archive_id.is_empty() || message.archive_id == arrival.archive_id;
        if let Some(stamp) = arrival.stamp.filter(|stamp| is_same && *stamp != message.moment) {
            messages::set_moment(self.connection, message.id, stamp)?;
            self.touched.insert(message.peer.clone());
            if stamp.div_euclid(MILLISECOND) != message.moment.div_euclid(MILLISECOND) {
                self.changed.insert(message.id);
            }
        }
        if arrival.own {
            self.accepted(message)?;
            let moment = arrival.stamp.unwrap_or(message.moment);
            self.unplaced_behind(message, moment)?;
            return self.queued_behind(&message.peer, moment);
        }
        let conversation = conversations::of(self.connection, &message.peer)?;
        if conversation.read_archive_id == arrival.archive_id && !arrival.archive_id.is_empty() {
            return self.position_found(&message.peer, arrival.stamp.unwrap_or(message.moment));
        }
        // It comes to this computer now: nobody has read it on another one before.
        let was_assumed = message.unread == ASSUMED_READ && message.moment > conversation.read_moment;
        if arrival.way != Way::Archived && was_assumed {
            messages::set_unread(self.connection, message.id, UNREAD)?;
            self.fresh.insert(message.id);
            self.touched.insert(message.peer.clone());
        }
        Ok(())
    }

    /// An own message has come back from the server: it is there.
    fn accepted(&mut self, message: &StoredMessage) -> rusqlite::Result<()> {
        outbox::remove(self.connection, message.id)?;
        self.changed.extend(choice_sent(self.connection, message)?);
        match message.state {
            MessageState::Queued | MessageState::Failed => self.set_state(message, MessageState::Sent, ""),
            MessageState::Sent | MessageState::Delivered | MessageState::Read | MessageState::Received => {
                Ok(())
            }
        }
    }

    fn first(&mut self, arrival: &Arrival, text: &Text) -> rusqlite::Result<()> {
        let peer = arrival.peer.as_str();
        let conversation = conversations::of(self.connection, peer)?;
        let moment = self.moment(arrival, peer)?;
        let is_position = |position: &str, id: &str| !id.is_empty() && position == id;
        let is_read_by_peer = moment <= conversation.peer_read_moment
            || is_position(&conversation.peer_read_id, &text.message_id);
        let state = match (arrival.own, is_read_by_peer) {
            (false, _) => MessageState::Received,
            (true, true) => MessageState::Read,
            (true, false) => MessageState::Sent,
        };
        let unread = match self.reading {
            _ if arrival.own || moment <= conversation.read_moment => READ,
            // Somebody has seen to it already.
            _ if text.notice.as_ref().is_some_and(Notice::is_done) => READ,
            Reading::News => UNREAD,
            Reading::History => ASSUMED_READ,
        };
        let message = StoredMessage {
            id: 0,
            peer: peer.to_owned(),
            own: arrival.own,
            moment,
            text: text.body.clone(),
            state,
            failure: String::new(),
            archive_id: arrival.archive_id.clone(),
            origin_id: text.origin_id.clone(),
            message_id: text.message_id.clone(),
            markable: text.markable,
            unread,
            deleted: false,
            wish: text.wish,
            sms: match (arrival.own, text.is_from_phone, text.wish) {
                (_, true, _) => Some(Sms::new(SmsState::Received)),
                (false, false, _) | (true, false, DeliveryWish::Client) => None,
                (true, false, _) => Some(Sms::new(SmsState::Wished)),
            },
            notice: text.notice.clone(),
            act: text.act.clone(),
        };
        conversations::save(self.connection, &conversation)?;
        let id = messages::insert(self.connection, &message)?;
        self.added.insert(id);
        self.touched.insert(peer.to_owned());
        if message.notice.is_some() || message.act.is_some() {
            self.joined(&StoredMessage { id, ..message })?;
        }
        if unread == UNREAD {
            self.fresh.insert(id);
        }
        self.queued_behind(peer, moment)?;
        if arrival.own && is_position(&conversation.peer_read_id, &text.message_id) {
            self.read_by_peer(peer, &text.message_id)?;
        }
        // Whoever answers on another client has read there what came before.
        if is_position(&conversation.read_archive_id, &arrival.archive_id) {
            return self.position_found(peer, moment);
        }
        // On a phone nobody has read more than the texts; who marks one notice as done has read that one.
        let is_mark = text.act.as_ref().is_some_and(|act| act.mark.is_some());
        let is_answer = arrival.own && !text.is_from_phone && !is_mark;
        if is_answer { self.read_through(peer, moment) } else { Ok(()) }
    }

    /// The place of a message that is not in the store.
    fn moment(&self, arrival: &Arrival, peer: &str) -> rusqlite::Result<i64> {
        if let Some(stamp) = arrival.stamp {
            return Ok(stamp);
        }
        // Our server's archive ids are the microseconds at which it accepted the message.
        let by_id = arrival.archive_id.parse::<i64>().ok();
        if let Some(moment) = by_id.filter(|id| id.abs_diff(self.now) < CLOSE.unsigned_abs()) {
            return Ok(moment);
        }
        let newest = messages::newest(self.connection, peer)?.map_or(0, |newest| newest.moment);
        Ok(self.now.max(newest.saturating_add(1)))
    }

    fn set_state(
        &mut self,
        message: &StoredMessage,
        state: MessageState,
        word: &str,
    ) -> rusqlite::Result<()> {
        messages::set_state(self.connection, message.id, state, word)?;
        self.changed.insert(message.id);
        self.touched.insert(message.peer.clone());
        Ok(())
    }

    /// The message through which another client has read is in the store.
    fn position_found(&mut self, peer: &str, moment: i64) -> rusqlite::Result<()> {
        let before = conversations::of(self.connection, peer)?;
        let conversation = StoredConversation { read_archive_id: String::new(), ..before };
        conversations::save(self.connection, &conversation)?;
        self.read_through(peer, moment)
    }

    /// The person has read through `moment` on another client, which has told everybody.
    fn read_through(&mut self, peer: &str, moment: i64) -> rusqlite::Result<()> {
        let before = conversations::of(self.connection, peer)?;
        let conversation = StoredConversation {
            read_moment: before.read_moment.max(moment),
            told_moment: before.told_moment.max(moment),
            ..before
        };
        conversations::save(self.connection, &conversation)?;
        if messages::read_through(self.connection, peer, moment)? > 0 {
            self.touched.insert(peer.to_owned());
            self.read_elsewhere.insert(peer.to_owned());
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
