//! The bytes of results and of the final answer.

use posthouse_protocol::wire::escape;

use crate::routing::forwarded::forwarded;
use crate::routing::session::Session;
use crate::routing::stanza_error::StanzaError;
use crate::storage::archive::{ArchivePage, ArchivedMessage, Bounds};

/// One archived message on its way to the client.
pub(super) fn result(session: &Session, query_id: Option<&str>, message: &ArchivedMessage) -> Vec<u8> {
    let query_id = query_id.map(|id| format!(" queryid='{}'", escape(id))).unwrap_or_default();
    let open = format!(
        "<message to='{}' from='{}'><result xmlns='urn:xmpp:mam:2' id='{}'{query_id}>",
        escape(session.jid().as_str()),
        escape(session.bare().as_str()),
        message.id,
    );
    let inner = forwarded(&message.frame, Some(message.id.time()));
    [open.as_bytes(), &inner, b"</result></message>"].concat()
}

/// `<fin/>`
pub(super) fn finished(session: &Session, iq_id: &str, page: &ArchivePage) -> Vec<u8> {
    let mut set = String::new();
    if let (Some(first), Some(last)) = (page.messages.first(), page.messages.last()) {
        let index = page.first_index.map(|index| format!(" index='{index}'")).unwrap_or_default();
        set.push_str(&format!("<first{index}>{}</first><last>{}</last>", first.id, last.id));
    }
    if let Some(count) = page.count {
        set.push_str(&format!("<count>{count}</count>"));
    }
    let complete = if page.is_complete { " complete='true'" } else { "" };
    format!(
        "{}<fin xmlns='urn:xmpp:mam:2'{complete}><set xmlns='http://jabber.org/protocol/rsm'>{set}</set></fin></iq>",
        open(session, iq_id, "result"),
    )
    .into_bytes()
}

/// The query failed.
pub(super) fn refused(session: &Session, iq_id: &str, error: &StanzaError) -> Vec<u8> {
    format!(
        "{}<error type='{}'><{} xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>",
        open(session, iq_id, "error"),
        match error.error_type {
            crate::routing::stanza_error::ErrorType::Auth => "auth",
            crate::routing::stanza_error::ErrorType::Cancel => "cancel",
            crate::routing::stanza_error::ErrorType::Continue => "continue",
            crate::routing::stanza_error::ErrorType::Modify => "modify",
            crate::routing::stanza_error::ErrorType::Wait => "wait",
        },
        error.condition.name(),
    )
    .into_bytes()
}

/// `<metadata/>`
pub(super) fn metadata(bounds: Bounds) -> Vec<u8> {
    let ends = bounds.map(|(oldest, newest)| {
        format!(
            "<start id='{oldest}' timestamp='{}'/><end id='{newest}' timestamp='{}'/>",
            oldest.time().to_xmpp(),
            newest.time().to_xmpp(),
        )
    });
    format!("<metadata xmlns='urn:xmpp:mam:2'>{}</metadata>", ends.unwrap_or_default()).into_bytes()
}

fn open(session: &Session, iq_id: &str, kind: &str) -> String {
    format!(
        "<iq type='{kind}' id='{}' from='{}' to='{}'>",
        escape(iq_id),
        escape(session.bare().as_str()),
        escape(session.jid().as_str()),
    )
}
