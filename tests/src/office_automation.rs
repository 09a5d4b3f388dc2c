//! The office automation system of the demo: a business system of another maker. It has no passwords and knows people
//! by single sign-on alone (OpenID Connect, code with PKCE), and it answers how many tasks somebody has.

mod pages;
mod sign_in;

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, OnceLock};

use anyhow::Context;
use axum::extract::{Path, Query, State};
use axum::http::header::{COOKIE, LOCATION, SET_COOKIE};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use parking_lot::Mutex;
use serde::Deserialize;
use serde_json::json;
use tokio::net::TcpListener;

pub use sign_in::Provider;
use sign_in::{Begun, random_text};

/// The cookie of a session here.
const SESSION: &str = "oa_session";

/// A task that waits for somebody.
#[derive(Debug, Clone)]
pub struct Task {
    /// Its number, which stands in its address.
    pub number: u32,
    /// ID of the person who has to deal with it.
    pub person: String,
    /// What it is about.
    pub title: String,
    /// Who asks.
    pub applicant: String,
}

/// Somebody who is signed in.
#[derive(Debug, Clone)]
pub(crate) struct User {
    pub(crate) login: String,
    pub(crate) name: String,
}

/// The system, while it runs; it ends when this is dropped.
#[derive(Debug)]
pub struct OfficeAutomation {
    address: SocketAddr,
    desk: Arc<Desk>,
    task: tokio::task::JoinHandle<()>,
}

#[derive(Debug)]
struct Desk {
    address: SocketAddr,
    tasks: Vec<Task>,
    provider: OnceLock<Provider>,
    begun: Mutex<HashMap<String, Begun>>,
    sessions: Mutex<HashMap<String, User>>,
}

impl OfficeAutomation {
    /// Answers at a free port of this computer; nobody can sign in yet.
    ///
    /// # Errors
    /// There is no free port.
    pub async fn start(tasks: Vec<Task>) -> anyhow::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await.context("no port for the office system")?;
        let address = listener.local_addr()?;
        let desk = Arc::new(Desk {
            address,
            tasks,
            provider: OnceLock::new(),
            begun: Mutex::default(),
            sessions: Mutex::default(),
        });
        let routes = Router::new()
            .route("/", get(overview))
            .route("/todo/{number}", get(one_task))
            .route("/todo-count", get(count))
            .route("/signed-in", get(signed_in))
            .with_state(Arc::clone(&desk));
        let task = tokio::spawn(async move {
            // A port that fails shows in every page that does not open.
            let _ = axum::serve(listener, routes).await;
        });
        Ok(Self { address, desk, task })
    }

    /// Its address, such as `http://127.0.0.1:40000`.
    #[must_use]
    pub fn address(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Where the provider sends people back to.
    #[must_use]
    pub fn redirect_uri(&self) -> String {
        self.desk.redirect_uri()
    }

    /// From now on people sign in with this provider.
    pub fn signs_in_with(&self, provider: Provider) {
        // The first one stays.
        let _ = self.desk.provider.set(provider);
    }

    /// How many people have signed in.
    #[must_use]
    pub fn sessions(&self) -> usize {
        self.desk.sessions.lock().len()
    }
}

impl Drop for OfficeAutomation {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Desk {
    fn redirect_uri(&self) -> String {
        format!("http://{}/signed-in", self.address)
    }

    fn of(&self, login: &str) -> Vec<&Task> {
        self.tasks.iter().filter(|task| task.person == login).collect()
    }

    fn user(&self, headers: &HeaderMap) -> Option<User> {
        let cookies = headers.get(COOKIE)?.to_str().ok()?;
        let wanted =
            cookies.split("; ").filter_map(|one| one.split_once('=')).find(|(name, _)| *name == SESSION);
        self.sessions.lock().get(wanted?.1).cloned()
    }

    /// Sends somebody who is not known to the provider, and afterwards back to `path`.
    fn ask_who(&self, path: String) -> Response {
        let Some(provider) = self.provider.get() else {
            return (StatusCode::SERVICE_UNAVAILABLE, Html(pages::trouble("还没有接入单点登录。")))
                .into_response();
        };
        let Ok((state, begun, to)) = provider.begin(&self.redirect_uri(), path) else {
            return StatusCode::INTERNAL_SERVER_ERROR.into_response();
        };
        self.begun.lock().insert(state, begun);
        redirect(&to)
    }
}

async fn overview(State(desk): State<Arc<Desk>>, headers: HeaderMap) -> Response {
    match desk.user(&headers) {
        Some(user) => Html(pages::overview(&user, &desk.of(&user.login))).into_response(),
        None => desk.ask_who("/".to_owned()),
    }
}

async fn one_task(State(desk): State<Arc<Desk>>, Path(number): Path<u32>, headers: HeaderMap) -> Response {
    let Some(user) = desk.user(&headers) else { return desk.ask_who(format!("/todo/{number}")) };
    match desk.of(&user.login).into_iter().find(|task| task.number == number) {
        Some(task) => Html(pages::task(&user, task)).into_response(),
        None => (StatusCode::NOT_FOUND, Html(pages::trouble("没有这个待办任务。"))).into_response(),
    }
}

#[derive(Deserialize)]
struct Whose {
    person: String,
}

/// What a query code asks.
async fn count(State(desk): State<Arc<Desk>>, Query(whose): Query<Whose>) -> Response {
    Json(json!({ "count": desk.of(&whose.person).len() })).into_response()
}

#[derive(Deserialize)]
struct Return {
    code: Option<String>,
    state: Option<String>,
    iss: Option<String>,
    error: Option<String>,
}

async fn signed_in(State(desk): State<Arc<Desk>>, Query(back): Query<Return>) -> Response {
    match learn_who(&desk, back).await {
        Ok((user, path)) => {
            let Ok(cookie) = random_text() else { return StatusCode::INTERNAL_SERVER_ERROR.into_response() };
            desk.sessions.lock().insert(cookie.clone(), user);
            let kept = format!("{SESSION}={cookie}; HttpOnly; SameSite=Lax; Path=/");
            let mut answer = redirect(&path);
            if let Ok(kept) = kept.parse() {
                answer.headers_mut().insert(SET_COOKIE, kept);
            }
            answer
        }
        Err(error) => {
            let page = pages::trouble(&format!("登录没有成功：{error:#}"));
            (StatusCode::FORBIDDEN, Html(page)).into_response()
        }
    }
}

async fn learn_who(desk: &Desk, back: Return) -> anyhow::Result<(User, String)> {
    let provider = desk.provider.get().context("no provider")?;
    if let Some(error) = back.error {
        anyhow::bail!("the provider says {error}");
    }
    anyhow::ensure!(back.iss.as_deref() == Some(provider.issuer()), "another provider answers");
    let state = back.state.context("no state")?;
    let begun = desk.begun.lock().remove(&state).context("nobody asked for this")?;
    let code = back.code.context("no code")?;
    provider.finish(&desk.redirect_uri(), &code, begun).await
}

fn redirect(to: &str) -> Response {
    (StatusCode::SEE_OTHER, [(LOCATION, to)]).into_response()
}
