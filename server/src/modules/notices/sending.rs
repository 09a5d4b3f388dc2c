//! Does one thing for one receiver.

use jid::{BareJid, Jid};
use posthouse_protocol::sms::DeliveryWish;

use super::{Inner, message};
use crate::clock::Timestamp;
use crate::routing::outcome::Outcome;
use crate::routing::passage::Origin;
use crate::routing::router::Router;
use crate::storage::notices::{Action, Done, EventKind, Job, Relay, Task, Way, relay_name};

impl Inner {
    /// Does the job; what comes out is to be noted.
    pub(super) async fn perform(&self, router: &Router, job: &Job) -> Done {
        let now = self.parts.clock.now();
        let mut done = Done {
            work: job.id,
            line: job.line,
            application: job.sender.id,
            time: now,
            events: Vec::new(),
            told: None,
            relay: None,
            next: None,
        };
        let is_over = job.notice.expires.0 > 0 && job.notice.expires <= now;
        match job.task {
            Task::Send | Task::Phone if job.notice.state == "withdrawn" => {
                done.events.push(EventKind::Withdrawn);
            }
            Task::Send | Task::Phone if is_over => done.events.push(EventKind::Expired),
            Task::Send => self.send(router, job, &mut done).await,
            Task::Phone => self.send_text(router, job, &mut done).await,
            Task::Escalate => {
                let is_needless = job.is_read || is_over || job.notice.state != "open";
                if !is_needless && let Some(relay) = self.relay(job).await {
                    done.events.push(EventKind::Escalated);
                    done.relay = Some(relay);
                }
            }
            Task::Update => {
                if job.told > 0 && job.told < job.notice.revision {
                    self.send_to_client(router, job, EventKind::Updated, &mut done).await;
                }
            }
        }
        done
    }

    async fn send(&self, router: &Router, job: &Job, done: &mut Done) {
        match job.way {
            Way::Phone => return self.send_text(router, job, done).await,
            Way::Both => {
                self.send_to_client(router, job, EventKind::Pushed, done).await;
                done.relay = self.relay(job).await;
                return;
            }
            Way::Open | Way::Client | Way::Again => {}
        }
        self.send_to_client(router, job, EventKind::Pushed, done).await;
        if job.notice.escalate_after > 0 {
            let due = Timestamp(done.time.0.saturating_add(job.notice.escalate_after));
            done.next = Some((Task::Escalate, due));
        }
    }

    async fn send_to_client(&self, router: &Router, job: &Job, event: EventKind, done: &mut Done) {
        let outcome = match self.letter(job) {
            Some((frame, from, to)) => router.accept_from_server(frame, from, to).await,
            None => Outcome::Dropped,
        };
        match outcome {
            // The step that turned it to the phone has planned the rest.
            Outcome::Kept("phone") => {}
            Outcome::Delivered | Outcome::Kept(_) => {
                done.events.push(event);
                done.told = Some(job.notice.revision);
            }
            Outcome::Refused | Outcome::Dropped => done.events.push(EventKind::Failed),
        }
    }

    /// To the phone; the history has it as well.
    async fn send_text(&self, router: &Router, job: &Job, done: &mut Done) {
        let Some(relay) = self.relay(job).await else {
            done.events.push(EventKind::Failed);
            return;
        };
        if let Some((frame, from, to)) = self.letter(job) {
            let mut passage = router.passage(frame, Origin::Server, from, to);
            passage.delivery = DeliveryWish::Phone;
            passage.traits.store = false;
            passage.traits.copy = false;
            router.route(&mut passage).await;
        }
        done.relay = Some(relay);
    }

    fn address_of(&self, job: &Job) -> String {
        format!("{}@{}", job.sender.name, self.home)
    }

    fn letter(&self, job: &Job) -> Option<(posthouse_protocol::wire::Frame, Jid, Jid)> {
        let from = self.address_of(job);
        let to = Jid::new(&job.address).ok()?;
        let is_member = self.parts.directory.is_member(&to.to_bare());
        let frame = message::for_client(job, &from).filter(|_| is_member)?;
        Some((frame, Jid::new(&from).ok()?, to))
    }

    /// What a text can offer: actions for which nothing has to be filled in.
    async fn choices<'a>(&self, job: &'a Job) -> Vec<(u8, &'a Action)> {
        let actions = &job.notice.content.actions;
        let simple = || actions.iter().filter(|action| action.inputs.iter().all(|input| !input.required));
        let names: Vec<String> = simple().map(|action| action.id.clone()).collect();
        if names.is_empty() || job.notice.state != "open" {
            return Vec::new();
        }
        let now = self.parts.clock.now();
        let numbers = self.parts.notices.number_choices(job.line, job.address.clone(), names, now).await;
        let numbers = numbers.unwrap_or_else(|error| {
            tracing::error!(%error, "what a text offers cannot be numbered; it goes without");
            Vec::new()
        });
        let known = |(number, id): (u8, String)| Some((number, simple().find(|action| action.id == id)?));
        numbers.into_iter().filter_map(known).collect()
    }

    async fn relay(&self, job: &Job) -> Option<Relay> {
        let number = self.phone_of(&BareJid::new(&job.address).ok()?)?;
        let sender = self.address_of(job);
        let choices = self.choices(job).await;
        let frame = message::for_gateway(job, &sender, (&self.gateway, &number), &choices)?;
        let wait = i64::try_from(self.parts.phone_wait.as_micros()).unwrap_or(i64::MAX);
        let longest = Timestamp(self.parts.clock.now().0.saturating_add(wait));
        let expires = job.notice.expires;
        let until = if expires.0 > 0 { expires.min(longest) } else { longest };
        Some(Relay { sender, name: relay_name(job.line), frame: frame.bytes().clone(), until })
    }
}
