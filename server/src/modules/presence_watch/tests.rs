//! What is told about who is there.

use super::*;
use crate::modules::testing::{Client, DOMAIN, company, jid, person};
use crate::organization::directory::Change;
use crate::organization::visibility::VisibilityRules;
use jid::Jid;

struct Scene {
    directory: Arc<Directory>,
    sessions: Arc<Sessions>,
    blocking: Arc<Quarrel>,
    service: PresenceWatch,
}

/// Two who may have blocked each other.
#[derive(Debug, Default)]
struct Quarrel(Mutex<Option<[BareJid; 2]>>);

impl Blocking for Quarrel {
    fn has_blocked(&self, account: &BareJid, other: &Jid) -> bool {
        self.are_apart(account, &other.to_bare())
    }

    fn are_apart(&self, one: &BareJid, other: &BareJid) -> bool {
        self.0.lock().as_ref().is_some_and(|both| both.contains(one) && both.contains(other))
    }
}

fn scene(rules: VisibilityRules) -> Scene {
    let directory = company(rules);
    let sessions = Arc::new(Sessions::default());
    let blocking = Arc::new(Quarrel::default());
    let service = PresenceWatch::new(DOMAIN, Arc::clone(&directory), Arc::clone(&sessions), blocking.clone());
    Scene { directory, sessions, blocking, service }
}

impl Scene {
    fn client(&self, account: &str) -> Client {
        let client = Client::new(account, "pc");
        self.sessions.bind(client.session.clone());
        client
    }

    fn presence(&self, client: &Client, inside: Option<&str>) {
        let bytes = inside.map(|inside| Bytes::from(format!("<presence>{inside}</presence>")));
        client.session.set_presence(bytes);
        self.service.presence_changed(&client.session);
    }

    fn quarrel(&self, both: Option<[&str; 2]>) {
        *self.blocking.0.lock() = both.map(|both| both.map(jid));
        self.service.blocking_changed(&jid("li.si"), &jid("zhang.san"));
        self.service.flush();
    }

    async fn watch(&self, client: &Client, departments: &[&str], people: &[&str]) -> State {
        let departments: String = departments.iter().map(|id| format!("<department id='{id}'/>")).collect();
        let people: String = people.iter().map(|name| format!("<person jid='{}'/>", jid(name))).collect();
        let watch = format!("<watch xmlns='{NAMESPACE}'>{departments}{people}</watch>");
        let answer = client.ask(&self.service, IqTarget::Server, "set", &watch).await.unwrap();
        xso::from_bytes(answer.as_bytes()).unwrap()
    }
}

fn news(client: &mut Client) -> Vec<State> {
    let received = client.received().into_iter().map(|stanza| {
        let frame = Frame::parse(Bytes::from(stanza)).unwrap();
        xso::from_bytes(frame.child("state", NAMESPACE).unwrap().bytes).unwrap()
    });
    received.collect()
}

fn count(state: &State, department: &str) -> (u32, u32) {
    let found = state.counts.iter().find(|count| count.department == department).unwrap();
    (found.online, found.total)
}

#[tokio::test]
async fn the_answer_has_the_state_of_all_that_is_watched() {
    let scene = scene(VisibilityRules::default());
    let (zhang, li) = (scene.client("zhang.san"), scene.client("li.si"));
    scene.presence(&li, Some("<show>dnd</show><status>开会</status>"));
    let state = scene.watch(&zhang, &["1", "2", "unknown"], &["li.si", "wang.wu"]).await;
    assert_eq!((count(&state, "1"), count(&state, "2"), state.counts.len()), ((1, 3), (1, 2), 2));
    let of = |name: &str| state.people.iter().find(|person| person.jid == jid(name)).unwrap();
    assert_eq!((of("li.si").availability, of("li.si").status.as_str()), (Availability::DoNotDisturb, "开会"));
    assert_eq!(of("wang.wu").availability, Availability::Offline);
}

#[tokio::test]
async fn somebody_with_two_posts_counts_once() {
    let scene = scene(VisibilityRules::default());
    let (mut zhang, li) = (scene.client("zhang.san"), scene.client("li.si"));
    scene.watch(&zhang, &["1", "2", "3"], &[]).await;
    scene.presence(&li, Some(""));
    scene.service.flush();
    let news = news(&mut zhang);
    let [state] = news.as_slice() else { panic!("{news:?}") };
    assert_eq!((count(state, "1"), count(state, "2"), count(state, "3")), ((1, 3), (1, 2), (1, 2)));
}

