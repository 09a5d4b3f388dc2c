//! Puts the gateway together and runs it.

use std::path::Path;
use std::sync::Arc;

use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;

use crate::clock::Clock;
use crate::config::Config;
use crate::conversation::Conversations;
use crate::dispatcher::Dispatcher;
use crate::inbox::Inbox;
use crate::link::Link;
use crate::outbox::Outbox;
use crate::pool::{Pool, PoolRoute};
use crate::query_codes::{QueryDesk, Registry};
use crate::retention::Retention;
use crate::smpp::Line;
use crate::status::{self, Reporter};
use crate::store::{Store, StoreError};
use crate::ways::Ways;

/// The database in the data folder.
pub const DATABASE: &str = "gateway.db";

/// What modems told and nobody has kept yet.
const EVENTS: usize = 256;

/// A gateway at work.
pub struct Gateway {
    pool: Pool,
    lines: Vec<Line>,
    ways: Ways,
    stop: watch::Sender<bool>,
    /// The dispatcher and the link: they end when told.
    told: Vec<JoinHandle<()>>,
    /// Ends when no modem is left.
    inbox: JoinHandle<()>,
}

impl Gateway {
    /// Starts everything the settings name.
    ///
    /// # Errors
    /// The store's.
    pub async fn start(config: &Config, data: &Path) -> Result<Self, StoreError> {
        let store = Store::open(&data.join(DATABASE))?;
        let clock = Arc::new(Clock::System);
        let outbox = Outbox::open(store.clone(), Arc::clone(&clock), config.policy()).await?;
        // `check` has found them in order.
        let outbox = outbox.with_rules(config.rules().unwrap_or_default());
        let inbox = Inbox::new(store.clone(), Arc::clone(&clock), outbox.clone(), config.part_patience());
        let (events, received) = mpsc::channel(EVENTS);
        let pool =
            Pool::start(config.places(), &store, &outbox, &events, config.modem_places.clone()).await?;
        let lines: Vec<Line> =
            config.lines().into_iter().map(|line| Line::start(line, &store, &outbox, &inbox)).collect();
        let ways = Ways { modems: pool.route(&store), lines: lines.iter().map(Line::route).collect() };
        let (stop, stopped) = watch::channel(false);
        let dispatcher = Dispatcher::new(outbox.clone(), ways.routes());
        let mut told = vec![tokio::spawn(dispatcher.run(stopped.clone()))];
        if let Some(keep) = config.keep() {
            let retention = Retention::new(store.clone(), Arc::clone(&clock), keep, config.link().is_some());
            told.push(tokio::spawn(retention.run(stopped.clone())));
        }
        let reporter = Reporter::new(ways.clone(), store.clone(), outbox.clone());
        told.push(tokio::spawn(status::keep(reporter.clone(), data.to_owned(), stopped.clone())));
        if let Some(address) = config.metrics() {
            told.push(tokio::spawn(status::serve(reporter.clone(), address, stopped.clone())));
        }
        if let Some(settings) = config.link() {
            let all = ways.clone();
            let healthy = Arc::new(move |number: &str| all.healthy(number));
            // Reading the settings has found them in order; a file may have gone since.
            let codes = Arc::new(config.registry().unwrap_or_else(|error| {
                tracing::error!(%error, "there are no codes");
                Registry::default()
            }));
            let numbering = config.numbering();
            let conversations = Conversations::new(store.clone(), Arc::clone(&clock), numbering, healthy)
                .with_codes(Arc::clone(&codes));
            let desk = QueryDesk::new(codes, outbox.clone(), inbox.clone(), store.clone(), clock);
            let link = Link::new(settings, outbox, inbox.clone(), conversations)
                .with_codes(desk)
                .with_status(reporter.clone());
            reporter.joins(link.connected());
            told.push(tokio::spawn(link.run(stopped)));
        } else {
            tracing::warn!("no server is set: texts that come are only kept");
        }
        Ok(Self { pool, lines, ways, stop, told, inbox: tokio::spawn(inbox.run(received)) })
    }

    /// The modems, for whoever shows them.
    pub fn route(&self) -> &PoolRoute {
        &self.ways.modems
    }

    /// All ways to phones, for whoever shows them.
    pub fn ways(&self) -> &Ways {
        &self.ways
    }

    /// Ends after what is under way.
    pub async fn stop(self) {
        self.stop.send_replace(true);
        for task in self.told {
            finished(task.await);
        }
        for line in self.lines {
            line.stop().await;
        }
        self.pool.stop().await;
        drop(self.ways);
        finished(self.inbox.await);
    }
}

fn finished(ended: Result<(), tokio::task::JoinError>) {
    if let Err(error) = ended {
        tracing::error!(%error, "a task failed");
    }
}
