//! A server that does what a scene's script says, over real TLS.

use std::num::NonZeroU32;
use std::sync::Arc;

use aws_lc_rs::{digest, hmac, pbkdf2};
use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use futures_util::{SinkExt, StreamExt};
use parking_lot::Mutex;
use rcgen::{CertificateParams, KeyPair};
use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs::default_provider;
use rustls::pki_types::PrivateKeyDer;
use tokio::io::BufStream;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;
use tokio_xmpp::xmlstream::{
    AcceptedStream, StreamHeader, Timeouts, XmppStream, XmppStreamElement, accept_stream,
};
use xmpp_parsers::bind::{BindFeature, BindResponse};
use xmpp_parsers::iq::Iq;
use xmpp_parsers::ns;
use xmpp_parsers::sasl::{Challenge, DefinedCondition, Failure, Nonza, Success};
use xmpp_parsers::sm;
use xmpp_parsers::stanza::Stanza;
use xmpp_parsers::stream_features::StreamFeatures;

use super::super::trust::fingerprint;

pub(crate) const PASSWORD: &str = "secret";
pub(crate) const DOMAIN: &str = "example.org";
const SALT: &[u8] = b"a salt of the scene";
const ITERATIONS: u32 = 4_096;

type Io = BufStream<TlsStream<TcpStream>>;

/// Every first SASL message that came in: mechanism and data.
pub(crate) type Tries = Arc<Mutex<Vec<(String, String)>>>;

/// The server; it ends when this is dropped.
pub(crate) struct ToyServer {
    pub(crate) address: String,
    pub(crate) fingerprint: String,
    pub(crate) tries: Tries,
    task: JoinHandle<()>,
}

impl ToyServer {
    /// Plays `script` with every connection; the first one has the number 0. When the script's future ends, the
    /// connection breaks.
    pub(crate) async fn start<F, R>(script: F) -> Self
    where
        F: Fn(usize, Guest) -> R + Send + 'static,
        R: Future<Output = ()> + Send + 'static,
    {
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new(["127.0.0.1".to_owned(), DOMAIN.to_owned()]).unwrap();
        let certificate = params.self_signed(&key).unwrap().der().clone();
        let fingerprint = fingerprint(&certificate);
        let config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate], PrivateKeyDer::try_from(key.serialize_der()).unwrap())
            .unwrap();
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let tries = Tries::default();
        let noted = Arc::clone(&tries);
        let task = tokio::spawn(async move {
            for number in 0.. {
                let (tcp, _) = listener.accept().await.unwrap();
                tcp.set_nodelay(true).unwrap();
                // Who does not trust the certificate is gone already.
                let Ok(tls) = acceptor.accept(tcp).await else { continue };
                let guest = Guest { io: BufStream::new(tls), tries: Arc::clone(&noted) };
                tokio::spawn(script(number, guest));
            }
        });
        Self { address, fingerprint, tries, task }
    }

    pub(crate) fn mechanisms(&self) -> Vec<String> {
        self.tries.lock().iter().map(|(mechanism, _)| mechanism.clone()).collect()
    }
}

impl Drop for ToyServer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// A client under TLS.
pub(crate) struct Guest {
    io: Io,
    tries: Tries,
}

/// How the server treats a login.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    Welcome,
    /// It says success without knowing the password.
    Impostor,
    Refuse(Refusal),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refusal {
    WrongPassword,
    Disabled,
    Later,
}

impl Guest {
    /// Offers a login without binding; answers the stream before the resource is bound.
    pub(crate) async fn sign_in(
        self,
        mechanisms: &[&str],
        verdict: Verdict,
        has_management: bool,
    ) -> Option<Client> {
        let features = StreamFeatures {
            sasl_mechanisms: mechanisms.iter().map(|name| (*name).to_owned()).collect(),
            ..StreamFeatures::default()
        };
        let accepted = accept_stream(self.io, ns::JABBER_CLIENT, Timeouts::default()).await.ok()?;
        let mut stream = greet(accepted, &features).await;
        let XmppStreamElement::Sasl(Nonza::Auth(auth)) = element(&mut stream).await? else {
            panic!("no login");
        };
        let first = String::from_utf8(auth.data).unwrap();
        self.tries.lock().push((format!("{:?}", auth.mechanism), first.clone()));
        let bare = first.splitn(3, ',').nth(2).unwrap().to_owned();
        let nonce = bare.split("r=").nth(1).unwrap().to_owned();
        let challenge = format!("r={nonce}server,s={},i={ITERATIONS}", BASE64.encode(SALT));
        say(&mut stream, Nonza::Challenge(Challenge { data: challenge.clone().into_bytes() })).await;
        let XmppStreamElement::Sasl(Nonza::Response(response)) = element(&mut stream).await? else {
            panic!("no response");
        };
        let response = String::from_utf8(response.data).unwrap();
        let without_proof = response.rsplit_once(",p=").unwrap().0;
        let signature = match verdict {
            Verdict::Welcome => signature(&format!("{bare},{challenge},{without_proof}")),
            Verdict::Impostor => vec![7; 32],
            Verdict::Refuse(refusal) => {
                say(&mut stream, Nonza::Failure(failure(refusal))).await;
                // A client that tries again is counted.
                while let Some(again) = element(&mut stream).await {
                    if let XmppStreamElement::Sasl(Nonza::Auth(auth)) = again {
                        self.tries.lock().push((format!("{:?}", auth.mechanism), String::new()));
                    }
                }
                return None;
            }
        };
        let data = format!("v={}", BASE64.encode(signature)).into_bytes();
        let success = XmppStreamElement::Sasl(Nonza::Success(Success { data }));
        let accepted = stream.accept_reset(&success).await.ok()?;
        let features = StreamFeatures {
            bind: Some(BindFeature { required: false }),
            stream_management: has_management.then_some(sm::StreamManagement { optional: false }),
            ..StreamFeatures::default()
        };
        Some(Client { stream: greet(accepted, &features).await })
    }

