//! A bare XMPP client: bytes out, elements in, nothing done by itself. Everything it is sent has to be
//! well-formed for rxml.

mod login;
mod person;
mod scram;
mod tls;

use std::time::Duration;

use anyhow::Context;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::client::TlsStream;

use crate::element::{Element, Piece, StreamReader};

pub use login::{Login, Mechanism, Prepared, Verdict};
pub use person::Person;
pub use tls::Trust;

/// How long the server may take for anything.
pub const PATIENCE: Duration = Duration::from_secs(20);

const STREAMS: &str = "http://etherx.jabber.org/streams";
const STREAM_ERRORS: &str = "urn:ietf:params:xml:ns:xmpp-streams";
const TLS: &str = "urn:ietf:params:xml:ns:xmpp-tls";

/// A connection to the server.
#[derive(Debug)]
pub struct RawClient {
    line: Line,
    reader: StreamReader,
}

#[derive(Debug)]
enum Line {
    Plain(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
    Gone,
}

impl RawClient {
    /// Connects and says nothing.
    ///
    /// # Errors
    /// Nobody listens.
    pub async fn connect(address: &str) -> anyhow::Result<Self> {
        let stream = TcpStream::connect(address).await.with_context(|| address.to_owned())?;
        stream.set_nodelay(true)?;
        Ok(Self { line: Line::Plain(stream), reader: StreamReader::default() })
    }

    /// Connects with TLS from the first byte.
    ///
    /// # Errors
    /// Nobody listens, or the server cannot be trusted.
    pub async fn connect_tls(address: &str, trust: &Trust) -> anyhow::Result<Self> {
        let mut client = Self::connect(address).await?;
        client.begin_tls(trust).await?;
        Ok(client)
    }

    /// Starts TLS now.
    ///
    /// # Errors
    /// It is on already, or the server cannot be trusted.
    pub async fn begin_tls(&mut self, trust: &Trust) -> anyhow::Result<()> {
        let Line::Plain(stream) = std::mem::replace(&mut self.line, Line::Gone) else {
            anyhow::bail!("there is no plain connection")
        };
        let connecting = trust.connector()?.connect(trust.name()?, stream);
        let stream = tokio::time::timeout(PATIENCE, connecting).await.context("no TLS in time")??;
        self.line = Line::Tls(Box::new(stream));
        self.reader = StreamReader::default();
        Ok(())
    }

    /// Asks for TLS (RFC 6120 section 5) and starts it. The stream is open.
    ///
    /// # Errors
    /// The server does not proceed.
    pub async fn start_tls(&mut self, trust: &Trust) -> anyhow::Result<()> {
        self.send(&format!("<starttls xmlns='{TLS}'/>")).await?;
        let answer = self.next_element().await?;
        anyhow::ensure!(answer.name == "proceed" && answer.namespace == TLS, "{answer:?}");
        self.begin_tls(trust).await
    }

    /// The protocol agreed on by ALPN.
    #[must_use]
    pub fn alpn(&self) -> Option<Vec<u8>> {
        match &self.line {
            Line::Tls(stream) => stream.get_ref().1.alpn_protocol().map(<[u8]>::to_vec),
            Line::Plain(_) | Line::Gone => None,
        }
    }

    /// `tls-exporter` data of this connection (RFC 9266).
    ///
    /// # Errors
    /// There is no TLS.
    pub fn exporter(&self) -> anyhow::Result<Vec<u8>> {
        let Line::Tls(stream) = &self.line else { anyhow::bail!("there is no TLS") };
        let connection = stream.get_ref().1;
        Ok(connection.export_keying_material(vec![0_u8; 32], b"EXPORTER-Channel-Binding", Some(b""))?)
    }

    /// `tls-server-end-point` data (RFC 5929 section 4): the hash of the server's certificate, which is signed
    /// with SHA-256.
    ///
    /// # Errors
    /// There is no TLS.
    pub fn end_point(&self) -> anyhow::Result<Vec<u8>> {
        let Line::Tls(stream) = &self.line else { anyhow::bail!("there is no TLS") };
        let chain = stream.get_ref().1.peer_certificates().context("no certificate")?;
        let leaf = chain.first().context("no certificate")?;
        Ok(aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, leaf).as_ref().to_vec())
    }

    /// Sends a text as it is.
    ///
    /// # Errors
    /// The connection is gone.
    pub async fn send(&mut self, text: &str) -> anyhow::Result<()> {
        self.send_bytes(text.as_bytes()).await
    }

    /// Sends bytes as they are.
    ///
    /// # Errors
    /// The connection is gone.
    pub async fn send_bytes(&mut self, bytes: &[u8]) -> anyhow::Result<()> {
        match &mut self.line {
            Line::Plain(stream) => stream.write_all(bytes).await?,
            Line::Tls(stream) => {
                stream.write_all(bytes).await?;
                stream.flush().await?;
            }
            Line::Gone => anyhow::bail!("the connection is gone"),
        }
        Ok(())
    }

