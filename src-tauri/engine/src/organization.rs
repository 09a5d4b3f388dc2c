//! The organisation: kept in step with the server by version (`docs/org-directory.md`), kept in the store for the
//! next start, and kept in memory in display order for the window.

mod answer;
mod order;
mod pending;
mod people;
mod picture;
mod rows;
mod search;
mod search_key;
mod sync;
mod tree;
mod typed_pinyin;

use std::sync::Arc;

use jid::{BareJid, DomainPart, Jid};
use parking_lot::RwLock;
use posthouse_protocol::organization::Entries;
use tokio::sync::{Mutex, oneshot};
use xmpp_parsers::minidom::Element;

use self::pending::Pending;
use self::tree::Tree;
use crate::connection::{AskError, IqPayload, Line};
use crate::error::{EngineError, EngineErrorCode};
use crate::events::Events;
use crate::model::{AvatarPicture, PersonCard, PersonHit, PersonPresence, TreeBatch};
use crate::store::{Store, StoreError, avatars, people as table};

/// Pictures that are fetched at the same time.
const FETCHES: usize = 4;
/// Pictures that are kept.
const PICTURES: u32 = 5_000;

/// The directory of one account.
#[derive(Debug)]
pub(crate) struct Organization {
    store: Store,
    line: Line,
    events: Events,
    /// The server.
    domain: Jid,
    /// Always the one that the store has.
    tree: Arc<RwLock<Tree>>,
    pending: Pending,
    /// Turns to fetch a picture. The same picture has the same turn, so that it is fetched once.
    fetches: [Mutex<()>; FETCHES],
}

impl Organization {
    /// The directory as the last session left it.
    pub(crate) fn new(store: Store, line: Line, events: Events, domain: DomainPart) -> Self {
        let tree = load(&store).unwrap_or_else(|error| {
            tracing::error!(%error, "the directory cannot be read from the store");
            Tree::default()
        });
        Self {
            store,
            line,
            events,
            domain: BareJid::from_parts(None, &domain).into(),
            tree: Arc::new(RwLock::new(tree)),
            pending: Pending::default(),
            fetches: Default::default(),
        }
    }

    /// After a login: ends when the directory is in step with the server.
    ///
    /// # Errors
    /// What became of the line or of the store, or the server refuses.
    pub(crate) async fn online(&self) -> Result<(), EngineError> {
        let (asker, outcome) = oneshot::channel();
        self.pending.ask(asker);
        outcome.await.unwrap_or_else(|_| Err(EngineError::new(EngineErrorCode::ConnectionLost, "")))
    }

    /// The server has sent a change. Never waits.
    pub(crate) fn pushed(&self, entries: Entries) {
        self.pending.push(entries);
    }

    /// Display name of a person.
    pub(crate) fn name_of(&self, person: &BareJid) -> Option<String> {
        self.tree.read().person(person).map(|person| person.name.clone())
    }

    /// The tree in batches, parents before children, in display order.
    ///
    /// # Errors
    /// `Internal`.
    pub(crate) async fn batches(&self, batches: impl FnMut(TreeBatch) + Send) -> Result<(), EngineError> {
        let all = self.look(rows::batches).await?;
        all.into_iter().for_each(batches);
        Ok(())
    }

    /// People whose name, pinyin, initials, ID, phone or department has the text in it, best first.
    ///
    /// # Errors
    /// `Internal`.
    pub(crate) async fn search(&self, text: &str, limit: u32) -> Result<Vec<PersonHit>, EngineError> {
        let text = text.to_owned();
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        self.look(move |tree| search::search(tree, &text, limit)).await
    }

    /// The card of a person.
    ///
    /// # Errors
    /// `NotFound`.
    pub(crate) fn card(&self, person: &BareJid, presence: PersonPresence) -> Result<PersonCard, EngineError> {
        rows::card(&self.tree.read(), person, presence)
            .ok_or_else(|| EngineError::new(EngineErrorCode::NotFound, ""))
    }

    /// The picture of a person; `None` when there is none.
    ///
    /// # Errors
    /// `StoreFailed`, or what became of the line.
    pub(crate) async fn avatar(&self, person: &BareJid) -> Result<Option<AvatarPicture>, EngineError> {
        let hash = self.tree.read().person(person).and_then(|person| person.avatar.clone());
        let Some(hash) = hash else { return Ok(None) };
        self.picture(person, &hash).await
    }

    /// The picture at an address, of which this is the hash as far as is known; `None` when there is none.
    ///
    /// # Errors
    /// `StoreFailed`, or what became of the line.
    pub(crate) async fn picture(
        &self,
        address: &BareJid,
        hash: &str,
    ) -> Result<Option<AvatarPicture>, EngineError> {
        let hash = hash.to_ascii_lowercase();
        if let Some(kept) = self.kept_picture(&hash).await? {
            return Ok(Some(kept));
        }
        let sum = hash.bytes().map(usize::from).sum::<usize>();
        let turn = self.fetches.get(sum % FETCHES).map(Mutex::lock);
        let _turn = futures_util::future::OptionFuture::from(turn).await;
        // Somebody else may have wanted the same one.
        if let Some(kept) = self.kept_picture(&hash).await? {
            return Ok(Some(kept));
        }
        let question = IqPayload::Get(Element::bare("vCard", picture::NAMESPACE));
        let card = match self.line.ask(Some(address.clone().into()), question).await {
            Ok(card) => card,
            Err(AskError::Refused(error)) => {
                tracing::info!(condition = ?error.defined_condition, "no card of somebody with a picture");
                return Ok(None);
            }
            Err(error) => return Err(asking(&error)),
        };
        let Some((found, picture)) = card.as_ref().and_then(picture::of_card) else { return Ok(None) };
        let kept = picture.clone();
        // Under its own hash: the directory's may be one change behind.
        self.store.write(move |transaction| avatars::keep(transaction, &found, &kept, PICTURES)).await?;
        Ok(Some(picture))
    }

    async fn kept_picture(&self, hash: &str) -> Result<Option<AvatarPicture>, EngineError> {
        let hash = hash.to_owned();
        Ok(self.store.read(move |connection| avatars::of(connection, &hash)).await?)
    }

    /// Looks at the tree where it may take a moment.
    async fn look<T: Send + 'static>(
        &self,
        question: impl FnOnce(&Tree) -> T + Send + 'static,
    ) -> Result<T, EngineError> {
        let tree = Arc::clone(&self.tree);
        let looking = tokio::task::spawn_blocking(move || question(&tree.read()));
        looking.await.map_err(|error| EngineError::new(EngineErrorCode::Internal, error.to_string()))
    }
}

fn load(store: &Store) -> Result<Tree, StoreError> {
    let (departments, people) =
        store.read_now(|connection| Ok((table::departments(connection)?, table::people(connection)?)))?;
    Ok(Tree::of(departments, people))
}

/// Why the server does not answer.
fn asking(error: &AskError) -> EngineError {
    let code = match error {
        AskError::Refused(_) => EngineErrorCode::Forbidden,
        AskError::Lost => EngineErrorCode::ConnectionLost,
        AskError::TimedOut => EngineErrorCode::TimedOut,
    };
    EngineError::new(code, error.to_string())
}

#[cfg(test)]
pub(crate) mod tests;
