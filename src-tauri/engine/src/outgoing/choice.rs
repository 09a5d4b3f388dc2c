//! What the person chooses on a notice of a business system: a message like any other, which says it in words as well.

use super::{Written, changed, enqueue};
use crate::error::{EngineError, EngineErrorCode};
use crate::incoming::Applied;
use crate::mailbox::Mailbox;
use crate::model::{DeliveryWish, Notice, NoticeAction, NoticeState, NoticeValue};
use crate::store::messages::{self, Act, StoredMessage};

/// Most characters of a line that was filled in.
const LONGEST_VALUE: usize = 1_000;

impl Mailbox {
    /// Queues a choice; it is durable when this returns, and the notice shows it. `origin_id` must be new.
    ///
    /// # Errors
    /// `NotFound` when there is no such notice or action, `BadInput` when a line is missing, `StoreFailed`.
    pub(crate) async fn choose(
        &self,
        message: i64,
        action: &str,
        values: Vec<NoticeValue>,
        origin_id: String,
    ) -> Result<(), EngineError> {
        let now = self.time().now();
        let reading = self.store().read(move |connection| messages::by_id(connection, message));
        let found = reading.await?.and_then(|message| Some((message.notice.clone()?, message)));
        let (notice, message) = found.ok_or_else(|| EngineError::new(EngineErrorCode::NotFound, ""))?;
        let chosen = open_action(&notice, action)?;
        let values = filled(chosen, values)?;
        let text = chosen.label.clone();
        let act = Act { message: message.message_id.clone(), action: chosen.id.clone(), values, mark: None };
        let written = Written { text, wish: DeliveryWish::Client, origin_id, act: Some(act) };
        let chosen = Some(chosen.id.clone());
        let notice = Notice { chosen, under_way: true, failure: None, ..notice };
        let choosing = self.change(move |transaction| {
            let StoredMessage { id, peer, text, .. } = &message;
            messages::set_notice(transaction, *id, text, &notice)?;
            let own = enqueue(transaction, peer, written, now)?;
            let mut applied = changed(transaction, &[*id])?;
            applied.added.push(own);
            Ok(Some(applied))
        });
        choosing.await.map(|_| ())
    }
}

impl Mailbox {
    /// Marks a notice as done by hand, or takes that back; durable when this returns, and on its way to the person's
    /// other computers. `origin_id` must be new.
    ///
    /// # Errors
    /// `NotFound` when there is no such notice, or it is settled; `StoreFailed`.
    pub(crate) async fn mark_done(
        &self,
        message: i64,
        done: bool,
        origin_id: String,
    ) -> Result<(), EngineError> {
        let now = self.time().now();
        let marking = self.change(move |transaction| {
            let found = messages::by_id(transaction, message)?;
            let found = found.and_then(|message| Some((message.notice.clone()?, message)));
            let Some((notice, message)) = found.filter(|(notice, _)| is_undecided(notice)) else {
                return Ok(None);
            };
            if notice.marked == done {
                return Ok(Some(Applied::default()));
            }
            let StoredMessage { id, peer, text, message_id, .. } = &message;
            messages::set_notice(transaction, *id, text, &Notice { marked: done, ..notice })?;
            let act = Act { message: message_id.clone(), mark: Some(done), ..Act::default() };
            let wish = DeliveryWish::Client;
            enqueue(
                transaction,
                peer,
                Written { text: String::new(), wish, origin_id, act: Some(act) },
                now,
            )?;
            changed(transaction, &[*id]).map(Some)
        });
        marking.await.map(|_| ())
    }
}

fn is_undecided(notice: &Notice) -> bool {
    notice.state == NoticeState::Open && notice.chosen.is_none()
}

fn open_action<'a>(notice: &'a Notice, action: &str) -> Result<&'a NoticeAction, EngineError> {
    let found = notice.actions.iter().find(|known| known.id == action).filter(|_| is_undecided(notice));
    found.ok_or_else(|| EngineError::new(EngineErrorCode::NotFound, ""))
}

/// The lines that the action asks for, and no others.
fn filled(action: &NoticeAction, values: Vec<NoticeValue>) -> Result<Vec<NoticeValue>, EngineError> {
    let mut filled = Vec::with_capacity(action.inputs.len());
    for input in &action.inputs {
        let given = values.iter().find(|value| value.name == input.name);
        let text: String =
            given.map(|value| value.text.trim().chars().take(LONGEST_VALUE).collect()).unwrap_or_default();
        if text.is_empty() && input.required {
            return Err(EngineError::new(EngineErrorCode::BadInput, input.name.clone()));
        }
        filled.push(NoticeValue { name: input.name.clone(), text });
    }
    Ok(filled)
}
