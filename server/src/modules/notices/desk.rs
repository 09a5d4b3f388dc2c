//! What business systems ask for: the same rules at every door. A door knows which application it is and has let it
//! in; what the application may do and what makes sense is decided here.

mod checks;
mod receivers;
mod refusal;
mod request;

use std::sync::Arc;

use posthouse_protocol::notice::domain_below;

use super::Inner;
use crate::clock::Timestamp;
use crate::storage::applications::{ApplicationRow, DAY};
use crate::storage::notices::{Change, DeliveryMode, NewNotice, NoticeRow, Posted, Timeline};
use receivers::Found;

pub use receivers::Invalid;
pub use refusal::{Refusal, RefusalCode};
pub use request::{ChangeMessage, NewMessage, read};

/// Most receivers of one notice.
const RECEIVERS: usize = 100_000;

/// Where business systems are served. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Desk(pub(super) Arc<Inner>);

/// A notice that is on the server's disk.
#[derive(Debug, Clone)]
pub struct Sent {
    /// What the world calls it.
    pub id: String,
    /// How many people get it.
    pub accepted: usize,
    /// Who does not, and why.
    pub invalid: Vec<Invalid>,
    /// It was there before, under the same idempotency key.
    pub replayed: bool,
}

impl Desk {
    /// Sends a notice; `written` is the request as it came, for its idempotency key.
    ///
    /// # Errors
    /// Why it is not sent.
    pub async fn send(
        &self,
        application: &ApplicationRow,
        message: &NewMessage,
        written: &serde_json::Value,
    ) -> Result<Sent, Refusal> {
        let parts = &self.0.parts;
        let now = parts.clock.now();
        let checked = checks::new_message(message, now)?;
        may_ask(application, message)?;
        let found = receivers::find(parts, application, &message.to, message.delivery).await?;
        let Found { receivers, invalid } = some_receivers(found)?;
        let (name, accepted) = (random_name()?, receivers.len());
        let posted = parts
            .notices
            .post(NewNotice {
                name: name.clone(),
                application: application.id,
                created: now,
                idempotency: message.idempotency_key.clone().unwrap_or_default(),
                digest: digest(written),
                content: checked.content,
                delivery: message.delivery,
                escalate_after: checked.escalate_after,
                expires: checked.expires,
                receivers,
                texts_a_day: application.scope.texts_a_day,
            })
            .await
            .map_err(Refusal::internal)?;
        match posted {
            Posted::New => Ok(Sent { id: name, accepted, invalid, replayed: false }),
            Posted::Same(id) => Ok(Sent { id, accepted, invalid, replayed: true }),
            Posted::Arriving => {
                let sentence = "This very message is being taken in just now.";
                Err(Refusal::later(RefusalCode::Exhausted, 1, sentence))
            }
            Posted::Other => Err(Refusal {
                field: Some("idempotencyKey".to_owned()),
                ..Refusal::new(RefusalCode::Conflict, "Another message was sent with this key.")
            }),
            Posted::TextsLeft(left) => {
                let sentence = format!("It takes more texts than the {left} that are left for today.");
                Err(Refusal::later(RefusalCode::Exhausted, until_tomorrow(now), sentence))
            }
        }
    }

    /// What became of a notice: so many of its receivers, behind the line with this number.
    ///
    /// # Errors
    /// Why that is not told.
    pub async fn timeline(
        &self,
        application: &ApplicationRow,
        name: String,
        after: i64,
        most: u32,
    ) -> Result<Timeline, Refusal> {
        let found = self.0.parts.notices.timeline(application.id, name, after, most).await;
        found.map_err(Refusal::internal)?.ok_or_else(no_such)
    }

    /// Changes a notice in place; answers it as it is then.
    ///
    /// # Errors
    /// Why it stays as it is.
    pub async fn change(
        &self,
        application: &ApplicationRow,
        name: String,
        wanted: ChangeMessage,
    ) -> Result<NoticeRow, Refusal> {
        let before = self.timeline(application, name.clone(), 0, 1).await?.notice;
        let change = checks::change(wanted, before.content)?;
        let row = self.apply(application, name, change).await?;
        if row.state == "withdrawn" {
            return Err(Refusal::new(RefusalCode::Conflict, "The message has been taken back."));
        }
        Ok(row)
    }

    /// Takes a notice back; answers it as it is then.
    ///
    /// # Errors
    /// Why it stays.
    pub async fn withdraw(&self, application: &ApplicationRow, name: String) -> Result<NoticeRow, Refusal> {
        self.apply(application, name, Change::Withdraw).await
    }

    async fn apply(
        &self,
        application: &ApplicationRow,
        name: String,
        change: Change,
    ) -> Result<NoticeRow, Refusal> {
        let parts = &self.0.parts;
        let sender = format!("{}@{}", application.name, domain_below(&parts.domain));
        let changed = parts.notices.change(application.id, name, (sender, change), parts.clock.now()).await;
        changed.map_err(Refusal::internal)?.ok_or_else(no_such)
    }
}

fn some_receivers(found: Found) -> Result<Found, Refusal> {
    if found.receivers.is_empty() {
        let list: Vec<String> =
            found.invalid.iter().take(20).map(|one| format!("{} ({})", one.recipient, one.reason)).collect();
        return Err(Refusal::of_field("to", format!("Nobody is left to write to: {}.", list.join(", "))));
    }
    if found.receivers.len() > RECEIVERS {
        return Err(Refusal::of_field("to", format!("More than {RECEIVERS} people.")));
    }
    Ok(found)
}

fn no_such() -> Refusal {
    Refusal::new(RefusalCode::NotFound, "The application has sent no such message.")
}

/// The ways that the application may ask for.
fn may_ask(application: &ApplicationRow, message: &NewMessage) -> Result<(), Refusal> {
    let may = |mode: DeliveryMode| application.scope.deliveries.contains(&mode);
    let refuse = |field: &str, sentence: &str| {
        Err(Refusal { field: Some(field.to_owned()), ..Refusal::new(RefusalCode::Forbidden, sentence) })
    };
    if !may(message.delivery) {
        return refuse("delivery", "The application may not ask for this way.");
    }
    let may_text = [DeliveryMode::Auto, DeliveryMode::Phone, DeliveryMode::Both].into_iter().any(may);
    if message.escalate_after_seconds.is_some() && !may_text {
        return refuse("escalateAfterSeconds", "The application may not write to phones.");
    }
    Ok(())
}

fn until_tomorrow(now: Timestamp) -> u64 {
    let left = DAY.saturating_sub(now.seconds().rem_euclid(DAY));
    u64::try_from(left).unwrap_or_default()
}

/// 128 random bits: nobody guesses the name of somebody else's message.
fn random_name() -> Result<String, Refusal> {
    let mut bytes = [0_u8; 16];
    getrandom::fill(&mut bytes)
        .map_err(|_| Refusal::new(RefusalCode::Internal, "The system gives no random bytes."))?;
    let text: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    Ok(format!("m-{text}"))
}

/// Of what was asked, however its fields were ordered.
fn digest(written: &serde_json::Value) -> Vec<u8> {
    aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, written.to_string().as_bytes()).as_ref().to_vec()
}
