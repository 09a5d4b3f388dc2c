//! What an error stanza means to the person who wrote the message.

use posthouse_protocol::error_code::{self, ErrorCode};
use xmpp_parsers::message::Message;
use xmpp_parsers::stanza_error::{DefinedCondition, StanzaError};

use crate::error::EngineErrorCode;

/// Why the message was refused (RFC 6120 section 8.3.3).
pub(super) fn code(message: &Message) -> EngineErrorCode {
    let error = message.payloads.iter().find(|payload| payload.name() == "error");
    let error = error.and_then(|element| StanzaError::try_from(element.clone()).ok());
    error.map_or(EngineErrorCode::Internal, |error| {
        own_code(&error).unwrap_or_else(|| code_of(&error.defined_condition))
    })
}

/// Reasons of our own server that the conditions of the RFC are too coarse for.
fn own_code(error: &StanzaError) -> Option<EngineErrorCode> {
    let other = error.other.as_ref().filter(|other| other.ns() == error_code::NAMESPACE)?;
    match ErrorCode::of_name(other.name())? {
        ErrorCode::TextingNotAllowed => Some(EngineErrorCode::TextingNotAllowed),
        ErrorCode::NoPhone => Some(EngineErrorCode::NoPhone),
        ErrorCode::GatewayAway => Some(EngineErrorCode::GatewayAway),
        ErrorCode::ChatNotAllowed
        | ErrorCode::FieldNotYours
        | ErrorCode::SharedContact
        | ErrorCode::TooMuchWatched
        | ErrorCode::Outside => None,
    }
}

/// The word of a code, as the window knows it.
pub(crate) fn word(code: EngineErrorCode) -> String {
    serde_json::to_value(code).ok().and_then(|word| word.as_str().map(str::to_owned)).unwrap_or_default()
}

fn code_of(condition: &DefinedCondition) -> EngineErrorCode {
    match condition {
        DefinedCondition::Forbidden
        | DefinedCondition::NotAllowed
        | DefinedCondition::PolicyViolation
        | DefinedCondition::RegistrationRequired
        | DefinedCondition::SubscriptionRequired
        | DefinedCondition::NotAuthorized => EngineErrorCode::Forbidden,
        DefinedCondition::ItemNotFound
        | DefinedCondition::Gone { .. }
        | DefinedCondition::Redirect { .. }
        | DefinedCondition::RecipientUnavailable
        | DefinedCondition::ServiceUnavailable
        | DefinedCondition::RemoteServerNotFound => EngineErrorCode::NotFound,
        DefinedCondition::BadRequest | DefinedCondition::JidMalformed | DefinedCondition::NotAcceptable => {
            EngineErrorCode::BadInput
        }
        DefinedCondition::RemoteServerTimeout => EngineErrorCode::TimedOut,
        DefinedCondition::Conflict
        | DefinedCondition::FeatureNotImplemented
        | DefinedCondition::InternalServerError
        | DefinedCondition::ResourceConstraint
        | DefinedCondition::UndefinedCondition
        | DefinedCondition::UnexpectedRequest => EngineErrorCode::Internal,
    }
}
