//! The places where a simulated modem can be plugged in.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;

/// One program's connection to the modem.
pub(super) trait Connection: AsyncRead + AsyncWrite + Unpin + Send {}

impl<T: AsyncRead + AsyncWrite + Unpin + Send> Connection for T {}

/// A place.
#[derive(Debug)]
pub(super) enum Socket {
    /// A pseudo terminal under a name that stays.
    #[cfg(unix)]
    Pty { link: PathBuf, pair: Option<Terminal> },
    /// A TCP port; `None` while unplugged.
    Tcp { address: SocketAddr, listener: Option<TcpListener> },
}

/// The modem's end, and the far end kept open: without a program there it would count as hung up.
#[cfg(unix)]
type Terminal = (tokio_serial::SerialStream, std::fs::File);

/// What has to stay open beside a connection.
pub(super) type Held = Option<std::fs::File>;

impl Socket {
    pub(super) fn tcp(listener: TcpListener, address: SocketAddr) -> Self {
        Self::Tcp { address, listener: Some(listener) }
    }

    #[cfg(unix)]
    pub(super) fn pty(link: &Path) -> anyhow::Result<Self> {
        Ok(Self::Pty { pair: Some(terminal(link)?), link: link.to_owned() })
    }

    /// Waits until a program connects; a terminal is always connected.
    pub(super) async fn connection(&mut self) -> anyhow::Result<(Box<dyn Connection>, Held)> {
        match self {
            #[cfg(unix)]
            Self::Pty { pair, link } => {
                let (master, slave) = match pair.take() {
                    Some(pair) => pair,
                    None => terminal(link)?,
                };
                Ok((Box::new(master), Some(slave)))
            }
            Self::Tcp { listener, address } => {
                if listener.is_none() {
                    *listener = Some(listen_again(*address).await?);
                }
                let Some(listening) = listener else { anyhow::bail!("not plugged in") };
                let (stream, _) = listening.accept().await?;
                stream.set_nodelay(true)?;
                Ok((Box::new(stream), None))
            }
        }
    }

    /// Nobody finds it any more.
    pub(super) fn unplug(&mut self) {
        match self {
            #[cfg(unix)]
            Self::Pty { link, pair } => {
                *pair = None;
                // It may be gone already.
                let _ = std::fs::remove_file(link);
            }
            Self::Tcp { listener, .. } => *listener = None,
        }
    }
}

/// A pseudo terminal whose far end is found under `link`.
#[cfg(unix)]
fn terminal(link: &Path) -> anyhow::Result<Terminal> {
    use anyhow::Context;
    use std::os::unix::fs::OpenOptionsExt;
    use tokio_serial::SerialPort;

    /// `O_NOCTTY` on Linux: the terminal must not become ours.
    const NO_CONTROL: i32 = 0o400;
    let (master, slave) = tokio_serial::SerialStream::pair()?;
    let path = slave.name().context("the terminal has no name")?;
    // A port opened by the crate is locked against all others; a plain file is not.
    let held = std::fs::File::options().read(true).write(true).custom_flags(NO_CONTROL).open(&path)?;
    drop(slave);
    let _ = std::fs::remove_file(link);
    std::os::unix::fs::symlink(path, link)?;
    Ok((master, held))
}

async fn listen_again(address: SocketAddr) -> anyhow::Result<TcpListener> {
    let mut tries = 0;
    loop {
        match TcpListener::bind(address).await {
            Ok(listener) => return Ok(listener),
            Err(error) if tries == 100 => return Err(error.into()),
            Err(_) => tries += 1,
        }
        // Another program's outgoing connection may have taken the port for a moment.
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}
