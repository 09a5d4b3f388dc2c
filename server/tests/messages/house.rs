//! The steps of messages in the order of the pipeline, over a database in a temporary folder.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bytes::Bytes;
use jid::{BareJid, FullJid};
use posthouse_protocol::wire::Frame;
use posthouse_server::clock::Clock;
use posthouse_server::modules::archive::Archive;
use posthouse_server::modules::carbons::Carbons;
use posthouse_server::modules::message_ids::MessageIds;
use posthouse_server::modules::offline::Offline;
use posthouse_server::routing::accounts::LocalAccounts;
use posthouse_server::routing::addressee::Addressee;
use posthouse_server::routing::components::Components;
use posthouse_server::routing::iq::{IqRequest, IqTarget};
use posthouse_server::routing::outcome::Outcome;
use posthouse_server::routing::router::Router;
use posthouse_server::routing::session::{Outgoing, Session, SessionId};
use posthouse_server::routing::sessions::Sessions;
use posthouse_server::routing::stages::{IqHandler as _, Observer as _};
use posthouse_server::routing::steps::Pipeline;
use posthouse_server::storage::archive::ArchiveFallback;
use posthouse_server::storage::messages::MessageStore;
use posthouse_server::storage::{Database, Ticket};
use tempfile::TempDir;
use tokio::sync::mpsc;

const DOMAIN: &str = "example.org";
/// How many messages may wait for one account.
pub(crate) const MOST_OFFLINE: u64 = 600;
/// Longer than anything takes here.
const LONG: Duration = Duration::from_secs(10);

#[derive(Debug)]
struct People(BTreeSet<BareJid>);

impl LocalAccounts for People {
    fn exists(&self, account: &BareJid) -> bool {
        self.0.contains(account)
    }
}

pub(crate) struct House {
    folder: PathBuf,
    /// Removes the folder in the end.
    _guard: Option<TempDir>,
    sessions: Arc<Sessions>,
    store: Arc<MessageStore>,
    archive: Archive,
    offline: Offline,
    router: Router,
    next_session: AtomicU64,
}

/// A client whose connection is this value.
pub(crate) struct Client {
    session: Session,
    outbox: mpsc::Receiver<Outgoing>,
}

impl House {
    pub(crate) async fn new() -> Self {
        Self::owning(tempfile::tempdir().expect("a temporary folder")).await
    }

    async fn owning(guard: TempDir) -> Self {
        let mut house = Self::open(guard.path().to_owned(), MOST_OFFLINE).await;
        house._guard = Some(guard);
        house
    }

    /// A house in an existing folder, where at most that many messages wait for one account.
    pub(crate) async fn open(folder: PathBuf, most_offline: u64) -> Self {
        let database = Database::open(&folder.join("house.db")).expect("the database opens");
        let clock = Arc::new(Clock::System);
        let store = Arc::new(MessageStore::open(database, clock).await.expect("the store opens"));
        let sessions = Arc::new(Sessions::default());
        let people = ["alice", "bob", "carol"]
            .map(|name| BareJid::new(&format!("{name}@{DOMAIN}")).expect("a valid address"));
        let accounts: Arc<dyn LocalAccounts> = Arc::new(People(people.into_iter().collect()));
        let domain = || DOMAIN.to_owned();
        let archive =
            || Archive::open(Arc::clone(&store), Arc::clone(&accounts), domain(), ArchiveFallback::Always);
        let offline = Offline::new(
            Arc::clone(&store),
            Arc::clone(&sessions),
            Arc::clone(&accounts),
            domain(),
            most_offline,
        );
        let components = Components::default();
        let accounts_of_router = Arc::clone(&accounts);
        let router = Router::new(
            domain(),
            components,
            Arc::clone(&sessions),
            accounts_of_router,
            Arc::new(Clock::System),
        );
        router.install(Pipeline {
            accepting: vec![
                Arc::new(MessageIds::new(Arc::clone(&store), domain())),
                Arc::new(archive().await.expect("the archive opens")),
                Arc::new(Carbons::new(Arc::clone(&sessions), Arc::clone(&accounts), domain())),
            ],
            undelivered: vec![Arc::new(offline.clone())],
            observers: vec![Arc::new(offline.clone())],
            ..Pipeline::default()
        });
        let archive = archive().await.expect("the archive opens");
        Self {
            folder,
            _guard: None,
            sessions,
            store,
            archive,
            offline,
            router,
            next_session: AtomicU64::new(1),
        }
    }

    pub(crate) fn store(&self) -> &MessageStore {
        &self.store
    }

    /// The process dies once everything accepted is on the disk, and starts again.
    pub(crate) async fn after_a_crash(self) -> Self {
        let writer = self.store.database().writer();
        writer.wait_for(writer.enqueued()).await.expect("the writer runs");
        let copy = tempfile::tempdir().expect("a temporary folder");
        for name in ["house.db", "house.db-wal"] {
            std::fs::copy(self.folder.join(name), copy.path().join(name)).expect("a file is copied");
        }
        Self::owning(copy).await
    }

    pub(crate) fn client(&self, name: &str, resource: &str) -> Client {
        let jid = FullJid::new(&format!("{name}@{DOMAIN}/{resource}")).expect("a valid address");
        let (sender, outbox) = mpsc::channel(1_024);
        let id = SessionId(self.next_session.fetch_add(1, Ordering::Relaxed));
        let session = Session::new(id, jid, sender);
        self.sessions.bind(session.clone());
        Client { session, outbox }
    }

    /// Others know that the client is there; it has yet to get what comes before messages.
    pub(crate) fn is_seen(&self, client: &Client) {
        client.session.switches().available.store(true, Ordering::Release);
    }

