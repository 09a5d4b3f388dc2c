//! The server of these scenes, and somebody who is signed in there.

use std::sync::Arc;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use parking_lot::Mutex;
use posthouse_protocol::organization::Query;
use posthouse_protocol::presence::{State, Watch};
use tempfile::TempDir;
use tokio::sync::{broadcast, mpsc, watch};
use tokio_xmpp::xmlstream::XmppStreamElement;
use xmpp_parsers::iq::{Iq, IqResultPayload};
use xmpp_parsers::message::{Message, MessagePayload, MessageType};
use xmpp_parsers::minidom::Element;
use xmpp_parsers::presence::Show;
use xmpp_parsers::sm;
use xmpp_parsers::stanza::Stanza;
use xmpp_parsers::stanza_error::{DefinedCondition, ErrorType, StanzaError};

use crate::attention::Attention;
use crate::connection::scenes::environment;
use crate::connection::scenes::toy_server::{Client, DOMAIN, PASSWORD, ToyServer};
use crate::connection::{Line, Target};
use crate::events::{EngineEvent, Events};
use crate::organization::tests::toy_directory::ToyDirectory;
use crate::session::{Session, SessionParts};
use crate::store::{ACCOUNT, COMPUTER, Store};

/// Longer than any scene takes.
const PATIENCE: Duration = Duration::from_secs(60);

/// The picture that everybody has.
pub(super) const PICTURE: &[u8] = b"\x89PNG\r\n\x1a\npixels";

/// What the server does besides answering.
#[derive(Debug, Clone)]
enum Order {
    Send(Box<Message>),
    Answer(Box<Iq>),
    Break,
}

/// What the server knows, and what it was told.
pub(super) struct Hall {
    pub(super) directory: Mutex<ToyDirectory>,
    /// What is told to who watches, before the answer and as the answer.
    pub(super) states: Mutex<(Option<State>, State)>,
    said: watch::Sender<Vec<String>>,
    orders: broadcast::Sender<Order>,
}

impl Hall {
    fn note(&self, word: String) {
        self.said.send_modify(|said| said.push(word));
    }

    /// Everything that clients have said so far.
    pub(super) fn said(&self) -> Vec<String> {
        self.said.borrow().clone()
    }

    /// Waits until clients have said all this.
    pub(super) async fn hears(&self, is_it: impl FnMut(&Vec<String>) -> bool) {
        let mut said = self.said.subscribe();
        let heard = tokio::time::timeout(PATIENCE, said.wait_for(is_it)).await;
        drop(heard.unwrap_or_else(|_| panic!("nothing but {:?}", self.said())).unwrap());
    }

    /// Sends a push to everybody.
    pub(super) fn push(&self, payload: impl MessagePayload) {
        self.orders.send(Order::Send(Box::new(headline(payload)))).unwrap();
    }

    /// Answers everybody, whoever has asked.
    pub(super) fn answer_unasked(&self, from: &str, payload: impl IqResultPayload) {
        let answer = Iq::from_result("unasked", Some(payload)).with_from(from.parse().unwrap());
        self.orders.send(Order::Answer(Box::new(answer))).unwrap();
    }

    /// Breaks all connections.
    pub(super) fn break_lines(&self) {
        self.orders.send(Order::Break).unwrap();
    }

    async fn serve(&self, mut client: Client) {
        let mut orders = self.orders.subscribe();
        let mut handled = 0;
        loop {
            tokio::select! {
                element = client.next() => match element {
                    Some(XmppStreamElement::Stanza(stanza)) => {
                        handled += 1;
                        self.take(stanza, &mut client).await;
                    }
                    Some(XmppStreamElement::SM(sm::Nonza::Req(_))) => {
                        client.manage(sm::Nonza::Ack(sm::A::new(handled))).await;
                    }
                    Some(_) => {}
                    None => return,
                },
                order = orders.recv() => match order.unwrap() {
                    Order::Send(stanza) => client.send(*stanza).await,
                    Order::Answer(iq) => client.send(*iq).await,
                    Order::Break => return,
                },
            }
        }
    }

    async fn take(&self, stanza: Stanza, client: &mut Client) {
        match stanza {
            Stanza::Presence(presence) => {
                let show = match presence.show {
                    None => "online",
                    Some(Show::Dnd) => "dnd",
                    Some(_) => "away",
                };
                let status = presence.statuses.into_values().next().unwrap_or_default();
                self.note(format!("presence {show} {status}").trim_end().to_owned());
            }
            Stanza::Iq(Iq::Get { id, to, payload, .. } | Iq::Set { id, to, payload, .. }) => {
                let answer = self.answer(payload, client).await;
                let mut answer = match answer {
                    Some(payload) => Iq::Result { from: None, to: None, id, payload: Some(payload) },
                    None => {
                        let condition = DefinedCondition::ServiceUnavailable;
                        Iq::from_error(id, StanzaError::new(ErrorType::Cancel, condition, "en", ""))
                    }
                };
                *answer.from_mut() = to;
                client.send(answer).await;
            }
            Stanza::Iq(_) | Stanza::Message(_) => {}
        }
    }

