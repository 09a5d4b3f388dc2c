//! Scenes of apps that come and go, and of who may open what.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use async_trait::async_trait;
use posthouse_sign_on::moment::Lifetimes;
use posthouse_sign_on::refusal::Refusal;
use posthouse_sign_on::secret::{Digest, Random};
use posthouse_sign_on::session::{Parent, SignedIn, begin_child};
use posthouse_sign_on::step_up::Challenge;

use super::{Link, SignOn};
use crate::clock::Clock;
use crate::modules::testing::{Client, company};
use crate::organization::visibility::VisibilityRules;
use crate::routing::accounts::{PasswordRefusal, Passwords};
use crate::routing::commands::{AdHocCommand, Step};
use crate::routing::iq::IqTarget;
use crate::routing::sessions::Sessions;
use crate::routing::stages::Observer;
use crate::sign_on::testing::{NOW, provider};
use crate::storage::badges::BadgeStore;
use crate::storage::sign_on::put_party;
use crate::storage::{Database, accounts};

const MINUTE: i64 = 60;

/// Whoever says "right" is right.
struct Words;

#[async_trait]
impl Passwords for Words {
    async fn must_change(&self, _login: &str) -> Result<bool, Box<dyn std::error::Error + Send + Sync>> {
        Ok(false)
    }

    async fn is_right(
        &self,
        _login: &str,
        password: &str,
    ) -> Result<bool, Box<dyn std::error::Error + Send + Sync>> {
        Ok(password == "right")
    }

    async fn change(&self, _login: &str, _client: &str, _password: &str) -> Result<(), PasswordRefusal> {
        Ok(())
    }
}

struct House {
    folder: tempfile::TempDir,
    database: Database,
    clock: Arc<Clock>,
    sessions: Arc<Sessions>,
    module: Arc<SignOn>,
    tab: Digest,
}

impl House {
    /// 张三 of 财务部 may open the office automation; a tab of his app is open.
    async fn open() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let database = Database::open(&folder.path().join("posthouse.db")).unwrap();
        let party = "{\"id\":\"oa\",\"name\":\"办公自动化\",\"launch\":\"https://oa.example.org/\",\
                     \"audience\":{\"departments\":[\"总部/财务部\"]}}";
        let prepared = database.write(move |connection| {
            for login in ["zhang.san", "wang.wu"] {
                accounts::insert_account(connection, login, "", false)?;
            }
            put_party(connection, "oa", party)
        });
        prepared.await.unwrap();
        let clock = Arc::new(Clock::Fixed(AtomicI64::new(NOW.0 * 1_000_000)));
        let (directory, sessions) = (company(VisibilityRules::default()), Arc::new(Sessions::default()));
        let provider = provider(folder.path(), &database, directory, Arc::clone(&clock));
        let module = Arc::new(SignOn::new(
            provider,
            Arc::clone(&sessions),
            Arc::new(Words),
            BadgeStore::new(database.clone()),
        ));
        let parent = Parent {
            id: "parent".to_owned(),
            login: "zhang.san".to_owned(),
            instance: "zhang.san@example.org/desk".to_owned(),
            created: NOW,
            auth_time: NOW,
            last_seen: NOW,
            gone_since: None,
        };
        let (_, child) = begin_child(&parent, NOW, &mut Random::new([5; 32]));
        let house = Self { folder, database, clock, sessions, module, tab: child.cookie };
        house.module.provider.store().begin(parent, child).await.unwrap();
        house
    }

    /// Why the tab's session is over after so many minutes, if it is.
    async fn ends_after(&self, minutes: i64) -> Option<String> {
        let Clock::Fixed(time) = &*self.clock else { return None };
        time.fetch_add(minutes * MINUTE * 1_000_000, Ordering::Relaxed);
        let provider = &self.module.provider;
        let ended = provider.store().end_due(Lifetimes::default(), provider.now()).await.unwrap();
        ended.first().map(|ended| ended.reason.clone())
    }
}

#[tokio::test]
async fn tabs_outlive_the_stream_of_their_app_by_a_quarter_of_an_hour() {
    let house = House::open().await;
    let app = Client::new("zhang.san", "desk");
    house.module.session_closed(&app.session).await;
    assert_eq!(house.ends_after(15).await, None);
    assert_eq!(house.ends_after(1).await.as_deref(), Some("app-gone"));
}

#[tokio::test]
async fn an_app_that_comes_back_keeps_its_tabs_and_a_late_end_of_its_old_stream_changes_nothing() {
    let house = House::open().await;
    let (old, new) = (Client::new("zhang.san", "desk"), Client::new("zhang.san", "desk"));
    house.module.session_closed(&old.session).await;
    house.sessions.bind(new.session.clone());
    house.module.session_opened(&new.session).await;
    assert_eq!(house.ends_after(20).await, None);
    house.module.session_closed(&old.session).await;
    assert_eq!(house.ends_after(20).await, None);
}

