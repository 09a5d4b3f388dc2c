//! The gateways that stand side by side.

use std::fmt;

use crate::gammu::Gammu;
use crate::ours::Ours;
use crate::smstools::Smstools;
use crate::yard::Yard;

/// Which gateway.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    Posthouse,
    Smstools,
    Gammu,
}

impl Kind {
    pub(crate) const ALL: [Self; 3] = [Self::Posthouse, Self::Smstools, Self::Gammu];
}

impl fmt::Display for Kind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Posthouse => "Posthouse",
            Self::Smstools => "smstools",
            Self::Gammu => "gammu-smsd",
        })
    }
}

/// A gateway that runs on the modems of a yard.
pub(crate) enum Gateway {
    Posthouse(Box<Ours>),
    Smstools(Smstools),
    Gammu(Gammu),
}

impl Gateway {
    /// Starts it and waits until all its modems are at rest.
    pub(crate) async fn start(kind: Kind, yard: &Yard) -> anyhow::Result<Self> {
        let gateway = match kind {
            Kind::Posthouse => Self::Posthouse(Box::new(Ours::start(yard).await?)),
            Kind::Smstools => Self::Smstools(Smstools::start(yard)?),
            Kind::Gammu => Self::Gammu(Gammu::start(yard)?),
        };
        yard.until_begun().await?;
        Ok(gateway)
    }

    /// Hands over so many texts for each modem.
    pub(crate) async fn order(&mut self, yard: &Yard, each: usize) -> anyhow::Result<()> {
        match self {
            Self::Posthouse(ours) => ours.order(yard.modems.len().saturating_mul(each)).await,
            Self::Smstools(smstools) => smstools.order(yard.modems.len().saturating_mul(each)),
            Self::Gammu(gammu) => gammu.order(each),
        }
    }

    /// Waits until the text that a phone has just written has arrived: at a client, or at a handler's script.
    pub(crate) async fn until_arrived(&mut self, number: usize) -> anyhow::Result<()> {
        match self {
            Self::Posthouse(ours) => ours.until_arrived(number).await,
            Self::Smstools(smstools) => smstools.script.until_called(number.saturating_add(1)).await,
            Self::Gammu(gammu) => gammu.script.until_called(number.saturating_add(1)).await,
        }
    }

    /// Its processes.
    pub(crate) fn processes(&self) -> Vec<u32> {
        match self {
            Self::Posthouse(ours) => ours.processes(),
            Self::Smstools(smstools) => smstools.processes(),
            Self::Gammu(gammu) => gammu.processes(),
        }
    }
}
