//! Asks a business system over HTTP.

use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Empty, Limited};
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use serde_json::Value;

/// The longest answer.
const LONGEST: usize = 64 * 1_024;

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum AskError {
    /// The address is none.
    #[error("the address cannot be used")]
    Address,
    /// It took too long.
    #[error("no answer in time")]
    Silent,
    /// The connection.
    #[error("the connection failed: {0}")]
    Connection(#[source] hyper_util::client::legacy::Error),
    /// Not 200.
    #[error("status {0}")]
    Status(u16),
    /// The answer is too long or broke off.
    #[error("the answer cannot be read")]
    Body,
    /// The answer is no JSON.
    #[error("the answer is no JSON: {0}")]
    Json(#[source] serde_json::Error),
}

/// The JSON of a successful answer.
pub(super) async fn ask(url: &str, patience: Duration) -> Result<Value, AskError> {
    tokio::time::timeout(patience, fetch(url)).await.map_err(|_| AskError::Silent)?
}

async fn fetch(url: &str) -> Result<Value, AskError> {
    let address = url.parse().map_err(|_| AskError::Address)?;
    let client: Client<_, Empty<Bytes>> = Client::builder(TokioExecutor::new()).build_http();
    let answer = client.get(address).await.map_err(AskError::Connection)?;
    if answer.status().as_u16() != 200 {
        return Err(AskError::Status(answer.status().as_u16()));
    }
    let body = Limited::new(answer.into_body(), LONGEST).collect().await.map_err(|_| AskError::Body)?;
    serde_json::from_slice(&body.to_bytes()).map_err(AskError::Json)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    use super::{AskError, ask};

    /// Answers one request with these bytes, or never.
    async fn business_system(answer: Option<&'static str>) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut request = [0; 1_024];
            let _ = stream.read(&mut request).await.unwrap();
            match answer {
                Some(answer) => stream.write_all(answer.as_bytes()).await.unwrap(),
                None => std::future::pending().await,
            }
        });
        format!("http://{address}/todo")
    }

    #[tokio::test]
    async fn the_fields_of_the_answer_come_back() {
        let url = business_system(Some(
            "HTTP/1.1 200 OK\r\ncontent-length: 11\r\nconnection: close\r\n\r\n{\"count\":3}",
        ));
        let fields = ask(&url.await, Duration::from_secs(5)).await.unwrap();
        assert_eq!(fields["count"], 3);
    }

    #[tokio::test]
    async fn errors_and_silence_are_told_apart() {
        let url = business_system(Some("HTTP/1.1 500 No\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"));
        assert!(matches!(ask(&url.await, Duration::from_secs(5)).await, Err(AskError::Status(500))));
        let url = business_system(None).await;
        assert!(matches!(ask(&url, Duration::from_millis(100)).await, Err(AskError::Silent)));
    }
}
