//! The door itself: two ports, errors of one shape, limits, a quiet end.

use std::time::Duration;

use posthouse_tests::business_system::BusinessSystem;
use posthouse_tests::raw_client::Trust;
use posthouse_tests::server_process::{DOMAIN, ServerProcess};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::house::server;

fn system(server: &ServerProcess) -> BusinessSystem {
    BusinessSystem::at(&server.address_of("http").unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_path_is_answered_in_json_with_the_number_of_the_request() {
    let server = server(&[]).await;
    let trust = Trust::in_authority(&server.authority(), DOMAIN).unwrap();
    let inside = BusinessSystem::at(&server.address_of("https").unwrap()).inside_tls(trust);
    for system in [system(&server), inside] {
        let answer = system.get("/nothing?secret=1").await.unwrap();
        assert_eq!((answer.status, answer.code()), (404, "not_found"));
        let id = answer.header("x-request-id").unwrap();
        let log = server.log();
        let line = log.lines().find(|line| line.contains(id)).unwrap();
        assert!(line.contains("/nothing") && !line.contains("secret"), "{line}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_does_not_say_what_he_wants_is_shown_out() {
    let server = server(&[("http_header_seconds", "1")]).await;
    let mut stream = TcpStream::connect(server.address_of("http").unwrap()).await.unwrap();
    stream.write_all(b"GET / HTTP/1.1\r\nHost: ").await.unwrap();
    let mut rest = Vec::new();
    let ended = tokio::time::timeout(Duration::from_secs(10), stream.read_to_end(&mut rest)).await;
    ended.expect("the server ends the connection").unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn only_so_many_connections_are_answered() {
    let server = server(&[("http_connections", "2")]).await;
    let address = server.address_of("http").unwrap();
    let first = TcpStream::connect(&address).await.unwrap();
    let mut second = TcpStream::connect(&address).await.unwrap();
    // The second is surely taken once it has been answered.
    second.write_all(b"GET /first HTTP/1.1\r\nHost: a\r\n\r\n").await.unwrap();
    assert!(second.read(&mut [0; 100]).await.unwrap() > 0);
    assert!(system(&server).get("/").await.is_err());
    drop((first, second));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_stops_ends_idle_connections_at_once() {
    let mut server = server(&[]).await;
    let mut idle = TcpStream::connect(server.address_of("http").unwrap()).await.unwrap();
    idle.write_all(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n").await.unwrap();
    assert!(idle.read(&mut [0; 10_000]).await.unwrap() > 0);
    server.stop().await.unwrap();
    assert_eq!(idle.read(&mut [0; 10]).await.unwrap_or(0), 0);
    assert!(!server.log().contains("broken off"), "{}", server.log());
}
