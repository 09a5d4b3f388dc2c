//! Somebody who is signed in: sends stanzas, waits for stanzas, keeps the counts of stream management.

use std::collections::VecDeque;

use anyhow::Context;

use super::RawClient;
use crate::element::{Element, Piece};

const MANAGEMENT: &str = "urn:xmpp:sm:3";

/// How the ids of messages begin that clients write to themselves; all clients of the account pass over them.
const ECHO: &str = "echo ";

/// A bound session, seen from its client.
#[derive(Debug)]
pub struct Person {
    /// The connection.
    pub client: RawClient,
    /// The full address.
    pub jid: String,
    /// What came while something else was waited for, oldest first.
    aside: VecDeque<Element>,
    management: Option<Management>,
    asked: u32,
    /// The client has seen that messages to its account come here.
    is_receiving: bool,
}

/// The client's side of XEP-0198.
#[derive(Debug, Clone)]
struct Management {
    /// What to resume with.
    token: Option<String>,
    /// Stanzas received.
    received: u32,
    /// The client answers when asked.
    answers: bool,
    /// The last count of the server.
    acknowledged: u32,
}

impl Person {
    /// A session that was just bound.
    #[must_use]
    pub fn new(client: RawClient, jid: String) -> Self {
        Self { client, jid, aside: VecDeque::new(), management: None, asked: 0, is_receiving: false }
    }

    /// The address without resource.
    #[must_use]
    pub fn bare(&self) -> &str {
        self.jid.split('/').next().unwrap_or_default()
    }

    /// Sends a stanza as it is written.
    ///
    /// # Errors
    /// The connection is gone.
    pub async fn send(&mut self, stanza: &str) -> anyhow::Result<()> {
        self.client.send(stanza).await
    }

    /// Sends a chat message.
    ///
    /// # Errors
    /// The connection is gone.
    pub async fn write_to(&mut self, to: &str, text: &str) -> anyhow::Result<()> {
        self.send(&format!("<message type='chat' to='{to}'><body>{text}</body></message>")).await
    }

    /// Becomes available, and waits until the server has taken notice.
    ///
    /// # Errors
    /// The connection is gone.
    pub async fn come(&mut self) -> anyhow::Result<()> {
        self.send("<presence/>").await?;
        let own = self.jid.clone();
        self.next_where(|it| it.name == "presence" && it.attribute("from") == Some(own.as_str())).await?;
        Ok(())
    }

    /// Waits until messages to the bare address come here: stored messages come first, and nothing says when
    /// they are all there. Writes to itself until it hears itself; nobody else notices.
    ///
    /// # Errors
    /// The stream ends, or no messages come in time.
    pub async fn receives(&mut self) -> anyhow::Result<()> {
        let receiving = tokio::time::timeout(super::PATIENCE, self.hears_itself());
        receiving.await.context("no messages come to the account")?
    }

    async fn hears_itself(&mut self) -> anyhow::Result<()> {
        while !self.is_receiving {
            let (id, to) = (format!("{ECHO}{}", self.jid), self.bare().to_owned());
            let hints = "<no-store xmlns='urn:xmpp:hints'/><no-copy xmlns='urn:xmpp:hints'/>";
            self.send(&format!("<message type='chat' id='{id}' to='{to}'><body>?</body>{hints}</message>"))
                .await?;
            self.ask("get", "<ping xmlns='urn:xmpp:ping'/>").await?;
        }
        Ok(())
    }

    /// The next stanza that fits; others are put aside, in order, for later.
    ///
    /// # Errors
    /// The stream ends, or nothing that fits comes in time.
    pub async fn next_where(&mut self, fits: impl Fn(&Element) -> bool) -> anyhow::Result<Element> {
        if let Some(at) = self.aside.iter().position(&fits)
            && let Some(found) = self.aside.remove(at)
        {
            return Ok(found);
        }
        loop {
            let stanza = self.receive().await?;
            if fits(&stanza) {
                return Ok(stanza);
            }
            self.aside.push_back(stanza);
        }
    }