    async fn answer(&self, payload: Element, client: &mut Client) -> Option<Element> {
        if let Ok(query) = Query::try_from(payload.clone()) {
            self.note(format!(
                "query {}",
                query.version.map_or_else(|| "all".to_owned(), |it| it.to_string())
            ));
            return Some(self.directory.lock().answer(&query).into());
        }
        if let Ok(watch) = Watch::try_from(payload.clone()) {
            let people: Vec<&str> = watch.people.iter().map(|person| person.jid.as_str()).collect();
            self.note(format!("watch {}", people.join(" ")).trim_end().to_owned());
            let (before, answer) = self.states.lock().clone();
            if let Some(before) = before {
                client.send(headline(before)).await;
            }
            return Some(answer.into());
        }
        if payload.is("vCard", "vcard-temp") {
            self.note("card".to_owned());
            let picture = STANDARD.encode(PICTURE);
            let card = format!("<vCard xmlns='vcard-temp'><PHOTO><BINVAL>{picture}</BINVAL></PHOTO></vCard>");
            return Some(card.parse().unwrap());
        }
        None
    }
}

fn headline(payload: impl MessagePayload) -> Message {
    let mut message = Message::new(None).with_payload(payload);
    message.type_ = MessageType::Headline;
    message.from = Some(DOMAIN.parse().unwrap());
    message
}

/// A server, a client that signs in there, and what the client tells its window.
pub(super) struct Office {
    pub(super) hall: Arc<Hall>,
    pub(super) session: Session,
    told: mpsc::Receiver<EngineEvent>,
    // These end with the scene.
    server: ToyServer,
    folder: TempDir,
}

impl Office {
    /// `a@example.org` signs in.
    pub(super) async fn open(directory: ToyDirectory) -> Self {
        let hall = Arc::new(Hall {
            directory: Mutex::new(directory),
            states: Mutex::default(),
            said: watch::Sender::default(),
            orders: broadcast::Sender::new(64),
        });
        let serving = Arc::clone(&hall);
        let server = ToyServer::start(move |_, guest| {
            let hall = Arc::clone(&serving);
            async move {
                let mut client = guest.welcome(true).await;
                client.bind_managed(None).await;
                hall.serve(client).await;
            }
        });
        let server = server.await;
        let folder = tempfile::tempdir().unwrap();
        let (session, told) = sign_in(&server, &folder);
        Self { hall, session, told, server, folder }
    }

    /// The program ends and starts again.
    pub(super) async fn restart(&mut self) {
        self.session.close().await;
        (self.session, self.told) = sign_in(&self.server, &self.folder);
    }

    /// Waits for an event.
    pub(super) async fn is_told<T>(&mut self, mut find: impl FnMut(EngineEvent) -> Option<T>) -> T {
        loop {
            let event = tokio::time::timeout(PATIENCE, self.told.recv()).await;
            if let Some(found) = find(event.expect("the window hears nothing").unwrap()) {
                return found;
            }
        }
    }

    /// Events that are there already.
    pub(super) fn told_so_far(&mut self) -> Vec<EngineEvent> {
        std::iter::from_fn(|| self.told.try_recv().ok()).collect()
    }
}

fn sign_in(server: &ToyServer, folder: &TempDir) -> (Session, mpsc::Receiver<EngineEvent>) {
    let environment = Arc::new(environment());
    let target = Target {
        server: server.address.clone(),
        login: "a".to_owned(),
        password: PASSWORD.to_owned(),
        trusted: vec![server.fingerprint.clone()],
        must_bind: false,
    };
    let (line, line_events) = Line::open(target, Arc::clone(&environment));
    let (events, told) = Events::channel();
    let session = Session::start(SessionParts {
        me: format!("a@{DOMAIN}").parse().unwrap(),
        server: server.address.clone(),
        store: Store::open(&folder.path().join("store.sqlite"), ACCOUNT).unwrap(),
        computer: Store::open(&folder.path().join("computer.sqlite"), COMPUTER).unwrap(),
        settings: Arc::default(),
        attention: Attention::default(),
        environment,
        events,
        line,
        line_events,
        first: None,
    });
    (session, told)
}
