//! A business system that hears what became of its notices: a little HTTP server that keeps what it is sent, and
//! answers as it is told to.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use parking_lot::Mutex;
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// What came.
#[derive(Debug, Clone)]
pub struct Heard {
    /// The path it was sent to.
    pub path: String,
    /// Names in small letters.
    pub headers: Vec<(String, String)>,
    /// As it came.
    pub text: String,
    /// What was answered.
    pub status: u16,
}

impl Heard {
    /// A header by its name in small letters.
    #[must_use]
    pub fn header(&self, name: &str) -> &str {
        self.headers.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value.as_str())
    }

    /// Whether it is signed with this secret, as Standard Webhooks says.
    ///
    /// # Errors
    /// The secret or the signature are none.
    pub fn is_signed_with(&self, secret: &str) -> anyhow::Result<bool> {
        let secret = STANDARD.decode(secret.trim().strip_prefix("whsec_").context("no secret")?)?;
        let signed =
            format!("{}.{}.{}", self.header("webhook-id"), self.header("webhook-timestamp"), self.text);
        let shown =
            STANDARD.decode(self.header("webhook-signature").strip_prefix("v1,").context("no version")?)?;
        let key = hmac::Key::new(hmac::HMAC_SHA256, &secret);
        Ok(hmac::verify(&key, signed.as_bytes(), &shown).is_ok())
    }

    /// The events that it tells, each with the notice it is about.
    #[must_use]
    pub fn events(&self) -> Vec<Event> {
        let body: Value = serde_json::from_str(&self.text).unwrap_or_default();
        let word = |value: &Value, name: &str| {
            value.get(name).and_then(Value::as_str).unwrap_or_default().to_owned()
        };
        let data = body.get("data").cloned().unwrap_or_default();
        let events = data.get("events").and_then(Value::as_array).cloned().unwrap_or_default();
        let message = word(&data, "message");
        let read = |event: &Value| Event {
            message: message.clone(),
            id: word(event, "id"),
            login: word(event, "login"),
            event: word(event, "event"),
            detail: word(event, "detail"),
        };
        events.iter().map(read).collect()
    }
}

/// Something that has happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// The notice.
    pub message: String,
    /// Its own name.
    pub id: String,
    /// To whom.
    pub login: String,
    /// What.
    pub event: String,
    /// More about it.
    pub detail: String,
}

/// The receiver; it ends when this is dropped.
#[derive(Debug)]
pub struct WebhookReceiver {
    address: String,
    shared: Arc<Shared>,
    task: JoinHandle<()>,
}

#[derive(Debug)]
struct Shared {
    heard: Mutex<Vec<Heard>>,
    count: watch::Sender<usize>,
    /// What is answered next; then what is answered always.
    answers: Mutex<(VecDeque<u16>, u16)>,
}

impl Drop for WebhookReceiver {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl WebhookReceiver {
    /// One that takes everything.
    ///
    /// # Errors
    /// No port is free.
    pub async fn open() -> anyhow::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?.to_string();
        let shared = Arc::new(Shared {
            heard: Mutex::default(),
            count: watch::Sender::new(0),
            answers: Mutex::new((VecDeque::new(), 204)),
        });
        let hearing = Arc::clone(&shared);
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(hear(stream, Arc::clone(&hearing)));
            }
        });
        Ok(Self { address, shared, task })
    }

    /// Where it hears.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}/hook", self.address)
    }

    /// Answers these next, and `then` from then on.
    pub fn answer(&self, next: &[u16], then: u16) {
        *self.shared.answers.lock() = (next.iter().copied().collect(), then);
    }

    /// All that came.
    #[must_use]
    pub fn heard(&self) -> Vec<Heard> {
        self.shared.heard.lock().clone()
    }

    /// Waits until what came is enough.
    ///
    /// # Errors
    /// It is not in time; says what came.
    pub async fn wait(
        &self,
        patience: Duration,
        is_enough: impl Fn(&[Heard]) -> bool,
    ) -> anyhow::Result<Vec<Heard>> {
        let mut count = self.shared.count.subscribe();
        let waiting = count.wait_for(|_| is_enough(&self.shared.heard.lock()));
        let is_late = tokio::time::timeout(patience, waiting).await.is_err();
        anyhow::ensure!(!is_late, "only this came: {:#?}", self.heard());
        Ok(self.heard())
    }
}

async fn hear(mut stream: TcpStream, shared: Arc<Shared>) -> anyhow::Result<()> {
    let mut bytes = Vec::new();
    let (head, length) = loop {
        anyhow::ensure!(stream.read_buf(&mut bytes).await? > 0, "broken off");
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, _)) = text.split_once("\r\n\r\n") {
            let length = head.lines().find_map(|line| {
                let (name, value) = line.split_once(':')?;
                name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>())
            });
            break (head.to_owned(), length.context("no length")??);
        }
    };
    let start = head.len() + 4;
    while bytes.len() < start + length {
        anyhow::ensure!(stream.read_buf(&mut bytes).await? > 0, "broken off");
    }
    let text = String::from_utf8(bytes.split_off(start))?;
    let mut lines = head.lines();
    let path = lines.next().and_then(|line| line.split(' ').nth(1)).unwrap_or_default().to_owned();
    let headers = lines
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
        .collect();
    let status = {
        let mut answers = shared.answers.lock();
        let always = answers.1;
        answers.0.pop_front().unwrap_or(always)
    };
    shared.heard.lock().push(Heard { path, headers, text, status });
    shared.count.send_modify(|count| *count += 1);
    // A redirect leads to a path that keeps what comes as well.
    let more = if status == 302 { "Location: /elsewhere\r\n" } else { "" };
    let answer = format!("HTTP/1.1 {status} As told\r\n{more}Content-Length: 0\r\nConnection: close\r\n\r\n");
    stream.write_all(answer.as_bytes()).await?;
    Ok(())
}
