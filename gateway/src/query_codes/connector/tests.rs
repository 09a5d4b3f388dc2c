//! A business system at loopback that is asked.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::PrivateKeyDer;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use super::{AskError, Connector, Guard, Method, json as read_json};
use crate::query_codes::Asker;
use crate::query_codes::secrets::Secrets;
use crate::tls::{self, Trust};

/// Answers one request with these bytes, or never; gives its port and what it was asked.
async fn system(answer: Option<String>) -> (u16, tokio::task::JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let asked = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut request = Vec::new();
        while !request.windows(4).any(|end| end == b"\r\n\r\n") {
            assert!(stream.read_buf(&mut request).await.unwrap() > 0);
        }
        match answer {
            Some(answer) => stream.write_all(answer.as_bytes()).await.unwrap(),
            None => std::future::pending().await,
        }
        String::from_utf8(request).unwrap()
    });
    (port, asked)
}

fn said(status: &str, body: &str) -> Option<String> {
    Some(format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\n\r\n{body}", body.len()))
}

fn connector(port: u16) -> Connector {
    Connector {
        method: Method::Get,
        url: format!("http://127.0.0.1:{port}/todo?p={{person}}"),
        body: None,
        headers: vec![Secrets::unknown().header("X-Api-Key", "geheim").unwrap()],
        guard: Guard { hosts: vec!["127.0.0.1".to_owned()], networks: Vec::new(), is_plain_allowed: false },
        tls: None,
        patience: Duration::from_secs(5),
        longest: 1_000,
    }
}

fn asker() -> Asker {
    Asker { person: "zhang.san".to_owned(), ..Asker::default() }
}

async fn ask(connector: &Connector) -> Result<Vec<u8>, AskError> {
    connector.send(&connector.request(&asker(), "001")?).await
}

#[tokio::test]
async fn a_system_is_asked_with_its_headers_and_answers_json() {
    let (port, asked) = system(said("200 OK", "{\"count\":3}")).await;
    let answer = ask(&connector(port)).await.unwrap();
    assert_eq!(read_json(&answer).unwrap(), json!({ "count": 3 }));
    let request = asked.await.unwrap();
    assert!(request.starts_with("GET /todo?p=zhang.san HTTP/1.1\r\n"), "{request}");
    assert!(request.to_ascii_lowercase().contains("x-api-key: geheim\r\n"), "{request}");
}

#[tokio::test]
async fn a_body_is_posted_as_json() {
    let (port, asked) = system(said("200 OK", "{}")).await;
    let mut connector = connector(port);
    connector.method = Method::Post;
    connector.body = Some(json!({ "who": "{person}" }));
    assert_eq!(connector.request(&asker(), "001").unwrap().body.unwrap(), "{\"who\":\"zhang.san\"}");
    ask(&connector).await.unwrap();
    let request = asked.await.unwrap().to_ascii_lowercase();
    assert!(request.starts_with("post /todo"), "{request}");
    assert!(request.contains("content-type: application/json\r\n"), "{request}");
}

#[tokio::test]
async fn every_failure_has_its_own_name() {
    let asked = async |answer| ask(&connector(system(answer).await.0)).await.unwrap_err();
    assert!(matches!(asked(said("500 No", "")).await, AskError::Refused(500)));
    let redirect = said("302 Found\r\nlocation: http://127.0.0.1:1/", "");
    let redirect = asked(redirect).await;
    assert!(redirect.to_string().contains("redirects are not followed"), "{redirect}");
    assert!(matches!(asked(said("200 OK", &" ".repeat(1_001))).await, AskError::TooLong(1_000)));
    assert!(matches!(asked(Some("hello\r\n\r\n".to_owned())).await, AskError::Unreachable(_)));
    assert!(matches!(read_json(b"<html>"), Err(AskError::NotJson(_))));
    let mut hasty = connector(system(None).await.0);
    hasty.patience = Duration::from_millis(100);
    assert!(matches!(ask(&hasty).await, Err(AskError::Silent(_))));
}

#[tokio::test]
async fn a_request_that_may_not_go_there_is_not_sent() {
    let (port, asked) = system(said("200 OK", "{}")).await;
    let mut other = connector(port);
    other.guard.hosts = vec!["localhost".to_owned()];
    assert!(matches!(ask(&other).await, Err(AskError::Blocked(_))));
    let mut elsewhere = connector(port);
    elsewhere.guard.networks = vec![super::Network::read("10.0.0.0/8").unwrap()];
    assert!(matches!(ask(&elsewhere).await, Err(AskError::Blocked(_))));
    assert!(!asked.is_finished());
    asked.abort();
}

/// The file of an authority, and the port of a system with a certificate of it for `localhost`.
async fn secured(folder: &Path) -> (PathBuf, u16) {
    let key = KeyPair::generate().unwrap();
    let mut authority = CertificateParams::new(Vec::new()).unwrap();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let file = folder.join("ca.pem");
    std::fs::write(&file, authority.self_signed(&key).unwrap().pem()).unwrap();
    let issuer = Issuer::new(authority, key);
    let own = KeyPair::generate().unwrap();
    let leaf = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
    let leaf = leaf.signed_by(&own, &issuer).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![leaf.der().clone()], PrivateKeyDer::try_from(own.serialize_der()).unwrap())
        .unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            let Ok(mut stream) = acceptor.accept(stream).await else { continue };
            let mut request = Vec::new();
            while !request.windows(4).any(|end| end == b"\r\n\r\n") {
                assert!(stream.read_buf(&mut request).await.unwrap() > 0);
            }
            stream.write_all(said("200 OK", "{\"count\":3}").unwrap().as_bytes()).await.unwrap();
            stream.shutdown().await.unwrap();
        }
    });
    (file, port)
}

#[tokio::test]
async fn inside_tls_only_a_certificate_of_the_authority_for_that_name_is_trusted() {
    let folder = tempfile::tempdir().unwrap();
    let (file, port) = secured(folder.path()).await;
    let trusting = |authority: Option<PathBuf>, host: &str| {
        let config = tls::client(&Trust { authority, fingerprint: None }).unwrap();
        let guard = Guard { hosts: vec![host.to_owned()], networks: Vec::new(), is_plain_allowed: false };
        Connector {
            url: format!("https://{host}:{port}/"),
            guard,
            tls: Some(Arc::new(config)),
            ..connector(port)
        }
    };
    assert_eq!(ask(&trusting(Some(file.clone()), "localhost")).await.unwrap(), b"{\"count\":3}");
    let other_name = ask(&trusting(Some(file), "127.0.0.1")).await;
    assert!(matches!(other_name, Err(AskError::Unreachable(_))), "{other_name:?}");
    let unknown = ask(&trusting(None, "localhost")).await;
    assert!(matches!(unknown, Err(AskError::Unreachable(_))), "{unknown:?}");
}
