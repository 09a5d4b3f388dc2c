//! A gateway without a server: store, pool, outbox and inbox in this process, over simulated modems.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use posthouse_gateway::clock::Clock;
use posthouse_gateway::conversation::{Conversations, Numbering};
use posthouse_gateway::dispatcher::Dispatcher;
use posthouse_gateway::inbox::Inbox;
use posthouse_gateway::link::{Link, LinkSettings};
use posthouse_gateway::modem::{Settings, State};
use posthouse_gateway::outbox::{Order, Outbox, Policy, TextState};
use posthouse_gateway::pool::{Limits, Place, Pool, PoolRoute};
use posthouse_gateway::query_codes::{QueriesConfig, QueryCode, QueryDesk, Registry};
use posthouse_gateway::quotas::Rules;
use posthouse_gateway::route::Route;
use posthouse_gateway::status::Reporter;
use posthouse_gateway::store::{Store, TextRow, Waiting};
use posthouse_gateway::transport::PortAddress;
use posthouse_gateway::ways::Ways;
use posthouse_tests::modem_simulator::{Habits, ModemSimulator, Network, Sim};
use posthouse_tests::server_process::DOMAIN;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;

use crate::world::{PATIENCE, quick};

pub(crate) const PHONE: &str = "+8613800000001";
/// The gateway's domain and secret.
pub(crate) const SMS: &str = "sms.posthouse.test";
pub(crate) const SECRET: &str = "geheim";

/// The gateway.
pub(crate) struct Office {
    pub(crate) store: Store,
    pub(crate) outbox: Outbox,
    pub(crate) inbox: Inbox,
    pub(crate) route: PoolRoute,
    pool: Option<Pool>,
    stop: watch::Sender<bool>,
    tasks: Vec<JoinHandle<()>>,
    link: Option<JoinHandle<()>>,
}

/// Modems and their network.
pub(crate) struct Yard {
    pub(crate) network: Network,
    pub(crate) modems: Vec<ModemSimulator>,
}

impl Yard {
    pub(crate) async fn with(count: usize, habits: Habits) -> Self {
        let network = Network::default();
        let mut modems = Vec::new();
        for number in 1..=count {
            let name = format!("modem{number}");
            modems.push(ModemSimulator::tcp(&name, &network, Sim::default(), habits).await.unwrap());
        }
        Self { network, modems }
    }

    fn places(&self, limits: Limits) -> Vec<Place> {
        self.modems
            .iter()
            .map(|modem| Place {
                settings: Settings {
                    name: modem.name().to_owned(),
                    port: PortAddress::parse(&modem.port(), 115_200),
                    pin: None,
                    may_reset: false,
                    timing: quick(),
                },
                prefixes: Vec::new(),
                limits,
            })
            .collect()
    }
}

/// How quickly reports are given up in scenes.
pub(crate) fn hasty() -> Policy {
    Policy { report_window: Duration::from_millis(1_500), ..Policy::default() }
}

impl Office {
    pub(crate) async fn open(folder: &Path, yard: &Yard, policy: Policy, limits: Limits) -> Self {
        Self::open_under(folder, yard, policy, limits, Rules::default()).await
    }

    /// The same under rules about what senders may text.
    pub(crate) async fn open_under(
        folder: &Path,
        yard: &Yard,
        policy: Policy,
        limits: Limits,
        rules: Rules,
    ) -> Self {
        Self::open_at(folder, yard.places(limits), Vec::new(), policy, rules).await
    }

    /// The same with modems as the settings have them, looked for in these places.
    pub(crate) async fn open_at(
        folder: &Path,
        modems: Vec<Place>,
        search: Vec<String>,
        policy: Policy,
        rules: Rules,
    ) -> Self {
        let store = Store::open(&folder.join("gateway.db")).unwrap();
        let clock = Arc::new(Clock::System);
        let outbox = Outbox::open(store.clone(), Arc::clone(&clock), policy).await.unwrap().with_rules(rules);
        let inbox = Inbox::new(store.clone(), clock, outbox.clone(), Duration::from_secs(2));
        let (events, received) = mpsc::channel(64);
        let pool = Pool::start(modems, &store, &outbox, &events, search).await.unwrap();
        let route = pool.route(&store);
        let (stop, stopped) = watch::channel(false);
        let routes: Vec<Arc<dyn Route>> = vec![Arc::new(route.clone())];
        let dispatcher = Dispatcher::new(outbox.clone(), routes);
        let tasks = vec![tokio::spawn(inbox.clone().run(received)), tokio::spawn(dispatcher.run(stopped))];
        Self { store, outbox, inbox, route, pool: Some(pool), stop, tasks, link: None }
    }

    /// Connects to a server; answers the link for those who wait until it stands.
    pub(crate) fn connect(&mut self, address: String) -> Link {
        self.connect_with_codes(address, Vec::new())
    }

