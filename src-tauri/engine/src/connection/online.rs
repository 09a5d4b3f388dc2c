//! The steady state of the line: stanzas both ways, acknowledgements, signs of life.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use jid::BareJid;
use tokio::sync::mpsc;
use tokio::sync::mpsc::error::SendError;
use tokio::time::{Instant, Interval};
use xmpp_parsers::iq::Iq;
use xmpp_parsers::ping::Ping;
use xmpp_parsers::sm;
use xmpp_parsers::stanza::Stanza;
use xmpp_parsers::stanza_error::{DefinedCondition, ErrorType, StanzaError};

use super::fault::Fault;
use super::ledger::{Question, Sent};
use super::link::{Incoming, Link, Outgoing};
use super::session::{Established, Session};
use super::wake::{LOOK, WakeWatch};
use super::{Command, Environment, GOODBYE, LineEvent, Shared};

/// Stanzas that may wait to be written.
const BACKLOG: usize = 64;
/// Stanzas that may wait to be acknowledged.
const UNACKNOWLEDGED: usize = 2_048;

/// Why the steady state is over.
pub(super) enum Ending {
    /// The line was closed.
    Over,
    /// The connection has ended; the session may be resumed.
    Fault(Fault, Box<Session>),
}

enum Step<'a> {
    Incoming(Result<Incoming, Fault>),
    Room(Result<mpsc::Permit<'a, LineEvent>, SendError<()>>),
    Command(Option<Command>),
    Doubt,
    Dead,
    Look,
}

/// One connection in its steady state.
pub(super) struct Online<'a> {
    environment: &'a Environment,
    shared: &'a Shared,
    commands: &'a mut mpsc::Receiver<Command>,
    events: &'a mpsc::Sender<LineEvent>,
    link: Link,
    session: Session,
    /// Received, not yet told. Nothing more is read until they are.
    untold: VecDeque<Box<Stanza>>,
    /// The server must have said something by then.
    deadline: Option<Instant>,
    watch: WakeWatch,
    look: Interval,
}

impl<'a> Online<'a> {
    pub(super) fn new(
        established: Established,
        environment: &'a Environment,
        shared: &'a Shared,
        (commands, events): (&'a mut mpsc::Receiver<Command>, &'a mpsc::Sender<LineEvent>),
    ) -> Self {
        let Established { link, session, early, .. } = established;
        Self {
            environment,
            shared,
            commands,
            events,
            link,
            session,
            untold: early,
            deadline: None,
            watch: WakeWatch::new(&environment.clock),
            look: tokio::time::interval(LOOK),
        }
    }

    /// Runs until the connection ends or the line is closed.
    pub(super) async fn run(mut self) -> Ending {
        loop {
            if let Some(question) = self.session.ledger.due() {
                self.ask(question);
            }
            let outcome = match self.step().await {
                Step::Incoming(incoming) => incoming.and_then(|incoming| self.take(incoming)),
                Step::Room(Ok(permit)) => {
                    if let Some(stanza) = self.untold.pop_front() {
                        permit.send(LineEvent::Stanza(stanza));
                    }
                    Ok(())
                }
                Step::Command(Some(Command::Close { done })) => {
                    self.close().await;
                    let _ = done.send(());
                    return Ending::Over;
                }
                // Nobody listens or speaks any more.
                Step::Room(Err(_)) | Step::Command(None) => {
                    self.close().await;
                    return Ending::Over;
                }
                Step::Command(Some(command)) => {
                    self.carry_out(command);
                    Ok(())
                }
                Step::Doubt => {
                    self.doubt();
                    Ok(())
                }
                Step::Dead => Err(Fault::Broken("no sign of life".to_owned())),
                Step::Look => {
                    self.look();
                    Ok(())
                }
            };
            if let Err(fault) = outcome {
                return Ending::Fault(fault, Box::new(self.session));
            }
        }
    }

