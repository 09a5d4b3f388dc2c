//! Signing in, going on where the last start ended, signing out.

use std::path::PathBuf;
use std::sync::Arc;

use jid::BareJid;
use rusqlite::Connection;
use tokio::sync::mpsc;

use super::Engine;
use crate::connection::{Line, LineEvent, Target};
use crate::error::{EngineError, EngineErrorCode};
use crate::events::EngineEvent;
use crate::model::{Account, ConnectionState, ConnectionTestStep, SavedSignIn, SignIn};
use crate::session::{Session, SessionParts};
use crate::store::sign_in::{self, LastSignIn};
use crate::store::{ACCOUNT, Store, binding};

impl Engine {
    /// What the last session left, for the form; nothing before the first.
    ///
    /// # Errors
    /// `StoreFailed`.
    pub async fn saved_sign_in(&self) -> Result<Option<SavedSignIn>, EngineError> {
        let Some(last) = self.store.read(sign_in::last).await? else { return Ok(None) };
        let password = self.secrets.load(&secret_name(&last.server, &last.login)).await;
        Ok(Some(SavedSignIn {
            has_password: password.is_some(),
            can_remember: self.can_remember().await,
            server: last.server,
            login: last.login,
        }))
    }

    /// Whether there is a keyring.
    pub async fn can_remember(&self) -> bool {
        self.secrets.is_there().await
    }

    /// Signs in from the form. The first failure is the answer.
    ///
    /// # Errors
    /// The codes of the form: what is wrong with the server, its certificate, the ID or the password.
    pub async fn sign_in(&self, sign_in: SignIn) -> Result<Account, EngineError> {
        let _turn = self.turn.lock().await;
        let SignIn { server, login, password, remember, accept_fingerprint } = sign_in;
        let (server, login) = (server.trim().to_owned(), login.trim().to_owned());
        if server.is_empty() || login.is_empty() {
            return Err(EngineError::new(EngineErrorCode::BadInput, ""));
        }
        self.end_session().await;
        let secret = secret_name(&server, &login);
        let password = self.password(password, &secret).await?;
        if let Some(fingerprint) = accept_fingerprint {
            let server = server.clone();
            self.store.write(move |transaction| sign_in::trust(transaction, &server, &fingerprint)).await?;
        }
        let target = self.target(&server, &login, password.clone()).await?;
        let (line, mut line_events) = Line::open(target, Arc::clone(&self.environment));
        let outcome = first_login(&mut line_events).await;
        if outcome.is_err() {
            line.clone().close().await;
        }
        let (me, first) = outcome?;
        let last = LastSignIn { server: server.clone(), login, account: me.to_string(), signed_in: true };
        self.store.write(move |transaction| sign_in::note(transaction, &last)).await?;
        if line.has_bound() {
            let server = server.clone();
            self.store.write(move |transaction| binding::note(transaction, &server)).await?;
        }
        self.remember(remember, &secret, &password).await;
        self.begin(me, server, line, line_events, Some(first)).await
    }

    /// The last account out of the store, connecting behind it; nothing when somebody has to sign in.
    ///
    /// # Errors
    /// `StoreFailed`.
    pub async fn resume(&self) -> Result<Option<Account>, EngineError> {
        let _turn = self.turn.lock().await;
        if let Ok(session) = self.session() {
            return Ok(Some(session.account()));
        }
        let last = self.store.read(sign_in::last).await?;
        let Some(last) = last.filter(|last| last.signed_in) else { return Ok(None) };
        let Ok(me) = BareJid::new(&last.account) else { return Ok(None) };
        let Some(password) = self.secrets.load(&secret_name(&last.server, &last.login)).await else {
            return Ok(None);
        };
        let target = self.target(&last.server, &last.login, password).await?;
        let (line, line_events) = Line::open(target, Arc::clone(&self.environment));
        self.begin(me, last.server, line, line_events, None).await.map(Some)
    }

    /// Signs out, of business systems too: the password is forgotten; server and ID stay for the form, messages in the store.
    ///
    /// # Errors
    /// `StoreFailed`.
    pub async fn sign_out(&self) -> Result<(), EngineError> {
        let _turn = self.turn.lock().await;
        if let Ok(session) = self.session() {
            session.sign_out_of_business_systems().await;
        }
        self.end_session().await;
        self.events.tell(EngineEvent::ConnectionChanged { connection: ConnectionState::SignedOut });
        self.events.tell(EngineEvent::AccountChanged { account: None });
        let last = self.store.read(sign_in::last).await?;
        if let Some(last) = last {
            self.secrets.forget(&secret_name(&last.server, &last.login)).await;
        }
        self.store.write(|transaction| sign_in::signed_out(transaction)).await?;
        Ok(())
    }

