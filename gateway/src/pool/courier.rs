//! Carries one text's parts through one modem, back to back.

use super::Seats;
use crate::modem::{ModemSender, SendFailure, SendResult};
use crate::outbox::{Failure, Outbox};
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

impl Courier {
    pub(super) async fn carry(self, text: DueText) {
        let ended = match self.parts(&text).await {
            Ok(Some((part, result))) => {
                let noted = self.outbox.finish(text.id, part, &self.modem, text.attempts, result);
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
    async fn parts(&self, text: &DueText) -> Result<Option<(u8, SendResult)>, StoreError> {
        let pdus = match self.pdus(text) {
            Ok(pdus) => pdus,
            Err(error) => {
                tracing::error!(text = text.id, %error, "a text cannot be written as messages");
                self.store.text_failed(text.id, 1, Failure::Ours, self.outbox.now()).await?;
                return Ok(None);
            }
        };
        let mut last = None;
        for &part in &text.queued {
            let pdu = usize::from(part).checked_sub(1).and_then(|index| pdus.get(index));
            let Some(pdu) = pdu else { continue };
            if let Some((part, result)) = last.take() {
                self.outbox.finish(text.id, part, &self.modem, text.attempts, result).await?;
            }
            // Its report came meanwhile, from the time before.
            if !self.outbox.begin(text.id, part, &self.modem).await? {
                continue;
            }
            let result = self.sender.send(pdu.clone()).await;
            self.note(result);
            last = Some((part, result));
            // The modem is being brought back, or the text has to wait: the other parts with it.
            if result.is_err() {
                break;
            }
        }
        Ok(last)
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
