//! Knows modems again. A name of the settings stands for the modem with that IMEI, at whatever port it is plugged in:
//! modems that have changed their ports change back here. What is kept for a SIM goes with the card.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;

use super::search::Search;
use super::settings::{Settings, Timing};
use super::status::Identity;
use crate::clock::{Clock, Moment};
use crate::store::{Store, StoreError};
use crate::transport::PortAddress;

const DAY: Duration = Duration::from_secs(86_400);

/// Where each modem is.
#[derive(Debug)]
pub struct Switchboard {
    store: Option<Store>,
    clock: Clock,
    search: Search,
    inner: Mutex<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    /// The port of each modem that is given by its port.
    ports: BTreeMap<String, PortAddress>,
    /// Which modem each name stands for, as far as that is known.
    imeis: BTreeMap<String, String>,
    /// Ports that are open.
    open: BTreeMap<String, PortAddress>,
    /// Names whose modem was recognised at its open port.
    present: BTreeSet<String>,
    /// The SIMs in modems whose port is open.
    sims: BTreeMap<String, String>,
    /// When the SIMs sent that others than before stand behind these names, until somebody asks.
    counts: BTreeMap<String, Vec<Moment>>,
}

impl Switchboard {
    /// For modems of which nothing is kept.
    pub fn without_memory() -> Arc<Self> {
        Arc::new(Self {
            store: None,
            clock: Clock::System,
            search: Search::default(),
            inner: Mutex::default(),
        })
    }

    /// For the modems of the settings. Those that are given by their number are looked for at this computer's ports
    /// and in `places`.
    ///
    /// # Errors
    /// The store's.
    pub async fn open(
        store: Store,
        modems: impl Iterator<Item = &Settings> + Send,
        places: Vec<String>,
    ) -> Result<Arc<Self>, StoreError> {
        let mut inner = Inner::default();
        let mut names = BTreeSet::new();
        for modem in modems {
            names.insert(modem.name.clone());
            match &modem.port {
                PortAddress::Imei { imei, .. } => {
                    inner.imeis.insert(modem.name.clone(), imei.clone());
                }
                port @ (PortAddress::Serial { .. } | PortAddress::Tcp { .. }) => {
                    inner.ports.insert(modem.name.clone(), port.clone());
                }
            }
        }
        for known in store.known_modems().await? {
            if names.contains(&known.name) {
                inner.imeis.entry(known.name).or_insert(known.imei);
            }
        }
        let search = Search::in_places(places);
        Ok(Arc::new(Self { store: Some(store), clock: Clock::System, search, inner: Mutex::new(inner) }))
    }

    /// The port to open for a modem; `None`: it is nowhere.
    pub(super) async fn port(&self, modem: &Settings) -> Option<PortAddress> {
        let PortAddress::Imei { imei, baud } = &modem.port else {
            let inner = self.inner.lock();
            return Some(inner.ports.get(&modem.name).unwrap_or(&modem.port).clone());
        };
        self.search.find(imei, *baud, modem.timing, || self.taken()).await
    }

    /// Ports that belong to somebody.
    fn taken(&self) -> BTreeSet<String> {
        let inner = self.inner.lock();
        inner.ports.values().chain(inner.open.values()).map(ToString::to_string).collect()
    }

    pub(super) fn is_open(&self, name: &str, port: &PortAddress) {
        self.inner.lock().open.insert(name.to_owned(), port.clone());
    }

    pub(super) fn is_closed(&self, name: &str) {
        let mut inner = self.inner.lock();
        inner.open.remove(name);
        inner.present.remove(name);
        inner.sims.remove(name);
    }

    /// A modem answers at this name's port. False when it is not the one: its own name has the port from now on.
    pub(super) fn recognise(&self, name: &str, imei: &str) -> bool {
        let mut inner = self.inner.lock();
        let own = inner.imeis.get(name).cloned();
        let is_own = own.as_deref() == Some(imei);
        if let Some(own) = own.filter(|_| !is_own && !inner.ports.contains_key(name)) {
            // It is given by its number and this is another one.
            self.search.forget(&own);
            return false;
        }
        let owner = inner.imeis.iter().find(|(_, known)| *known == imei).map(|(owner, _)| owner.clone());
        // Cheap modems share a number: then it says nothing.
        let owner = owner.filter(|owner| !is_own && !inner.present.contains(owner));
        let owner = owner.filter(|owner| inner.ports.contains_key(owner));
        if let (Some(owner), Some(port)) = (owner, inner.open.get(name).cloned()) {
            tracing::warn!(modem = name, is = owner, %port, "a modem is at another one's port");
            // The one that noticed first has changed the ports for both.
            let other = inner.ports.insert(owner, port.clone()).filter(|other| *other != port);
            if let Some(other) = other {
                inner.ports.insert(name.to_owned(), other);
            }
            return false;
        }
        inner.present.insert(name.to_owned());
        true
    }