    /// Opens a stream to `domain`; answers the server's header and features.
    ///
    /// # Errors
    /// The server says something else.
    pub async fn open_stream(&mut self, domain: &str) -> anyhow::Result<(Element, Element)> {
        self.reader = StreamReader::default();
        self.send(&header(&format!(" to='{domain}' version='1.0' xml:lang='en'"))).await?;
        let header = self.next_header().await?;
        let features = self.next_element().await?;
        let is_features = features.name == "features" && features.namespace == STREAMS;
        anyhow::ensure!(is_features, "no features: {features:?}");
        Ok((header, features))
    }

    /// The opening tag of the server's stream.
    ///
    /// # Errors
    /// Something else comes, or nothing in time.
    pub async fn next_header(&mut self) -> anyhow::Result<Element> {
        match self.next_piece().await? {
            Some(Piece::Header(header)) => Ok(header),
            other => anyhow::bail!("no stream header: {other:?}"),
        }
    }

    /// The next first-level element.
    ///
    /// # Errors
    /// The stream ends, or nothing comes in time.
    pub async fn next_element(&mut self) -> anyhow::Result<Element> {
        match self.next_piece().await? {
            Some(Piece::Element(element)) => Ok(element),
            other => anyhow::bail!("no element: {other:?}"),
        }
    }

    /// The next thing in the stream; `None` when the connection ends.
    ///
    /// # Errors
    /// Nothing comes in time, or what comes is not well-formed.
    pub async fn next_piece(&mut self) -> anyhow::Result<Option<Piece>> {
        tokio::time::timeout(PATIENCE, self.read_piece()).await.context("nothing came in time")?
    }

    /// Like [`RawClient::next_piece`], for as long as it takes.
    ///
    /// # Errors
    /// What comes is not well-formed.
    pub async fn read_piece(&mut self) -> anyhow::Result<Option<Piece>> {
        loop {
            if let Some(piece) = self.reader.next_piece()? {
                return Ok(Some(piece));
            }
            let mut bytes = [0_u8; 16_384];
            let read = match &mut self.line {
                Line::Plain(stream) => stream.read(&mut bytes).await,
                Line::Tls(stream) => stream.read(&mut bytes).await,
                Line::Gone => return Ok(None),
            };
            // A connection that is cut is over like one that ends politely.
            let count = read.unwrap_or(0);
            if count == 0 {
                anyhow::ensure!(self.reader.is_used_up(), "the connection ends within an element");
                return Ok(None);
            }
            self.reader.push(bytes.get(..count).unwrap_or_default());
        }
    }

    /// The condition of the stream error that comes next; behind it the stream and the connection have to end.
    ///
    /// # Errors
    /// Something else comes, or the connection stays open.
    pub async fn stream_error(&mut self) -> anyhow::Result<String> {
        let error = self.next_element().await?;
        self.end_with(&error).await
    }

    /// The condition of this stream error, behind which the stream and the connection have to end.
    async fn end_with(&mut self, error: &Element) -> anyhow::Result<String> {
        anyhow::ensure!(error.name == "error" && error.namespace == STREAMS, "no error: {error:?}");
        let condition = error.children.iter().find(|child| child.namespace == STREAM_ERRORS);
        let condition = condition.with_context(|| format!("no condition: {error:?}"))?.name.clone();
        self.ends().await?;
        Ok(condition)
    }

    /// The server closes the stream, and then the connection.
    ///
    /// # Errors
    /// It does something else.
    pub async fn ends(&mut self) -> anyhow::Result<()> {
        let end = self.next_piece().await?;
        anyhow::ensure!(end == Some(Piece::End), "no end of the stream: {end:?}");
        self.is_closed().await
    }

    /// The server closes the connection without another word.
    ///
    /// # Errors
    /// It does something else.
    pub async fn is_closed(&mut self) -> anyhow::Result<()> {
        let more = self.next_piece().await?;
        anyhow::ensure!(more.is_none(), "more comes: {more:?}");
        Ok(())
    }

    /// Cuts the connection without a word.
    pub fn cut(&mut self) {
        if let Line::Plain(stream) = &self.line {
            // Only how the end looks to the other side.
            let _ = stream.set_zero_linger();
        }
        if let Line::Tls(stream) = &self.line {
            let _ = stream.get_ref().0.set_zero_linger();
        }
        self.line = Line::Gone;
    }
}

/// An opening tag with these attributes beside the namespaces.
#[must_use]
pub fn header(attributes: &str) -> String {
    format!("<?xml version='1.0'?><stream:stream xmlns='jabber:client' xmlns:stream='{STREAMS}'{attributes}>")
}
