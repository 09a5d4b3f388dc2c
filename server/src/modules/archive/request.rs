//! Reads a query: the form (XEP-0313 section 4.1) and the page (XEP-0059).

use jid::{BareJid, Jid};
use posthouse_protocol::wire::Child;

use crate::routing::stanza_error::{Condition, StanzaError};
use crate::storage::StoredId;
use crate::storage::archive::{ArchiveFilter, Page};

const FORMS: &str = "jabber:x:data";
const PAGES: &str = "http://jabber.org/protocol/rsm";

/// Most messages of one page, and as many as come when the client names no number.
const MOST: u32 = 250;
const USUAL: u32 = 100;
/// Most ids asked for at once.
const MOST_IDS: usize = 250;

/// A query of an archive.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Query {
    pub(super) query_id: Option<String>,
    pub(super) filter: ArchiveFilter,
    pub(super) page: Page,
    pub(super) most: u32,
    pub(super) is_flipped: bool,
}

impl Query {
    /// Reads `<query/>` as a query of `owner`'s archive.
    pub(super) fn read(payload: &Child<'_>, owner: &BareJid) -> Result<Self, StanzaError> {
        let mut query = Self {
            query_id: payload.attribute("queryid").map(|id| id.into_owned()),
            filter: ArchiveFilter {
                owner: owner.clone(),
                with: None,
                start: None,
                end: None,
                after_id: None,
                before_id: None,
                ids: Vec::new(),
            },
            page: Page::Forward(None),
            most: USUAL,
            is_flipped: false,
        };
        if payload.attribute("node").is_some() {
            return Err(StanzaError::new(Condition::ItemNotFound));
        }
        for child in payload.children() {
            match (child.name, child.namespace) {
                ("x", FORMS) => query.read_form(&child)?,
                ("set", PAGES) => query.read_page(&child)?,
                ("flip-page", super::NAMESPACE) => query.is_flipped = true,
                _ => {}
            }
        }
        Ok(query)
    }

    fn read_form(&mut self, form: &Child<'_>) -> Result<(), StanzaError> {
        for field in form.children().filter(|child| child.name == "field") {
            let Some(name) = field.attribute("var") else { continue };
            let values: Vec<String> = field
                .children()
                .filter(|child| child.name == "value")
                .take(MOST_IDS.saturating_add(1))
                .map(|child| child.text().into_owned())
                .collect();
            self.read_field(&name, &values)?;
        }
        Ok(())
    }

    fn read_field(&mut self, name: &str, values: &[String]) -> Result<(), StanzaError> {
        let Some(value) = values.first() else { return Ok(()) };
        let filter = &mut self.filter;
        match name {
            "FORM_TYPE" if value == super::NAMESPACE => {}
            "FORM_TYPE" => return Err(StanzaError::new(Condition::BadRequest)),
            "with" => {
                let with = Jid::new(value).map_err(|_| StanzaError::new(Condition::JidMalformed))?;
                let resource = with.resource().map(|resource| resource.as_str().to_owned());
                filter.with = Some((with.to_bare(), resource));
            }
            "start" => filter.start = Some(moment(value)?),
            "end" => filter.end = Some(moment(value)?),
            "after-id" => filter.after_id = Some(id(value)?),
            "before-id" => filter.before_id = Some(id(value)?),
            "ids" if values.len() > MOST_IDS => return Err(StanzaError::new(Condition::ResourceConstraint)),
            "ids" => filter.ids = values.iter().map(|value| id(value)).collect::<Result<_, _>>()?,
            // XEP-0313 section 4.1.5: a field that is not understood must not be ignored.
            _ => return Err(StanzaError::new(Condition::FeatureNotImplemented)),
        }
        Ok(())
    }

    fn read_page(&mut self, set: &Child<'_>) -> Result<(), StanzaError> {
        for child in set.children().filter(|child| child.namespace == PAGES) {
            let text = child.text();
            match child.name {
                "max" => {
                    let max: u32 =
                        text.trim().parse().map_err(|_| StanzaError::new(Condition::BadRequest))?;
                    self.most = max.min(MOST);
                }
                "after" => self.page = Page::Forward(Some(id(&text)?)),
                "before" if text.is_empty() => self.page = Page::Backward(None),
                "before" => self.page = Page::Backward(Some(id(&text)?)),
                "index" => return Err(StanzaError::new(Condition::FeatureNotImplemented)),
                _ => {}
            }
        }
        Ok(())
    }
}

/// An id that we never gave is not in the archive.
fn id(text: &str) -> Result<StoredId, StanzaError> {
    StoredId::parse(text).ok_or_else(|| StanzaError::new(Condition::ItemNotFound))
}

/// A time in the form of XEP-0082, in microseconds since 1970.
fn moment(text: &str) -> Result<i64, StanzaError> {
    time::OffsetDateTime::parse(text, &time::format_description::well_known::Rfc3339)
        .ok()
        .and_then(|moment| i64::try_from(moment.unix_timestamp_nanos().div_euclid(1_000)).ok())
        .ok_or_else(|| StanzaError::new(Condition::BadRequest).with_text("not a time"))
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use posthouse_protocol::wire::Frame;

    use super::*;

    fn read(query: &str) -> Result<Query, StanzaError> {
        let stanza = format!("<iq type='set'><query xmlns='urn:xmpp:mam:2' queryid='q'>{query}</query></iq>");
        let frame = Frame::parse(Bytes::from(stanza)).expect("well-formed");
        let payload = frame.children().next().expect("a payload");
        Query::read(&payload, &BareJid::new("a@example.org").expect("valid"))
    }

    fn field(name: &str, value: &str) -> String {
        format!(
            "<x xmlns='jabber:x:data' type='submit'><field var='{name}'><value>{value}</value></field></x>"
        )
    }

    #[test]
    fn a_bare_query_asks_for_the_oldest_page() {
        let query = read("").expect("valid");
        assert_eq!(
            (query.page, query.most, query.query_id.as_deref()),
            (Page::Forward(None), 100, Some("q"))
        );
    }

    #[test]
    fn an_empty_before_asks_for_the_newest_page() {
        let query =
            read("<set xmlns='http://jabber.org/protocol/rsm'><max>3</max><before/></set>").expect("valid");
        assert_eq!((query.page, query.most), (Page::Backward(None), 3));
    }

    #[test]
    fn a_foreign_id_is_not_found() {
        let error = read("<set xmlns='http://jabber.org/protocol/rsm'><after>nonsense</after></set>");
        assert_eq!(error.expect_err("unknown").condition, Condition::ItemNotFound);
        assert_eq!(read(&field("ids", "007")).expect_err("unknown").condition, Condition::ItemNotFound);
    }

    #[test]
    fn an_unknown_field_is_refused() {
        let error = read(&field("colour", "red")).expect_err("unknown");
        assert_eq!(error.condition, Condition::FeatureNotImplemented);
    }

    #[test]
    fn times_are_read_to_the_microsecond() {
        let query = read(&field("start", "1970-01-01T01:00:01.000002+01:00")).expect("valid");
        assert_eq!(query.filter.start, Some(1_000_002));
        assert_eq!(read(&field("end", "yesterday")).expect_err("no time").condition, Condition::BadRequest);
    }
}