    async fn step(&mut self) -> Step<'a> {
        let is_reading = self.untold.is_empty();
        let takes_commands =
            self.link.backlog() < BACKLOG && self.session.ledger.unacknowledged() < UNACKNOWLEDGED;
        let deadline = self.deadline;
        let events = self.events;
        tokio::select! {
            incoming = self.link.next(is_reading) => Step::Incoming(incoming),
            permit = events.reserve(), if !is_reading => Step::Room(permit),
            command = self.commands.recv(), if takes_commands => Step::Command(command),
            () = self.shared.reconnect.notified() => Step::Doubt,
            () = tokio::time::sleep_until(deadline.unwrap_or_else(Instant::now)), if deadline.is_some() => {
                Step::Dead
            }
            _ = self.look.tick() => Step::Look,
        }
    }

    fn take(&mut self, incoming: Incoming) -> Result<(), Fault> {
        if !matches!(incoming, Incoming::Silence) {
            self.deadline = None;
        }
        match incoming {
            Incoming::Stanza(stanza) => {
                self.session.ledger.received();
                self.take_stanza(stanza);
            }
            Incoming::Unreadable(header) => {
                self.session.ledger.received();
                // Whoever asks gets an answer, even to a question that cannot be read (RFC 6120 section 8.2.3).
                let from = header.from.and_then(|from| from.parse().ok());
                if let (Some("get" | "set"), Some(id)) = (header.type_.as_deref(), header.id) {
                    let error = StanzaError::new(ErrorType::Modify, DefinedCondition::BadRequest, "en", "");
                    let mut answer = Iq::from_error(id, error);
                    *answer.to_mut() = from;
                    self.send(Box::new(answer.into()), None);
                }
            }
            Incoming::Management(sm::Nonza::Ack(ack)) => self.session.ledger.acknowledge(ack.h)?,
            Incoming::Management(sm::Nonza::Req(_)) => {
                let answer = sm::A::new(self.session.ledger.handled());
                self.link.push(Outgoing::Management(sm::Nonza::Ack(answer)));
            }
            Incoming::Silence => {
                let question = self.session.ledger.ask();
                self.ask(question);
            }
            Incoming::Management(_) | Incoming::Other => {}
        }
        Ok(())
    }

    fn take_stanza(&mut self, stanza: Box<Stanza>) {
        let iq = match *stanza {
            Stanza::Iq(iq) => iq,
            other => return self.untold.push_back(Box::new(other)),
        };
        if self.is_pong(&iq) {
            return self.session.ledger.ping_answered();
        }
        if let Some(request) = self.session.answers.take(iq, &self.session.address) {
            self.untold.push_back(Box::new(request.into()));
        }
    }

    /// Whether this answers the line's own ping; an error is a sign of life as well.
    fn is_pong(&self, iq: &Iq) -> bool {
        iq.id() == self.shared.ping && matches!(iq, Iq::Result { .. } | Iq::Error { .. })
    }

    fn carry_out(&mut self, command: Command) {
        match command {
            // It was for the stream before; the delivery is dropped, which says that the stanza is lost.
            Command::Send { stream: Some(stream), .. }
                if stream != self.shared.stream.load(Ordering::Acquire) => {}
            Command::Send { stanza, delivery, .. } => self.send(stanza, Some(delivery)),
            Command::Ask { request, answer } => {
                self.session.answers.wait(&request, answer);
                self.send(Box::new((*request).into()), None);
            }
            // Closing is handled where the loop ends.
            Command::Close { done } => drop(done),
        }
    }

    fn send(&mut self, stanza: Box<Stanza>, delivery: Option<tokio::sync::oneshot::Sender<bool>>) {
        let stanza: Arc<Stanza> = Arc::from(stanza);
        self.session.ledger.sent(Sent { stanza: Arc::clone(&stanza), delivery });
        self.link.push(Outgoing::Stanza(stanza));
    }

    fn ask(&mut self, question: Question) {
        self.link.push(match question {
            Question::Request => Outgoing::Management(sm::Nonza::Req(sm::R)),
            Question::Ping => {
                let mut ping = Iq::from_get(self.shared.ping.clone(), Ping);
                *ping.to_mut() = Some(BareJid::from_parts(None, self.session.address.domain()).into());
                Outgoing::Stanza(Arc::new(ping.into()))
            }
        });
    }

    /// There is reason to believe that the connection is gone: ask, and do not wait long.
    fn doubt(&mut self) {
        let question = self.session.ledger.ask();
        self.ask(question);
        self.expect_life(self.environment.patience.quick_sign_of_life);
    }

    fn expect_life(&mut self, patience: Duration) {
        self.deadline.get_or_insert_with(|| Instant::now() + patience);
    }

    fn look(&mut self) {
        self.session.answers.tidy();
        if self.watch.has_jumped(&self.environment.clock) {
            tracing::info!("the clock has jumped: is the connection still there?");
            self.doubt();
        }
    }

    /// Waits for acknowledgements of what was sent, then ends the stream. What still comes in is not
    /// acknowledged, so that the server keeps it.
    async fn close(mut self) {
        let closing = async {
            while self.link.backlog() > 0 || self.session.ledger.unacknowledged() > 0 {
                if let Some(question) = self.session.ledger.due() {
                    self.ask(question);
                }
                match self.link.next(true).await? {
                    Incoming::Management(sm::Nonza::Ack(ack)) => self.session.ledger.acknowledge(ack.h)?,
                    Incoming::Stanza(stanza) => {
                        if matches!(&*stanza, Stanza::Iq(iq) if self.is_pong(iq)) {
                            self.session.ledger.ping_answered();
                        }
                    }
                    Incoming::Unreadable(_)
                    | Incoming::Management(_)
                    | Incoming::Silence
                    | Incoming::Other => {}
                }
            }
            self.link.close().await
        };
        match tokio::time::timeout(GOODBYE, closing).await {
            Ok(Ok(())) => {}
            Ok(Err(fault)) => tracing::debug!(%fault, "the stream did not end politely"),
            Err(_) => tracing::debug!("the server did not end the stream in time"),
        }
    }
}
