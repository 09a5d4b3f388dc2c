//! Business systems: which ones the person may open, and the one-time entrance into each
//! (`urn:posthouse:sso:0`, `docs/single-sign-on.md`).

use std::time::Duration;

use aws_lc_rs::digest;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jid::{BareJid, Jid};
use posthouse_protocol::sign_on;
use xmpp_parsers::iq::Iq;
use xmpp_parsers::minidom::Element;
use xmpp_parsers::stanza_error::DefinedCondition;

use crate::connection::{AskError, IqPayload, Line};
use crate::error::{EngineError, EngineErrorCode};
use crate::model::{BusinessBadge, BusinessSystem};

pub use posthouse_protocol::sign_on::BIND_COOKIE;

/// Random bytes of the secret that makes a link worthless in any other browser.
pub(crate) const SECRET_BYTES: usize = 32;
/// Most characters of a name or an address that are taken from a server.
const LONGEST: usize = 2_000;
/// How long signing out waits for the server.
const PATIENCE: Duration = Duration::from_secs(3);
/// Most systems that are taken from a server.
const MOST: usize = 500;

/// The way into a business system: worth one visit, for some seconds, with the secret.
#[derive(Clone, PartialEq, Eq)]
pub struct Entrance {
    /// Where to go first.
    pub url: String,
    /// Value of [`BIND_COOKIE`] at the host of `url`, there before the first visit.
    pub secret: String,
}

// The log must not get what opens a door.
impl std::fmt::Debug for Entrance {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Entrance").finish_non_exhaustive()
    }
}

/// What the person wants to open.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Wish<'a> {
    /// The system's name at the server.
    pub(crate) system: &'a str,
    /// A place below the system's own address.
    pub(crate) path: Option<&'a str>,
}

/// The systems that the person may open, in the server's order. A server without them has none.
pub(crate) async fn systems(line: &Line, me: &BareJid) -> Result<Vec<BusinessSystem>, EngineError> {
    let question = Element::from(sign_on::Systems::default());
    let answer = match line.ask(Some(server(me)), IqPayload::Get(question)).await {
        Ok(answer) => answer,
        Err(AskError::Refused(_)) => return Ok(Vec::new()),
        Err(error) => return Err(refusal(error)),
    };
    let systems = answer.and_then(|answer| sign_on::Systems::try_from(answer).ok()).unwrap_or_default();
    Ok(systems.systems.into_iter().filter_map(system).take(MOST).collect())
}

fn system(system: sign_on::System) -> Option<BusinessSystem> {
    let sign_on::System { id, name, badge, icon } = system;
    let is_short = !id.is_empty() && id.len() <= LONGEST && name.len() <= LONGEST;
    let (badge, icon) = (badge.unwrap_or_default(), icon.filter(|hash| hash.len() <= LONGEST));
    let shown = || if name.is_empty() { id.clone() } else { name.clone() };
    is_short.then(|| BusinessSystem { name: shown(), id: id.clone(), icon, badge })
}

/// What waits in the systems, as the server tells it; systems that are not named say nothing.
pub(crate) fn badges(told: sign_on::Badges) -> Vec<BusinessBadge> {
    let known = told.badges.into_iter().filter(|badge| badge.count > 0 && badge.system.len() <= LONGEST);
    known.map(|badge| BusinessBadge { system: badge.system, count: badge.count }).take(MOST).collect()
}

/// Asks for an entrance; the server learns the hash of the secret only.
pub(crate) async fn enter(
    line: &Line,
    me: &BareJid,
    wish: Wish<'_>,
    secret: String,
) -> Result<Entrance, EngineError> {
    let hash = digest::digest(&digest::SHA256, secret.as_bytes());
    let question = sign_on::Open {
        app: wish.system.to_owned(),
        bind: URL_SAFE_NO_PAD.encode(hash),
        path: wish.path.map(ToOwned::to_owned),
    };
    let asking = line.ask(Some(server(me)), IqPayload::Set(question.into()));
    let answer = asking.await.map_err(refusal)?;
    let entrance = answer.and_then(|answer| sign_on::Entrance::try_from(answer).ok());
    match entrance.filter(|entrance| entrance.url.starts_with("https://") && entrance.url.len() <= LONGEST) {
        Some(entrance) => Ok(Entrance { url: entrance.url, secret }),
        None => Err(EngineError::new(EngineErrorCode::Internal, "entrance")),
    }
}

