//! The floor: a program that carries bytes from one TLS connection to another. It knows no XML, no accounts and
//! no storage. A connection begins with eight bytes, its place; what comes from an odd place goes to the even
//! place below it.

use std::cell::RefCell;
use std::collections::HashMap;
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::Poll;

use anyhow::Context;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt, ReadBuf, ReadHalf, WriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::server::TlsStream;

use crate::client::Line;
use crate::console::say;

/// First word of the command line that makes this program the relay.
pub(crate) const COMMAND: &str = "relay";

/// What the relay says when a connection has its place.
const READY: u8 = b'k';

type Reader = ReadHalf<TlsStream<TcpStream>>;
type Writer = WriteHalf<TlsStream<TcpStream>>;

thread_local! {
    /// Idle connections have no buffer of their own.
    static SCRATCH: RefCell<Vec<u8>> = RefCell::new(vec![0; 32 * 1_024]);
}

/// Who receives: writing halves by their even place.
#[derive(Debug, Default)]
struct Board(Mutex<HashMap<u64, Writer>>);

/// Listens at a free port of this computer, says which, and carries bytes until it is ended.
pub(crate) async fn run(mut words: impl Iterator<Item = String>) -> anyhow::Result<()> {
    let mut file = |what: &'static str| words.next().map(PathBuf::from).context(what);
    let (certificate, key) = (file("no certificate")?, file("no key")?);
    let chain = CertificateDer::pem_file_iter(certificate)?.collect::<Result<Vec<_>, _>>()?;
    // The same settings as the server's: one ticket, nothing kept.
    let mut config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(chain, PrivateKeyDer::from_pem_file(key)?)?;
    config.ticketer = aws_lc_rs::Ticketer::new()?;
    config.session_storage = Arc::new(tokio_rustls::rustls::server::NoServerSessionStorage {});
    config.send_tls13_tickets = 1;
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    say(&listener.local_addr()?.to_string());
    let board = Arc::new(Board::default());
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        // A connection that breaks ends alone.
        tokio::spawn(serve(stream, acceptor.clone(), Arc::clone(&board)));
    }
}

async fn serve(stream: TcpStream, acceptor: TlsAcceptor, board: Arc<Board>) -> anyhow::Result<()> {
    let mut stream = acceptor.accept(stream).await?;
    let mut place = [0; 8];
    if stream.read_exact(&mut place).await.is_err() {
        // Came for the handshake only.
        return Ok(stream.shutdown().await?);
    }
    let place = u64::from_be_bytes(place);
    stream.write_all(&[READY]).await?;
    stream.flush().await?;
    let (mut reader, writer) = tokio::io::split(stream);
    if place.is_multiple_of(2) {
        board.0.lock().unwrap_or_else(PoisonError::into_inner).insert(place, writer);
        while !receive(&mut reader).await?.is_empty() {}
        return Ok(());
    }
    let mut partner: Option<Writer> = None;
    loop {
        let bytes = receive(&mut reader).await?;
        if bytes.is_empty() {
            return Ok(());
        }
        let writer = match &mut partner {
            Some(writer) => writer,
            None => partner.insert(board.take(place - 1)?),
        };
        writer.write_all(&bytes).await?;
        writer.flush().await?;
    }
}

/// What has come; empty at the end.
async fn receive(reader: &mut Reader) -> std::io::Result<Vec<u8>> {
    std::future::poll_fn(|context| {
        SCRATCH.with_borrow_mut(|scratch| {
            let mut unfilled = ReadBuf::new(scratch);
            match Pin::new(&mut *reader).poll_read(context, &mut unfilled) {
                Poll::Pending => Poll::Pending,
                Poll::Ready(outcome) => Poll::Ready(outcome.map(|()| unfilled.filled().to_vec())),
            }
        })
    })
    .await
}

impl Board {
    fn take(&self, place: u64) -> anyhow::Result<Writer> {
        let mut board = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        board.remove(&place).context("nobody sits at that place")
    }
}

/// For clients: takes a place at the relay.
pub(crate) async fn sit_down(line: &mut Line, place: usize) -> anyhow::Result<()> {
    line.write(&u64::try_from(place)?.to_be_bytes()).await?;
    line.read_until(&[READY]).await.map(|_| ())
}
