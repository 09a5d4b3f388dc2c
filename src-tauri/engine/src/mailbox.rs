//! The conversations of one account: the store, what the window is told about it, and whose names stand there.

use std::sync::Arc;

use jid::BareJid;
use parking_lot::RwLock;

use crate::attention::Attention;
use crate::error::{EngineError, EngineErrorCode};
use crate::events::{EngineEvent, Events};
use crate::incoming::{Announce, Applied, Arrival, Reading, apply, read_elsewhere};
use crate::model::{ConversationSummary, Message, Notice, Settings};
use crate::organization::Organization;
use crate::query_contact;
use crate::server_time::ServerTime;
use crate::store::Store;
use crate::store::conversations::{self, StoredConversation};
use crate::store::cursors;
use crate::store::messages::{self, StoredMessage, UNREAD};

/// Characters of a preview.
const PREVIEW: usize = 200;

/// Clones are the same mailbox.
#[derive(Clone)]
pub(crate) struct Mailbox(Arc<Parts>);

/// What a mailbox is made of.
pub(crate) struct Parts {
    pub(crate) me: BareJid,
    pub(crate) store: Store,
    pub(crate) events: Events,
    pub(crate) organization: Arc<Organization>,
    pub(crate) settings: Arc<RwLock<Settings>>,
    pub(crate) attention: Attention,
    pub(crate) time: ServerTime,
}

impl std::fmt::Debug for Mailbox {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Mailbox").field("me", &self.0.me).finish_non_exhaustive()
    }
}

impl Mailbox {
    /// Puts it together.
    pub(crate) fn new(parts: Parts) -> Self {
        Self(Arc::new(parts))
    }

    /// The account's address.
    pub(crate) fn me(&self) -> &BareJid {
        &self.0.me
    }

    pub(crate) fn store(&self) -> &Store {
        &self.0.store
    }

    pub(crate) fn events(&self) -> &Events {
        &self.0.events
    }

    pub(crate) fn attention(&self) -> &Attention {
        &self.0.attention
    }

    pub(crate) fn time(&self) -> &ServerTime {
        &self.0.time
    }

    /// The person's settings as they are now.
    pub(crate) fn settings(&self) -> Settings {
        self.0.settings.read().clone()
    }

    /// Display name: the directory's, else what stands before the `@`.
    pub(crate) fn name_of(&self, peer: &str) -> String {
        let address = BareJid::new(peer).ok();
        let known = address.as_ref().and_then(|address| self.0.organization.name_of(address));
        let is_contact =
            address.as_ref().is_some_and(|address| query_contact::is_contact(address, &self.0.me));
        known
            .or_else(|| is_contact.then(|| self.name_of_contact().to_owned()))
            .unwrap_or_else(|| peer.split('@').next().unwrap_or(peer).to_owned())
    }

