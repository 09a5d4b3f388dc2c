//! From an endpoint to a stream under TLS with a header and features, ready for the login.

use std::borrow::Cow;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use rustls::client::Resumption;
use rustls::crypto::{CryptoProvider, aws_lc_rs};
use rustls::pki_types::{ServerName, UnixTime};
use rustls::time_provider::TimeProvider;
use rustls::{ClientConfig, ProtocolVersion};
use tokio::io::BufStream;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_xmpp::xmlstream::{
    PendingFeaturesRecv, RecvFeaturesError, StreamHeader, Timeouts, XmppStream, XmppStreamElement,
    initiate_stream,
};
use xmpp_parsers::ns;
use xmpp_parsers::starttls::{Nonza, Request};
use xmpp_parsers::stream_features::StreamFeatures;

use super::address::{Destination, Host, domain_of_header};
use super::dial::dial;
use super::environment::Environment;
use super::fault::Fault;
use super::resolve::{Beginning, Endpoint};
use super::trust::{Trust, fault_of};
use super::{Fingerprint, stream_fault};
use crate::clock::Clock;

/// The application protocol of direct TLS (XEP-0368 section 3).
const ALPN: &[u8] = b"xmpp-client";
/// RFC 9266 section 4.2: label and length of the channel binding data.
const EXPORTER_LABEL: &[u8] = b"EXPORTER-Channel-Binding";
const EXPORTER_LENGTH: usize = 32;

/// The encrypted connection.
pub(super) type Io = BufStream<TlsStream<TcpStream>>;

/// A stream before login.
pub(crate) struct Opened {
    pub(super) stream: XmppStream<Io>,
    pub(super) features: StreamFeatures,
    /// The domain the server calls its own.
    pub(crate) domain: String,
    /// `tls-exporter` data (RFC 9266), with TLS 1.3.
    pub(super) exporter: Option<Vec<u8>>,
}

/// An encrypted connection without a stream.
pub(crate) struct Secured {
    tls: TlsStream<TcpStream>,
}

/// What all connections of one line have in common.
#[derive(Debug)]
pub(super) struct Connector {
    environment: Arc<Environment>,
    provider: Arc<CryptoProvider>,
    destination: Destination,
    trusted: Vec<Fingerprint>,
}

impl Connector {
    pub(super) fn new(
        environment: Arc<Environment>,
        destination: Destination,
        trusted: Vec<Fingerprint>,
    ) -> Self {
        let provider = Arc::new(aws_lc_rs::default_provider());
        Self { environment, provider, destination, trusted }
    }

    pub(super) fn destination(&self) -> &Destination {
        &self.destination
    }

    /// Tries the endpoints one by one. A verdict of the server, or about its certificate, ends the search.
    pub(super) async fn connect(&self, endpoints: &[Endpoint]) -> Result<Opened, Fault> {
        let mut worst = Fault::NotFound(self.destination.address.host.to_string());
        for endpoint in endpoints {
            match self.connect_to(endpoint).await {
                Ok(opened) => return Ok(opened),
                Err(fault) if fault.is_final() || matches!(fault, Fault::Redirected(_)) => return Err(fault),
                Err(fault) => {
                    tracing::debug!(?endpoint, %fault, "endpoint does not serve");
                    if fault.says_more_than(&worst) {
                        worst = fault;
                    }
                }
            }
        }
        Err(worst)
    }

    async fn connect_to(&self, endpoint: &Endpoint) -> Result<Opened, Fault> {
        let tcp = self.dial(endpoint).await?;
        let secured = self.secure(tcp, endpoint.beginning).await?;
        self.open(secured).await
    }

    /// First step: TCP.
    pub(super) async fn dial(&self, endpoint: &Endpoint) -> Result<TcpStream, Fault> {
        dial(&endpoint.addresses, self.environment.patience.connect).await
    }

    /// Second step: TLS, in the given way.
    pub(super) async fn secure(&self, tcp: TcpStream, beginning: Beginning) -> Result<Secured, Fault> {
        let securing = async {
            match beginning {
                Beginning::Direct => self.handshake(tcp, Some(ALPN)).await,
                Beginning::StartTls => self.handshake(self.start_tls(tcp).await?, None).await,
            }
        };
        self.in_time("TLS", securing).await
    }

    /// Third step: stream header and features.
    pub(super) async fn open(&self, secured: Secured) -> Result<Opened, Fault> {
        let exporter = secured.exporter();
        let asked = self.destination.asked();
        let opening = async {
            let pending = self.greet(BufStream::new(secured.tls), &asked).await?;
            let domain = domain_of_header(pending.header().from.as_deref(), &asked);
            let (features, stream) = pending.recv_features().await.map_err(features_fault)?;
            Ok(Opened { stream, features, domain, exporter })
        };
        self.in_time("stream", opening).await
    }

    async fn in_time<T>(
        &self,
        what: &'static str,
        step: impl Future<Output = Result<T, Fault>>,
    ) -> Result<T, Fault> {
        tokio::time::timeout(self.environment.patience.negotiate, step)
            .await
            .unwrap_or(Err(Fault::TimedOut(what)))
    }

