//! A component (XEP-0114) of a business system: it proves that it knows its secret, asks, and hears.

use std::collections::VecDeque;

use anyhow::Context;
use aws_lc_rs::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::element::{Element, Piece, StreamReader};
use crate::raw_client::PATIENCE;

/// The namespace of what it says and hears.
pub const NOTICE: &str = "urn:posthouse:notice:1";

/// A connected component.
#[derive(Debug)]
pub struct Component {
    domain: String,
    server: String,
    stream: TcpStream,
    reader: StreamReader,
    heard: VecDeque<Element>,
    asked: u32,
}

/// Something that was told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Happened {
    /// Number; the same when it is told again.
    pub id: String,
    /// The notice.
    pub notice: String,
    /// What.
    pub kind: String,
    /// Whom it is about.
    pub login: String,
    /// The whole element.
    pub element: Element,
}

impl Component {
    /// Connects for a domain.
    ///
    /// # Errors
    /// The server does not let it in.
    pub async fn connect(address: &str, domain: &str, secret: &str, server: &str) -> anyhow::Result<Self> {
        let stream = TcpStream::connect(address).await.with_context(|| address.to_owned())?;
        let mut component = Self {
            domain: domain.to_owned(),
            server: server.to_owned(),
            stream,
            reader: StreamReader::default(),
            heard: VecDeque::new(),
            asked: 0,
        };
        component
            .say(&format!(
                "<stream:stream xmlns='jabber:component:accept' xmlns:stream='http://etherx.jabber.org/streams' \
                 to='{domain}'>"
            ))
            .await?;
        let Piece::Header(header) = component.piece().await? else { anyhow::bail!("no header") };
        let id = header.attribute("id").context("a stream without id")?;
        let hash = digest(&SHA1_FOR_LEGACY_USE_ONLY, format!("{id}{secret}").as_bytes());
        let hash: String = hash.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
        component.say(&format!("<handshake>{hash}</handshake>")).await?;
        let Piece::Element(answer) = component.piece().await? else { anyhow::bail!("turned away") };
        anyhow::ensure!(answer.name == "handshake", "{answer:?}");
        Ok(component)
    }

    /// Says a text as it is.
    ///
    /// # Errors
    /// The connection is gone.
    pub async fn say(&mut self, text: &str) -> anyhow::Result<()> {
        Ok(self.stream.write_all(text.as_bytes()).await?)
    }

    async fn piece(&mut self) -> anyhow::Result<Piece> {
        loop {
            if let Some(piece) = self.reader.next_piece()? {
                return Ok(piece);
            }
            let mut buffer = [0; 8_192];
            let read = tokio::time::timeout(PATIENCE, self.stream.read(&mut buffer)).await;
            let read = read.context("the server says nothing")??;
            anyhow::ensure!(read > 0, "the server has closed the connection");
            self.reader.push(buffer.get(..read).unwrap_or_default());
        }
    }

    async fn stanza(&mut self) -> anyhow::Result<Element> {
        match self.piece().await? {
            Piece::Element(element) => Ok(element),
            other => anyhow::bail!("no stanza: {other:?}"),
        }
    }

    /// Asks the server, and answers with its result or error; what is told meanwhile is kept for later.
    ///
    /// # Errors
    /// The connection is gone.
    pub async fn ask(&mut self, kind: &str, payload: &str) -> anyhow::Result<Element> {
        self.asked = self.asked.saturating_add(1);
        let id = format!("ask-{}", self.asked);
        let (from, to) = (self.domain.clone(), self.server.clone());
        self.say(&format!("<iq type='{kind}' id='{id}' from='{from}' to='{to}'>{payload}</iq>")).await?;
        loop {
            let stanza = self.stanza().await?;
            let is_answer = matches!(stanza.attribute("type"), Some("result" | "error"));
            if is_answer && stanza.attribute("id") == Some(&id) {
                return Ok(stanza);
            }
            self.heard.push_back(stanza);
        }
    }

    /// Sends a notice that is taken in; answers its id.
    ///
    /// # Errors
    /// It is refused.
    pub async fn send(&mut self, payload: &str) -> anyhow::Result<String> {
        let answer = self.ask("set", payload).await?;
        let sent = answer.child("sent", NOTICE).with_context(|| format!("refused: {answer:?}"))?;
        Ok(sent.attribute("id").context("no id")?.to_owned())
    }

    /// The next that is told, not acknowledged.
    ///
    /// # Errors
    /// The connection is gone.
    pub async fn next_told(&mut self) -> anyhow::Result<Element> {
        loop {
            let stanza = match self.heard.pop_front() {
                Some(stanza) => stanza,
                None => self.stanza().await?,
            };
            if stanza.has("progress", NOTICE) {
                return Ok(stanza);
            }
        }
    }

    /// Acknowledges what was told, or refuses it with an error.
    ///
    /// # Errors
    /// The connection is gone.
    pub async fn answer(&mut self, told: &Element, kind: &str) -> anyhow::Result<()> {
        let id = told.attribute("id").context("told without an id")?;
        let (from, to) = (self.domain.clone(), self.server.clone());
        let inside = if kind == "error" {
            "<error type='wait'><resource-constraint xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>"
        } else {
            ""
        };
        self.say(&format!("<iq type='{kind}' id='{id}' from='{from}' to='{to}'>{inside}</iq>")).await
    }

    /// Hears and acknowledges until so many different events are there, in the order in which they came.
    ///
    /// # Errors
    /// The connection is gone.
    pub async fn hears(&mut self, known: &mut Vec<Happened>, count: usize) -> anyhow::Result<()> {
        while known.len() < count {
            let told = self.next_told().await?;
            for event in happened(&told) {
                if known.iter().all(|one| one.id != event.id) {
                    known.push(event);
                }
            }
            self.answer(&told, "result").await?;
        }
        Ok(())
    }
}

/// The events of what was told.
#[must_use]
pub fn happened(told: &Element) -> Vec<Happened> {
    let Some(progress) = told.child("progress", NOTICE) else { return Vec::new() };
    let word = |element: &Element, name: &str| element.attribute(name).unwrap_or_default().to_owned();
    let event = |element: &Element| Happened {
        id: word(element, "id"),
        notice: word(progress, "id"),
        kind: word(element, "kind"),
        login: word(element, "login"),
        element: element.clone(),
    };
    progress.children.iter().filter(|child| child.name == "event").map(event).collect()
}
