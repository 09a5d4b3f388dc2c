//! How far the person has read, and who is told: the author by a marker (XEP-0333), the person's other clients
//! by a private node (XEP-0490).

use std::sync::Arc;

use jid::{BareJid, Jid};
use tokio::sync::Notify;
use xmpp_parsers::data_forms::{DataForm, DataFormType, Field};
use xmpp_parsers::message_displayed::Displayed;
use xmpp_parsers::ns;
use xmpp_parsers::pubsub::pubsub::{Item, Items, PubSub, Publish, PublishOptions};
use xmpp_parsers::pubsub::{ItemId, NodeName};
use xmpp_parsers::stanza_id::StanzaId;

use crate::connection::{AskError, IqPayload, Line};
use crate::error::{EngineError, EngineErrorCode};
use crate::events::EngineEvent;
use crate::incoming::{Applied, read_position};
use crate::mailbox::Mailbox;
use crate::outgoing;
use crate::store::conversations::{self, StoredConversation};
use crate::store::messages::{self, StoredMessage};

/// Form of XEP-0060 section 7.1.5.
const PUBLISH_OPTIONS: &str = "http://jabber.org/protocol/pubsub#publish-options";
/// Most positions read at a login.
const MOST: usize = 10_000;

impl Mailbox {
    /// The person has seen everything through the message `through`.
    ///
    /// # Errors
    /// `NotFound`, `StoreFailed`.
    pub(crate) async fn mark_read(&self, peer: &str, through: i64) -> Result<(), EngineError> {
        let asked = peer.to_owned();
        let marking = self.change(move |transaction| {
            let Some((moment, _)) = messages::place(transaction, through)? else { return Ok(None) };
            let before = conversations::of(transaction, &asked)?;
            let mut applied = Applied::default();
            if moment > before.read_moment {
                conversations::save(transaction, &StoredConversation { read_moment: moment, ..before })?;
            }
            if messages::read_through(transaction, &asked, moment)? > 0 {
                applied.touched.insert(asked);
            }
            Ok(Some(applied))
        });
        if !marking.await?.touched.is_empty() {
            self.events().tell(EngineEvent::WithdrawNotifications { peer: peer.to_owned() });
        }
        Ok(())
    }

    async fn untold(&self) -> Result<Vec<Untold>, EngineError> {
        let reading = self.store().read(|connection| {
            let untold = conversations::untold(connection)?.into_iter().map(|conversation| {
                let StoredConversation { peer, read_moment, told_moment, .. } = conversation;
                let is_new = |message: &StoredMessage| message.moment > told_moment;
                let marked = messages::newest_markable_of_peer(connection, &peer, read_moment)?;
                let archived = messages::newest_archived_of_peer(connection, &peer, read_moment)?;
                Ok(Untold {
                    read_moment,
                    message_id: marked.filter(is_new).map(|message| message.message_id),
                    archive_id: archived.filter(is_new).map(|message| message.archive_id),
                    peer,
                })
            });
            untold.collect::<rusqlite::Result<Vec<_>>>()
        });
        Ok(reading.await?)
    }

    async fn told(&self, peer: String, moment: i64) -> Result<(), EngineError> {
        let noting = self.store().write(move |transaction| {
            let before = conversations::of(transaction, &peer)?;
            let told_moment = before.told_moment.max(moment);
            conversations::save(transaction, &StoredConversation { told_moment, ..before })
        });
        Ok(noting.await?)
    }
}

/// A conversation of which the others do not know how far it has been read.
#[derive(Debug)]
struct Untold {
    peer: String,
    read_moment: i64,
    message_id: Option<String>,
    archive_id: Option<String>,
}

/// The handle of the task that tells the others.
#[derive(Debug, Clone, Default)]
pub(crate) struct ReadMarkers(Arc<Notify>);

impl ReadMarkers {
    /// Something has been read, or the line is back.
    pub(crate) fn nudge(&self) {
        self.0.notify_one();
    }

    /// Runs as long as the session. What cannot be told now is told at the next nudge.
    pub(crate) async fn run(self, line: Line, mailbox: Mailbox) {
        loop {
            self.0.notified().await;
            if let Err(error) = tell_all(&line, &mailbox).await {
                tracing::debug!(%error, "read positions are told later");
            }
        }
    }
}

async fn tell_all(line: &Line, mailbox: &Mailbox) -> Result<(), EngineError> {
    for untold in mailbox.untold().await? {
        let Ok(peer) = BareJid::new(&untold.peer) else { continue };
        if let Some(id) = untold.message_id.filter(|_| mailbox.settings().send_read_markers) {
            line.send(outgoing::displayed(&peer, &id)).await?;
        }
        if let Some(id) = untold.archive_id {
            match line.ask(None, publish(&peer, id, mailbox.me())).await {
                Ok(_) => {}
                Err(AskError::Refused(error)) => tracing::warn!(?error, "the server keeps no read positions"),
                Err(AskError::Lost) => return Err(EngineError::new(EngineErrorCode::ConnectionLost, "")),
                Err(AskError::TimedOut) => return Err(EngineError::new(EngineErrorCode::TimedOut, "")),
            }
        }
        mailbox.told(untold.peer, untold.read_moment).await?;
    }
    Ok(())
}

/// How far the person has read on other clients, as the server keeps it.
///
/// # Errors
/// The line broke, or there is no answer.
pub(crate) async fn positions(line: &Line, me: &BareJid) -> Result<Vec<(BareJid, String)>, AskError> {
    let answer = match line.ask(None, IqPayload::get(PubSub::Items(Items::new(ns::MDS)))).await {
        Ok(answer) => answer,
        // Nothing has ever been read.
        Err(AskError::Refused(_)) => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let Some(Ok(PubSub::Items(items))) = answer.map(PubSub::try_from) else { return Ok(Vec::new()) };
    let items = items.items.into_iter().take(MOST);
    Ok(items.filter_map(|item| read_position(&item.id?.0, item.payload?, me)).collect())
}

fn publish(peer: &BareJid, archive_id: String, me: &BareJid) -> IqPayload {
    let stanza_id = StanzaId { id: archive_id, by: Jid::from(me.clone()) };
    let item = Item {
        id: Some(ItemId(peer.to_string())),
        publisher: None,
        payload: Some(Displayed { stanza_id }.into()),
    };
    // XEP-0490 section 3: kept, all of them, for nobody else, and not sent unasked.
    let options = [
        ("pubsub#persist_items", "true"),
        ("pubsub#max_items", "max"),
        ("pubsub#send_last_published_item", "never"),
        ("pubsub#access_model", "whitelist"),
    ];
    let form = DataForm::new(
        DataFormType::Submit,
        PUBLISH_OPTIONS,
        options.iter().map(|(name, value)| Field::text_single(name, value)).collect(),
    );
    IqPayload::set(PubSub::Publish {
        publish: Publish { node: NodeName(ns::MDS.to_owned()), items: vec![item] },
        publish_options: Some(PublishOptions { form: Some(form) }),
    })
}
