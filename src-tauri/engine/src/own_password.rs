//! The person's own password at the server (XEP-0077 section 3.3).

use jid::{BareJid, Jid};
use xmpp_parsers::minidom::Element;
use xmpp_parsers::stanza_error::DefinedCondition;

use crate::connection::{AskError, IqPayload, Line};
use crate::error::{EngineError, EngineErrorCode};

const NAMESPACE: &str = "jabber:iq:register";
/// Where the server says that somebody else chose the password.
const ACCOUNT: &str = "urn:posthouse:account:1";

/// Whether the server wants another password. A server that does not say so does not want one.
pub(crate) async fn must_change(line: &Line, me: &BareJid) -> bool {
    let question = Element::builder("query", NAMESPACE).build();
    match line.ask(Some(server(me)), IqPayload::Get(question)).await {
        Ok(Some(answer)) => answer.has_child("must-change", ACCOUNT),
        Ok(None) | Err(_) => false,
    }
}

/// Changes the password, at the server and for the line.
///
/// # Errors
/// `WeakPassword` with the server's reason, or what became of the line.
pub(crate) async fn change(line: &Line, me: &BareJid, password: &str) -> Result<(), EngineError> {
    let name = me.node().map(ToString::to_string).unwrap_or_default();
    let field = |field: &str, text: &str| Element::builder(field, NAMESPACE).append(text).build();
    let wish = Element::builder("query", NAMESPACE)
        .append(field("username", &name))
        .append(field("password", password))
        .build();
    match line.ask(Some(server(me)), IqPayload::Set(wish)).await {
        Ok(_) => {
            line.password_changed(password);
            Ok(())
        }
        Err(error) => Err(refusal(error)),
    }
}

fn server(me: &BareJid) -> Jid {
    Jid::from(BareJid::from_parts(None, me.domain()))
}

fn refusal(error: AskError) -> EngineError {
    match error {
        AskError::Refused(refused) => match refused.defined_condition {
            DefinedCondition::NotAcceptable | DefinedCondition::BadRequest => {
                let reason = refused.texts.into_values().next().unwrap_or_default();
                EngineError::new(EngineErrorCode::WeakPassword, reason)
            }
            _ => EngineError::new(EngineErrorCode::Forbidden, ""),
        },
        AskError::Lost => EngineError::new(EngineErrorCode::ConnectionLost, ""),
        AskError::TimedOut => EngineError::new(EngineErrorCode::TimedOut, ""),
    }
}
