//! Notices of business systems: a later revision changes the one that is there.

use rusqlite::Connection;

use super::{READ, Step, StoredMessage, Text, UNREAD, messages, outbox};
use crate::incoming::Arrival;
use crate::model::{DeliveryWish, MessageState, Notice, NoticeState};
use crate::store::conversations;

impl Step<'_> {
    /// A later revision of a notice takes the place of the one that is there.
    pub(super) fn revised(
        &mut self,
        arrival: &Arrival,
        text: &Text,
        message: &StoredMessage,
    ) -> rusqlite::Result<()> {
        let (Some(new), Some(old)) = (&text.notice, &message.notice) else { return Ok(()) };
        let is_another = !message.archive_id.is_empty() && message.archive_id != arrival.archive_id;
        if is_another && !arrival.archive_id.is_empty() {
            self.trace(arrival, text)?;
        }
        if new.revision <= old.revision || message.deleted {
            return Ok(());
        }
        let is_open = new.state == NoticeState::Open;
        if old.under_way && !is_open {
            self.settled(message)?;
        }
        // A choice that is on its way is still good while there is something to do; one that was made before is
        // answered by this revision.
        let is_kept = old.under_way == is_open;
        let notice = Notice {
            chosen: old.chosen.clone().filter(|_| is_kept),
            under_way: old.under_way && is_open,
            marked: is_open && self.is_being_marked(message)?,
            ..new.clone()
        };
        messages::set_notice(self.connection, message.id, &text.body, &notice)?;
        self.changed.insert(message.id);
        self.touched.insert(message.peer.clone());
        if !is_open && message.unread == UNREAD {
            self.nothing_to_see(message)?;
        }
        Ok(())
    }

    /// The person has marked it as done, and the server is not known to have that: it comes behind this revision.
    fn is_being_marked(&self, message: &StoredMessage) -> rusqlite::Result<bool> {
        let waiting = messages::waiting_acts(self.connection, message)?;
        Ok(waiting.iter().rev().find_map(|own| own.act.as_ref()?.mark).unwrap_or(false))
    }

    /// Keeps that the message came, so that it is known when it comes again or is named as a read position.
    fn trace(&mut self, arrival: &Arrival, text: &Text) -> rusqlite::Result<()> {
        let peer = arrival.peer.as_str();
        let moment = self.moment(arrival, peer)?;
        let message = StoredMessage {
            id: 0,
            peer: peer.to_owned(),
            own: false,
            moment,
            text: String::new(),
            state: MessageState::Received,
            failure: String::new(),
            archive_id: arrival.archive_id.clone(),
            origin_id: text.origin_id.clone(),
            message_id: text.message_id.clone(),
            markable: text.markable,
            unread: READ,
            deleted: true,
            wish: DeliveryWish::Client,
            sms: None,
            notice: None,
            act: None,
        };
        messages::insert(self.connection, &message)?;
        let conversation = conversations::of(self.connection, peer)?;
        if conversation.read_archive_id == arrival.archive_id {
            self.position_found(peer, moment)?;
        }
        Ok(())
    }

    /// Somebody else was faster: what the person has chosen, and nobody has yet, is not sent.
    fn settled(&mut self, message: &StoredMessage) -> rusqlite::Result<()> {
        for own in messages::waiting_acts(self.connection, message)? {
            messages::hide(self.connection, own.id)?;
            outbox::remove(self.connection, own.id)?;
        }
        Ok(())
    }

    /// It counts as unread no longer.
    fn nothing_to_see(&mut self, message: &StoredMessage) -> rusqlite::Result<()> {
        messages::set_unread(self.connection, message.id, READ)?;
        if messages::unread(self.connection, &message.peer)? == 0 {
            self.read_elsewhere.insert(message.peer.clone());
        }
        Ok(())
    }

    /// The notice and what the person has said about it, here or at another computer, have met: in whatever order
    /// they came.
    pub(super) fn joined(&mut self, message: &StoredMessage) -> rusqlite::Result<()> {
        let notice = match &message.notice {
            Some(_) => Some(message.clone()),
            None => messages::act_of(self.connection, message)?,
        };
        let Some(StoredMessage { id, text, notice: Some(said), .. }) = notice.clone() else { return Ok(()) };
        let Some(notice) = notice.filter(|_| said.state == NoticeState::Open) else { return Ok(()) };
        let mut now = said.clone();
        // One says nothing about what the other has said earlier: a revision may have come between.
        let is_mark = message.act.as_ref().map(|act| act.mark.is_some());
        if is_mark != Some(true)
            && said.chosen.is_none()
            && let Some(action) = messages::chosen_behind(self.connection, &notice)?
        {
            now = Notice { chosen: Some(action), failure: None, ..now };
        }
        if is_mark != Some(false)
            && let Some(marked) = messages::marked_behind(self.connection, &notice)?
        {
            now.marked = marked;
        }
        if now != said {
            messages::set_notice(self.connection, id, &text, &now)?;
            self.changed.insert(id);
            self.touched.insert(notice.peer.clone());
        }
        if now.marked && notice.unread == UNREAD {
            self.nothing_to_see(&notice)?;
        }
        Ok(())
    }
}

/// Notes on the notice that a choice was refused: another may be made. Answers the notice.
pub(crate) fn choice_failed(
    connection: &Connection,
    own: &StoredMessage,
    word: &str,
) -> rusqlite::Result<Option<i64>> {
    let Some(message) = messages::act_of(connection, own)? else { return Ok(None) };
    let action = own.act.as_ref().map(|act| act.action.as_str());
    let Some(notice) = message.notice.clone().filter(|notice| notice.chosen.as_deref() == action) else {
        return Ok(None);
    };
    let failed = Notice { chosen: None, under_way: false, failure: Some(word.to_owned()), ..notice };
    messages::set_notice(connection, message.id, &message.text, &failed)?;
    Ok(Some(message.id))
}

/// Notes on the notice that the server has a choice. Answers the notice.
pub(crate) fn choice_sent(connection: &Connection, own: &StoredMessage) -> rusqlite::Result<Option<i64>> {
    if own.act.as_ref().is_some_and(|act| act.mark.is_some()) {
        return Ok(None);
    }
    let Some(message) = messages::act_of(connection, own)? else { return Ok(None) };
    let Some(notice) = message.notice.clone().filter(|notice| notice.under_way) else { return Ok(None) };
    let sent = Notice { under_way: false, ..notice };
    messages::set_notice(connection, message.id, &message.text, &sent)?;
    Ok(Some(message.id))
}