/// Ends what was entered through this app. A server that cannot be reached ends it by itself, some time after the app is
/// gone; one without single sign-on has nothing to end.
pub(crate) async fn sign_out(line: &Line, me: &BareJid) {
    let asking = line.ask(Some(server(me)), IqPayload::Set(sign_on::SignOut.into()));
    match tokio::time::timeout(PATIENCE, asking).await {
        Ok(Ok(_) | Err(AskError::Refused(_))) => {}
        Ok(Err(error)) => tracing::info!(?error, "business systems end later"),
        Err(_) => tracing::info!("the server does not answer; business systems end later"),
    }
}

/// The server wants the person to prove anew who they are, for a system whose tab belongs to this app.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Question(pub(crate) sign_on::Prove);

/// The question in a request. Colleagues cannot ask: only the server itself is heard.
pub(crate) fn question(iq: &Iq, me: &BareJid) -> Option<Question> {
    let Iq::Set { from, payload, .. } = iq else { return None };
    if from.as_ref().is_some_and(|from| *from != server(me)) {
        return None;
    }
    let asked = sign_on::Prove::try_from(payload.clone()).ok()?;
    let is_short = [&asked.id, &asked.system, &asked.person].iter().all(|text| text.len() <= LONGEST);
    is_short.then_some(Question(asked))
}

/// Answers a question; without a password the person does not want to.
pub(crate) async fn prove(
    line: &Line,
    me: &BareJid,
    id: &str,
    password: Option<String>,
) -> Result<(), EngineError> {
    let proof = sign_on::Proof { id: id.to_owned(), password };
    match line.ask(Some(server(me)), IqPayload::Set(proof.into())).await {
        Ok(_) => Ok(()),
        Err(AskError::Refused(refused)) if refused.defined_condition == DefinedCondition::NotAuthorized => {
            Err(EngineError::new(EngineErrorCode::NotAuthorized, ""))
        }
        Err(error) => Err(refusal(error)),
    }
}

fn server(me: &BareJid) -> Jid {
    Jid::from(BareJid::from_parts(None, me.domain()))
}

fn refusal(error: AskError) -> EngineError {
    let code = match error {
        AskError::Refused(refused) => match refused.defined_condition {
            DefinedCondition::ItemNotFound => EngineErrorCode::NotFound,
            _ => EngineErrorCode::Forbidden,
        },
        AskError::Lost => EngineErrorCode::ConnectionLost,
        AskError::TimedOut => EngineErrorCode::TimedOut,
    };
    EngineError::new(code, "")
}

#[cfg(test)]
mod tests {
    use jid::{BareJid, Jid};
    use posthouse_protocol::sign_on::Prove;
    use xmpp_parsers::iq::Iq;

    use super::{Question, question};

    fn asked() -> Prove {
        Prove {
            id: "q1".to_owned(),
            system: "办公自动化".to_owned(),
            person: "张爱丽".to_owned(),
            number: 42,
            expires: 60,
        }
    }

    #[test]
    fn threat_18_nobody_but_the_server_can_ask_for_a_password() {
        let me = BareJid::new("zhang.aili@example.org").unwrap();
        let from = |from: Option<&str>| Iq::Set {
            from: from.map(|from| Jid::new(from).unwrap()),
            to: None,
            id: "prove".to_owned(),
            payload: asked().into(),
        };
        assert_eq!(question(&from(Some("example.org")), &me), Some(Question(asked())));
        assert_eq!(question(&from(None), &me), Some(Question(asked())));
        for stranger in ["li.si@example.org", "li.si@example.org/pc", "evil.org", "example.org/x"] {
            assert_eq!(question(&from(Some(stranger)), &me), None, "{stranger}");
        }
    }
}
