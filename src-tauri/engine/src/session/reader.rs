//! The loop that takes the line's events, in order. It never waits for the line itself.

use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio_xmpp::Stanza;
use xmpp_parsers::iq::Iq;
use xmpp_parsers::message::Message;

use super::login::Login;
use crate::business_tabs;
use crate::connection::LineEvent;
use crate::events::EngineEvent;
use crate::incoming::{Announce, Arrival, Incoming, Reading, Way, classify};
use crate::model::ConnectionState;
use crate::outgoing;
use crate::requests;
use crate::typing::Typing;

/// Messages that go into the store together.
const BATCH: usize = 64;

pub(super) struct Reader {
    login: Login,
    answers: mpsc::Sender<Stanza>,
    events: mpsc::Receiver<LineEvent>,
    first: Option<LineEvent>,
    typing: Typing,
    /// The login under way, and notifications that are being weighed.
    tasks: JoinSet<()>,
    logins: JoinSet<()>,
}

/// Arrivals that have been taken from the line and are not stored yet.
#[derive(Default)]
struct Batch(Vec<Arrival>);

impl Reader {
    pub(super) fn new(
        login: Login,
        answers: mpsc::Sender<Stanza>,
        events: mpsc::Receiver<LineEvent>,
        first: Option<LineEvent>,
    ) -> Self {
        let typing = Typing::new(login.mailbox.events().clone());
        Self { login, answers, events, first, typing, tasks: JoinSet::new(), logins: JoinSet::new() }
    }

    pub(super) async fn run(mut self) {
        if let Some(first) = self.first.take() {
            self.take_all(first).await;
        }
        loop {
            tokio::select! {
                event = self.events.recv() => match event {
                    Some(event) => self.take_all(event).await,
                    None => return,
                },
                () = self.typing.silence() => {}
                Some(_) = self.tasks.join_next(), if !self.tasks.is_empty() => {}
                Some(_) = self.logins.join_next(), if !self.logins.is_empty() => {}
            }
        }
    }

    /// Takes an event and those that are there already; messages among them are stored together.
    async fn take_all(&mut self, first: LineEvent) {
        let mut batch = Batch::default();
        let mut next = Some(first);
        while let Some(event) = next {
            match event {
                LineEvent::Stanza(stanza) => self.stanza(*stanza, &mut batch).await,
                other => {
                    self.store(&mut batch).await;
                    self.line(other);
                }
            }
            next = if batch.0.len() < BATCH { self.events.try_recv().ok() } else { None };
        }
        self.store(&mut batch).await;
    }

    fn line(&mut self, event: LineEvent) {
        let state = &self.login.state;
        match event {
            LineEvent::Connecting => state.set(ConnectionState::Connecting),
            LineEvent::Online { resumed: true, .. } => {
                let is_login_done = self.logins.is_empty();
                state.set(if is_login_done { ConnectionState::Online } else { ConnectionState::CatchingUp });
                self.login.resumed();
            }
            LineEvent::Online { resumed: false, .. } => {
                state.set(ConnectionState::CatchingUp);
                self.login.outbox.shut();
                self.login.presence.ended();
                self.logins.abort_all();
                self.logins.spawn(self.login.clone().run());
            }
            LineEvent::Waiting { retry_in, reason, detail } => {
                tracing::info!(?retry_in, ?reason, detail, "the line waits");
                let retry_in_seconds = u32::try_from(retry_in.as_secs()).unwrap_or(u32::MAX);
                state.set(ConnectionState::Waiting { retry_in_seconds, reason });
                self.offline();
            }
            LineEvent::Stopped { error } => {
                tracing::warn!(%error, "the line has stopped");
                self.logins.abort_all();
                state.set(ConnectionState::Stopped { reason: error.code });
                self.offline();
            }
            LineEvent::Stanza(_) => {}
        }
    }

