//! All modules behind a router: what reaches a client, in which order.

use async_trait::async_trait;
use bytes::Bytes;
use posthouse_protocol::wire::Frame;

use super::*;
use crate::modules::testing::{Client, DOMAIN, company};
use crate::organization::visibility::VisibilityRules;
use crate::routing::accounts::PasswordRefusal;
use crate::routing::components::Components;
use crate::routing::router::Router;

/// Nobody has to change anything.
struct Kept;

#[async_trait]
impl Passwords for Kept {
    async fn must_change(&self, _login: &str) -> Result<bool, Box<dyn std::error::Error + Send + Sync>> {
        Ok(false)
    }

    async fn is_right(
        &self,
        _login: &str,
        _password: &str,
    ) -> Result<bool, Box<dyn std::error::Error + Send + Sync>> {
        Ok(true)
    }

    async fn change(&self, _login: &str, _client: &str, _password: &str) -> Result<(), PasswordRefusal> {
        Ok(())
    }
}

/// A router with all modules, and a message of `zhang.san` that waits for `li.si`.
async fn router() -> (Router, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let directory = company(VisibilityRules::default());
    let sessions = Arc::new(Sessions::default());
    let clock = Arc::new(Clock::System);
    let router = Router::new(
        DOMAIN.to_owned(),
        Components::new([]),
        Arc::clone(&sessions),
        directory.clone(),
        Arc::clone(&clock),
    );
    let parts = Parts {
        domain: DOMAIN.to_owned(),
        database: Database::open(&folder.path().join("posthouse.db")).unwrap(),
        clock: Arc::clone(&clock),
        directory: Arc::clone(&directory),
        sessions: Arc::clone(&sessions),
        components: Components::new([]),
        offline_messages: 100,
        phone_wait: Duration::from_secs(60),
        archive: ArchiveFallback::Always,
        passwords: Arc::new(Kept),
        router: router.clone(),
        sign_on: None,
        pace: Pace::new(100),
    };
    router.install(build(parts).await.unwrap().pipeline);
    let sender = Client::new("zhang.san", "pc");
    let message = "<message type='chat' id='stored' to='li.si@example.org'><body>你好</body></message>";
    send(&router, &sender, message).await;
    (router, folder)
}

async fn send(router: &Router, client: &Client, stanza: &str) {
    router.accept(&client.session, Frame::parse(Bytes::from(stanza.to_owned())).unwrap()).await;
}

/// What comes to the client of `li.si` that asks this and becomes available: ids of three stanzas, or names.
async fn order(question: &str) -> Vec<String> {
    let (router, _folder) = router().await;
    let mut client = Client::new("li.si", "pc");
    router.sessions().bind(client.session.clone());
    send(&router, &client, question).await;
    send(&router, &client, "<presence/>").await;
    let mut order = Vec::new();
    for _ in 0..3 {
        let frame = Frame::parse(Bytes::from(client.next().await)).unwrap();
        order.push(frame.id().map_or_else(|| frame.name().to_owned(), |id| id.into_owned()));
    }
    order
}

#[tokio::test]
async fn the_directory_comes_before_stored_messages() {
    let ask = "<iq type='get' id='tree' to='example.org'><query xmlns='urn:posthouse:org:1'/></iq>";
    assert_eq!(order(ask).await, ["tree", "presence", "stored"]);
}

#[tokio::test]
async fn the_roster_comes_before_stored_messages() {
    let ask = "<iq type='get' id='roster'><query xmlns='jabber:iq:roster'/></iq>";
    assert_eq!(order(ask).await, ["roster", "presence", "stored"]);
}
