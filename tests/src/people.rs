//! People at computers of their own: each one the real client without a window, on data of its own. Scenes ask
//! it what the window would ask, and wait for what the window would be told.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use async_trait::async_trait;
use posthouse_engine::clock::Clock;
use posthouse_engine::engine::{Engine, EngineSetup};
use posthouse_engine::error::EngineError;
use posthouse_engine::events::EngineEvent;
use posthouse_engine::model::{
    Account, Availability, ConnectionState, Department, Message, MessageState, SignIn, TreePerson,
};
use posthouse_engine::secrets::Secrets;
use tokio::sync::{Mutex, mpsc};

use crate::server_process::{DOMAIN, ServerProcess};

/// Everybody's password.
pub const PASSWORD: &str = "Zhengque-2026!";

/// How long the client may take to tell what a scene waits for.
const PATIENCE: Duration = Duration::from_secs(30);

/// Bare address of a person of the scenes' domain.
#[must_use]
pub fn address(id: &str) -> String {
    format!("{id}@{DOMAIN}")
}

/// A keyring that lasts as long as the scene.
#[derive(Debug, Default)]
pub struct SceneKeyring {
    passwords: Mutex<HashMap<String, String>>,
}

#[async_trait]
impl Secrets for SceneKeyring {
    async fn is_there(&self) -> bool {
        true
    }

    async fn load(&self, account: &str) -> Option<String> {
        self.passwords.lock().await.get(account).cloned()
    }

    async fn save(&self, account: &str, password: &str) -> bool {
        self.passwords.lock().await.insert(account.to_owned(), password.to_owned());
        true
    }

    async fn forget(&self, account: &str) {
        self.passwords.lock().await.remove(account);
    }
}

/// A computer: what stays on it when the client ends.
#[derive(Debug)]
pub struct Computer {
    folder: tempfile::TempDir,
    keyring: Arc<SceneKeyring>,
}

impl Computer {
    /// A computer on which nobody has signed in yet.
    ///
    /// # Errors
    /// There is no place for its folder.
    pub fn new() -> anyhow::Result<Self> {
        let folder = tempfile::Builder::new().prefix("computer-").tempdir()?;
        Ok(Self { folder, keyring: Arc::default() })
    }

    /// Where the client keeps its files.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Starts the client; nobody signs in.
    ///
    /// # Errors
    /// The store cannot be opened.
    pub fn start(&self) -> anyhow::Result<Person> {
        let setup = EngineSetup {
            data_folder: self.folder.path().to_owned(),
            secrets: Arc::<SceneKeyring>::clone(&self.keyring),
            clock: Clock::system(),
        };
        let (engine, events) = Engine::open(setup)?;
        Ok(Person { engine, events, heard: Vec::new() })
    }

    /// Starts the client and signs in, trusting the server's authority.
    ///
    /// # Errors
    /// Signing in fails.
    pub async fn signed_in(&self, server: &ServerProcess, id: &str) -> anyhow::Result<Person> {
        let mut person = self.start()?;
        person.sign_in(&with_trust(server, id)?).await?;
        person.is_online().await?;
        Ok(person)
    }
}

/// The form as somebody fills it who has compared the fingerprint.
///
/// # Errors
/// The server has not said where it listens.
pub fn with_trust(server: &ServerProcess, id: &str) -> anyhow::Result<SignIn> {
    Ok(SignIn {
        server: server.address()?,
        login: id.to_owned(),
        password: PASSWORD.to_owned(),
        remember: true,
        accept_fingerprint: Some(server.fingerprint()?),
    })
}

/// Somebody at a computer.
#[derive(Debug)]
pub struct Person {
    engine: Engine,
    events: mpsc::Receiver<EngineEvent>,
    /// Everything told so far, in order.
    heard: Vec<EngineEvent>,
}

impl Person {
    /// The client.
    #[must_use]
    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    /// Everything the window was told so far, in order.
    pub fn heard(&mut self) -> &[EngineEvent] {
        while let Ok(event) = self.events.try_recv() {
            self.heard.push(event);
        }
        &self.heard
    }

    /// Signs in.
    ///
    /// # Errors
    /// What the form would show.
    pub async fn sign_in(&mut self, form: &SignIn) -> Result<Account, EngineError> {
        self.engine.sign_in(form.clone()).await
    }

    /// Waits for the next event for which `wanted` has an answer.
    ///
    /// # Errors
    /// It does not come in time.
    pub async fn next<T>(
        &mut self,
        what: &str,
        wanted: impl Fn(&EngineEvent) -> Option<T>,
    ) -> anyhow::Result<T> {
        let waiting = async {
            loop {
                let event = self.events.recv().await.context("the client ended")?;
                let answer = wanted(&event);
                self.heard.push(event);
                if let Some(answer) = answer {
                    return Ok(answer);
                }
            }
        };
        let outcome = tokio::time::timeout(PATIENCE, waiting).await;
        outcome.with_context(|| format!("{what} does not happen; heard last: {:?}", self.heard.last()))?
    }

    /// Waits until `holds` answers something, asking again whenever the window is told something.
    ///
    /// # Errors
    /// It does not in time.
    pub async fn until<T>(
        &mut self,
        what: &str,
        holds: impl AsyncFn(&Engine) -> anyhow::Result<Option<T>>,
    ) -> anyhow::Result<T> {
        let waiting = async {
            loop {
                if let Some(answer) = holds(&self.engine).await? {
                    return Ok(answer);
                }
                let event = self.events.recv().await.context("the client ended")?;
                self.heard.push(event);
            }
        };
        let outcome: Result<anyhow::Result<T>, _> = tokio::time::timeout(PATIENCE, waiting).await;
        outcome.with_context(|| format!("{what} does not happen; heard last: {:?}", self.heard.last()))?
    }