    /// The next message.
    ///
    /// # Errors
    /// The stream ends, or none comes in time.
    pub async fn next_message(&mut self) -> anyhow::Result<Element> {
        self.next_where(|stanza| stanza.name == "message").await
    }

    /// The next presence.
    ///
    /// # Errors
    /// The stream ends, or none comes in time.
    pub async fn next_presence(&mut self) -> anyhow::Result<Element> {
        self.next_where(|stanza| stanza.name == "presence").await
    }

    /// Sends a request to the own account and waits for its answer, whatever that is.
    ///
    /// # Errors
    /// The stream ends, or no answer comes in time.
    pub async fn ask(&mut self, kind: &str, payload: &str) -> anyhow::Result<Element> {
        self.request(kind, "", payload).await
    }

    /// Sends a request to somebody and waits for the answer, whatever that is.
    ///
    /// # Errors
    /// The stream ends, or no answer comes in time.
    pub async fn ask_at(&mut self, to: &str, kind: &str, payload: &str) -> anyhow::Result<Element> {
        self.request(kind, &format!(" to='{to}'"), payload).await
    }

    async fn request(&mut self, kind: &str, to: &str, payload: &str) -> anyhow::Result<Element> {
        self.asked = self.asked.saturating_add(1);
        let id = format!("ask{}", self.asked);
        self.send(&format!("<iq type='{kind}' id='{id}'{to}>{payload}</iq>")).await?;
        self.next_where(|stanza| {
            let is_answer = matches!(stanza.attribute("type"), Some("result" | "error"));
            stanza.name == "iq" && is_answer && stanza.attribute("id") == Some(id.as_str())
        })
        .await
    }

    /// Waits until the server has done all that was asked of it, and answers everything that has come by then.
    ///
    /// # Errors
    /// The stream ends, or the server does not answer.
    pub async fn everything(&mut self) -> anyhow::Result<Vec<Element>> {
        self.ask("get", "<ping xmlns='urn:xmpp:ping'/>").await?;
        Ok(self.aside.drain(..).collect())
    }

    /// Like [`Person::everything`], messages only.
    ///
    /// # Errors
    /// The stream ends, or the server does not answer.
    pub async fn all_messages(&mut self) -> anyhow::Result<Vec<Element>> {
        let all = self.everything().await?;
        Ok(all.into_iter().filter(|stanza| stanza.name == "message").collect())
    }

    /// The condition of the stream error that comes next; whatever comes before it is dropped.
    ///
    /// # Errors
    /// None comes in time, or the connection stays open.
    pub async fn stream_error(&mut self) -> anyhow::Result<String> {
        loop {
            let element = self.client.next_element().await?;
            if element.name == "error" && element.namespace == super::STREAMS {
                return self.client.end_with(&element).await;
            }
        }
    }

    /// Switches stream management on; `resume` asks for a token.
    ///
    /// # Errors
    /// The server refuses.
    pub async fn enable_management(&mut self, resume: bool) -> anyhow::Result<Element> {
        self.send(&format!("<enable xmlns='{MANAGEMENT}' resume='{resume}'/>")).await?;
        let enabled = self.next_nonza("enabled").await?;
        let token = enabled.attribute("id").map(str::to_owned);
        self.management = Some(Management { token, received: 0, answers: true, acknowledged: 0 });
        Ok(enabled)
    }

    /// From now on the client does not acknowledge what it gets, or does again.
    pub fn set_answering(&mut self, answers: bool) {
        if let Some(management) = &mut self.management {
            management.answers = answers;
        }
    }

    /// Tells the server what came, without being asked: what a client does that leaves.
    ///
    /// # Errors
    /// The connection is gone.
    pub async fn acknowledge(&mut self) -> anyhow::Result<()> {
        let received = self.received();
        self.send(&format!("<a xmlns='{MANAGEMENT}' h='{received}'/>")).await
    }

    /// How many stanzas the server has acknowledged, asked now.
    ///
    /// # Errors
    /// The server does not answer.
    pub async fn acknowledged(&mut self) -> anyhow::Result<u32> {
        self.send(&format!("<r xmlns='{MANAGEMENT}'/>")).await?;
        let answer = self.next_nonza("a").await?;
        answer.attribute("h").context("no count")?.parse().context("no number")
    }

