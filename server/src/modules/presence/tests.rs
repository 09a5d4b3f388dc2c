//! Who hears of whose presence.

use super::*;
use crate::modules::testing::{Client, NobodyBlocked, company};
use crate::organization::visibility::VisibilityRules;
use crate::storage::Database;

struct Scene {
    sessions: Arc<Sessions>,
    service: PresenceService,
    _folder: tempfile::TempDir,
}

fn scene(rules: VisibilityRules) -> Scene {
    let folder = tempfile::tempdir().unwrap();
    let store = RosterStore::new(Database::open(&folder.path().join("posthouse.db")).unwrap());
    let sessions = Arc::new(Sessions::default());
    let service = PresenceService::new(
        company(rules),
        Arc::clone(&sessions),
        store,
        Arc::default(),
        Arc::new(NobodyBlocked),
        Arc::default(),
    );
    Scene { sessions, service, _folder: folder }
}

impl Scene {
    fn client(&self, account: &str, resource: &str) -> Client {
        let client = Client::new(account, resource);
        self.sessions.bind(client.session.clone());
        client
    }

    async fn send(&self, client: &Client, stanza: &str) -> Accept {
        self.service.accept(&mut client.passage(stanza)).await.unwrap()
    }
}

fn from(stanza: &str) -> String {
    Frame::parse(Bytes::from(stanza.to_owned())).unwrap().from().unwrap().into_owned()
}

#[tokio::test]
async fn two_colleagues_see_each_other_come_and_go() {
    let scene = scene(VisibilityRules::default());
    let (mut zhang, mut li) = (scene.client("zhang.san", "pc"), scene.client("li.si", "pc"));
    assert_eq!(scene.send(&zhang, "<presence><show>away</show></presence>").await, Accept::Taken);
    assert_eq!(
        zhang.received().iter().map(|stanza| from(stanza)).collect::<Vec<_>>(),
        ["zhang.san@example.org/pc"]
    );
    scene.send(&li, "<presence/>").await;
    let seen = li.received();
    assert_eq!(seen.len(), 2, "the own presence and that of the colleague: {seen:?}");
    assert!(seen.iter().any(|stanza| stanza.contains("away") && stanza.contains("to='li.si@example.org'")));
    assert_eq!(from(&zhang.next().await), "li.si@example.org/pc");
    scene.service.session_closed(&li.session).await;
    let gone = zhang.next().await;
    assert!(gone.contains("type='unavailable'") && from(&gone) == "li.si@example.org/pc");
    assert!(!li.session.takes_messages());
}

#[tokio::test]
async fn a_client_of_the_directory_hears_only_of_its_own_account() {
    let scene = scene(VisibilityRules::default());
    let (mut zhang, li) = (scene.client("zhang.san", "pc"), scene.client("li.si", "pc"));
    zhang.session.switches().directory.store(true, Ordering::Release);
    scene.send(&zhang, "<presence/>").await;
    zhang.received();
    scene.send(&li, "<presence/>").await;
    assert!(zhang.received().is_empty());
}

#[tokio::test]
async fn who_is_hidden_from_somebody_is_not_announced() {
    let rules = VisibilityRules { hidden_people: ["li.si".to_owned()].into(), ..VisibilityRules::default() };
    let scene = scene(rules);
    let (mut zhang, mut li) = (scene.client("zhang.san", "pc"), scene.client("li.si", "pc"));
    scene.send(&zhang, "<presence/>").await;
    zhang.received();
    scene.send(&li, "<presence/>").await;
    assert!(zhang.received().is_empty());
    assert_eq!(li.received().len(), 2, "who is hidden sees the others");
    scene.send(&zhang, "<presence type='probe' to='li.si@example.org'/>").await;
    assert!(zhang.received().is_empty());
}

#[tokio::test]
async fn a_large_company_tells_the_department_only() {
    let rules = VisibilityRules { roster_everybody_up_to: 2, ..VisibilityRules::default() };
    let scene = scene(rules);
    let (mut zhang, wang) = (scene.client("zhang.san", "pc"), scene.client("wang.wu", "pc"));
    let li = scene.client("li.si", "pc");
    scene.send(&zhang, "<presence/>").await;
    zhang.received();
    scene.send(&wang, "<presence/>").await;
    assert!(zhang.received().is_empty());
    scene.send(&li, "<presence/>").await;
    assert_eq!(from(&zhang.next().await), "li.si@example.org/pc");
}

#[tokio::test]
async fn directed_presence_ends_with_the_session() {
    let rules = VisibilityRules { roster_everybody_up_to: 2, ..VisibilityRules::default() };
    let scene = scene(rules);
    let (zhang, mut wang) = (scene.client("zhang.san", "pc"), scene.client("wang.wu", "pc"));
    let directed = "<presence to='wang.wu@example.org/pc'/>";
    assert_eq!(scene.send(&zhang, directed).await, Accept::Continue);
    scene.service.session_closed(&zhang.session).await;
    assert!(wang.next().await.contains("type='unavailable'"));
}

#[tokio::test]
async fn priority_decides_who_takes_messages() {
    let scene = scene(VisibilityRules::default());
    let zhang = scene.client("zhang.san", "pc");
    assert!(zhang.session.open_intake(|| crate::storage::StoredId(0)).is_empty());
    scene.send(&zhang, "<presence><priority>-1</priority></presence>").await;
    assert!(!zhang.session.takes_messages());
    scene.send(&zhang, "<presence><priority>5</priority></presence>").await;
    assert!(zhang.session.takes_messages());
    scene.send(&zhang, "<presence type='unavailable'/>").await;
    assert!(!zhang.session.takes_messages() && zhang.session.presence().is_none());
}
