//! What standard clients see of the organisation.

use super::*;
use crate::modules::testing::{Client, company, jid, person, stock};
use crate::organization::directory::Change;
use crate::organization::visibility::VisibilityRules;
use crate::routing::audience::Audience;
use crate::routing::stages::{Accept, AcceptStep};
use crate::storage::Database;

struct Scene {
    directory: Arc<Directory>,
    sessions: Arc<Sessions>,
    service: Arc<RosterService>,
    subscriptions: Subscriptions,
    _folder: tempfile::TempDir,
}

fn scene(rules: VisibilityRules) -> Scene {
    let folder = tempfile::tempdir().unwrap();
    let database = Database::open(&folder.path().join("posthouse.db")).unwrap();
    let directory = company(rules);
    let sessions = Arc::new(Sessions::default());
    let store = RosterStore::new(database);
    let audience = Arc::new(Audience::default());
    let service = RosterService::new(Arc::clone(&directory), Arc::clone(&sessions), store, audience);
    let service = Arc::new(service);
    let subscriptions = Subscriptions::new("example.org", Arc::clone(&service));
    Scene { directory, sessions, service, subscriptions, _folder: folder }
}

impl Scene {
    fn client(&self, account: &str, resource: &str) -> Client {
        let client = Client::new(account, resource);
        self.sessions.bind(client.session.clone());
        client
    }

    async fn roster(&self, client: &Client, attributes: &str) -> String {
        let query = format!("<query xmlns='{NAMESPACE}' {attributes}/>");
        client.ask(&*self.service, IqTarget::OwnAccount, "get", &query).await.unwrap()
    }

    async fn set(&self, client: &Client, item: &str) -> Result<String, StanzaError> {
        let query = format!("<query xmlns='{NAMESPACE}'>{item}</query>");
        client.ask(&*self.service, IqTarget::OwnAccount, "set", &query).await
    }
}

fn small_circle() -> VisibilityRules {
    VisibilityRules { roster_everybody_up_to: 2, ..VisibilityRules::default() }
}

#[tokio::test]
async fn the_organisation_is_a_roster_with_groups_for_departments() {
    let scene = scene(VisibilityRules::default());
    let zhang = scene.client("zhang.san", "pc");
    let roster = scene.roster(&zhang, "").await;
    assert!(roster.contains(
        "<item jid='li.si@example.org' name='李四' subscription='both'>\
         <group>总部::财务部</group><group>总部::技术部</group></item>"
    ));
    assert!(!roster.contains("zhang.san@example.org"), "nobody is a contact of themselves");
}

#[tokio::test]
async fn a_known_version_gets_an_empty_result() {
    let scene = scene(VisibilityRules::default());
    let zhang = scene.client("zhang.san", "pc");
    let roster = scene.roster(&zhang, "ver=''").await;
    let version = roster.split("ver='").nth(1).unwrap().split('\'').next().unwrap();
    assert_eq!(scene.roster(&zhang, &format!("ver='{version}'")).await, "");
    scene.set(&zhang, "<item jid='li.si@example.org' name='小李'/>").await.unwrap();
    assert!(scene.roster(&zhang, &format!("ver='{version}'")).await.contains("小李"));
}

#[tokio::test]
async fn a_rename_is_kept_and_pushed_to_the_other_client() {
    let scene = scene(VisibilityRules::default());
    let zhang = scene.client("zhang.san", "pc");
    let mut phone = scene.client("zhang.san", "phone");
    scene.roster(&phone, "").await;
    scene.set(&zhang, "<item jid='li.si@example.org' name='小李'><group>朋友</group></item>").await.unwrap();
    let push = phone.next().await;
    let item = "<item jid='li.si@example.org' name='小李' subscription='both'><group>朋友</group></item>";
    assert!(push.contains(item), "{push}");
    assert!(scene.roster(&zhang, "").await.contains(item));
}

#[tokio::test]
async fn removing_a_colleague_ends_without_a_loop() {
    let scene = scene(VisibilityRules::default());
    let mut zhang = scene.client("zhang.san", "pc");
    scene.roster(&zhang, "").await;
    let remove = "<item jid='li.si@example.org' subscription='remove'/>";
    for _ in 0..2 {
        let error = scene.set(&zhang, remove).await.unwrap_err();
        assert_eq!(error.condition, Condition::NotAllowed);
        assert!(zhang.received().is_empty());
    }
    scene.set(&zhang, "<item jid='li.si@example.org' name='小李'/>").await.unwrap();
    zhang.received();
    scene.set(&zhang, remove).await.unwrap();
    assert!(zhang.next().await.contains("name='李四'"), "back to what the organisation says");
}

#[tokio::test]
async fn a_client_of_the_directory_gets_only_the_own_items() {
    let scene = scene(VisibilityRules::default());
    let zhang = scene.client("zhang.san", "pc");
    zhang.session.switches().directory.store(true, Ordering::Release);
    scene.set(&zhang, "<item jid='li.si@example.org'><group>常用</group></item>").await.unwrap();
    let roster = scene.roster(&zhang, "").await;
    assert_eq!(roster.matches("<item").count(), 1);
    assert!(roster.contains("<group>常用</group>"));
}

