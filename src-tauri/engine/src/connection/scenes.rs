//! The line against a server that misbehaves: what must not happen with it.

mod endings;
mod flood;
mod logins;
mod probing;
mod resumption;
pub(crate) mod toy_server;

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;
use xmpp_parsers::message::Message;
use xmpp_parsers::stanza::Stanza;

use self::toy_server::{PASSWORD, ToyServer};
use super::environment::Random;
use super::{Environment, Line, LineEvent, Target};
use crate::clock::Clock;
use crate::error::EngineError;

/// Longer than any scene takes.
const PATIENCE: Duration = Duration::from_secs(60);

/// A client and what its line tells.
struct Desk {
    line: Line,
    events: mpsc::Receiver<LineEvent>,
}

impl Desk {
    fn target(server: &ToyServer) -> Target {
        Target {
            server: server.address.clone(),
            login: "a".to_owned(),
            password: PASSWORD.to_owned(),
            trusted: vec![server.fingerprint.clone()],
            must_bind: false,
        }
    }

    fn open(server: &ToyServer) -> Self {
        Self::with(Self::target(server), |_| {})
    }

    /// With the shortest waits between tries, and whatever else `change` does.
    fn with(target: Target, change: impl FnOnce(&mut Environment)) -> Self {
        let mut environment = environment();
        change(&mut environment);
        let (line, events) = Line::open(target, Arc::new(environment));
        Self { line, events }
    }

    async fn next(&mut self) -> Option<LineEvent> {
        tokio::time::timeout(PATIENCE, self.events.recv()).await.expect("the line says nothing")
    }

    /// Until the line is online; answers whether the session was resumed.
    async fn online(&mut self) -> bool {
        loop {
            match self.next().await {
                Some(LineEvent::Online { resumed, .. }) => return resumed,
                Some(LineEvent::Connecting | LineEvent::Waiting { .. }) => {}
                other => panic!("not online: {other:?}"),
            }
        }
    }

    /// Until the line has stopped for good.
    async fn stopped(&mut self) -> EngineError {
        let error = loop {
            match self.next().await {
                Some(LineEvent::Stopped { error }) => break error,
                Some(LineEvent::Waiting { reason, detail, .. }) => {
                    panic!("it tries again: {reason:?} {detail}")
                }
                Some(_) => {}
                None => panic!("no reason given"),
            }
        };
        assert!(self.next().await.is_none(), "something follows the end");
        error
    }

    async fn next_text(&mut self) -> String {
        loop {
            if let LineEvent::Stanza(stanza) = self.next().await.expect("the line has ended")
                && let Stanza::Message(message) = *stanza
            {
                return message.bodies.into_values().next().unwrap();
            }
        }
    }
}

/// With the shortest waits between tries.
pub(crate) fn environment() -> Environment {
    let mut environment = Environment::of_this_computer(Clock::system());
    environment.random = Random::new(|bytes| bytes.fill(0));
    environment
}

fn text(text: &str) -> Message {
    Message::chat("b@example.org".parse::<jid::Jid>().unwrap()).with_body("".into(), text.to_owned())
}
