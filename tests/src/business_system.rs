//! A business system: asks the server over HTTP, one connection for every request.

use anyhow::Context;
use serde_json::Value;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::raw_client::{PATIENCE, Trust};

/// Where to ask, and as whom.
#[derive(Debug, Clone)]
pub struct BusinessSystem {
    address: String,
    trust: Option<Trust>,
    headers: Vec<(String, String)>,
}

/// What the server said.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// Names in small letters.
    pub headers: Vec<(String, String)>,
    /// As it came.
    pub text: String,
    /// The same, when it is JSON.
    pub body: Value,
}

impl Answer {
    /// A header by its name in small letters.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The word of an error.
    #[must_use]
    pub fn code(&self) -> &str {
        self.body.get("code").and_then(Value::as_str).unwrap_or_default()
    }
}

impl BusinessSystem {
    /// Asks at this address, in the clear.
    #[must_use]
    pub fn at(address: &str) -> Self {
        Self { address: address.to_owned(), trust: None, headers: Vec::new() }
    }

    /// Asks inside TLS.
    #[must_use]
    pub fn inside_tls(mut self, trust: Trust) -> Self {
        self.trust = Some(trust);
        self
    }

    /// Says this with every request.
    #[must_use]
    pub fn with_header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Shows this key.
    #[must_use]
    pub fn with_key(self, key: &str) -> Self {
        self.with_header("Authorization", &format!("Bearer {key}"))
    }

    /// Asks for something.
    ///
    /// # Errors
    /// There is no answer.
    pub async fn get(&self, path: &str) -> anyhow::Result<Answer> {
        self.ask("GET", path, None).await
    }

    /// Sends JSON.
    ///
    /// # Errors
    /// There is no answer.
    pub async fn post(&self, path: &str, body: &Value) -> anyhow::Result<Answer> {
        self.ask("POST", path, Some(&body.to_string())).await
    }

    /// Any request; a body is said to be JSON.
    ///
    /// # Errors
    /// There is no answer.
    pub async fn ask(&self, method: &str, path: &str, body: Option<&str>) -> anyhow::Result<Answer> {
        self.ask_with(method, path, body.map(|body| ("application/json", body))).await
    }

    /// Sends the fields of a form.
    ///
    /// # Errors
    /// There is no answer.
    pub async fn post_form(&self, path: &str, fields: &[(&str, &str)]) -> anyhow::Result<Answer> {
        self.ask_with("POST", path, Some(("application/x-www-form-urlencoded", &form(fields)))).await
    }

    /// Any request, with a body of any kind.
    ///
    /// # Errors
    /// There is no answer.
    pub async fn ask_with(
        &self,
        method: &str,
        path: &str,
        body: Option<(&str, &str)>,
    ) -> anyhow::Result<Answer> {
        let mut request = format!("{method} {path} HTTP/1.1\r\nConnection: close\r\n");
        if !self.headers.iter().any(|(name, _)| name == "Host") {
            request.push_str("Host: posthouse.test\r\n");
        }
        for (name, value) in &self.headers {
            request.push_str(&format!("{name}: {value}\r\n"));
        }
        if let Some((kind, body)) = body {
            request
                .push_str(&format!("Content-Type: {kind}\r\nContent-Length: {}\r\n\r\n{body}", body.len()));
        } else {
            request.push_str("\r\n");
        }
        tokio::time::timeout(PATIENCE, self.exchange(&request)).await.context("no answer in time")?
    }

    async fn exchange(&self, request: &str) -> anyhow::Result<Answer> {
        let stream = TcpStream::connect(&self.address).await.with_context(|| self.address.clone())?;
        stream.set_nodelay(true)?;
        match &self.trust {
            None => talk(stream, request).await,
            Some(trust) => talk(trust.connector()?.connect(trust.name()?, stream).await?, request).await,
        }
    }
}

/// The fields of a form, or of a query, as they are written (URL Standard, section 5.2).
#[must_use]
pub fn form(fields: &[(&str, &str)]) -> String {
    let written = |text: &str| -> String {
        text.bytes()
            .map(|byte| match byte {
                b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'*' => {
                    char::from(byte).to_string()
                }
                _ => format!("%{byte:02X}"),
            })
            .collect()
    };
    let pairs: Vec<String> =
        fields.iter().map(|(name, value)| format!("{}={}", written(name), written(value))).collect();
    pairs.join("&")
}

async fn talk(mut stream: impl AsyncRead + AsyncWrite + Unpin, request: &str) -> anyhow::Result<Answer> {
    stream.write_all(request.as_bytes()).await?;
    stream.flush().await?;
    let mut bytes = Vec::new();
    // TLS that ends without a word is an end all the same.
    let ended = stream.read_to_end(&mut bytes).await;
    let text = String::from_utf8(bytes)?;
    let (head, body) = text.split_once("\r\n\r\n").with_context(|| format!("no answer: {ended:?}"))?;
    let mut lines = head.split("\r\n");
    let status = lines.next().and_then(|line| line.split(' ').nth(1)).context("no status")?.parse()?;
    let headers: Vec<(String, String)> = lines
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
        .collect();
    let is_chunked = headers.iter().any(|(name, value)| name == "transfer-encoding" && value == "chunked");
    if is_chunked {
        let text = joined(body)?;
        let value = serde_json::from_str(&text).unwrap_or_default();
        return Ok(Answer { status, headers, text, body: value });
    }
    let length = headers.iter().find(|(name, _)| name == "content-length").map(|(_, length)| length.parse());
    // No Content has no length either (RFC 9110 section 8.6).
    let length = length.transpose()?.or_else(|| (status == 204).then_some(0));
    anyhow::ensure!(length == Some(body.len()), "the answer is cut off: {text}");
    let value = serde_json::from_str(body).unwrap_or_default();
    Ok(Answer { status, headers, text: body.to_owned(), body: value })
}

/// A body in chunks (RFC 9112 section 7.1).
fn joined(chunked: &str) -> anyhow::Result<String> {
    let (mut whole, mut rest) = (Vec::new(), chunked.as_bytes());
    loop {
        let end = rest.windows(2).position(|pair| pair == b"\r\n").context("a chunk is cut off")?;
        let (size, more) = rest.split_at(end);
        let size = std::str::from_utf8(size)?.split(';').next().unwrap_or_default().trim();
        let size = usize::from_str_radix(size, 16)?;
        if size == 0 {
            return Ok(String::from_utf8(whole)?);
        }
        let chunk = more.get(2..size.saturating_add(2)).context("a chunk is cut off")?;
        whole.extend_from_slice(chunk);
        rest = more.get(size.saturating_add(4)..).context("a chunk is cut off")?;
    }
}
