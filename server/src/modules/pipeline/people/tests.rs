//! The modules behind a router: what reaches a client, in which order.

use async_trait::async_trait;
use bytes::Bytes;
use posthouse_protocol::wire::Frame;

use super::*;
use crate::modules::pipeline::{IqTable, Pipeline};
use crate::modules::testing::{Client, DOMAIN, NobodyBlocked, company};
use crate::organization::visibility::VisibilityRules;
use crate::routing::components::Components;
use crate::routing::router::Router;
use crate::routing::session::Session;

/// Stands for the offline store: hands over one message when it may.
#[derive(Debug)]
struct OneStoredMessage;

#[async_trait]
impl Observer for OneStoredMessage {
    async fn session_ready(&self, session: &Session) {
        session.send(Bytes::from_static(b"<message id='stored'/>")).unwrap();
    }
}

fn router() -> (Router, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let directory = company(VisibilityRules::default());
    let sessions = Arc::new(Sessions::default());
    let clock = Arc::new(Clock::System);
    let parts = PeopleParts {
        domain: DOMAIN.to_owned(),
        directory: Arc::clone(&directory),
        sessions: Arc::clone(&sessions),
        database: Database::open(&folder.path().join("posthouse.db")).unwrap(),
        clock: Arc::clone(&clock),
        observers: Arc::default(),
        capabilities: Arc::default(),
        audience: Arc::default(),
        blocking: Arc::new(NobodyBlocked),
    };
    let observers = Arc::clone(&parts.observers);
    let people = People::new(parts, Box::new(|_| false));
    let mut all = people.observers();
    all.push(Arc::new(OneStoredMessage));
    observers.fill(all.clone());
    let router = Router::new(DOMAIN.to_owned(), Components::new([]), sessions, directory, clock);
    router.install(Pipeline {
        accepting: people.accepting(),
        iq: IqTable::new(people.handlers()).unwrap(),
        observers: all,
        ..Pipeline::default()
    });
    (router, folder)
}

async fn send(router: &Router, client: &Client, stanza: &str) {
    router.accept(&client.session, Frame::parse(Bytes::from(stanza.to_owned())).unwrap()).await;
}

/// Ids of the stanzas received, or what they are.
fn order(client: &mut Client) -> Vec<String> {
    let received = client.received().into_iter().map(|stanza| {
        let frame = Frame::parse(Bytes::from(stanza)).unwrap();
        frame.id().map_or_else(|| frame.name().to_owned(), |id| id.into_owned())
    });
    received.collect()
}

const ASK: &str = "<iq type='get' id='tree' to='example.org'><query xmlns='urn:posthouse:org:1'/></iq>";

#[tokio::test]
async fn the_directory_comes_before_stored_messages() {
    let (router, _folder) = router();
    let mut client = Client::new("li.si", "pc");
    router.sessions().bind(client.session.clone());
    send(&router, &client, ASK).await;
    send(&router, &client, "<presence/>").await;
    assert_eq!(order(&mut client), ["tree", "presence", "stored"]);
}

#[tokio::test]
async fn the_roster_comes_before_stored_messages() {
    let (router, _folder) = router();
    let mut client = Client::new("li.si", "pc");
    router.sessions().bind(client.session.clone());
    send(&router, &client, "<iq type='get' id='roster'><query xmlns='jabber:iq:roster'/></iq>").await;
    send(&router, &client, "<presence/>").await;
    assert_eq!(order(&mut client), ["roster", "presence", "stored"]);
}
