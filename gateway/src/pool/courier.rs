//! Carries one text's parts through one modem, back to back.

use super::Seats;
use crate::modem::{ModemSender, SendFailure};
use crate::outbox::{Failure, Outbox, PartState};
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
        if let Err(error) = self.parts(&text).await {
            tracing::error!(modem = self.modem, text = text.id, %error, "a text's way cannot be noted");
        }
        if let Some(seat) = self.seats.lock().get_mut(&self.modem) {
            seat.is_busy = false;
        }
        self.outbox.wake();
    }

    async fn parts(&self, text: &DueText) -> Result<(), StoreError> {
        let pdus = match self.pdus(text) {
            Ok(pdus) => pdus,
            Err(error) => {
                tracing::error!(text = text.id, %error, "a text cannot be written as messages");
                return self.store.text_failed(text.id, 1, Failure::Ours, self.outbox.now()).await;
            }
        };
        let queued = self.store.parts_of(text.id).await?;
        for part in queued.iter().filter(|part| part.state == PartState::Queued) {
            let pdu = usize::from(part.number).checked_sub(1).and_then(|index| pdus.get(index));
            let Some(pdu) = pdu else { continue };
            // Its report came meanwhile, from the time before.
            if !self.outbox.begin(text.id, part.number, &self.modem).await? {
                continue;
            }
            let result = self.sender.send(pdu.clone()).await;
            self.note(result);
            let finished = self.outbox.finish(text.id, part.number, &self.modem, text.attempts, result);
            match result {
                Ok(_) => finished.await?,
                // The modem is being brought back, or the text has to wait: the other parts with it.
                Err(_) => return finished.await,
            }
        }
        Ok(())
    }

    fn note(&self, result: crate::modem::SendResult) {
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