    /// The contact that answers codes, in the person's language as far as it was chosen.
    fn name_of_contact(&self) -> &'static str {
        if self.0.settings.read().language == "en" { "Queries" } else { "查询" }
    }

    /// A message as the window shows it.
    pub(crate) fn model(&self, message: &StoredMessage) -> Message {
        Message {
            id: message.id,
            peer: message.peer.clone(),
            author: if message.own { self.0.me.to_string() } else { message.peer.clone() },
            text: message.text.clone(),
            time: message.moment.div_euclid(1_000),
            state: message.state,
            failure: (!message.failure.is_empty()).then(|| message.failure.clone()),
            sms: message.sms.clone(),
            notice: message
                .notice
                .clone()
                .map(|notice| Notice { unread: message.unread == UNREAD, ..notice }),
        }
    }

    /// Stores what came in, together with how far the archive has been read, and tells the window. Answers the
    /// new messages that nobody has seen.
    ///
    /// # Errors
    /// `StoreFailed`.
    pub(crate) async fn take(
        &self,
        arrivals: Vec<Arrival>,
        reading: Reading,
        cursor: Option<String>,
        announce: Announce,
    ) -> Result<Vec<StoredMessage>, EngineError> {
        let now = self.0.time.now();
        let stored = self.0.store.write(move |transaction| {
            if let Some(cursor) = cursor {
                cursors::write(transaction, cursors::ARCHIVE, &cursor)?;
            }
            apply(transaction, &arrivals, reading, now)
        });
        let applied = stored.await?;
        self.announce(&applied, announce).await;
        Ok(applied.fresh)
    }

    /// Another client has read: whose messages, through which.
    ///
    /// # Errors
    /// `StoreFailed`.
    pub(crate) async fn read_elsewhere(&self, positions: Vec<(BareJid, String)>) -> Result<(), EngineError> {
        if positions.is_empty() {
            return Ok(());
        }
        let now = self.0.time.now();
        let stored = self.0.store.write(move |transaction| read_elsewhere(transaction, &positions, now));
        self.announce(&stored.await?, Announce::Everything).await;
        Ok(())
    }

    /// Changes the store and tells the window.
    ///
    /// # Errors
    /// `StoreFailed`, or what `change` finds wrong.
    pub(crate) async fn change(
        &self,
        change: impl FnOnce(&rusqlite::Transaction<'_>) -> rusqlite::Result<Option<Applied>> + Send + 'static,
    ) -> Result<Applied, EngineError> {
        let Some(applied) = self.0.store.write(change).await? else {
            return Err(EngineError::new(EngineErrorCode::NotFound, ""));
        };
        self.announce(&applied, Announce::Everything).await;
        Ok(applied)
    }

    /// Tells the rows of these conversations, and the sum of what is unread.
    pub(crate) async fn tell_rows<'a>(&self, peers: impl Iterator<Item = &'a str>) {
        let peers: Vec<String> = peers.map(str::to_owned).collect();
        if peers.is_empty() {
            return;
        }
        let rows = self.0.store.read(move |connection| {
            let rows = peers.iter().map(|peer| row(connection, conversations::of(connection, peer)?));
            Ok((rows.collect::<rusqlite::Result<Vec<_>>>()?, messages::unread_in_all(connection)?))
        });
        match rows.await {
            Ok((rows, total)) => {
                for conversation in rows.into_iter().flatten().map(|row| self.summary(row)) {
                    self.0.events.tell(EngineEvent::ConversationChanged { conversation });
                }
                self.0.events.tell(EngineEvent::UnreadChanged { total });
            }
            Err(error) => tracing::error!(%error, "rows of conversations cannot be read"),
        }
    }

    /// A row as the window shows it.
    pub(crate) fn summary(&self, row: ConversationRow) -> ConversationSummary {
        let ConversationRow { conversation, newest, unread, notice } = row;
        ConversationSummary {
            name: match &notice {
                Some(notice) if !notice.system_name.is_empty() => notice.system_name.clone(),
                _ => self.name_of(&conversation.peer),
            },
            icon: notice.as_ref().and_then(|notice| notice.icon.clone()),
            system: notice.map(|notice| notice.system),
            peer: conversation.peer,
            preview: newest.as_ref().map(|newest| preview(&newest.text)).unwrap_or_default(),
            preview_is_own: newest.as_ref().is_some_and(|newest| newest.own),
            time: newest.map_or(0, |newest| newest.moment.div_euclid(1_000)),
            unread,
            pinned: conversation.pinned,
            draft: Some(conversation.draft).filter(|draft| !draft.is_empty()),
        }
    }
}

/// What the row of a conversation is made of.
#[derive(Debug)]
pub(crate) struct ConversationRow {
    pub(crate) conversation: StoredConversation,
    pub(crate) newest: Option<StoredMessage>,
    pub(crate) unread: u32,
    /// The newest notice, when the other side is a business system.
    pub(crate) notice: Option<Notice>,
}

/// The row of a conversation; `None` when it has been closed, or has nothing to show.
pub(crate) fn row(
    connection: &rusqlite::Connection,
    conversation: StoredConversation,
) -> rusqlite::Result<Option<ConversationRow>> {
    let newest = messages::newest_in_words(connection, &conversation.peer)?;
    let is_shown = match &newest {
        Some(newest) => newest.moment > conversation.closed_moment,
        None => !conversation.draft.is_empty() && conversation.closed_moment == 0,
    };
    if !is_shown {
        return Ok(None);
    }
    let unread = messages::unread(connection, &conversation.peer)?;
    let notice = messages::newest_notice(connection, &conversation.peer)?;
    Ok(Some(ConversationRow { conversation, newest, unread, notice }))
}

/// A text in one line.
pub(crate) fn preview(text: &str) -> String {
    let mut line = String::new();
    for word in text.split_whitespace() {
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
        if line.chars().count() > PREVIEW {
            return line.chars().take(PREVIEW).collect();
        }
    }
    line
}