    /// The login of a scene that is about something else.
    pub(crate) async fn welcome(self, has_management: bool) -> Client {
        self.sign_in(&["SCRAM-SHA-256"], Verdict::Welcome, has_management).await.unwrap()
    }
}

async fn greet(accepted: AcceptedStream<Io>, features: &StreamFeatures) -> XmppStream<Io> {
    let header = StreamHeader { from: Some(DOMAIN.into()), to: None, id: Some("1".into()) };
    accepted.send_header(header).await.unwrap().send_features(features).await.unwrap()
}

async fn element(stream: &mut XmppStream<Io>) -> Option<XmppStreamElement> {
    stream.next().await?.ok()?.into_read_error().ok()
}

async fn say(stream: &mut XmppStream<Io>, nonza: Nonza) {
    stream.send(&XmppStreamElement::Sasl(nonza)).await.unwrap();
}

fn failure(refusal: Refusal) -> Failure {
    let defined_condition = match refusal {
        Refusal::WrongPassword => DefinedCondition::NotAuthorized,
        Refusal::Disabled => DefinedCondition::AccountDisabled,
        Refusal::Later => DefinedCondition::TemporaryAuthFailure,
    };
    Failure { defined_condition, texts: std::collections::BTreeMap::new() }
}

/// RFC 5802 section 3, for SHA-256.
fn signature(authenticated: &str) -> Vec<u8> {
    let mut salted = [0; 32];
    let iterations = NonZeroU32::new(ITERATIONS).unwrap();
    pbkdf2::derive(pbkdf2::PBKDF2_HMAC_SHA256, iterations, SALT, PASSWORD.as_bytes(), &mut salted);
    let server_key = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &salted), b"Server Key");
    assert_eq!(server_key.as_ref().len(), digest::SHA256.output_len());
    let key = hmac::Key::new(hmac::HMAC_SHA256, server_key.as_ref());
    hmac::sign(&key, authenticated.as_bytes()).as_ref().to_vec()
}

/// A client that has signed in.
pub(crate) struct Client {
    pub(crate) stream: XmppStream<Io>,
}

impl Client {
    /// The next element; `None` when the client is gone.
    pub(crate) async fn next(&mut self) -> Option<XmppStreamElement> {
        element(&mut self.stream).await
    }

    /// The next message's text, passing over what is no message.
    pub(crate) async fn next_text(&mut self) -> Option<String> {
        loop {
            if let XmppStreamElement::Stanza(Stanza::Message(message)) = self.next().await? {
                return message.bodies.into_values().next();
            }
        }
    }

    pub(crate) async fn send(&mut self, stanza: impl Into<Stanza>) {
        self.stream.send(&stanza.into()).await.unwrap();
    }

    pub(crate) async fn manage(&mut self, nonza: sm::Nonza) {
        self.stream.send(&nonza).await.unwrap();
    }

    /// Binds the resource that is asked for.
    pub(crate) async fn bind(&mut self) {
        let Some(XmppStreamElement::Stanza(Stanza::Iq(Iq::Set { id, .. }))) = self.next().await else {
            panic!("no resource asked for");
        };
        let jid = format!("a@{DOMAIN}/desk").parse().unwrap();
        self.send(Iq::from_result(id, Some(BindResponse { jid }))).await;
    }

    /// Binds and enables stream management.
    pub(crate) async fn bind_managed(&mut self, token: Option<&str>) {
        self.bind().await;
        let Some(XmppStreamElement::SM(sm::Nonza::Enable(_))) = self.next().await else {
            panic!("no stream management asked for");
        };
        self.manage(sm::Nonza::Enabled(sm::Enabled {
            id: token.map(|token| sm::StreamId(token.to_owned())),
            location: None,
            max: None,
            resume: token.is_some(),
        }))
        .await;
    }

    /// Waits for `<resume/>`; answers its count.
    pub(crate) async fn asked_to_resume(&mut self, token: &str) -> u32 {
        let Some(XmppStreamElement::SM(sm::Nonza::Resume(resume))) = self.next().await else {
            panic!("nothing to resume");
        };
        assert_eq!(resume.previd.0, token);
        resume.h
    }
}
