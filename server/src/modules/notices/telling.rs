//! Tells components what became of their notices: a request (IQ) each, which counts as told when the component answers
//! it; in order for each notice, and again until then. What is to be told lies in `storage/notices/webhooks`.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Write;
use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use bytes::Bytes;
use parking_lot::Mutex;
use posthouse_protocol::notice::NAMESPACE;
use posthouse_protocol::wire::{Frame, StanzaKind, escape_attribute};

use super::{Inner, happening};
use crate::routing::passage::{Origin, Passage};
use crate::routing::stages::{Accept, AcceptStep, StepError};
use crate::storage::notices::{Delivery, Told};
use crate::storage::{StorageError, Ticket};

/// What the ids of all these requests begin with; the number of the delivery follows.
const IDS: &str = "progress-";
/// How long a component may take to answer until it is told again.
const PATIENCE: Duration = Duration::from_secs(30);
/// How long everything rests when the database does not answer, or a component takes nothing more.
const AGAIN: Duration = Duration::from_secs(2);
/// The longest sleep: the clock may be set meanwhile.
const LONGEST: Duration = Duration::from_secs(60);

/// What is being told, by the number of the delivery.
#[derive(Debug, Default)]
pub(super) struct UnderWay(Mutex<BTreeMap<i64, Pending>>);

#[derive(Debug)]
struct Pending {
    domain: String,
    /// The connection it was told over.
    link: u64,
    since: Instant,
    /// It has answered; what follows from that is on the disk with this.
    answered: Option<Ticket>,
}

/// Takes what components answer.
#[derive(Debug)]
pub(super) struct Acknowledged(pub(super) Arc<Inner>);

impl Inner {
    /// Tells what is to be told, for as long as it is polled.
    pub(super) async fn tell(&self) {
        let mut arrivals = self.parts.components.arrivals();
        let mut links = HashMap::new();
        loop {
            let wait = self.tell_round(&mut links).await.unwrap_or_else(|error| {
                tracing::error!(%error, "components cannot be told what became of their notices");
                AGAIN
            });
            tokio::select! {
                happened = self.parts.notices.happened_for_components() => {
                    if happened.is_err() {
                        tokio::time::sleep(AGAIN).await;
                    }
                }
                // The other end lives as long as we do.
                _ = arrivals.changed() => {}
                () = tokio::time::sleep(wait) => {}
            }
        }
    }

    /// Tells what is due; answers when there is more to do, as things stand.
    async fn tell_round(&self, links: &mut HashMap<String, u64>) -> Result<Duration, StorageError> {
        let notices = &self.parts.notices;
        self.settle().await?;
        let mut here = Vec::new();
        for domain in self.parts.components.domains() {
            let Some(link) = self.parts.components.find(&domain).flatten() else { continue };
            if links.insert(domain.clone(), link.id()) != Some(link.id()) {
                // It was away, or has begun anew: it need not wait for what it could not hear.
                notices.tell_at_once(domain.clone(), self.parts.clock.now()).await?;
            }
            here.push(domain);
        }
        let now = self.parts.clock.now();
        let under_way = self.under_way.0.lock().keys().copied().collect();
        let mut wait = LONGEST;
        for delivery in notices.to_tell_components(now, here, under_way).await? {
            if !self.tell_one(&delivery) {
                wait = AGAIN;
            }
        }
        if let Some(due) = notices.next_to_tell(now).await? {
            let left = u64::try_from(due.0.saturating_sub(now.0)).unwrap_or_default();
            wait = wait.min(Duration::from_micros(left));
        }
        let is_waiting = !self.under_way.0.lock().is_empty();
        Ok(if is_waiting { wait.min(PATIENCE / 10) } else { wait })
    }

    /// What was answered is done. What was told over a connection that is gone is told again; who takes too long has
    /// not heard it.
    async fn settle(&self) -> Result<(), StorageError> {
        let answered = self.under_way.answered();
        if let Some(last) = answered.values().max() {
            self.parts.notices.reach(*last).await?;
            self.under_way.0.lock().retain(|id, _| !answered.contains_key(id));
        }
        let link_of = |domain: &str| self.parts.components.find(domain).flatten().map(|link| link.id());
        let mut late = Vec::new();
        self.under_way.0.lock().retain(|id, pending| {
            if pending.answered.is_some() {
                return true;
            }
            if link_of(&pending.domain) != Some(pending.link) {
                return false;
            }
            let is_late = pending.since.elapsed() >= PATIENCE;
            if is_late {
                late.push((*id, pending.domain.clone()));
            }
            !is_late
        });
        for (id, domain) in late {
            let told = Told::No(format!("no answer in {} seconds", PATIENCE.as_secs()));
            let now = self.parts.clock.now();
            let ticket = self.parts.notices.told_to_component(id, domain, told, now).await?;
            self.parts.notices.reach(ticket).await?;
        }
        Ok(())
    }