    pub(crate) fn becomes_unavailable(&self, client: &Client) {
        client.session.switches().available.store(false, Ordering::Release);
        self.offline.presence_changed(&client.session);
    }

    /// Waits until the client has what waited.
    pub(crate) async fn until_open(&self, client: &Client) {
        while !client.session.intake_is_open() {
            tokio::task::yield_now().await;
        }
    }

    pub(crate) async fn becomes_available(&self, client: &Client) {
        self.is_seen(client);
        self.offline.session_ready(&client.session).await;
    }

    /// The connection ends; what the client has not taken is rerouted.
    pub(crate) async fn leaves(&self, client: &mut Client) {
        self.hangs_up(client);
        let mut left = Vec::new();
        while let Ok(outgoing) = client.outbox.try_recv() {
            left.push(outgoing);
        }
        self.router.reroute(&client.session, left).await;
        self.offline.session_closed(&client.session).await;
        self.sessions.has_left(client.session.bare(), client.session.id());
        client.session.mark_closed();
    }

    /// The connection has ended; nobody has seen to what it leaves behind yet.
    pub(crate) fn hangs_up(&self, client: &mut Client) {
        self.sessions.unbind(client.session.bare(), client.session.id());
        client.outbox.close();
    }

    pub(crate) async fn settle(&self) {
        self.store.settle().await.expect("the writer runs");
    }

    pub(crate) async fn send(&self, from: &Client, to: &str, text: &str) -> Outcome {
        self.send_stanza(
            from,
            &format!("<message to='{to}@{DOMAIN}' type='chat'><body>{text}</body></message>"),
        )
        .await
    }

    pub(crate) async fn send_stanza(&self, from: &Client, stanza: &str) -> Outcome {
        self.route(from, stanza).await.0
    }

    /// What became of the stanza, and what must be on the disk before it may be acknowledged.
    pub(crate) async fn route(&self, from: &Client, stanza: &str) -> (Outcome, Ticket) {
        let frame = Frame::parse(Bytes::from(stanza.to_owned())).expect("a well-formed stanza");
        let passage = self.router.admit(&from.session, &frame, None, &mut Addressee::default());
        let mut passage = passage.expect("an allowed stanza");
        let outcome = self.router.route(&mut passage).await;
        (outcome, passage.durable_at)
    }

    /// Ids and texts of one page.
    pub(crate) async fn archive_of(&self, client: &mut Client, query: &str) -> Vec<(String, String)> {
        let stanza = format!("<iq type='set' id='q'><query xmlns='urn:xmpp:mam:2'>{query}</query></iq>");
        let frame = Frame::parse(Bytes::from(stanza)).expect("a well-formed query");
        let request = IqRequest {
            session: Some(&client.session),
            from: &client.session.jid().clone().into(),
            target: &IqTarget::OwnAccount,
            is_set: true,
            frame: &frame,
            payload: frame.children().next().expect("a payload"),
        };
        self.archive.handle(request).await.expect("a page");
        let mut found = Vec::new();
        loop {
            let answer = client.next().await;
            if answer.name() == "iq" {
                assert_eq!(answer.type_().as_deref(), Some("result"));
                return found;
            }
            let Some(result) = answer.child("result", "urn:xmpp:mam:2") else { continue };
            let forwarded = result.children().next().expect("a forwarded message");
            let message = forwarded.children().find(|child| child.name == "message").expect("a message");
            let body = message.children().find(|child| child.name == "body").expect("a body");
            found.push((result.attribute("id").expect("an id").into_owned(), body.text().into_owned()));
        }
    }
}

impl Client {
    pub(crate) fn with_carbons(self) -> Self {
        self.session.switches().carbons.store(true, Ordering::Release);
        self
    }

    pub(crate) async fn next_outgoing(&mut self) -> Outgoing {
        let next = tokio::time::timeout(LONG, self.outbox.recv()).await;
        next.expect("something comes in time").expect("the outbox is open")
    }

    /// Waits for as long as it takes.
    pub(crate) async fn next_outgoing_ever(&mut self) -> Outgoing {
        self.outbox.recv().await.expect("the outbox is open")
    }

    pub(crate) async fn next(&mut self) -> Frame {
        Frame::parse(self.next_outgoing().await.bytes).expect("our stanzas are well-formed")
    }

    /// Receives and acknowledges.
    pub(crate) async fn next_and_take(&mut self, house: &House) -> Frame {
        let outgoing = self.next_outgoing().await;
        self.take(house, outgoing)
    }

    /// Everything that is in the outbox once the server has nothing more to do.
    pub(crate) fn take_all(&mut self, house: &House) -> Vec<Frame> {
        let mut taken = Vec::new();
        while let Ok(outgoing) = self.outbox.try_recv() {
            taken.push(self.take(house, outgoing));
        }
        taken
    }

    pub(crate) fn take(&self, house: &House, outgoing: Outgoing) -> Frame {
        house.offline.taken(&self.session, outgoing.stored.as_slice());
        Frame::parse(outgoing.bytes).expect("our stanzas are well-formed")
    }

    pub(crate) fn has_nothing(&mut self) -> bool {
        self.outbox.try_recv().is_err()
    }
}

pub(crate) fn text(message: &Frame) -> String {
    message.child("body", "jabber:client").map(|body| body.text().into_owned()).unwrap_or_default()
}

pub(crate) fn stanza_id(message: &Frame) -> Option<String> {
    let child = message.child("stanza-id", "urn:xmpp:sid:0")?;
    child.attribute("id").map(|id| id.into_owned())
}