#[tokio::test]
async fn a_pause_of_the_server_is_no_absence_of_the_app() {
    let house = House::open().await;
    let app = Client::new("zhang.san", "desk");
    // The server stops in good order, and begins again an hour later.
    house.module.session_closed(&app.session).await;
    let provider = &house.module.provider;
    provider.store().note_all_gone(provider.now().plus(60 * MINUTE)).await.unwrap();
    assert_eq!(house.ends_after(70).await, None);
    assert_eq!(house.ends_after(10).await.as_deref(), Some("app-gone"));
}

#[tokio::test]
async fn thirty_entrances_a_minute_are_enough_whether_they_were_used_or_not() {
    let house = House::open().await;
    let zhang = Client::new("zhang.san", "desk");
    let open =
        "<open xmlns='urn:posthouse:sso:0' app='oa' bind='n4bQgYhMfWWaL-qgxVrQFaO_TxsrC4Is0V1sFbDwCgg'/>";
    for _ in 0..30 {
        zhang.ask(&*house.module, IqTarget::Server, "set", open).await.unwrap();
    }
    assert!(zhang.ask(&*house.module, IqTarget::Server, "set", open).await.is_err());
    house.ends_after(1).await;
    assert!(zhang.ask(&*house.module, IqTarget::Server, "set", open).await.is_ok(), "a minute later");
}

#[tokio::test]
async fn the_command_offers_everybody_their_own_systems() {
    let house = House::open().await;
    let command = Link(Arc::clone(&house.module));
    let zhang = Client::new("zhang.san", "gajim");
    let Step::Ask(form) = command.step(&zhang.session, command.node(), None).await.unwrap() else {
        panic!("no form")
    };
    let field = form.fields.iter().find(|field| field.var.as_deref() == Some("system")).unwrap();
    assert_eq!(field.options[0].label.as_deref(), Some("办公自动化"));
    let wang = Client::new("wang.wu", "gajim");
    assert!(matches!(
        command.step(&wang.session, command.node(), None).await.unwrap(),
        Step::Done { result: None, .. }
    ));
}

impl House {
    async fn tab(&self) -> SignedIn {
        self.module.provider.session_of(self.tab).await.unwrap().unwrap()
    }

    /// The office automation wants to know anew who 张三 is.
    async fn question(&self) -> Challenge {
        let party = self.module.provider.store().party("oa").await.unwrap().unwrap();
        let ways = ("https://im.example.org/oauth2/authorize".to_owned(), None);
        self.module.provider.ask_for_proof(&self.tab().await, &party, ways).await.unwrap().unwrap()
    }

    async fn answers(&self, client: &Client, question: &Challenge, password: &str) -> bool {
        let proof =
            format!("<proof xmlns='urn:posthouse:sso:0' id='{}' password='{password}'/>", question.id);
        client.ask(&*self.module, IqTarget::Server, "set", &proof).await.is_ok()
    }
}

#[tokio::test]
async fn threat_18_only_the_app_that_owns_the_session_can_prove_it_and_only_for_a_minute() {
    let house = House::open().await;
    let (own, other) = (Client::new("zhang.san", "desk"), Client::new("zhang.san", "phone"));
    let question = house.question().await;
    assert!(!house.answers(&other, &question, "right").await, "another app of his");
    assert!(!house.answers(&own, &question, "guess").await);
    assert!(house.tab().await.proofs.is_empty());
    assert!(house.answers(&own, &question, "right").await);
    assert_eq!(house.tab().await.proofs.len(), 1);
    assert!(!house.answers(&own, &question, "right").await, "once");
    let late = house.question().await;
    house.ends_after(2).await;
    assert!(!house.answers(&own, &late, "right").await, "two minutes later");
}

#[tokio::test]
async fn threat_20_nine_wrong_passwords_in_an_hour_are_the_end_of_guessing() {
    let house = House::open().await;
    let own = Client::new("zhang.san", "desk");
    for _ in 0..3 {
        let question = house.question().await;
        for _ in 0..3 {
            assert!(!house.answers(&own, &question, "guess").await);
        }
    }
    let party = house.module.provider.store().party("oa").await.unwrap().unwrap();
    let ways = ("https://im.example.org/".to_owned(), None);
    let tab = house.tab().await;
    let asked = house.module.provider.ask_for_proof(&tab, &party, ways.clone()).await.unwrap();
    assert_eq!(asked.unwrap_err(), Refusal::TooMany);

    let (directory, clock) = (company(VisibilityRules::default()), Arc::clone(&house.clock));
    let started_anew = provider(house.folder.path(), &house.database, directory, clock);
    let asked = started_anew.ask_for_proof(&tab, &party, ways.clone()).await.unwrap();
    assert_eq!(asked.unwrap_err(), Refusal::TooMany, "a restart forgets no wrong password");
    let Clock::Fixed(time) = &*house.clock else { return };
    time.fetch_add(61 * MINUTE * 1_000_000, Ordering::Relaxed);
    assert!(started_anew.ask_for_proof(&tab, &party, ways).await.unwrap().is_ok(), "an hour later");
}
