//! A client of a few words: TLS, SCRAM-SHA-256, one resource, and text.

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::time::{Duration, Instant};

use aws_lc_rs::{digest, hmac, pbkdf2};
use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};

use super::house::{DOMAIN, House, PATIENCE};

const SASL: &str = "urn:ietf:params:xml:ns:xmpp-sasl";

/// A connection over TLS.
pub(crate) struct Client {
    stream: StreamOwned<ClientConnection, TcpStream>,
    received: String,
}

impl Client {
    /// Connects, trusting the CA of the data folder.
    pub(crate) fn connect(house: &House) -> Self {
        let mut roots = RootCertStore::empty();
        let ca = CertificateDer::from_pem_file(house.file("ca.pem")).expect("a CA");
        roots.add(ca).expect("a CA");
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("versions")
            .with_root_certificates(roots)
            .with_no_client_auth();
        let name = ServerName::try_from(DOMAIN).expect("a name");
        let connection = ClientConnection::new(Arc::new(config), name).expect("TLS");
        let socket = TcpStream::connect(house.address("any")).expect("the server listens");
        socket.set_read_timeout(Some(Duration::from_millis(200))).expect("a time limit");
        Self { stream: StreamOwned::new(connection, socket), received: String::new() }
    }

    /// Signs in with the resource `pc`; the error is the failure's condition.
    pub(crate) fn try_sign_in(house: &House, login: &str, password: &str) -> Result<Self, String> {
        let mut client = Self::connect(house);
        client.open();
        client.authenticate(login, password)?;
        client.open();
        client.send(
            "<iq type='set' id='bind'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'>\
             <resource>pc</resource></bind></iq>",
        );
        client.wait_for("</iq>");
        Ok(client)
    }

    /// Signs in.
    pub(crate) fn sign_in(house: &House, login: &str, password: &str) -> Self {
        Self::try_sign_in(house, login, password).unwrap_or_else(|failure| panic!("{login}: {failure}"))
    }

    fn open(&mut self) {
        self.send(&format!(
            "<?xml version='1.0'?><stream:stream to='{DOMAIN}' version='1.0' xmlns='jabber:client' \
             xmlns:stream='http://etherx.jabber.org/streams'>"
        ));
        self.wait_for("</stream:features>");
    }

    /// RFC 5802, without channel binding.
    fn authenticate(&mut self, login: &str, password: &str) -> Result<(), String> {
        let bare = format!("n={login},r=a-client-of-a-few-words");
        let first = BASE64.encode(format!("n,,{bare}"));
        self.send(&format!("<auth xmlns='{SASL}' mechanism='SCRAM-SHA-256'>{first}</auth>"));
        let answer = self.wait_for_any(&["</challenge>", "</failure>"]);
        let challenge = inside(&answer, "challenge").ok_or_else(|| condition(&answer))?;
        let challenge = String::from_utf8(BASE64.decode(challenge).expect("Base64")).expect("text");
        let part = |letter: &str| {
            challenge.split(',').find_map(|part| part.strip_prefix(letter)).expect("a part").to_owned()
        };
        let last = format!("c=biws,r={}", part("r="));
        let salt = BASE64.decode(part("s=")).expect("a salt");
        let mut salted = [0_u8; 32];
        let iterations = part("i=").parse().expect("a number");
        pbkdf2::derive(pbkdf2::PBKDF2_HMAC_SHA256, iterations, &salt, password.as_bytes(), &mut salted);
        let client_key = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &salted), b"Client Key");
        let stored_key = digest::digest(&digest::SHA256, client_key.as_ref());
        let signature = hmac::sign(
            &hmac::Key::new(hmac::HMAC_SHA256, stored_key.as_ref()),
            format!("{bare},{challenge},{last}").as_bytes(),
        );
        let proof: Vec<u8> =
            client_key.as_ref().iter().zip(signature.as_ref()).map(|(left, right)| left ^ right).collect();
        let response = BASE64.encode(format!("{last},p={}", BASE64.encode(proof)));
        self.send(&format!("<response xmlns='{SASL}'>{response}</response>"));
        let answer = self.wait_for_any(&["</success>", "</failure>"]);
        if answer.contains("<success") { Ok(()) } else { Err(condition(&answer)) }
    }

    /// Sends text as it is.
    pub(crate) fn send(&mut self, text: &str) {
        self.stream.write_all(text.as_bytes()).and_then(|()| self.stream.flush()).expect("the server reads");
    }

    /// Waits for text and answers everything up to its end.
    pub(crate) fn wait_for(&mut self, text: &str) -> String {
        self.wait_for_any(&[text])
    }

    fn wait_for_any(&mut self, texts: &[&str]) -> String {
        let end = Instant::now() + PATIENCE;
        loop {
            let found = texts.iter().filter_map(|text| Some(self.received.find(text)? + text.len())).min();
            if let Some(length) = found {
                return self.received.drain(..length).collect();
            }
            assert!(Instant::now() < end, "no {texts:?} in: {}", self.received);
            let mut buffer = [0_u8; 8_192];
            match self.stream.read(&mut buffer) {
                Ok(0) => panic!("the server has closed; no {texts:?} in: {}", self.received),
                Ok(count) => self.received.push_str(&String::from_utf8_lossy(&buffer[..count])),
                Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {}
                Err(error) => panic!("{error}; no {texts:?} in: {}", self.received),
            }
        }
    }

    /// Asks the server something that it answers at once, so that all before it has been done.
    pub(crate) fn ping(&mut self) {
        self.send("<iq type='get' id='ping'><ping xmlns='urn:xmpp:ping'/></iq>");
        self.wait_for("id='ping'");
    }

    /// The certificate of the server on this connection.
    pub(crate) fn certificate(&mut self) -> Vec<u8> {
        while self.stream.conn.is_handshaking() {
            self.stream.conn.complete_io(&mut self.stream.sock).expect("TLS");
        }
        self.stream.conn.peer_certificates().expect("a certificate")[0].to_vec()
    }
}

/// Text of an element without children.
pub(crate) fn inside<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = text.split_once(&format!("<{name}"))?;
    let (_, rest) = rest.split_once('>')?;
    rest.split_once('<').map(|(inside, _)| inside)
}

fn condition(answer: &str) -> String {
    let (_, rest) = answer.split_once("<failure").expect("a failure");
    let (_, rest) = rest.split_once("><").expect("a condition");
    rest.split(['/', '>', ' ']).next().expect("a condition").to_owned()
}
