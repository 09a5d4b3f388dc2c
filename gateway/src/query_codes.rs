//! Codes that a known phone can ask with: "001" → "您有3个待办任务". The business system is asked over HTTP and
//! answers with JSON; the reply is made from its fields.

mod connector;
mod template;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use serde::Deserialize;

use crate::inbox::Inbox;
use crate::outbox::{Order, Outbox};

pub use connector::AskError;

/// One code.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct QueryCode {
    /// What the phone writes.
    pub code: String,
    /// What is asked; `{number}` and `{person}` are replaced.
    pub url: String,
    /// What the phone reads; `{name}` is replaced by that field of the answer.
    pub reply: String,
    /// How long the business system may take.
    #[serde(default = "usual_seconds")]
    pub seconds: u64,
}

fn usual_seconds() -> u64 {
    5
}

/// Said when the business system does not answer.
const UNAVAILABLE: &str = "系统暂时无法查询，请稍后再试。";

/// A phone asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Query {
    /// The text's number in the inbox.
    pub id: i64,
    /// The code.
    pub code: String,
    /// The phone.
    pub number: String,
    /// Its owner: the first half of the address.
    pub person: String,
    /// The modem it came through.
    pub modem: String,
}

/// Answers queries. Cheap to clone.
#[derive(Debug, Clone)]
pub struct QueryDesk {
    codes: Arc<Vec<QueryCode>>,
    outbox: Outbox,
    inbox: Inbox,
    under_way: Arc<Mutex<BTreeSet<i64>>>,
}

impl QueryDesk {
    /// For these codes.
    pub fn new(codes: Vec<QueryCode>, outbox: Outbox, inbox: Inbox) -> Self {
        Self { codes: Arc::new(codes), outbox, inbox, under_way: Arc::default() }
    }

    /// Answers in the background; the text counts as handled when its answer is kept.
    pub fn take(&self, query: Query) {
        if !self.under_way.lock().insert(query.id) {
            return;
        }
        let desk = self.clone();
        tokio::spawn(async move {
            let id = query.id;
            if let Err(error) = desk.answer(query).await {
                tracing::error!(%error, "an answer cannot be kept");
            }
            desk.under_way.lock().remove(&id);
        });
    }

    async fn answer(&self, query: Query) -> Result<(), crate::store::StoreError> {
        let Some(code) = self.codes.iter().find(|code| code.code == query.code) else {
            return self.inbox.is_handed(query.id).await;
        };
        let url = template::address(&code.url, &query.number, &query.person);
        let body = match connector::ask(&url, Duration::from_secs(code.seconds)).await {
            Ok(fields) => template::reply(&code.reply, &fields),
            Err(error) => {
                tracing::warn!(code = code.code, %error, "the business system does not answer a query");
                UNAVAILABLE.to_owned()
            }
        };
        // Asked again after a crash it is still one answer: its name is the question's.
        let order = Order {
            origin: "gateway".to_owned(),
            origin_id: format!("query-{}", query.id),
            reply_to: String::new(),
            recipient: String::new(),
            number: query.number,
            body,
            is_flash: false,
            wanted: Some(query.modem),
        };
        self.outbox.take(order).await?;
        self.inbox.is_handed(query.id).await
    }
}