    /// The modem of this name has this SIM. What is kept for the SIM comes along.
    pub(super) async fn has_sim(&self, name: &str, identity: &Identity) {
        let (Some(store), Some(imsi)) = (&self.store, identity.imsi.clone()) else { return };
        let imei = identity.imei.clone().unwrap_or_default();
        {
            let mut inner = self.inner.lock();
            // Two ports of one modem: what is kept must not go to and fro.
            if inner.sims.iter().any(|(other, sim)| other != name && *sim == imsi) {
                tracing::warn!(
                    modem = name,
                    "this SIM has another name already; are these two ports of one modem?"
                );
                return;
            }
            inner.sims.insert(name.to_owned(), imsi.clone());
            if !imei.is_empty() {
                inner.imeis.insert(name.to_owned(), imei.clone());
            }
        }
        let now = self.clock.now();
        match store.modem_is(name.to_owned(), imei, imsi, now).await {
            Ok(true) => {
                tracing::info!(modem = name, "another SIM; what is kept for it comes along");
                self.count(store, name, now).await;
            }
            Ok(false) => {}
            Err(error) => tracing::error!(modem = name, %error, "a modem's SIM cannot be noted"),
        }
    }

    /// What the SIM sent itself counts for its limits.
    async fn count(&self, store: &Store, name: &str, now: Moment) {
        match store.sent_since(now.before(DAY)).await {
            Ok(sent) => {
                let own = sent.into_iter().filter(|(modem, _)| modem == name);
                let times = own.map(|(_, time)| Moment(time)).collect();
                self.inner.lock().counts.insert(name.to_owned(), times);
            }
            Err(error) => tracing::error!(modem = name, %error, "what a SIM sent cannot be read"),
        }
    }

    /// When the SIM sent in the last day that stands behind a name now, for names where that has changed.
    pub(crate) fn new_counts(&self) -> BTreeMap<String, Vec<Moment>> {
        std::mem::take(&mut self.inner.lock().counts)
    }
}

/// Where the modem of a block of the settings is now, for commands that look once.
pub async fn locate(modem: &Settings, places: &[String]) -> Option<PortAddress> {
    match &modem.port {
        PortAddress::Imei { imei, baud } => {
            let search = Search::in_places(places.to_owned());
            search.find(imei, *baud, Timing::default(), BTreeSet::new).await
        }
        port @ (PortAddress::Serial { .. } | PortAddress::Tcp { .. }) => Some(port.clone()),
    }
}

#[cfg(test)]
mod tests {
    use super::{Inner, Switchboard};
    use crate::modem::Identity;
    use crate::store::Store;
    use crate::transport::PortAddress;

    fn port(name: &str) -> PortAddress {
        PortAddress::parse(name, 115_200)
    }

    /// Two names with their ports and modems.
    fn board(imeis: [&str; 2]) -> std::sync::Arc<Switchboard> {
        let board = Switchboard::without_memory();
        *board.inner.lock() = Inner {
            ports: [("one".to_owned(), port("A")), ("two".to_owned(), port("B"))].into(),
            imeis: [("one".to_owned(), imeis[0].to_owned()), ("two".to_owned(), imeis[1].to_owned())].into(),
            ..Inner::default()
        };
        for (name, at) in [("one", "A"), ("two", "B")] {
            board.is_open(name, &port(at));
        }
        board
    }

    #[test]
    fn modems_that_changed_their_ports_change_back() {
        let board = board(["1", "2"]);
        assert!(!board.recognise("one", "2"));
        board.is_closed("one");
        // The other one notices by itself; the ports are changed once.
        assert!(!board.recognise("two", "1"));
        board.is_closed("two");
        let inner = board.inner.lock();
        assert_eq!((&inner.ports["one"], &inner.ports["two"]), (&port("B"), &port("A")));
    }

    #[test]
    fn modems_that_share_a_number_stay_where_they_are() {
        let board = board(["1", "1"]);
        assert!(board.recognise("two", "1") && board.recognise("one", "1"));
    }

    #[tokio::test]
    async fn two_ports_of_one_modem_do_not_take_what_is_kept_from_each_other() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("gateway.db")).unwrap();
        let board = Switchboard::open(store, std::iter::empty(), Vec::new()).await.unwrap();
        let identity = |imsi: &str| Identity {
            imei: Some("1".to_owned()),
            imsi: Some(imsi.to_owned()),
            ..Identity::default()
        };
        board.has_sim("one", &identity("a")).await;
        board.has_sim("two", &identity("a")).await;
        assert!(board.new_counts().is_empty());
        // The card is moved.
        board.is_closed("one");
        board.has_sim("two", &identity("a")).await;
        assert_eq!(board.new_counts().into_keys().collect::<Vec<_>>(), ["two"]);
    }

    #[test]
    fn a_new_modem_at_an_old_ones_port_has_its_name() {
        assert!(board(["1", "2"]).recognise("one", "3"));
    }
}