    /// Changes the person's password, here and in the keyring. `current` is `None` when the server wants the change
    /// and the person has just typed the password that somebody else chose.
    ///
    /// # Errors
    /// `NotSignedIn`, `NotAuthorized` when `current` is not the password, `WeakPassword` with the server's reason,
    /// or what became of the line.
    pub async fn change_password(
        &self,
        current: Option<String>,
        password: String,
    ) -> Result<(), EngineError> {
        let _turn = self.turn.lock().await;
        self.session()?.change_password(current.as_deref(), &password).await?;
        if let Some(last) = self.store.read(sign_in::last).await? {
            let secret = secret_name(&last.server, &last.login);
            let is_remembered = self.secrets.load(&secret).await.is_some();
            if is_remembered {
                self.remember(true, &secret, &password).await;
            }
        }
        Ok(())
    }

    /// Tests the way to a server, step by step.
    ///
    /// # Errors
    /// `StoreFailed`. A step that fails is no error: `tell` hears of it.
    pub async fn test_connection(
        &self,
        server: &str,
        login: &str,
        tell: impl FnMut(ConnectionTestStep) + Send,
    ) -> Result<(), EngineError> {
        let (server, login) = (server.trim(), login.trim());
        let password = self.secrets.load(&secret_name(server, login)).await;
        let target = self.target(server, login, password.unwrap_or_default()).await?;
        crate::connection_test::run(target, &self.environment, tell).await;
        Ok(())
    }

    /// What was typed, else what the keyring has.
    async fn password(&self, typed: String, secret: &str) -> Result<String, EngineError> {
        if !typed.is_empty() {
            return Ok(typed);
        }
        let kept = self.secrets.load(secret).await;
        kept.ok_or_else(|| EngineError::new(EngineErrorCode::NoPassword, ""))
    }

    async fn remember(&self, remember: bool, secret: &str, password: &str) {
        if !remember {
            self.secrets.forget(secret).await;
        } else if !self.secrets.save(secret, password).await {
            tracing::warn!("the keyring does not keep the password");
        }
    }

    async fn target(&self, server: &str, login: &str, password: String) -> Result<Target, EngineError> {
        let asked = server.to_owned();
        let known = move |connection: &Connection| {
            Ok((sign_in::trusted(connection, &asked)?, binding::has_bound(connection, &asked)?))
        };
        let (trusted, must_bind) = self.store.read(known).await?;
        Ok(Target {
            server: server.to_owned(),
            login: login.to_owned(),
            password,
            trusted: trusted.into_iter().collect(),
            must_bind,
        })
    }

    async fn begin(
        &self,
        me: BareJid,
        server: String,
        line: Line,
        line_events: mpsc::Receiver<LineEvent>,
        first: Option<LineEvent>,
    ) -> Result<Account, EngineError> {
        let parts = SessionParts {
            store: Store::open(&self.account_file(&me), ACCOUNT)?,
            computer: self.store.clone(),
            me,
            server,
            settings: Arc::clone(&self.settings),
            attention: self.attention.clone(),
            environment: Arc::clone(&self.environment),
            events: self.events.clone(),
            line,
            line_events,
            first,
        };
        let session = Arc::new(Session::start(parts));
        let account = session.account();
        let total = session.mailbox().unread().await?;
        *self.session.write() = Some(session);
        self.events.tell(EngineEvent::AccountChanged { account: Some(account.clone()) });
        self.events.tell(EngineEvent::UnreadChanged { total });
        Ok(account)
    }

    fn account_file(&self, me: &BareJid) -> PathBuf {
        // Letters that a file name cannot have on some systems, and the escape itself.
        let is_plain =
            |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '.' | '-' | '_' | '@');
        let mut name = String::new();
        for letter in me.as_str().chars() {
            if is_plain(letter) {
                name.push(letter);
            } else {
                name.push_str(&format!("%{:x};", u32::from(letter)));
            }
        }
        self.data_folder.join("accounts").join(format!("{name}.sqlite"))
    }
}

/// Waits until the line is signed in, or has failed once.
async fn first_login(
    line_events: &mut mpsc::Receiver<LineEvent>,
) -> Result<(BareJid, LineEvent), EngineError> {
    while let Some(event) = line_events.recv().await {
        match event {
            LineEvent::Connecting | LineEvent::Stanza(_) => {}
            LineEvent::Online { ref address, .. } => return Ok((address.to_bare(), event)),
            LineEvent::Waiting { reason, detail, .. } => return Err(EngineError::new(reason, detail)),
            LineEvent::Stopped { error } => return Err(error),
        }
    }
    Err(EngineError::new(EngineErrorCode::Internal, "the line ended"))
}

/// The name under which the keyring has a password.
fn secret_name(server: &str, login: &str) -> String {
    format!("{login} ({server})")
}

#[cfg(test)]
mod tests;