    /// Waits until the line stands and everything missed has been read.
    ///
    /// # Errors
    /// It does not in time.
    pub async fn is_online(&mut self) -> anyhow::Result<()> {
        self.until("the line", async |engine: &Engine| {
            Ok((engine.connection().await == ConnectionState::Online).then_some(()))
        })
        .await
    }

    /// Waits until the line does not stand any more.
    ///
    /// # Errors
    /// It stands on.
    pub async fn is_cut_off(&mut self) -> anyhow::Result<()> {
        self.until("the end of the line", async |engine: &Engine| {
            let state = engine.connection().await;
            Ok(matches!(state, ConnectionState::Waiting { .. } | ConnectionState::Stopped { .. })
                .then_some(()))
        })
        .await
    }

    /// Writes to a colleague; the message is queued when this returns.
    ///
    /// # Errors
    /// The client refuses.
    pub async fn writes(&self, to: &str, text: &str) -> anyhow::Result<Message> {
        Ok(self.engine.send_message(&address(to), text).await?)
    }

    /// All messages of a conversation, oldest first.
    ///
    /// # Errors
    /// The client refuses.
    pub async fn conversation(&self, with: &str) -> anyhow::Result<Vec<Message>> {
        conversation(&self.engine, with).await
    }

    /// Waits until the conversation has exactly these texts, in this order.
    ///
    /// # Errors
    /// It does not; the error shows what stands there.
    pub async fn reads(&mut self, with: &str, texts: &[&str]) -> anyhow::Result<()> {
        let outcome = self
            .until("the conversation", async |engine: &Engine| {
                let messages = conversation(engine, with).await?;
                Ok(messages
                    .iter()
                    .map(|message| message.text.as_str())
                    .eq(texts.iter().copied())
                    .then_some(()))
            })
            .await;
        match outcome {
            Ok(()) => Ok(()),
            Err(error) => {
                let there: Vec<_> =
                    self.conversation(with).await?.into_iter().map(|message| message.text).collect();
                Err(error.context(format!("{texts:?} expected, there is {there:?}")))
            }
        }
    }

    /// Waits until a message this person wrote has one of these states.
    ///
    /// # Errors
    /// It has not in time.
    pub async fn sees_own(&mut self, message: &Message, states: &[MessageState]) -> anyhow::Result<()> {
        let (peer, id) = (message.peer.clone(), message.id);
        self.until("the state of the message", async |engine: &Engine| {
            let page = engine.open_conversation(&peer, Some(id)).await?;
            let state = page.messages.iter().find(|it| it.id == id).map(|it| it.state);
            Ok(state.filter(|state| states.contains(state)).map(|_| ()))
        })
        .await
    }

    /// Looks at everything in a conversation.
    ///
    /// # Errors
    /// The client refuses.
    pub async fn looks_at(&self, with: &str) -> anyhow::Result<()> {
        let messages = self.conversation(with).await?;
        let last = messages.last().context("an empty conversation")?;
        Ok(self.engine.mark_read(&address(with), last.id).await?)
    }

    /// Unread messages of a conversation.
    ///
    /// # Errors
    /// The client refuses.
    pub async fn unread(&self, with: &str) -> anyhow::Result<u32> {
        let rows = self.engine.conversations().await?;
        Ok(rows.iter().find(|row| row.peer == address(with)).map_or(0, |row| row.unread))
    }

    /// The tree: departments and people in the order of the window.
    ///
    /// # Errors
    /// The client refuses.
    pub async fn tree(&self) -> anyhow::Result<(Vec<Department>, Vec<TreePerson>)> {
        tree(&self.engine).await
    }

    /// Watches these people and waits until one of them is seen like this.
    ///
    /// # Errors
    /// It is not in time.
    pub async fn sees(&mut self, colleague: &str, availability: Availability) -> anyhow::Result<()> {
        let person = address(colleague);
        self.engine.watch_presence(Vec::new(), vec![person.clone()]).await?;
        self.until("the presence", async |engine: &Engine| {
            let card = engine.person_card(&person).await?;
            Ok((card.presence.availability == availability).then_some(()))
        })
        .await
    }

    /// Ends the client in good order.
    pub async fn leaves(self) {
        self.engine.close().await;
    }
}

/// All messages of a conversation, oldest first, however many pages that takes.
async fn conversation(engine: &Engine, with: &str) -> anyhow::Result<Vec<Message>> {
    let peer = address(with);
    let mut page = engine.open_conversation(&peer, None).await?;
    let mut messages = page.messages.clone();
    while page.has_newer {
        let Some(last) = messages.last() else { break };
        page = engine.newer_messages(&peer, last.id, 100).await?;
        messages.extend(page.messages.iter().cloned());
    }
    let mut has_older = true;
    while has_older {
        let Some(first) = messages.first() else { break };
        let older = engine.older_messages(&peer, first.id, 100).await?;
        has_older = older.has_older && !older.messages.is_empty();
        messages.splice(0..0, older.messages);
    }
    Ok(messages)
}

/// The tree as a client has it: departments and people in the order of the window.
///
/// # Errors
/// The client refuses.
pub async fn tree(engine: &Engine) -> anyhow::Result<(Vec<Department>, Vec<TreePerson>)> {
    let (mut departments, mut people) = (Vec::new(), Vec::new());
    engine
        .organization(|batch| {
            departments.extend(batch.departments);
            people.extend(batch.people);
        })
        .await?;
    Ok((departments, people))
}