    /// Without a line nobody is there.
    fn offline(&mut self) {
        self.typing.clear();
        self.login.presence.broken();
    }

    async fn stanza(&mut self, stanza: Stanza, batch: &mut Batch) {
        match stanza {
            Stanza::Message(message) => self.message(message, batch).await,
            Stanza::Iq(iq @ (Iq::Result { .. } | Iq::Error { .. })) => self.login.presence.answered(iq),
            Stanza::Iq(iq) => {
                if let Some(business_tabs::Question(asked)) =
                    business_tabs::question(&iq, self.login.mailbox.me())
                {
                    self.login.mailbox.events().tell(EngineEvent::ProofWanted {
                        id: asked.id,
                        system: asked.system,
                        person: asked.person,
                        number: asked.number,
                        seconds: asked.expires,
                    });
                }
                if let Some(answer) = requests::answer(iq, self.login.mailbox.me()) {
                    self.answer(answer.into());
                }
            }
            // Who is there comes with the watch; roster presence is not sent to us.
            Stanza::Presence(_) => {}
        }
    }

    async fn message(&mut self, message: Message, batch: &mut Batch) {
        match classify(message, self.login.mailbox.me()) {
            Incoming::Arrival(arrival) => {
                self.heard(&arrival);
                batch.0.push(*arrival);
            }
            Incoming::ReadElsewhere(positions) => {
                self.store(batch).await;
                if let Err(error) = self.login.mailbox.read_elsewhere(positions).await {
                    tracing::error!(%error, "read positions cannot be stored");
                }
            }
            Incoming::ArchiveResult(result) => self.login.history.result(*result),
            Incoming::Directory(entries) => self.login.organization.pushed(*entries),
            Incoming::Presence(state) => self.login.presence.pushed(*state),
            Incoming::Badges(badges) => {
                let badges = business_tabs::badges(badges);
                self.login.mailbox.events().tell(EngineEvent::BadgesChanged { badges });
            }
            Incoming::Nothing => {}
        }
    }

    fn heard(&mut self, arrival: &Arrival) {
        if arrival.own {
            return;
        }
        let has_said = arrival.text.is_some().then_some(false);
        if let Some(typing) = has_said.or(arrival.typing) {
            self.typing.heard(arrival.peer.as_str(), typing);
        }
    }

    /// Stores the batch; receipts go out once their messages are safe.
    async fn store(&mut self, batch: &mut Batch) {
        let mut arrivals = std::mem::take(&mut batch.0);
        let receipts: Vec<_> = arrivals.iter().filter_map(receipt).collect();
        arrivals.retain(|it| {
            it.text.is_some()
                || it.receipt.is_some()
                || it.displayed.is_some()
                || it.failure.is_some()
                || it.sms.is_some()
        });
        if arrivals.is_empty() {
            return;
        }
        let mailbox = self.login.mailbox.clone();
        match mailbox.take(arrivals, Reading::News, None, Announce::Everything).await {
            Ok(fresh) => {
                for receipt in receipts {
                    self.answer(receipt.into());
                }
                if !fresh.is_empty() {
                    self.tasks.spawn(async move { mailbox.notify(fresh).await });
                }
            }
            // It is not lost: the archive has it, and the place from which it is read on has not moved.
            Err(error) => tracing::error!(%error, "messages cannot be stored"),
        }
    }

    fn answer(&self, answer: Stanza) {
        if self.answers.try_send(answer).is_err() {
            tracing::warn!("too many answers wait for the line");
        }
    }
}

/// The receipt that the author of a message to this client wants (XEP-0184 section 5.4: for each copy).
fn receipt(arrival: &Arrival) -> Option<Message> {
    let text = arrival.text.as_ref()?;
    let is_wanted =
        arrival.way == Way::Direct && !arrival.own && text.wants_receipt && !text.message_id.is_empty();
    is_wanted.then(|| outgoing::receipt(&arrival.peer, &text.message_id))
}
