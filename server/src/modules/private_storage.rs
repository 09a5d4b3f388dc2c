//! Private XML storage (XEP-0049): small elements that clients keep for themselves.

use async_trait::async_trait;
use bytes::Bytes;
use posthouse_protocol::wire::{Child, Frame, escape};

use crate::routing::iq::{IqAnswer, IqRequest, IqTarget};
use crate::routing::stages::IqHandler;
use crate::routing::stanza_error::{Condition, StanzaError};
use crate::storage::private_storage::{keep_private_element, private_element};
use crate::storage::{Database, StorageError};

/// `jabber:iq:private`
pub const NAMESPACE: &str = "jabber:iq:private";

/// Most elements of one account, and bytes of one element.
const MOST: u32 = 100;
const LONGEST: usize = 128 * 1024;

/// Keeps them in the database.
#[derive(Debug)]
pub struct PrivateStorage {
    database: Database,
    group_delimiter: String,
}

impl PrivateStorage {
    /// `group_delimiter` separates nested roster groups until the client says otherwise (XEP-0083).
    pub fn new(database: Database, group_delimiter: String) -> Self {
        Self { database, group_delimiter }
    }

    async fn read(&self, request: &IqRequest<'_>, element: Child<'_>) -> Result<IqAnswer, StanzaError> {
        let owner = request.from.to_bare();
        let (name, namespace) = (element.name.to_owned(), element.namespace.to_owned());
        let found =
            private_element(&self.database, owner, name, namespace).await.map_err(|error| failed(&error))?;
        let content = match found {
            Some(content) => content,
            None if element.namespace == "roster:delimiter" => {
                format!("<roster xmlns='roster:delimiter'>{}</roster>", escape(&self.group_delimiter))
                    .into_bytes()
            }
            None => element.standalone().into_owned(),
        };
        Ok(IqAnswer::Payload([b"<query xmlns='jabber:iq:private'>", &content[..], b"</query>"].concat()))
    }

    async fn write(&self, request: &IqRequest<'_>, element: Child<'_>) -> Result<IqAnswer, StanzaError> {
        let key = (element.name.to_owned(), element.namespace.to_owned());
        let content = element.standalone().into_owned();
        let is_kept = keep_private_element(&self.database, request.from.to_bare(), key, content, MOST)
            .await
            .map_err(|error| failed(&error))?;
        if is_kept { Ok(IqAnswer::Empty) } else { Err(StanzaError::new(Condition::ResourceConstraint)) }
    }
}

fn failed(error: &StorageError) -> StanzaError {
    tracing::error!(%error, "private storage does not answer");
    StanzaError::new(Condition::InternalServerError)
}

/// An element that can be kept and means the same outside of the stanza it came in.
fn is_good(element: &Child<'_>) -> bool {
    let bytes = element.standalone().into_owned();
    bytes.len() <= LONGEST
        && Frame::parse(Bytes::from(bytes)).is_ok_and(|frame| frame.namespace() == element.namespace)
}

#[async_trait]
impl IqHandler for PrivateStorage {
    fn namespaces(&self) -> &'static [&'static str] {
        &[NAMESPACE]
    }

    async fn handle(&self, request: IqRequest<'_>) -> Result<IqAnswer, StanzaError> {
        if !matches!(request.target, IqTarget::OwnAccount) || request.session.is_none() {
            return Err(StanzaError::new(Condition::Forbidden));
        }
        let mut elements = request.payload.children();
        let (Some(element), None) = (elements.next(), elements.next()) else {
            return Err(StanzaError::new(Condition::NotAcceptable));
        };
        // XEP-0049 section 2.3: the server's own namespaces cannot be kept.
        if element.namespace.starts_with("jabber:") || !is_good(&element) {
            return Err(StanzaError::new(Condition::NotAcceptable));
        }
        if request.is_set { self.write(&request, element).await } else { self.read(&request, element).await }
    }
}