    /// The last count of the server, without asking.
    #[must_use]
    pub fn last_acknowledged(&self) -> u32 {
        self.management.as_ref().map_or(0, |management| management.acknowledged)
    }

    /// Resumes this session on a connection that has signed in and bound nothing; answers the server's count.
    ///
    /// # Errors
    /// The server refuses; the error has its words.
    pub async fn resume_on(&mut self, mut client: RawClient) -> anyhow::Result<u32> {
        let management = self.management.as_mut().context("no stream management")?;
        let token = management.token.clone().context("no token")?;
        let received = management.received;
        client.send(&format!("<resume xmlns='{MANAGEMENT}' h='{received}' previd='{token}'/>")).await?;
        let answer = client.next_element().await?;
        anyhow::ensure!(answer.name == "resumed", "not resumed: {answer:?}");
        anyhow::ensure!(answer.attribute("previd") == Some(token.as_str()), "{answer:?}");
        self.client = client;
        let count = answer.attribute("h").context("no count")?.parse()?;
        management.acknowledged = count;
        Ok(count)
    }

    /// The token to resume with.
    #[must_use]
    pub fn token(&self) -> Option<&str> {
        self.management.as_ref()?.token.as_deref()
    }

    /// Stanzas received since stream management is on.
    #[must_use]
    pub fn received(&self) -> u32 {
        self.management.as_ref().map_or(0, |management| management.received)
    }

    /// The next nonza of that name; stanzas before it are put aside.
    ///
    /// # Errors
    /// The stream ends, or none comes in time.
    pub async fn next_nonza(&mut self, name: &str) -> anyhow::Result<Element> {
        loop {
            let element = self.client.next_element().await?;
            if element.name == name {
                return Ok(element);
            }
            if let Some(stanza) = self.note(element).await? {
                self.aside.push_back(stanza);
            }
        }
    }

    /// The next stanza.
    async fn receive(&mut self) -> anyhow::Result<Element> {
        loop {
            let element = self.client.next_element().await?;
            if let Some(stanza) = self.note(element).await? {
                return Ok(stanza);
            }
        }
    }

    /// Like the private `receive`, for as long as it takes; `None` when the stream or connection ends.
    ///
    /// # Errors
    /// What comes is not well-formed.
    pub async fn receive_ever(&mut self) -> anyhow::Result<Option<Element>> {
        if let Some(stanza) = self.aside.pop_front() {
            return Ok(Some(stanza));
        }
        loop {
            let Some(Piece::Element(element)) = self.client.read_piece().await? else { return Ok(None) };
            if let Some(stanza) = self.note(element).await? {
                return Ok(Some(stanza));
            }
        }
    }

    /// Counts a stanza; answers and notes nonzas of stream management.
    async fn note(&mut self, element: Element) -> anyhow::Result<Option<Element>> {
        if matches!(element.name.as_str(), "message" | "presence" | "iq") {
            return Ok(self.note_stanza(element));
        }
        let Some(management) = self.management.as_mut().filter(|_| element.namespace == MANAGEMENT) else {
            anyhow::bail!("an unexpected element: {element:?}");
        };
        if element.name == "a" {
            management.acknowledged = element.attribute("h").context("no count")?.parse()?;
        } else if element.name == "r" && management.answers {
            let answer = format!("<a xmlns='{MANAGEMENT}' h='{}'/>", management.received);
            self.client.send(&answer).await?;
        }
        Ok(None)
    }

    fn note_stanza(&mut self, stanza: Element) -> Option<Element> {
        if let Some(management) = &mut self.management {
            management.received = management.received.wrapping_add(1);
        }
        let Some(echo) = stanza.attribute("id").and_then(|id| id.strip_prefix(ECHO)) else {
            return Some(stanza);
        };
        // One that comes back as an error was nobody's to take yet.
        self.is_receiving |= echo == self.jid && stanza.attribute("type") == Some("chat");
        None
    }
}