#[tokio::test]
async fn changes_between_two_pushes_come_as_one() {
    let scene = scene(VisibilityRules::default());
    let (mut zhang, li) = (scene.client("zhang.san"), scene.client("li.si"));
    scene.watch(&zhang, &[], &["li.si"]).await;
    for show in ["", "<show>away</show>", "<show>xa</show>"] {
        scene.presence(&li, Some(show));
    }
    scene.service.flush();
    let news = news(&mut zhang);
    assert_eq!(news.len(), 1);
    assert_eq!(news[0].people[0].availability, Availability::ExtendedAway);
    scene.presence(&li, Some("<show>xa</show>"));
    scene.service.flush();
    assert!(zhang.received().is_empty(), "the same again is no news");
}

#[tokio::test]
async fn who_watches_something_else_hears_nothing() {
    let scene = scene(VisibilityRules::default());
    let (mut zhang, li) = (scene.client("zhang.san"), scene.client("li.si"));
    scene.watch(&zhang, &["2"], &["li.si"]).await;
    scene.watch(&zhang, &[], &["wang.wu"]).await;
    scene.presence(&li, Some(""));
    scene.service.flush();
    assert!(zhang.received().is_empty());
}

#[tokio::test]
async fn a_change_of_the_organisation_counts_again() {
    let scene = scene(VisibilityRules::default());
    let mut zhang = scene.client("zhang.san");
    scene.watch(&zhang, &["3"], &[]).await;
    let newcomer = person("zhao.liu", "赵六", "zhao liu", &["3"]);
    scene.directory.apply(11, vec![Change::Person(Box::new(newcomer))]);
    scene.service.board.lock().recount();
    scene.service.flush();
    assert_eq!(count(&news(&mut zhang)[0], "3"), (0, 3));
}

#[tokio::test]
async fn who_is_hidden_is_neither_shown_nor_counted() {
    let rules = VisibilityRules { hidden_people: ["li.si".to_owned()].into(), ..VisibilityRules::default() };
    let scene = scene(rules);
    let (mut zhang, li) = (scene.client("zhang.san"), scene.client("li.si"));
    let state = scene.watch(&zhang, &["1"], &["li.si"]).await;
    assert_eq!((count(&state, "1"), state.people.len()), ((0, 2), 0));
    scene.presence(&li, Some(""));
    scene.service.flush();
    assert!(zhang.received().is_empty());
}

#[tokio::test]
async fn who_has_blocked_somebody_looks_absent_to_them_and_nothing_stirs() {
    let scene = scene(VisibilityRules::default());
    let (mut zhang, mut wang) = (scene.client("zhang.san"), scene.client("wang.wu"));
    let li = scene.client("li.si");
    scene.presence(&li, Some(""));
    for client in [&zhang, &wang] {
        scene.watch(client, &[], &["li.si"]).await;
    }
    let availability = |news: &[State]| news.iter().map(|it| it.people[0].availability).collect::<Vec<_>>();
    scene.quarrel(Some(["li.si", "zhang.san"]));
    assert_eq!(availability(&news(&mut zhang)), [Availability::Offline]);
    scene.presence(&li, Some("<show>away</show>"));
    scene.service.flush();
    assert!(zhang.received().is_empty(), "not even that something has changed");
    assert_eq!(availability(&news(&mut wang)), [Availability::Away]);
    let state = scene.watch(&zhang, &[], &["li.si"]).await;
    assert_eq!(state.people[0].availability, Availability::Offline);
    scene.quarrel(None);
    assert_eq!(availability(&news(&mut zhang)), [Availability::Away]);
    assert!(wang.received().is_empty(), "nobody else is concerned");
}

#[tokio::test]
async fn an_inactive_client_gets_everything_when_it_is_looked_at_again() {
    let scene = scene(VisibilityRules::default());
    let (mut zhang, li) = (scene.client("zhang.san"), scene.client("li.si"));
    scene.watch(&zhang, &[], &["li.si", "wang.wu"]).await;
    zhang.session.switches().inactive.store(true, Ordering::Release);
    scene.presence(&li, Some(""));
    scene.service.flush();
    assert!(zhang.received().is_empty());
    zhang.session.switches().inactive.store(false, Ordering::Release);
    scene.service.session_active(&zhang.session);
    assert_eq!(news(&mut zhang)[0].people.len(), 2);
}

#[tokio::test]
async fn more_than_the_limit_is_refused() {
    let scene = scene(VisibilityRules::default());
    let zhang = scene.client("zhang.san");
    let departments = "<department id='1'/>".repeat(WATCHED_DEPARTMENTS + 1);
    let watch = format!("<watch xmlns='{NAMESPACE}'>{departments}</watch>");
    let error = zhang.ask(&scene.service, IqTarget::Server, "set", &watch).await.unwrap_err();
    assert_eq!(error.condition, Condition::PolicyViolation);
}
