//! Brings the store in step with the account's archive (XEP-0313): after each login everything since the last
//! known message, at the first login the newest, and older messages when the person scrolls there. A page and
//! how far it leads go into the store in one transaction, so that no end of the program leaves a gap.

mod query;

use jid::BareJid;
use xmpp_parsers::stanza_error::DefinedCondition;

use self::query::{Page, Queries};
use crate::connection::{AskError, Line};
use crate::error::EngineError;
use crate::incoming::{Announce, Arrival, Incoming, Reading, archived};
use crate::mailbox::Mailbox;
use crate::store::conversations::{self, StoredConversation};
use crate::store::cursors;
use crate::store::messages::{self, StoredMessage};

/// Messages of a page.
const PAGE: usize = 100;
/// Pages read at the first login.
const FIRST_PAGES: usize = 4;
/// Pages read when the server no longer knows the last message known here.
const PAGES_ANEW: usize = 20;
/// Pages read for one wish for older messages: receipts and markers fill them too.
const OLDER_PAGES: usize = 4;

/// Why the archive could not be read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SyncError {
    /// The line broke, the server refused, or did not answer.
    #[error(transparent)]
    Line(#[from] AskError),
    /// The server sent something else than a page.
    #[error("the answer is no page of an archive")]
    NoPage,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] EngineError),
}

impl SyncError {
    fn is_unknown_id(&self) -> bool {
        matches!(self, Self::Line(AskError::Refused(error)) if error.defined_condition == DefinedCondition::ItemNotFound)
    }
}

/// Clones are the same.
#[derive(Debug, Clone)]
pub(crate) struct HistorySync {
    line: Line,
    mailbox: Mailbox,
    queries: Queries,
}

impl HistorySync {
    pub(crate) fn new(line: Line, mailbox: Mailbox) -> Self {
        Self { line, mailbox, queries: Queries::default() }
    }

    /// One result has come; called by the loop that takes the line's events.
    pub(crate) fn result(&self, result: xmpp_parsers::mam::Result_) {
        self.queries.result(result);
    }

    /// Reads what has been missed. Answers the new messages that nobody has seen.
    ///
    /// # Errors
    /// See [`SyncError`]. What was read before stays.
    pub(crate) async fn catch_up(&self) -> Result<Vec<StoredMessage>, SyncError> {
        let cursor =
            self.mailbox.store().read(|connection| cursors::read(connection, cursors::ARCHIVE)).await;
        match cursor.map_err(EngineError::from)? {
            None => self.first_time().await.map(|()| Vec::new()),
            Some(cursor) => match self.forward(cursor).await {
                Err(error) if error.is_unknown_id() => self.anew().await,
                outcome => outcome,
            },
        }
    }

    /// Reads older messages with `peer` into the store, until some have come or there are no more.
    ///
    /// # Errors
    /// See [`SyncError`].
    pub(crate) async fn older(&self, peer: &BareJid) -> Result<(), SyncError> {
        for _ in 0..OLDER_PAGES {
            let asked = peer.to_string();
            let reading = self.mailbox.store().read(move |connection| {
                let is_complete = conversations::of(connection, &asked)?.archive_complete;
                Ok((is_complete, messages::oldest_archive_id(connection, &asked)?))
            });
            let (is_complete, oldest) = reading.await.map_err(EngineError::from)?;
            if is_complete {
                return Ok(());
            }
            let page = self.page(Some(peer), Wish::Before(oldest.unwrap_or_default())).await?;
            if page.is_complete || page.first.is_empty() {
                self.complete(peer).await?;
            }
            let arrivals = self.arrivals(page);
            let count = arrivals.iter().filter(|arrival| arrival.text.is_some()).count();
            self.mailbox.take(arrivals, Reading::History, None, Announce::Changes).await?;
            if count > 0 {
                return Ok(());
            }
        }
        Ok(())
    }