    /// False when the component takes nothing more for now.
    fn tell_one(&self, delivery: &Delivery) -> bool {
        let domain = &delivery.component;
        let Some(link) = self.parts.components.find(domain).flatten() else { return true };
        let Some(request) = self.request(delivery) else {
            tracing::error!(delivery = delivery.id, domain, "what became of a notice cannot be written");
            return true;
        };
        let pending =
            Pending { domain: domain.clone(), link: link.id(), since: Instant::now(), answered: None };
        // First noted, then sent: the answer may be quick.
        self.under_way.0.lock().insert(delivery.id, pending);
        let is_sent = link.send(request);
        if !is_sent {
            self.under_way.0.lock().remove(&delivery.id);
        }
        is_sent
    }

    fn request(&self, delivery: &Delivery) -> Option<Bytes> {
        let mut text = format!(
            "<iq type='set' from='{}' to='{}' id='{IDS}{}'><progress xmlns='{NAMESPACE}' id='{}'>",
            escape_attribute(&self.parts.domain),
            escape_attribute(&delivery.component),
            delivery.id,
            escape_attribute(&delivery.notice)
        );
        for told in &delivery.events {
            let login = told.address.split('@').next().unwrap_or_default();
            let _ = write!(
                text,
                "<event id='e{}' kind='{}' time='{}' person='{}' login='{}'>{}</event>",
                told.id,
                told.event.kind.word(),
                told.event.time.to_xmpp(),
                escape_attribute(&told.person),
                escape_attribute(login),
                happening::detail(&told.event)
            );
        }
        text.push_str("</progress></iq>");
        let frame = Frame::parse(Bytes::from(text)).ok()?;
        Some(frame.to_component_namespace().bytes().clone())
    }
}

#[async_trait]
impl AcceptStep for Acknowledged {
    fn concerns(&self, passage: &Passage) -> bool {
        matches!(passage.origin, Origin::Component(_))
            && passage.frame.kind() == StanzaKind::Iq
            && matches!(passage.frame.type_().as_deref(), Some("result" | "error"))
            && passage.to.is_bare()
            && passage.to.node().is_none()
            && passage.to.domain().as_str() == self.0.parts.domain
    }

    async fn accept(&self, passage: &mut Passage) -> Result<Accept, StepError> {
        let id = passage.frame.id();
        let id = id.and_then(|id| id.strip_prefix(IDS)?.parse::<i64>().ok());
        let (Some(id), Origin::Component(domain)) = (id, &passage.origin) else {
            return Ok(Accept::Continue);
        };
        let told = match passage.frame.type_().as_deref() {
            Some("result") => Told::Yes,
            _ => Told::No(format!("it answers {}", condition(passage))),
        };
        // The store knows whose it was; a late answer counts as well.
        let now = self.0.parts.clock.now();
        let noted = self.0.parts.notices.told_to_component(id, domain.clone(), told, now).await;
        let ticket = noted.map_err(StepError::of("acknowledgements of components"))?;
        self.0.under_way.note(id, domain, ticket);
        self.0.parts.notices.ring_for_components();
        Ok(Accept::Taken)
    }
}

impl UnderWay {
    fn note(&self, id: i64, domain: &str, ticket: Ticket) {
        if let Some(pending) = self.0.lock().get_mut(&id).filter(|pending| pending.domain == domain) {
            pending.answered = Some(ticket);
        }
    }

    fn answered(&self) -> BTreeMap<i64, Ticket> {
        self.0.lock().iter().filter_map(|(id, pending)| Some((*id, pending.answered?))).collect()
    }
}

fn condition(passage: &Passage) -> String {
    let error = passage.frame.child("error", "jabber:client");
    let condition = error.and_then(|error| error.children().next().map(|child| child.name.to_owned()));
    condition.unwrap_or_else(|| "an error".to_owned())
}
