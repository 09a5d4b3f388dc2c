use async_trait::async_trait;
use tempfile::TempDir;
use tokio_xmpp::xmlstream::XmppStreamElement;
use xmpp_parsers::iq::Iq;
use xmpp_parsers::stanza::Stanza;
use xmpp_parsers::stanza_error::{DefinedCondition, ErrorType, StanzaError};

use super::*;
use crate::clock::Clock;
use crate::connection::scenes::toy_server::{PASSWORD, ToyServer, Verdict};
use crate::engine::EngineSetup;
use crate::secrets::Secrets;

/// A computer without a keyring.
#[derive(Debug)]
struct NoKeyring;

#[async_trait]
impl Secrets for NoKeyring {
    async fn is_there(&self) -> bool {
        false
    }

    async fn load(&self, _account: &str) -> Option<String> {
        None
    }

    async fn save(&self, _account: &str, _password: &str) -> bool {
        false
    }

    async fn forget(&self, _account: &str) {}
}

/// A server that binds the first login, and offers no binding afterwards. It knows no requests.
async fn forgetful_server() -> ToyServer {
    ToyServer::start(move |number, guest| async move {
        let mechanisms = &["SCRAM-SHA-256", "SCRAM-SHA-256-PLUS"];
        let mechanisms = if number == 0 { &mechanisms[..] } else { &mechanisms[..1] };
        let Some(mut client) = guest.sign_in(mechanisms, Verdict::Welcome, false).await else { return };
        client.bind().await;
        while let Some(element) = client.next().await {
            if let XmppStreamElement::Stanza(Stanza::Iq(Iq::Get { id, .. } | Iq::Set { id, .. })) = element {
                let condition = DefinedCondition::ServiceUnavailable;
                let error = StanzaError::new(ErrorType::Cancel, condition, "en", "");
                client.send(Iq::from_error(id, error)).await;
            }
        }
    })
    .await
}

/// The program starts, signs in and ends.
async fn start_and_sign_in(folder: &TempDir, server: &ToyServer) -> Result<Account, EngineError> {
    let setup = EngineSetup {
        data_folder: folder.path().to_owned(),
        secrets: Arc::new(NoKeyring),
        clock: Clock::system(),
    };
    let (engine, _told) = Engine::open(setup).unwrap();
    let outcome = engine
        .sign_in(SignIn {
            server: server.address.clone(),
            login: "a".to_owned(),
            password: PASSWORD.to_owned(),
            remember: false,
            accept_fingerprint: Some(server.fingerprint.clone()),
        })
        .await;
    engine.close().await;
    outcome
}

#[tokio::test]
async fn a_server_that_has_bound_a_login_is_held_to_it_after_a_restart() {
    let server = forgetful_server().await;
    let folder = tempfile::tempdir().unwrap();
    start_and_sign_in(&folder, &server).await.unwrap();
    let error = start_and_sign_in(&folder, &server).await.unwrap_err();
    assert_eq!(error, EngineError::new(EngineErrorCode::BindingGone, "SCRAM-SHA-256"));
    assert_eq!(server.mechanisms(), ["ScramSha256Plus"], "nothing was proved to whoever is in between");
    start_and_sign_in(&tempfile::tempdir().unwrap(), &server).await.unwrap();
}