    /// The same, with codes that phones can ask with.
    pub(crate) fn connect_with_codes(&mut self, address: String, codes: Vec<QueryCode>) -> Link {
        let settings = LinkSettings {
            address,
            server: DOMAIN.to_owned(),
            domain: SMS.to_owned(),
            secret: SECRET.to_owned(),
            trust: None,
            administrators: vec![format!("chen.jing@{DOMAIN}")],
        };
        let route = self.route.clone();
        let conversations = Conversations::new(
            self.store.clone(),
            Arc::new(Clock::System),
            Numbering { domain: SMS.to_owned(), country: "+86".to_owned() },
            Arc::new(move |_: &str| route.healthy()),
        );
        let codes = Arc::new(Registry::open(&QueriesConfig::default(), &codes).unwrap());
        let conversations = conversations.with_codes(Arc::clone(&codes));
        let (store, clock) = (self.store.clone(), Arc::new(Clock::System));
        let desk = QueryDesk::new(codes, self.outbox.clone(), self.inbox.clone(), store, clock);
        let link =
            Link::new(settings, self.outbox.clone(), self.inbox.clone(), conversations).with_codes(desk);
        let ways = Ways { modems: self.route.clone(), lines: Vec::new() };
        let link = link.with_status(Reporter::new(ways, self.store.clone(), self.outbox.clone()));
        self.link = Some(tokio::spawn(link.clone().run(self.stop.subscribe())));
        link
    }

    pub(crate) async fn close(mut self) {
        self.stop.send(true).unwrap();
        if let Some(link) = self.link.take() {
            link.await.unwrap();
        }
        self.tasks.pop().unwrap().await.unwrap();
        self.pool.take().unwrap().stop().await;
    }

    pub(crate) async fn order(&self, id: &str, body: &str) {
        let order = Order {
            origin: "zhang.san@posthouse.test".to_owned(),
            origin_id: id.to_owned(),
            reply_to: String::new(),
            recipient: format!("{PHONE}@sms.posthouse.test"),
            number: PHONE.to_owned(),
            body: body.to_owned(),
            is_flash: false,
            wanted: None,
        };
        assert!(self.outbox.take(order).await.unwrap());
    }

    /// Looks after the texts as the gateway will do when so much time has passed.
    pub(crate) async fn tidy_after(&self, time: Duration, policy: Policy) {
        let then = Clock::System.now().after(time);
        let clock = Arc::new(Clock::Fixed(then.0.into()));
        Outbox::beside(self.store.clone(), clock, policy).tidy().await.unwrap();
    }

    pub(crate) async fn find(&self, id: &str) -> TextRow {
        self.look_for(id).await.expect("the text is there")
    }

    pub(crate) async fn look_for(&self, id: &str) -> Option<TextRow> {
        self.outbox.find("zhang.san@posthouse.test", id).await.unwrap()
    }

    /// From now on texts stay where they are.
    pub(crate) async fn stop_sending(&mut self) {
        self.stop.send(true).unwrap();
        self.tasks.pop().unwrap().await.unwrap();
    }

    pub(crate) async fn becomes(&self, id: &str, state: TextState) -> TextRow {
        self.becomes_within(PATIENCE, id, state).await
    }

    /// The same where things take longer.
    pub(crate) async fn becomes_within(&self, patience: Duration, id: &str, state: TextState) -> TextRow {
        let mut changed = self.outbox.changed();
        let waiting = async {
            loop {
                let row = self.find(id).await;
                if row.state == state {
                    return row;
                }
                changed.changed().await.unwrap();
            }
        };
        match tokio::time::timeout(patience, waiting).await {
            Ok(row) => row,
            Err(_) => panic!("{id} does not become {state:?}: {:?}", self.find(id).await),
        }
    }

    /// Waits until so many whole texts lie in the inbox.
    pub(crate) async fn received(&self, count: usize) -> Vec<Waiting> {
        let mut arrived = self.inbox.arrived();
        let waiting = async {
            loop {
                let texts = self.inbox.unhanded().await.unwrap();
                if texts.len() >= count {
                    return texts;
                }
                arrived.changed().await.unwrap();
            }
        };
        tokio::time::timeout(PATIENCE, waiting).await.expect("the texts come in time")
    }

    /// Waits until a modem is in this state.
    pub(crate) async fn modem_is(&self, name: &str, state: State) {
        let mut status = self.route.status(name).expect("a modem of that name");
        let waiting = status.wait_for(|status| status.state == state);
        if tokio::time::timeout(PATIENCE, waiting).await.is_err() {
            panic!("{name} does not become {state:?}: {:?}", self.route.view());
        }
    }

    /// How many messages count for a modem's SIM.
    pub(crate) fn counted(&self, name: &str) -> usize {
        self.route.view().into_iter().find(|view| view.name == name).expect("a modem of that name").sent_today
    }

    pub(crate) async fn counter(&self, name: &str) -> i64 {
        let counters = self.store.counters().await.unwrap();
        counters.into_iter().find(|(known, _)| known == name).map_or(0, |(_, value)| value)
    }
}