    fn timeouts(&self) -> Timeouts {
        let patience = &self.environment.patience;
        Timeouts { read_timeout: patience.silence, response_timeout: patience.sign_of_life }
    }

    async fn greet<S: tokio::io::AsyncBufRead + tokio::io::AsyncWrite + Unpin>(
        &self,
        io: S,
        domain: &str,
    ) -> Result<PendingFeaturesRecv<S>, Fault> {
        let to = Some(Cow::Owned(domain.to_owned()));
        let header = StreamHeader { to, from: None, id: None };
        initiate_stream(io, ns::JABBER_CLIENT, header, self.timeouts())
            .await
            .map_err(|error| not_xmpp(&error))
    }

    async fn start_tls(&self, tcp: TcpStream) -> Result<TcpStream, Fault> {
        let pending = self.greet(BufStream::new(tcp), &self.destination.asked()).await?;
        let (features, mut stream): (_, XmppStream<_>) =
            pending.recv_features().await.map_err(features_fault)?;
        if !features.can_starttls() {
            // Going on in the clear is out of the question.
            return Err(Fault::Tls("the server offers no STARTTLS".to_owned()));
        }
        let request = XmppStreamElement::Starttls(Nonza::Request(Request));
        stream.send(&request).await.map_err(|error| not_xmpp(&error))?;
        match stream.next().await.and_then(Result::ok).map(|element| element.into_read_error()) {
            // What may have come behind `<proceed/>` in the clear is thrown away with the buffer.
            Some(Ok(XmppStreamElement::Starttls(Nonza::Proceed(_)))) => Ok(stream.into_inner().into_inner()),
            Some(Ok(XmppStreamElement::StreamError(error))) => Err(stream_fault(error.0)),
            _ => Err(Fault::Tls("the server refuses STARTTLS".to_owned())),
        }
    }

    async fn handshake(&self, tcp: TcpStream, protocol: Option<&[u8]>) -> Result<Secured, Fault> {
        let names = self.destination.names();
        let names: Vec<ServerName<'static>> = names.iter().filter_map(server_name).collect();
        let Some(name) = names.first().cloned() else {
            return Err(Fault::BadAddress(self.destination.address.host.to_string()));
        };
        let roots = self.environment.roots().await;
        let trust = Trust::new(Arc::clone(&self.provider), roots, &self.trusted, names);
        let time = Arc::new(Time(self.environment.clock.clone()));
        let builder = ClientConfig::builder_with_details(Arc::clone(&self.provider), time)
            .with_safe_default_protocol_versions()
            .map_err(|error| Fault::Tls(error.to_string()))?;
        let mut config =
            builder.dangerous().with_custom_certificate_verifier(Arc::new(trust)).with_no_client_auth();
        config.resumption = Resumption::disabled();
        config.alpn_protocols = protocol.into_iter().map(<[u8]>::to_vec).collect();
        let tls = TlsConnector::from(Arc::new(config)).connect(name, tcp).await;
        Ok(Secured { tls: tls.map_err(|error| fault_of(&error))? })
    }
}

impl Secured {
    /// `TLS 1.3`
    pub(crate) fn version(&self) -> &'static str {
        match self.tls.get_ref().1.protocol_version() {
            Some(ProtocolVersion::TLSv1_3) => "TLS 1.3",
            Some(ProtocolVersion::TLSv1_2) => "TLS 1.2",
            _ => "TLS",
        }
    }

    /// Before TLS 1.3 the data would not be unique to the connection (RFC 9266 section 4.2).
    fn exporter(&self) -> Option<Vec<u8>> {
        let connection = self.tls.get_ref().1;
        if connection.protocol_version() != Some(ProtocolVersion::TLSv1_3) {
            return None;
        }
        connection.export_keying_material(vec![0; EXPORTER_LENGTH], EXPORTER_LABEL, None).ok()
    }
}

fn server_name(host: &Host) -> Option<ServerName<'static>> {
    match host {
        Host::Ip(ip) => Some(ServerName::from(*ip)),
        Host::Name(name) => ServerName::try_from(name.clone()).ok(),
    }
}

/// Bytes that are no stream of XMPP, or none at all.
fn not_xmpp(error: &io::Error) -> Fault {
    match error.kind() {
        io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe | io::ErrorKind::ConnectionAborted => {
            Fault::Broken(error.to_string())
        }
        _ => Fault::NotXmpp(error.to_string()),
    }
}

fn features_fault(error: RecvFeaturesError) -> Fault {
    match error {
        RecvFeaturesError::Io(error) => not_xmpp(&error),
        RecvFeaturesError::StreamError(error) => stream_fault(error.0),
    }
}

/// The program's clock, for the validity of certificates.
#[derive(Debug)]
struct Time(Clock);

impl TimeProvider for Time {
    fn current_time(&self) -> Option<UnixTime> {
        let milliseconds = u64::try_from(self.0.now()).ok()?;
        Some(UnixTime::since_unix_epoch(Duration::from_millis(milliseconds)))
    }
}
