//! Figures for Prometheus: an answer to every GET, on a port of this computer.

use std::fmt::Write as _;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::timeout;

use super::{Reporter, Snapshot};

/// How long a reader may take, and how much it may say.
const PATIENCE: Duration = Duration::from_secs(5);
const LONGEST: usize = 8_192;
/// Readers at once.
const MOST: usize = 8;

/// Answers at this address until told to stop.
pub async fn serve(reporter: Reporter, address: SocketAddr, mut stop: watch::Receiver<bool>) {
    let listener = match TcpListener::bind(address).await {
        Ok(listener) => listener,
        Err(error) => return tracing::error!(%address, %error, "figures cannot be shown"),
    };
    let mut readers = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept(), if readers.len() < MOST => match accepted {
                Ok((stream, _)) => {
                    let reporter = reporter.clone();
                    readers.spawn(async move {
                        // A reader that is slow or gone gets nothing.
                        let _ = timeout(PATIENCE, answer(&reporter, stream)).await;
                    });
                }
                Err(error) => {
                    tracing::warn!(%error, "a reader of figures cannot be accepted");
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
            },
            Some(_) = readers.join_next() => {}
            _ = async { stop.wait_for(|stops| *stops).await.map(|_| ()) } => return,
        }
    }
}

async fn answer(reporter: &Reporter, mut stream: TcpStream) -> std::io::Result<()> {
    let mut request = Vec::new();
    while !request.windows(4).any(|end| end == b"\r\n\r\n") {
        if request.len() > LONGEST || stream.read_buf(&mut request).await? == 0 {
            return Ok(());
        }
    }
    let (status, body) = match reporter.snapshot().await {
        Ok(snapshot) if request.starts_with(b"GET ") => ("200 OK", text(&snapshot)),
        Ok(_) => ("405 Method Not Allowed", String::new()),
        Err(error) => ("500 Internal Server Error", format!("# {error}\n")),
    };
    let head = format!(
        "HTTP/1.1 {status}\r\ncontent-type: text/plain; version=0.0.4\r\ncontent-length: {}\r\n\
         connection: close\r\n\r\n",
        body.len()
    );
    stream.write_all((head + &body).as_bytes()).await?;
    stream.shutdown().await
}

fn text(snapshot: &Snapshot) -> String {
    let mut text = String::new();
    let mut figure = |name: &str, labels: &str, value: i64| {
        // Writing into a String does not fail.
        let _ = writeln!(text, "posthouse_gateway_{name}{labels} {value}");
    };
    if let Some(is_connected) = snapshot.server {
        figure("server_connected", "", is_connected.into());
    }
    for way in &snapshot.ways {
        let name = way.name.replace(['\\', '"', '\n'], "_");
        let labels = format!("{{kind=\"{}\",name=\"{name}\"}}", way.kind);
        figure("ready", &labels, i64::from(way.is_ready));
        if let Some(signal) = way.signal {
            figure("signal_dbm", &labels, signal.into());
        }
        if let Some(sent) = way.sent {
            figure("messages_in_a_day", &labels, i64::try_from(sent).unwrap_or(i64::MAX));
        }
    }
    figure("texts_waiting", "", snapshot.waiting);
    for (state, count) in &snapshot.today {
        figure("texts_today", &format!("{{state=\"{state}\"}}"), *count);
    }
    figure("texts_received_today", "", snapshot.received);
    for (name, count) in &snapshot.counters {
        figure("events_total", &format!("{{kind=\"{name}\"}}"), *count);
    }
    figure("cost_today_millionths", "", snapshot.cost);
    figure("database_bytes", "", snapshot.size.bytes);
    figure("database_free_bytes", "", snapshot.size.free);
    text
}