#[tokio::test]
async fn a_large_company_shows_the_own_departments() {
    let scene = scene(small_circle());
    let zhang = scene.client("zhang.san", "pc");
    let roster = scene.roster(&zhang, "").await;
    assert!(roster.contains("li.si@") && !roster.contains("wang.wu@"));
}

#[tokio::test]
async fn asking_for_presence_beyond_the_department_is_granted_at_once() {
    let scene = scene(small_circle());
    let mut zhang = scene.client("zhang.san", "pc");
    scene.roster(&zhang, "").await;
    let mut passage = zhang.passage("<presence type='subscribe' to='wang.wu@example.org'/>");
    assert_eq!(scene.subscriptions.accept(&mut passage).await.unwrap(), Accept::Taken);
    let received = zhang.received();
    assert!(received[0].contains("subscription='both'"), "{received:?}");
    assert!(received[1].contains("type='subscribed' from='wang.wu@example.org'"));
    assert!(scene.roster(&zhang, "").await.contains("wang.wu@example.org"));
    let mut passage = zhang.passage("<presence type='subscribe' to='stranger@example.org'/>");
    scene.subscriptions.accept(&mut passage).await.unwrap();
    assert!(zhang.next().await.contains("type='unsubscribed' from='stranger@example.org'"));
}

/// A client that is there and has its roster, and a colleague beyond its departments who is there.
async fn far_apart(scene: &Scene) -> (Client, Client) {
    let (mut zhang, wang) = (scene.client("zhang.san", "pc"), scene.client("wang.wu", "pc"));
    scene.roster(&zhang, "").await;
    for client in [&zhang, &wang] {
        client.session.switches().available.store(true, Ordering::Release);
        let presence = format!("<presence from='{}'/>", client.session.jid());
        client.session.set_presence(Some(presence.into()));
    }
    let subscribe = zhang.passage("<presence type='subscribe' to='wang.wu@example.org/pc'/>");
    scene.subscriptions.accept(&mut { subscribe }).await.unwrap();
    let received = zhang.received();
    assert!(received.iter().any(|it| it.contains("from='wang.wu@example.org/pc'")), "{received:?}");
    (zhang, wang)
}

const GONE: &str = "<presence type='unavailable' from='wang.wu@example.org/pc' to='zhang.san@example.org'/>";

#[tokio::test]
async fn whom_one_no_longer_asks_for_is_seen_to_go() {
    let scene = scene(small_circle());
    let (mut zhang, _wang) = far_apart(&scene).await;
    let mut phone = scene.client("zhang.san", "phone");
    scene.roster(&phone, "").await;
    let unsubscribe = zhang.passage("<presence type='unsubscribe' to='wang.wu@example.org'/>");
    scene.subscriptions.accept(&mut { unsubscribe }).await.unwrap();
    let received = zhang.received();
    assert!(received[0].contains("subscription='none'"), "{received:?}");
    assert!(received[1].contains("type='unsubscribed'") && received[2] == GONE, "{received:?}");
    let received = phone.received();
    assert!(received.len() == 2 && received[1].contains("type='unsubscribed'"), "{received:?}");
}

#[tokio::test]
async fn whom_one_strikes_off_the_roster_is_seen_to_go() {
    let scene = scene(small_circle());
    let (mut zhang, _wang) = far_apart(&scene).await;
    scene.set(&zhang, "<item jid='wang.wu@example.org' subscription='remove'/>").await.unwrap();
    let received = zhang.received();
    assert!(received[0].contains("subscription='remove'") && received[1] == GONE, "{received:?}");
}

#[tokio::test]
async fn nobody_becomes_a_contact_of_oneself() {
    let scene = scene(small_circle());
    let mut zhang = scene.client("zhang.san", "pc");
    scene.roster(&zhang, "").await;
    let subscribe = zhang.passage("<presence type='subscribe' to='zhang.san@example.org'/>");
    assert_eq!(scene.subscriptions.accept(&mut { subscribe }).await.unwrap(), Accept::Taken);
    assert!(zhang.received().is_empty());
    assert!(!scene.roster(&zhang, "").await.contains("zhang.san@"));
}

#[tokio::test]
async fn a_move_in_the_organisation_is_pushed_to_those_it_concerns() {
    let scene = scene(VisibilityRules::default());
    let mut zhang = scene.client("zhang.san", "pc");
    scene.roster(&zhang, "").await;
    let moved = person("wang.wu", "王五", "wang wu", &["2"]);
    scene.directory.apply(11, vec![Change::Person(Box::new(moved))]);
    scene.service.push_changes().await;
    let received = zhang.received();
    assert_eq!(received.len(), 1);
    assert!(
        received[0]
            .contains("<item jid='wang.wu@example.org' name='王五' subscription='both'><group>总部::财务部")
    );
    scene.directory.apply(12, vec![Change::PersonGone("wang.wu".to_owned())]);
    scene.service.push_changes().await;
    assert!(zhang.next().await.contains("<item jid='wang.wu@example.org' subscription='remove'/>"));
    scene.directory.replace(stock());
    scene.service.push_changes().await;
    assert_eq!(zhang.received().len(), 1);
    assert!(scene.directory.is_member(&jid("wang.wu")));
}
