//! What became of own messages: delivered, read, refused, sent as a text.

use super::Step;
use super::notices::choice_failed;
use crate::incoming::phone;
use crate::model::{DeliveryWish, MessageState, Sms, SmsState};
use crate::store::{conversations, messages, outbox};

impl Step<'_> {
    pub(super) fn delivered(&mut self, peer: &str, id: &str) -> rusqlite::Result<()> {
        let Some(message) = messages::by_message_id(self.connection, peer, true, id)? else { return Ok(()) };
        match message.state {
            // It stays in the outbox: the other side may have what the server would lose if it ended now.
            MessageState::Queued | MessageState::Sent => {
                self.set_state(&message, MessageState::Delivered, "")
            }
            MessageState::Delivered | MessageState::Read | MessageState::Failed | MessageState::Received => {
                Ok(())
            }
        }
    }

    pub(super) fn read_by_peer(&mut self, peer: &str, id: &str) -> rusqlite::Result<()> {
        let mut conversation = conversations::of(self.connection, peer)?;
        let Some(message) = messages::by_message_id(self.connection, peer, true, id)? else {
            id.clone_into(&mut conversation.peer_read_id);
            return conversations::save(self.connection, &conversation);
        };
        if conversation.peer_read_id == id {
            conversation.peer_read_id.clear();
        }
        conversation.peer_read_moment = conversation.peer_read_moment.max(message.moment);
        conversations::save(self.connection, &conversation)?;
        for message in messages::own_unread_by_peer(self.connection, peer, message.moment)? {
            // What has not left yet cannot have been read; the message that is named has.
            if message.state == MessageState::Queued && message.message_id != id {
                continue;
            }
            self.set_state(&message, MessageState::Read, "")?;
        }
        Ok(())
    }

    pub(super) fn refused(&mut self, peer: &str, id: &str, word: &str) -> rusqlite::Result<()> {
        let Some(message) = messages::by_message_id(self.connection, peer, true, id)? else { return Ok(()) };
        match message.state {
            MessageState::Queued | MessageState::Sent => {
                outbox::remove(self.connection, message.id)?;
                self.changed.extend(choice_failed(self.connection, &message, word)?);
                self.set_state(&message, MessageState::Failed, word)
            }
            MessageState::Delivered | MessageState::Read | MessageState::Failed | MessageState::Received => {
                Ok(())
            }
        }
    }

    /// The gateway says how far a text is. One that was for the phone only has failed with it.
    pub(super) fn texted(&mut self, peer: &str, id: &str, sms: &Sms) -> rusqlite::Result<()> {
        let message = messages::by_message_id(self.connection, peer, true, id)?;
        let Some(message) = message.filter(|message| phone::is_news(message.sms.as_ref(), sms)) else {
            return Ok(());
        };
        messages::set_sms(self.connection, message.id, sms)?;
        self.changed.insert(message.id);
        self.touched.insert(message.peer.clone());
        // An address of the gateway itself needs no wish.
        let has_client = matches!(message.wish, DeliveryWish::Both | DeliveryWish::ClientElsePhone);
        let is_lost = sms.state == SmsState::Failed && !has_client;
        match (is_lost, message.state, sms.state) {
            (true, MessageState::Queued | MessageState::Sent, _) => {
                self.set_state(&message, MessageState::Failed, "")
            }
            (_, MessageState::Failed, SmsState::Delivered) => {
                self.set_state(&message, MessageState::Delivered, "")
            }
            (_, _, _) => Ok(()),
        }
    }
}
