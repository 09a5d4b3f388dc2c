//! The programs that are measured, each in a process of its own with data of its own.

mod ejabberd;
pub(crate) mod install;
mod launch;
mod posthouse;
mod prosody;
mod relay;

use std::fmt;
use std::net::SocketAddr;

use crate::house::House;
use crate::process::Process;

/// Open files that are asked of the system: one for each connection, and some.
pub(crate) const OPEN_FILES: u64 = 65_536;

/// Which program.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    /// The bare TLS relay.
    Relay,
    /// Ours.
    Posthouse,
    /// Prosody.
    Prosody,
    /// ejabberd.
    Ejabberd,
}

impl Kind {
    /// In the order of the table.
    pub(crate) const ALL: [Self; 4] = [Self::Relay, Self::Posthouse, Self::Prosody, Self::Ejabberd];
}

impl fmt::Display for Kind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Relay => "relay",
            Self::Posthouse => "Posthouse",
            Self::Prosody => "Prosody",
            Self::Ejabberd => "ejabberd",
        })
    }
}

/// How a server is set up.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Setup {
    /// So many people sign in.
    pub(crate) people: usize,
    /// So many more are in our directory only.
    pub(crate) only_listed: usize,
    /// Messages are archived.
    pub(crate) has_archive: bool,
    /// Everybody is in everybody's roster. Ours needs no setting: everybody is in the directory.
    pub(crate) all_see_all: bool,
}

/// A running program. It ends when this is dropped.
pub(crate) struct Server {
    /// Which one.
    pub(crate) kind: Kind,
    /// Where it takes TLS connections.
    pub(crate) address: SocketAddr,
    /// Where its figures are read.
    pub(crate) process: Process,
    keeper: Keeper,
}

/// What lives as long as the server.
enum Keeper {
    Posthouse(Box<posthouse_tests::server_process::ServerProcess>),
    Other(#[allow(dead_code, reason = "held for its end")] Box<launch::Launched>),
}

impl Server {
    /// Starts one and waits until it listens.
    pub(crate) async fn start(kind: Kind, setup: Setup, house: &House) -> anyhow::Result<Self> {
        match kind {
            Kind::Relay => relay::start(house).await,
            Kind::Posthouse => posthouse::start(setup, house).await,
            Kind::Prosody => prosody::start(setup, house).await,
            Kind::Ejabberd => ejabberd::start(setup, house).await,
        }
    }

    /// For administration; `None` when it is not ours.
    pub(crate) fn ours(&self) -> Option<&posthouse_tests::server_process::ServerProcess> {
        match &self.keeper {
            Keeper::Posthouse(server) => Some(server),
            Keeper::Other(_) => None,
        }
    }
}

impl fmt::Debug for Server {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Server")
            .field("kind", &self.kind)
            .field("address", &self.address)
            .finish_non_exhaustive()
    }
}
