//! Finds a modem by its number, at whatever port it is plugged in.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use parking_lot::Mutex;
use tokio::task::JoinSet;

use super::line::Line;
use super::settings::Timing;
use super::start;
use crate::at::Command;
use crate::transport::{PortAddress, ports};

/// Before the number in settings.
const SCHEME: &str = "imei:";

/// Looks for modems.
#[derive(Debug, Default)]
pub(super) struct Search {
    /// Where to look beside this computer's ports: ports, folders of ports, terminal servers.
    places: Vec<String>,
    /// Where modems were found.
    found: Mutex<BTreeMap<String, PortAddress>>,
    /// One search at a time: two would be in each other's way at the ports.
    turn: tokio::sync::Mutex<()>,
}

impl Search {
    pub(super) fn in_places(places: Vec<String>) -> Self {
        Self { places, ..Self::default() }
    }

    /// Where the modem with this number is. Ports in `taken` belong to other modems.
    pub(super) async fn find(
        &self,
        imei: &str,
        baud: u32,
        timing: Timing,
        taken: impl Fn() -> BTreeSet<String>,
    ) -> Option<PortAddress> {
        let _turn = self.turn.lock().await;
        // Another one's search may have met it.
        if let Some(known) = self.found.lock().remove(imei) {
            return Some(known);
        }
        let taken = taken();
        let mut asked = JoinSet::new();
        for port in self.ports(baud).into_iter().filter(|port| !taken.contains(&port.to_string())) {
            asked.spawn(async move { (number_at(&port, timing).await, port) });
        }
        let mut found = BTreeMap::new();
        while let Some(answer) = asked.join_next().await {
            // A modem may answer at several ports: the first in their order.
            if let Ok((Some(number), port)) = answer {
                let known: &mut PortAddress = found.entry(number).or_insert_with(|| port.clone());
                if port.to_string() < known.to_string() {
                    *known = port;
                }
            }
        }
        let own = found.remove(imei);
        self.found.lock().extend(found);
        own
    }

    /// It is not there any more.
    pub(super) fn forget(&self, imei: &str) {
        self.found.lock().remove(imei);
    }

    fn ports(&self, baud: u32) -> Vec<PortAddress> {
        let mut names: Vec<String> = match ports() {
            Ok(found) => found.into_iter().map(|port| port.path).collect(),
            Err(error) => {
                tracing::warn!(%error, "the ports cannot be listed");
                Vec::new()
            }
        };
        for place in &self.places {
            match std::fs::read_dir(Path::new(place)) {
                Ok(entries) => {
                    names.extend(entries.flatten().map(|entry| entry.path().display().to_string()));
                }
                Err(_) => names.push(place.clone()),
            }
        }
        names.into_iter().map(|name| PortAddress::parse(&name, baud)).collect()
    }
}

/// The number of the modem at a port, if one answers there.
async fn number_at(port: &PortAddress, timing: Timing) -> Option<String> {
    let opened = port.open().await.ok()?;
    let mut line = Line::new(SCHEME, opened, timing);
    line.wake().await.ok()?;
    line.ask(Command::setting("ATE0")).await.ok()?;
    start::who(&mut line).await.ok()?.imei
}
