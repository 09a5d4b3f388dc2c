//! Components at their door, over real connections.

use std::sync::Arc;

use aws_lc_rs::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};
use posthouse_protocol::wire::Limits;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

use super::{ComponentDoor, listen};
use crate::clock::Clock;
use crate::config::Component;
use crate::routing::accounts::LocalAccounts;
use crate::routing::components::Components;
use crate::routing::router::Router;
use crate::routing::sessions::Sessions;

const SMS: &str = "sms.posthouse.test";

#[derive(Debug)]
struct NoAccounts;

impl LocalAccounts for NoAccounts {
    fn exists(&self, _: &jid::BareJid) -> bool {
        false
    }
}

struct Door {
    router: Router,
    address: std::net::SocketAddr,
    _task: JoinHandle<()>,
}

async fn door() -> Door {
    let router = Router::new(
        "posthouse.test".to_owned(),
        Components::new([SMS.to_owned()]),
        Arc::new(Sessions::default()),
        Arc::new(NoAccounts),
        Arc::new(Clock::System),
    );
    let components = [Component { domain: SMS.to_owned(), secret: "geheim".to_owned() }];
    let limits = Limits { stanza_bytes: 100_000, depth: 50, attributes: 50 };
    let door = Arc::new(ComponentDoor::new(router.clone(), &components, limits));
    let socket = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = socket.local_addr().unwrap();
    Door { router, address, _task: tokio::spawn(listen(door, socket)) }
}

struct Guest {
    stream: TcpStream,
    heard: String,
}

impl Guest {
    async fn comes(door: &Door, domain: &str) -> Self {
        let mut stream = TcpStream::connect(door.address).await.unwrap();
        let header = format!(
            "<stream:stream xmlns='jabber:component:accept' xmlns:stream='http://etherx.jabber.org/streams' to='{domain}'>"
        );
        stream.write_all(header.as_bytes()).await.unwrap();
        let mut guest = Self { stream, heard: String::new() };
        guest.hears("'>").await;
        guest
    }

    async fn shows(&mut self, secret: &str) {
        let id = self.heard.split(" id='").nth(1).unwrap().split('\'').next().unwrap();
        let hash = digest(&SHA1_FOR_LEGACY_USE_ONLY, format!("{id}{secret}").as_bytes());
        let hash: String = hash.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
        self.says(&format!("<handshake>{hash}</handshake>")).await;
    }

    async fn says(&mut self, text: &str) {
        self.stream.write_all(text.as_bytes()).await.unwrap();
    }

    async fn hears(&mut self, text: &str) {
        while !self.heard.contains(text) {
            let mut buffer = [0; 1_024];
            let read = self.stream.read(&mut buffer).await.unwrap();
            assert!(read > 0, "the door closed after: {}", self.heard);
            self.heard.push_str(std::str::from_utf8(&buffer[..read]).unwrap());
        }
    }
}

#[tokio::test]
async fn a_component_that_knows_the_secret_is_connected_and_one_that_leaves_is_not() {
    let door = door().await;
    let mut gateway = Guest::comes(&door, SMS).await;
    gateway.shows("geheim").await;
    gateway.hears("<handshake/>").await;
    assert!(door.router.components().find(SMS).flatten().is_some());
    gateway.says("</stream:stream>").await;
    gateway.hears("</stream:stream>").await;
    assert!(door.router.components().find(SMS).flatten().is_none());
}

#[tokio::test]
async fn a_wrong_secret_and_an_unknown_domain_are_turned_away() {
    let door = door().await;
    let mut stranger = Guest::comes(&door, SMS).await;
    stranger.shows("falsch").await;
    stranger.hears("<not-authorized").await;
    let mut stranger = Guest::comes(&door, "other.posthouse.test").await;
    stranger.hears("<host-unknown").await;
}

#[tokio::test]
async fn the_second_component_of_a_domain_is_turned_away_and_the_first_stays() {
    let door = door().await;
    let mut first = Guest::comes(&door, SMS).await;
    first.shows("geheim").await;
    first.hears("<handshake/>").await;
    let mut second = Guest::comes(&door, SMS).await;
    second.shows("geheim").await;
    second.hears("<conflict").await;
    assert!(door.router.components().find(SMS).flatten().is_some());
}

#[tokio::test]
async fn a_component_may_not_speak_for_another_domain() {
    let door = door().await;
    let mut gateway = Guest::comes(&door, SMS).await;
    gateway.shows("geheim").await;
    gateway.hears("<handshake/>").await;
    gateway.says("<message from='boss@posthouse.test' to='li.si@posthouse.test'/>").await;
    gateway.hears("<invalid-from").await;
}

#[tokio::test]
async fn an_answer_comes_back_in_the_components_namespace() {
    let door = door().await;
    let mut gateway = Guest::comes(&door, SMS).await;
    gateway.shows("geheim").await;
    gateway.hears("<handshake/>").await;
    gateway
        .says(&format!(
            "<message from='+861380@{SMS}' to='x@elsewhere.test' id='7'><body>hi</body></message>"
        ))
        .await;
    gateway.hears("remote-server-not-found").await;
    gateway.hears("</message>").await;
    assert!(!gateway.heard.contains("xmlns='jabber:client'"), "{}", gateway.heard);
}
