//! One component's connection, from its header to its end.

use std::net::IpAddr;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use jid::Jid;
use posthouse_protocol::wire::{Frame, Progress, Scanner, StanzaKind, StreamHeader};
use socket2::{SockRef, TcpKeepalive};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadHalf, WriteHalf};
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio::time::timeout;

use super::ComponentDoor;
use super::handshake::{self, Refusal};
use crate::routing::components::ComponentLink;

/// How long a component may take to show its secret.
const LOGIN: Duration = Duration::from_secs(30);
/// The longest stream header, in bytes.
const LONGEST_HEADER: usize = 4_096;
/// Stanzas that wait for a component; with one more their senders get an error.
const OUTBOX: usize = 1_024;

/// First byte of a TLS handshake record (RFC 8446 section 5.1).
const TLS_HANDSHAKE: u8 = 0x16;

/// A connection, with TLS or without.
trait Duplex: AsyncRead + AsyncWrite + Send + Sync + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Sync + Unpin> Duplex for T {}

/// Why a connection ended.
enum Ending {
    /// The component has gone.
    Gone,
    /// It broke the rules.
    Refused(Refusal),
}

/// What was read and not used yet.
struct Reader {
    half: ReadHalf<Box<dyn Duplex>>,
    buffer: BytesMut,
    scanner: Scanner,
}

pub(super) async fn serve(door: &ComponentDoor, stream: TcpStream) {
    let address = stream.peer_addr().ok().map(|address| address.ip());
    match timeout(LOGIN, begin(door, stream)).await {
        Ok(Ok(stream)) => speak(door, stream, address).await,
        Ok(Err(error)) => tracing::info!(%error, "a component's connection cannot begin"),
        Err(_) => {}
    }
}

async fn speak(door: &ComponentDoor, stream: Box<dyn Duplex>, address: Option<IpAddr>) {
    let (half, mut writer) = tokio::io::split(stream);
    let mut reader = Reader { half, buffer: BytesMut::new(), scanner: Scanner::for_component(door.limits) };
    let welcomed = timeout(LOGIN, welcome(door, &mut reader, &mut writer)).await;
    let domain = match welcomed {
        Ok(Ok(domain)) => domain,
        Ok(Err(ending)) => return end(ending, &mut writer).await,
        Err(_) => return,
    };
    let id = door.next_id();
    let (outbox, stanzas) = mpsc::channel(OUTBOX);
    let link = ComponentLink::new(id, outbox).from(address);
    if !door.router.components().connect(&domain, link) {
        return end(Ending::Refused(Refusal::Conflict), &mut writer).await;
    }
    tracing::info!(domain, "a component is connected");
    if writer.write_all(b"<handshake/>").await.is_ok() && writer.flush().await.is_ok() {
        let ending = tokio::select! {
            ending = receive(door, &domain, &mut reader) => ending,
            () = send(stanzas, &mut writer) => Ending::Gone,
        };
        door.router.components().disconnect(&domain, id);
        end(ending, &mut writer).await;
    } else {
        door.router.components().disconnect(&domain, id);
    }
    tracing::info!(domain, "a component is gone");
}

/// A component that begins with TLS gets it.
async fn begin(door: &ComponentDoor, stream: TcpStream) -> std::io::Result<Box<dyn Duplex>> {
    prepare(&stream)?;
    let mut first = [0_u8];
    let is_tls = stream.peek(&mut first).await? == 1 && first == [TLS_HANDSHAKE];
    match door.tls.as_ref().filter(|_| is_tls) {
        Some(acceptors) => Ok(Box::new(acceptors().accept(stream).await?)),
        None => Ok(Box::new(stream)),
    }
}

fn prepare(stream: &TcpStream) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let keepalive =
        TcpKeepalive::new().with_time(Duration::from_secs(60)).with_interval(Duration::from_secs(15));
    SockRef::from(stream).set_tcp_keepalive(&keepalive)
}

