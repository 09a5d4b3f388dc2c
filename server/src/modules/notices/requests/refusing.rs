//! Refusals as stanza errors (RFC 6120 section 8.3), with what programs need beside the condition.

use posthouse_protocol::notice::NAMESPACE;
use posthouse_protocol::wire::escape_attribute;

use crate::modules::notices::desk::{Refusal, RefusalCode};
use crate::routing::stanza_error::{Condition, ErrorType, StanzaError};

pub(super) fn stanza_error(refusal: Refusal) -> StanzaError {
    let error = match refusal.code {
        RefusalCode::BadRequest => StanzaError::new(Condition::BadRequest),
        RefusalCode::Forbidden => StanzaError::new(Condition::Forbidden),
        RefusalCode::NotFound => StanzaError::new(Condition::ItemNotFound),
        RefusalCode::Conflict => StanzaError::new(Condition::Conflict),
        RefusalCode::TooFast => StanzaError::new(Condition::PolicyViolation).with_type(ErrorType::Wait),
        RefusalCode::Exhausted => StanzaError::new(Condition::ResourceConstraint),
        RefusalCode::Internal => StanzaError::new(Condition::InternalServerError),
    };
    let field = refusal.field.map(|field| format!(" field='{}'", escape_attribute(&field)));
    let retry = refusal.retry_after_seconds.map(|seconds| format!(" retry-after='{seconds}'"));
    let error = error.with_text(refusal.message);
    if field.is_none() && retry.is_none() {
        return error;
    }
    let (field, retry) = (field.unwrap_or_default(), retry.unwrap_or_default());
    error.with_element(format!("<refusal xmlns='{NAMESPACE}'{field}{retry}/>"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_asks_too_fast_learns_when_to_come_back() {
        let error = stanza_error(Refusal::later(RefusalCode::TooFast, 3, "Too many requests."));
        assert_eq!((error.condition, error.error_type), (Condition::PolicyViolation, ErrorType::Wait));
        assert_eq!(error.element.unwrap(), "<refusal xmlns='urn:posthouse:notice:1' retry-after='3'/>");
    }

    #[test]
    fn what_is_wrong_is_named() {
        let error = stanza_error(Refusal::of_field("actions[0].id", "x"));
        assert_eq!((error.condition, error.error_type), (Condition::BadRequest, ErrorType::Modify));
        assert_eq!(error.element.unwrap(), "<refusal xmlns='urn:posthouse:notice:1' field='actions[0].id'/>");
    }
}
