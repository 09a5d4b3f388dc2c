//! One person at a client: writes, acknowledges, is cut off, resumes, signs in anew, sends again.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use tokio::sync::watch;
use tokio::time::{Interval, MissedTickBehavior};

use super::ledger::{Key, Ledger};
use super::{PASSWORD, Phase};
use crate::element::{Element, Piece};
use crate::raw_client::{Login, Mechanism, RawClient, Trust, Verdict};
use crate::server_process::DOMAIN;

const MANAGEMENT: &str = "urn:xmpp:sm:3";

/// Messages that may wait to be acknowledged.
const WINDOW: usize = 12;

/// How often a client writes.
const PACE: Duration = Duration::from_millis(40);

/// Messages received until a client is cut or leaves.
const STAY: u32 = 45;

/// How often a client may fail in a row while the server runs.
const MOST_FAILURES: u32 = 20;

/// What happens to a client beside kills.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// Nothing.
    Stays,
    /// Its connection is cut now and then; it resumes.
    IsCut,
    /// It leaves in good order, and signs in again later.
    ComesAndGoes,
}

/// A person.
#[derive(Debug)]
pub(super) struct Actor {
    id: &'static str,
    role: Role,
    peers: &'static [&'static str],
    server: (String, Trust),
    ledger: Arc<Ledger>,
    /// The next number for each peer.
    next: BTreeMap<&'static str, u32>,
    /// Written and not acknowledged, oldest first; `None` is presence, which counts as well.
    waiting: VecDeque<(Option<Key>, String)>,
    /// Stanzas of this session that the server has acknowledged.
    acknowledged: u32,
    /// Stanzas received in this session.
    received: u32,
    token: Option<String>,
    /// Messages received since the client came or was cut.
    since: u32,
}

/// How a time on the network ended.
enum End {
    /// The line is broken, by whatever.
    Broken,
    /// The client cut it.
    Cut,
    /// The client left.
    Left,
    /// Everything is over.
    Over,
}

