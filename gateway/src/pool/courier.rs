//! Carries one text's parts through one modem, back to back.

use super::Seats;
use crate::modem::{ModemSender, SendFailure, SendResult};
use crate::outbox::{Failure, Outbox, is_worth_another_try};
use crate::pdu::{Address, Class, ModemPdu, PduError, References, Submit, split};
use crate::store::{DueText, Store, StoreError};

/// One text's way through one modem.
pub(super) struct Courier {
    pub(super) modem: String,
    pub(super) sender: ModemSender,
    pub(super) seats: Seats,
    pub(super) outbox: Outbox,
    pub(super) store: Store,
}

/// A part that a modem was given.
struct Given {
    part: u8,
    /// Tries before this one.
    attempts: u32,
    result: SendResult,
}

impl Courier {
    pub(super) async fn carry(self, text: DueText) {
        let ended = match self.parts(&text).await {
            Ok(Some(Given { part, attempts, result })) => {
                let noted = self.outbox.finish(text.id, part, &self.modem, attempts, result);
                // What came of the text is before all that follows in the queue of the store. The modem may have
                // the next one meanwhile: that is given to it when it is on the disk itself.
                tokio::join!(biased; noted, async { self.is_free() }).0
            }
            Ok(None) => {
                self.is_free();
                Ok(())
            }
            Err(error) => {
                self.is_free();
                Err(error)
            }
        };
        if let Err(error) = ended {
            tracing::error!(modem = self.modem, text = text.id, %error, "a text's way cannot be noted");
        }
    }

    /// The modem may have the next text.
    fn is_free(&self) {
        if let Some(seat) = self.seats.lock().get_mut(&self.modem) {
            seat.is_busy = false;
        }
        self.outbox.wake();
    }

    /// Sends what waits. Answers with the last part that was given to the modem and what came of it, which is still
    /// to be noted.
    async fn parts(&self, text: &DueText) -> Result<Option<Given>, StoreError> {
        let pdus = match self.pdus(text) {
            Ok(pdus) => pdus,
            Err(error) => {
                tracing::error!(text = text.id, %error, "a text cannot be written as messages");
                self.store.text_failed(text.id, 1, Failure::Ours, self.outbox.now()).await?;
                return Ok(None);
            }
        };
        let mut last: Option<Given> = None;
        let mut attempts = text.attempts;
        for &part in &text.queued {
            let pdu = usize::from(part).checked_sub(1).and_then(|index| pdus.get(index));
            let Some(pdu) = pdu else { continue };
            if let Some(Given { part, attempts, result }) = last.take() {
                self.outbox.finish(text.id, part, &self.modem, attempts, result).await?;
            }
            // Its report came meanwhile, from the time before.
            let Some(mut result) = self.give(text.id, part, pdu).await? else { continue };
            if pdus.len() > 1 && is_worth_another_try(result) {
                self.outbox.try_again_at_once(text.id, part, &self.modem).await?;
                attempts = attempts.saturating_add(1);
                match self.give(text.id, part, pdu).await? {
                    Some(again) => result = again,
                    None => continue,
                }
            }
            last = Some(Given { part, attempts, result });
            if result.is_ok() {
                attempts = 0;
            }
            // The modem is being brought back, or the text has to wait: the other parts with it.
            if result.is_err() {
                break;
            }
        }
        Ok(last)
    }

    /// Gives a part to the modem, unless it does not wait any more.
    async fn give(&self, text: i64, part: u8, pdu: &ModemPdu) -> Result<Option<SendResult>, StoreError> {
        if !self.outbox.begin(text, part, &self.modem).await? {
            return Ok(None);
        }
        let result = self.sender.send(pdu.clone()).await;
        self.note(result);
        Ok(Some(result))
    }

    fn note(&self, result: SendResult) {
        let now = self.outbox.now();
        if let Some(seat) = self.seats.lock().get_mut(&self.modem) {
            if matches!(result, Ok(_) | Err(SendFailure::Unknown)) {
                seat.tally.add(now);
            }
            seat.record.note(result, now);
        }
    }

    /// All messages of the text. They are made alike every time, so that a part sent again is the same part.
    fn pdus(&self, text: &DueText) -> Result<Vec<ModemPdu>, PduError> {
        let to = Address::number(&text.number)?;
        let reference = u16::try_from(text.id.rem_euclid(256)).unwrap_or_default();
        let class = text.is_flash.then_some(Class::Flash);
        let validity = self.outbox.now().until(text.expires);
        split(&text.body, References::Narrow)
            .parts
            .iter()
            .map(|part| {
                Submit::part(to.clone(), part, References::Narrow, reference, class)?
                    .valid_for(validity)
                    .with_report()
                    .to_modem(None)
            })
            .collect()
    }
}
