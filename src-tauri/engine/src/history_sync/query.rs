//! One query: its results come as messages, its end as an answer.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use jid::BareJid;
use parking_lot::Mutex;
use tokio::sync::mpsc;
use xmpp_parsers::data_forms::{DataForm, DataFormType, Field};
use xmpp_parsers::mam::{Fin, Query, QueryId, Result_};
use xmpp_parsers::ns;
use xmpp_parsers::rsm::SetQuery;

use super::{SyncError, Wish};
use crate::connection::{AskError, IqPayload, Line};

/// How long results may take that were sent before the answer.
const PATIENCE: Duration = Duration::from_secs(30);

/// A page of the archive, oldest message first.
#[derive(Debug, Default)]
pub(super) struct Page {
    pub(super) results: Vec<Result_>,
    /// Nothing lies behind it, in the direction of the query.
    pub(super) is_complete: bool,
    /// Ids of its ends, empty when it has no messages.
    pub(super) first: String,
    pub(super) last: String,
}

/// Queries under way, by their id.
#[derive(Debug, Clone, Default)]
pub(super) struct Queries {
    under_way: Arc<Mutex<BTreeMap<String, mpsc::Sender<Result_>>>>,
    count: Arc<AtomicU64>,
}

impl Queries {
    /// Results of queries that nobody has asked are not taken, nor more of them than were asked for.
    pub(super) fn result(&self, result: Result_) {
        let Some(id) = result.queryid.as_ref() else { return };
        let under_way = self.under_way.lock();
        let taken = under_way.get(&id.0).is_some_and(|results| results.try_send(result).is_ok());
        drop(under_way);
        if !taken {
            tracing::debug!("a result of the archive that nobody waits for");
        }
    }

    /// Asks for at most `most` messages.
    pub(super) async fn page(
        &self,
        line: &Line,
        with: Option<&BareJid>,
        wish: Wish,
        most: usize,
    ) -> Result<Page, SyncError> {
        let id = format!("page-{}", self.count.fetch_add(1, Ordering::Relaxed));
        let (sender, mut results) = mpsc::channel(most);
        self.under_way.lock().insert(id.clone(), sender);
        let _end = End { queries: self, id: id.clone() };
        let answer = line.ask(None, IqPayload::set(query(id, with, wish, most))).await?;
        let fin = answer.and_then(|answer| Fin::try_from(answer).ok()).ok_or(SyncError::NoPage)?;
        let first = fin.set.first.map(|first| first.item).unwrap_or_default();
        let last = fin.set.last.unwrap_or_default();
        let mut page = Page { results: Vec::new(), is_complete: fin.complete, first, last };
        // They were sent before the answer, but may still be on their way through the session.
        while !page.last.is_empty() && page.results.last().is_none_or(|result| result.id != page.last) {
            match tokio::time::timeout(PATIENCE, results.recv()).await {
                Ok(Some(result)) => page.results.push(result),
                Ok(None) => return Err(SyncError::NoPage),
                Err(_) => return Err(SyncError::Line(AskError::TimedOut)),
            }
        }
        Ok(page)
    }
}

/// Forgets a query when it ends, however it ends.
struct End<'a> {
    queries: &'a Queries,
    id: String,
}

impl Drop for End<'_> {
    fn drop(&mut self) {
        self.queries.under_way.lock().remove(&self.id);
    }
}

fn query(id: String, with: Option<&BareJid>, wish: Wish, most: usize) -> Query {
    let with = with.map(|with| Field::text_single("with", with.as_str()));
    let form = with.map(|field| DataForm::new(DataFormType::Submit, ns::MAM, vec![field]));
    let (after, before) = match wish {
        Wish::After(id) => ((!id.is_empty()).then_some(id), None),
        Wish::Before(id) => (None, Some(id)),
    };
    Query {
        queryid: Some(QueryId(id)),
        node: None,
        form,
        set: Some(SetQuery { max: Some(most), after, before, index: None }),
        flip_page: false,
    }
}
