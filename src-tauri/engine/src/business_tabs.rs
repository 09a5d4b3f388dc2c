//! Business systems: which ones the person may open, and the one-time entrance into each
//! (`urn:posthouse:sso:0`, `docs/single-sign-on.md`).

use std::time::Duration;

use aws_lc_rs::digest;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jid::{BareJid, Jid};
use posthouse_protocol::sign_on;
use xmpp_parsers::minidom::Element;
use xmpp_parsers::stanza_error::DefinedCondition;

use crate::connection::{AskError, IqPayload, Line};
use crate::error::{EngineError, EngineErrorCode};
use crate::model::BusinessSystem;

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
    let sign_on::System { id, name } = system;
    let is_short = !id.is_empty() && id.len() <= LONGEST && name.len() <= LONGEST;
    is_short.then(|| BusinessSystem { name: if name.is_empty() { id.clone() } else { name }, id })
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