    async fn forward(&self, mut cursor: String) -> Result<Vec<StoredMessage>, SyncError> {
        let mut fresh = Vec::new();
        loop {
            let page = self.page(None, Wish::After(cursor.clone())).await?;
            let is_last = page.is_complete || page.last.is_empty();
            if !page.last.is_empty() {
                cursor.clone_from(&page.last);
            }
            let arrivals = self.arrivals(page);
            let taking =
                self.mailbox.take(arrivals, Reading::News, Some(cursor.clone()), Announce::Everything);
            fresh.extend(taking.await?);
            if is_last {
                return Ok(fresh);
            }
        }
    }

    /// The newest pages; with the first of them the place is known from which the next login goes on.
    async fn first_time(&self) -> Result<(), SyncError> {
        let mut before = String::new();
        let mut cursor = None;
        for _ in 0..FIRST_PAGES {
            let page = self.page(None, Wish::Before(before)).await?;
            let is_last = page.is_complete || page.first.is_empty();
            before = page.first.clone();
            if cursor.is_none() {
                cursor = Some(page.last.clone());
            }
            let arrivals = self.arrivals(page);
            let taking = self.mailbox.take(arrivals, Reading::History, cursor.clone(), Announce::Everything);
            taking.await?;
            if is_last {
                return Ok(());
            }
        }
        Ok(())
    }

    /// The server does not know our last message any more (the archive was cleared or restored): the newest
    /// pages, back to something that is known here.
    async fn anew(&self) -> Result<Vec<StoredMessage>, SyncError> {
        let mut pages = Vec::new();
        let mut before = String::new();
        let mut cursor = String::new();
        for _ in 0..PAGES_ANEW {
            let page = self.page(None, Wish::Before(before)).await?;
            let is_last = page.is_complete || page.first.is_empty();
            if pages.is_empty() {
                cursor.clone_from(&page.last);
            }
            before = page.first.clone();
            let arrivals = self.arrivals(page);
            let is_known = self.knows_any(&arrivals).await?;
            pages.push(arrivals);
            if is_last || is_known {
                break;
            }
        }
        let arrivals = pages.into_iter().rev().flatten().collect();
        Ok(self.mailbox.take(arrivals, Reading::News, Some(cursor), Announce::Everything).await?)
    }

    async fn knows_any(&self, arrivals: &[Arrival]) -> Result<bool, SyncError> {
        let ids: Vec<String> = arrivals.iter().map(|arrival| arrival.archive_id.clone()).collect();
        let looking = self.mailbox.store().read(move |connection| {
            for id in &ids {
                if messages::by_archive_id(connection, id)?.is_some() {
                    return Ok(true);
                }
            }
            Ok(false)
        });
        Ok(looking.await.map_err(EngineError::from)?)
    }

    async fn complete(&self, peer: &BareJid) -> Result<(), SyncError> {
        let peer = peer.to_string();
        let noting = self.mailbox.store().write(move |transaction| {
            let before = conversations::of(transaction, &peer)?;
            conversations::save(transaction, &StoredConversation { archive_complete: true, ..before })
        });
        Ok(noting.await.map_err(EngineError::from)?)
    }

    fn arrivals(&self, page: Page) -> Vec<Arrival> {
        let me = self.mailbox.me();
        let results = page.results.into_iter().filter_map(|result| match archived(result, me) {
            Incoming::Arrival(arrival) => Some(*arrival),
            Incoming::ReadElsewhere(_)
            | Incoming::Directory(_)
            | Incoming::Presence(_)
            | Incoming::Badges(_)
            | Incoming::ArchiveResult(_)
            | Incoming::Nothing => None,
        });
        results.collect()
    }

    async fn page(&self, with: Option<&BareJid>, wish: Wish) -> Result<Page, SyncError> {
        self.queries.page(&self.line, with, wish, PAGE).await
    }
}

/// Which page (XEP-0059); an empty id is the end of the archive on that side.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Wish {
    After(String),
    Before(String),
}