/// Header and handshake; gives the domain.
async fn welcome(
    door: &ComponentDoor,
    reader: &mut Reader,
    writer: &mut WriteHalf<Box<dyn Duplex>>,
) -> Result<String, Ending> {
    let header = reader.header().await?;
    let id = stream_id();
    let domain = handshake::domain(&header);
    // The answer comes before any error, which needs an open stream.
    let named = domain.map_or("", |domain| domain).to_owned();
    writer.write_all(&handshake::answer(&named, &id)).await.map_err(|_| Ending::Gone)?;
    writer.flush().await.map_err(|_| Ending::Gone)?;
    domain.map_err(Ending::Refused)?;
    let secret = door.secrets.get(&named).ok_or(Ending::Refused(Refusal::HostUnknown))?;
    let element = reader.element().await?;
    if element.name() != "handshake" || !handshake::is_right(&id, secret, &element.text()) {
        tracing::warn!(domain = named, "a component does not know its secret");
        return Err(Ending::Refused(Refusal::NotAuthorized));
    }
    Ok(named)
}

/// 64 random bits; without randomness nobody gets in.
fn stream_id() -> String {
    let mut bytes = [0_u8; 16];
    if aws_lc_rs::rand::fill(&mut bytes).is_err() {
        tracing::error!("the system gives no random bytes");
    }
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Routes what the component says, one stanza after the other.
async fn receive(door: &ComponentDoor, domain: &str, reader: &mut Reader) -> Ending {
    loop {
        let frame = match reader.element().await {
            Ok(frame) => frame,
            Err(ending) => return ending,
        };
        if frame.kind() == StanzaKind::Nonza {
            return Ending::Refused(Refusal::InvalidNamespace);
        }
        let Some((from, to)) = addresses(&frame, domain) else {
            return Ending::Refused(Refusal::InvalidFrom);
        };
        door.router.accept_from_component(domain, frame.to_client_namespace(), from, to).await;
    }
}

/// Both addresses; the first has to be of the component's own domain.
fn addresses(frame: &Frame, domain: &str) -> Option<(Jid, Jid)> {
    let from = Jid::new(&frame.from()?).ok()?;
    let to = Jid::new(&frame.to()?).ok()?;
    (from.domain().as_str() == domain).then_some((from, to))
}

/// Writes what is routed to the component; ends when it cannot be written any more.
async fn send(mut stanzas: mpsc::Receiver<Bytes>, writer: &mut WriteHalf<Box<dyn Duplex>>) {
    while let Some(stanza) = stanzas.recv().await {
        if writer.write_all(&stanza).await.is_err() || writer.flush().await.is_err() {
            return;
        }
    }
}

async fn end(ending: Ending, writer: &mut WriteHalf<Box<dyn Duplex>>) {
    let text = match ending {
        Ending::Gone => "</stream:stream>".to_owned(),
        Ending::Refused(refusal) => {
            tracing::warn!(?refusal, "a component is turned away");
            refusal.write()
        }
    };
    // The other end may be gone: then nobody is left to be told.
    let _ = writer.write_all(text.as_bytes()).await;
    let _ = writer.shutdown().await;
}

impl Reader {
    async fn header(&mut self) -> Result<StreamHeader, Ending> {
        loop {
            match StreamHeader::read(&self.buffer, LONGEST_HEADER) {
                Ok(Some((header, length))) => {
                    let _ = self.buffer.split_to(length);
                    return Ok(header);
                }
                Ok(None) => self.more().await?,
                Err(_) => return Err(Ending::Refused(Refusal::NotWellFormed)),
            }
        }
    }

    async fn element(&mut self) -> Result<Frame, Ending> {
        loop {
            let progress =
                self.scanner.scan(&self.buffer).map_err(|_| Ending::Refused(Refusal::NotWellFormed))?;
            match progress {
                Progress::Incomplete => self.more().await?,
                Progress::Whitespace { length } => drop(self.buffer.split_to(length)),
                Progress::StreamEnd { .. } => return Err(Ending::Gone),
                Progress::Stanza { length, head } => {
                    return Ok(Frame::new(self.buffer.split_to(length).freeze(), head));
                }
            }
        }
    }

    async fn more(&mut self) -> Result<(), Ending> {
        match self.half.read_buf(&mut self.buffer).await {
            Ok(0) | Err(_) => Err(Ending::Gone),
            Ok(_) => Ok(()),
        }
    }
}