impl Actor {
    pub(super) fn new(
        id: &'static str,
        role: Role,
        peers: &'static [&'static str],
        server: (String, Trust),
        ledger: Arc<Ledger>,
    ) -> Self {
        Self {
            id,
            role,
            peers,
            server,
            ledger,
            next: BTreeMap::new(),
            waiting: VecDeque::new(),
            acknowledged: 0,
            received: 0,
            token: None,
            since: 0,
        }
    }

    /// Lives until everything is over.
    pub(super) async fn run(mut self, mut phase: watch::Receiver<Phase>) -> anyhow::Result<()> {
        let mut failures = 0_u32;
        loop {
            let before = *phase.wait_for(|phase| *phase != Phase::Down).await?;
            if before == Phase::Over {
                return Ok(());
            }
            let error = match self.live(&mut phase).await {
                Ok(End::Over) => return Ok(()),
                Ok(End::Cut | End::Left) => {
                    failures = 0;
                    continue;
                }
                Ok(End::Broken) => anyhow::anyhow!("the line broke"),
                Err(error) => error,
            };
            // A kill explains everything; without one a client has to get through.
            let was_killed = *phase.borrow() != before;
            failures = if was_killed { 0 } else { failures.saturating_add(1) };
            anyhow::ensure!(failures < MOST_FAILURES, "{} cannot stay online: {error:#}", self.id);
        }
    }

    /// Signs in, resumes or begins a session, and takes part until the line ends.
    async fn live(&mut self, phase: &mut watch::Receiver<Phase>) -> anyhow::Result<End> {
        let mut client = self.sign_in().await?;
        self.begin(&mut client).await?;
        let mut pace = tokio::time::interval(PACE);
        pace.set_missed_tick_behavior(MissedTickBehavior::Delay);
        self.take_part(&mut client, &mut pace, phase).await
    }

    async fn sign_in(&self) -> anyhow::Result<RawClient> {
        let (address, trust) = &self.server;
        let mut client = RawClient::connect_tls(address, trust).await?;
        client.open_stream(DOMAIN).await?;
        let verdict = client.sign_in(&Login::new(self.id, PASSWORD, Mechanism::USUAL)).await?;
        anyhow::ensure!(verdict == Verdict::Success, "{verdict:?}");
        client.open_stream(DOMAIN).await?;
        Ok(client)
    }

    /// Goes on with the old session if there is one, and sends what was not acknowledged.
    async fn begin(&mut self, client: &mut RawClient) -> anyhow::Result<()> {
        let mut is_blind = true;
        if let Some(token) = self.token.clone() {
            let received = self.received;
            let resume = format!("<resume xmlns='{MANAGEMENT}' h='{received}' previd='{token}'/>");
            client.send(&resume).await?;
            let answer = client.next_element().await?;
            let handled = answer.attribute("h").map(str::parse).transpose()?;
            if let Some(handled) = handled {
                self.take_acknowledgement(handled)?;
                is_blind = false;
            }
            if answer.name == "resumed" {
                self.ledger.was_resumed();
                return self.send_waiting(client).await;
            }
            anyhow::ensure!(answer.name == "failed", "neither resumed nor failed: {answer:?}");
            self.token = None;
        }
        client.bind(Some("client")).await?;
        client.send(&format!("<enable xmlns='{MANAGEMENT}' resume='true'/>")).await?;
        let enabled = client.next_element().await?;
        anyhow::ensure!(enabled.name == "enabled", "not enabled: {enabled:?}");
        self.token = enabled.attribute("id").map(str::to_owned);
        (self.received, self.acknowledged, self.since) = (0, 0, 0);
        self.waiting.retain(|(key, _)| key.is_some());
        if is_blind {
            let again = self.waiting.iter().filter_map(|(key, _)| key.clone());
            again.for_each(|key| self.ledger.was_sent_blindly(key));
        }
        self.waiting.push_front((None, "<presence/>".to_owned()));
        self.send_waiting(client).await
    }

    async fn send_waiting(&self, client: &mut RawClient) -> anyhow::Result<()> {
        let mut bytes: String = self.waiting.iter().map(|(_, stanza)| stanza.as_str()).collect();
        bytes.push_str(&format!("<r xmlns='{MANAGEMENT}'/>"));
        client.send(&bytes).await
    }

    async fn take_part(
        &mut self,
        client: &mut RawClient,
        pace: &mut Interval,
        phase: &mut watch::Receiver<Phase>,
    ) -> anyhow::Result<End> {
        loop {
            tokio::select! {
                piece = client.read_piece() => match piece? {
                    Some(Piece::Element(element)) => self.take(client, element).await?,
                    Some(Piece::Header(_) | Piece::End) | None => return Ok(End::Broken),
                },
                _ = pace.tick() => self.write(client).await?,
                () = is_over(phase) => return Ok(End::Over),
            }
            if self.since >= STAY && self.role != Role::Stays {
                self.since = 0;
                return self.go(client).await;
            }
        }
    }

    async fn go(&mut self, client: &mut RawClient) -> anyhow::Result<End> {
        if self.role == Role::IsCut {
            self.ledger.was_cut();
            client.cut();
            return Ok(End::Cut);
        }
        self.token = None;
        client.send("</stream:stream>").await?;
        // What comes behind the farewell was not received: it waits in the store.
        while client.next_piece().await?.is_some() {}
        Ok(End::Left)
    }

    /// Fills the window.
    async fn write(&mut self, client: &mut RawClient) -> anyhow::Result<()> {
        let mut bytes = String::new();
        let mut peers = self.peers.iter().cycle();
        while self.waiting.len() < WINDOW
            && let Some(peer) = peers.next()
        {
            let number = self.next.entry(peer).or_default();
            let key = Key { from: self.id.to_owned(), to: (*peer).to_owned(), number: *number };
            if !self.ledger.wrote(key.clone()) {
                break;
            }
            *number = number.saturating_add(1);
            let text = key.text();
            let stanza = format!(
                "<message type='chat' to='{peer}@{DOMAIN}'><body>{text}</body>\
                 <origin-id xmlns='urn:xmpp:sid:0' id='{text}'/></message>"
            );
            bytes.push_str(&stanza);
            self.waiting.push_back((Some(key), stanza));
        }
        if self.waiting.is_empty() {
            return Ok(());
        }
        bytes.push_str(&format!("<r xmlns='{MANAGEMENT}'/>"));
        client.send(&bytes).await
    }

    async fn take(&mut self, client: &mut RawClient, element: Element) -> anyhow::Result<()> {
        match element.name.as_str() {
            "message" | "presence" | "iq" => {
                self.received = self.received.wrapping_add(1);
                if element.name == "message" {
                    self.take_message(&element)?;
                }
                Ok(())
            }
            "r" => client.send(&format!("<a xmlns='{MANAGEMENT}' h='{}'/>", self.received)).await,
            "a" => self.take_acknowledgement(element.attribute("h").context("no count")?.parse()?),
            _ => anyhow::bail!("an unexpected element: {element:?}"),
        }
    }

    fn take_message(&mut self, message: &Element) -> anyhow::Result<()> {
        anyhow::ensure!(message.attribute("type") != Some("error"), "refused: {message:?}");
        let key = Key::read(message.body()).with_context(|| format!("not one of ours: {message:?}"))?;
        let id = message.child("stanza-id", "urn:xmpp:sid:0").and_then(|it| it.attribute("id"));
        self.ledger.received(&key, id.context("no archive id")?);
        self.since = self.since.saturating_add(1);
        Ok(())
    }

    fn take_acknowledgement(&mut self, handled: u32) -> anyhow::Result<()> {
        let more = usize::try_from(handled.wrapping_sub(self.acknowledged))?;
        anyhow::ensure!(more <= self.waiting.len(), "{} claims {handled} of {}", self.id, self.acknowledged);
        self.acknowledged = handled;
        for (key, _) in self.waiting.drain(..more) {
            if let Some(key) = key {
                self.ledger.was_acknowledged(key);
            }
        }
        Ok(())
    }
}

async fn is_over(phase: &mut watch::Receiver<Phase>) {
    // Nobody is left to say so when the sender is gone.
    let _ = phase.wait_for(|phase| *phase == Phase::Over).await;
}
