//! A system at loopback that is asked.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::PrivateKeyDer;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use super::{Outbound, OutboundError, Post};

fn post(url: &str) -> Post<'_> {
    Post {
        url,
        kind: "application/x-www-form-urlencoded",
        headers: &[],
        body: "a=b",
        patience: Duration::from_millis(500),
        longest_answer: 100,
    }
}

/// A system that says `answer` and tells what it was asked.
async fn system(answer: &'static str) -> (String, tokio::task::JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/hook?x=1", listener.local_addr().unwrap());
    let asked = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut request = Vec::new();
        while !request.ends_with(b"a=b") {
            assert!(stream.read_buf(&mut request).await.unwrap() > 0);
        }
        stream.write_all(answer.as_bytes()).await.unwrap();
        String::from_utf8(request).unwrap()
    });
    (url, asked)
}

#[tokio::test]
async fn a_system_is_asked_once_and_a_redirect_is_only_a_status() {
    let outbound = Outbound::new(Path::new("nowhere")).unwrap();
    let answer = "HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n";
    let (url, asked) = system(answer).await;
    assert_eq!(outbound.post(&post(&url)).await.unwrap(), 302);
    let request = asked.await.unwrap().to_ascii_lowercase();
    assert!(request.starts_with("post /hook?x=1 http/1.1\r\nhost: 127.0.0.1:"), "{request}");
    assert!(request.contains("content-type: application/x-www-form-urlencoded\r\n"), "{request}");
}

#[tokio::test]
async fn a_system_that_does_not_answer_is_given_up() {
    let outbound = Outbound::new(Path::new("nowhere")).unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    assert!(matches!(outbound.post(&post(&url)).await, Err(OutboundError::TimedOut)));
    assert!(matches!(outbound.post(&post("ftp://127.0.0.1/")).await, Err(OutboundError::Address)));
    drop(listener);
    assert!(matches!(outbound.post(&post(&url)).await, Err(OutboundError::Io(_))));
}

#[tokio::test]
async fn threat_12_plain_http_stays_on_this_computer_unless_that_is_said() {
    let outbound = Outbound::new(Path::new("nowhere")).unwrap();
    for url in ["http://192.0.2.1/", "http://[2001:db8::1]:8080/back"] {
        let refused = outbound.post(&post(url)).await;
        assert!(matches!(refused, Err(OutboundError::NotSecure)), "{url}: {refused:?}");
    }
    for url in ["ftp://127.0.0.1/", "file:///etc/passwd", "oa"] {
        let refused = outbound.post_in_the_clear(&post(url)).await;
        assert!(matches!(refused, Err(OutboundError::Address)), "{url}: {refused:?}");
    }
    let (url, _asked) = system("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await;
    assert_eq!(outbound.post_in_the_clear(&post(&url)).await.unwrap(), 200);
}

/// The file of an authority, and the port of a system with a certificate of it for `localhost`.
async fn secured(folder: &Path) -> (std::path::PathBuf, u16) {
    let key = KeyPair::generate().unwrap();
    let mut authority = CertificateParams::new(Vec::new()).unwrap();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let file = folder.join("ca.pem");
    std::fs::write(&file, authority.self_signed(&key).unwrap().pem()).unwrap();
    let issuer = Issuer::new(authority, key);
    let own = KeyPair::generate().unwrap();
    let leaf =
        CertificateParams::new(vec!["localhost".to_owned()]).unwrap().signed_by(&own, &issuer).unwrap();
    let tls = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![leaf.der().clone()], PrivateKeyDer::try_from(own.serialize_der()).unwrap())
        .unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let acceptor = TlsAcceptor::from(Arc::new(tls));
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            let Ok(mut stream) = acceptor.accept(stream).await else { continue };
            let mut request = Vec::new();
            while !request.ends_with(b"a=b") {
                assert!(stream.read_buf(&mut request).await.unwrap() > 0);
            }
            stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await.unwrap();
            stream.shutdown().await.unwrap();
        }
    });
    (file, port)
}

#[tokio::test]
async fn threat_22_only_a_certificate_of_a_known_authority_for_that_name_is_trusted() {
    let folder = tempfile::tempdir().unwrap();
    let (authority, port) = secured(folder.path()).await;
    let right = format!("https://localhost:{port}/");
    let outbound = Outbound::new(&authority).unwrap();
    assert_eq!(outbound.post(&post(&right)).await.unwrap(), 200);
    let unknown = Outbound::new(Path::new("nowhere")).unwrap().post(&post(&right)).await;
    assert!(matches!(unknown, Err(OutboundError::Io(_))), "{unknown:?}");
    let other_name = outbound.post(&post(&format!("https://127.0.0.1:{port}/"))).await;
    assert!(matches!(other_name, Err(OutboundError::Io(_))), "{other_name:?}");
}
