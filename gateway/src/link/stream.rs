//! The stream of XEP-0114: header, handshake, frames.

use std::io;
use std::time::Duration;

use aws_lc_rs::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};
use bytes::BytesMut;
use posthouse_protocol::wire::{
    Frame, Limits, Progress, ScanError, Scanner, StreamHeader, StreamHeaderError, StreamNamespace,
};
use tokio::io::{AsyncReadExt, AsyncWriteExt, ReadHalf, WriteHalf};
use tokio::time::timeout;

use super::LinkSettings;
use crate::tls::{self, Duplex};

/// How long the server may take until we are connected.
const PATIENCE: Duration = Duration::from_secs(15);
const LIMITS: Limits = Limits { stanza_bytes: 1_048_576, depth: 100, attributes: 100 };
const LONGEST_HEADER: usize = 4_096;

/// Why there is no line to the server.
#[derive(Debug, thiserror::Error)]
pub enum LinkError {
    /// The connection.
    #[error("the connection broke: {0}")]
    Broken(#[source] io::Error),
    /// The server does not answer.
    #[error("the server does not answer")]
    Silent,
    /// The server closed the stream.
    #[error("the server closed the stream")]
    Closed,
    /// The server does not want us.
    #[error("the server refused: {0}")]
    Refused(String),
    /// What the server said is no stream.
    #[error("not a stream: {0}")]
    Header(#[source] StreamHeaderError),
    /// What the server said is no stanza.
    #[error("not a stanza: {0}")]
    Stanza(#[source] ScanError),
    /// Our own store.
    #[error("the store: {0}")]
    Store(#[source] crate::store::StoreError),
}

/// The server's half.
pub(super) struct Reader {
    half: ReadHalf<Box<dyn Duplex>>,
    buffer: BytesMut,
    scanner: Scanner,
}

/// Our half.
pub(super) struct Writer(WriteHalf<Box<dyn Duplex>>);

/// Connects and shows the secret.
pub(super) async fn connect(settings: &LinkSettings) -> Result<(Reader, Writer), LinkError> {
    timeout(PATIENCE, shake_hands(settings)).await.map_err(|_| LinkError::Silent)?
}

async fn shake_hands(settings: &LinkSettings) -> Result<(Reader, Writer), LinkError> {
    let connecting = tls::connect(&settings.address, &settings.server, settings.trust.as_ref());
    let (half, write_half) = tokio::io::split(connecting.await.map_err(LinkError::Broken)?);
    let mut reader = Reader { half, buffer: BytesMut::new(), scanner: Scanner::for_component(LIMITS) };
    let mut writer = Writer(write_half);
    let header = StreamHeader {
        to: Some(settings.domain.clone()),
        default_namespace: StreamNamespace::Component.name().to_owned(),
        ..StreamHeader::default()
    };
    writer.write(&header.write()).await?;
    let id = reader.header().await?.id.unwrap_or_default();
    let hash = digest(&SHA1_FOR_LEGACY_USE_ONLY, format!("{id}{}", settings.secret).as_bytes());
    let shown: String = hash.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    writer.write(format!("<handshake>{shown}</handshake>").as_bytes()).await?;
    let answer = reader.frame().await?;
    if answer.name() == "handshake" {
        Ok((reader, writer))
    } else {
        let condition = answer.children().next().map(|child| child.name.to_owned());
        Err(LinkError::Refused(condition.unwrap_or_else(|| answer.name().to_owned())))
    }
}

impl Reader {
    async fn header(&mut self) -> Result<StreamHeader, LinkError> {
        loop {
            match StreamHeader::read(&self.buffer, LONGEST_HEADER).map_err(LinkError::Header)? {
                Some((header, length)) => {
                    let _ = self.buffer.split_to(length);
                    return Ok(header);
                }
                None => self.more().await?,
            }
        }
    }

    /// The next element. Can be dropped at any time without losing a byte.
    pub(super) async fn frame(&mut self) -> Result<Frame, LinkError> {
        loop {
            match self.scanner.scan(&self.buffer).map_err(LinkError::Stanza)? {
                Progress::Incomplete => self.more().await?,
                Progress::Whitespace { length } => drop(self.buffer.split_to(length)),
                Progress::StreamEnd { .. } => return Err(LinkError::Closed),
                Progress::Stanza { length, head } => {
                    return Ok(Frame::new(self.buffer.split_to(length).freeze(), head));
                }
            }
        }
    }

    async fn more(&mut self) -> Result<(), LinkError> {
        match self.half.read_buf(&mut self.buffer).await {
            Ok(0) => Err(LinkError::Closed),
            Ok(_) => Ok(()),
            Err(error) => Err(LinkError::Broken(error)),
        }
    }
}

impl Writer {
    pub(super) async fn write(&mut self, bytes: &[u8]) -> Result<(), LinkError> {
        let writing = async {
            self.0.write_all(bytes).await?;
            self.0.flush().await
        };
        timeout(PATIENCE, writing).await.map_err(|_| LinkError::Silent)?.map_err(LinkError::Broken)
    }
}
