//! Deliveries over days, with a clock of our own.

use super::*;
use crate::storage::Database;
use crate::storage::applications::{ApplicationRow, ApplicationStore, Scope};
use crate::storage::audit::AuditEntry;
use crate::storage::notices::{Content, DeliveryMode, EventKind, NewNotice, Noted, Receiver, Said};

const HOUR: i64 = 3_600 * 1_000_000;

struct Scene {
    _folder: tempfile::TempDir,
    applications: ApplicationStore,
    notices: NoticeStore,
}

fn audit() -> AuditEntry {
    AuditEntry {
        time: Timestamp::default(),
        actor: String::new(),
        action: String::new(),
        subject: String::new(),
        detail: String::new(),
    }
}

impl Scene {
    /// An application that hears, and a notice to one person.
    async fn open() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let database = Database::open(&folder.path().join("posthouse.db")).unwrap();
        let applications = ApplicationStore::new(database.clone());
        let row = ApplicationRow {
            id: 0,
            name: "oa".to_owned(),
            title: "OA".to_owned(),
            icon: String::new(),
            key_hash: Vec::new(),
            old_key_hash: Vec::new(),
            old_key_until: Timestamp::default(),
            disabled: false,
            scope: Scope::default(),
            created: Timestamp::default(),
            webhook: Webhook { url: "https://oa.example.org/".to_owned(), ..Webhook::default() },
            component: String::new(),
        };
        let application = applications.add(row, audit()).await.unwrap().unwrap();
        let notices = NoticeStore::new(database);
        let notice = NewNotice {
            name: "m-1".to_owned(),
            application,
            created: Timestamp::default(),
            idempotency: String::new(),
            digest: Vec::new(),
            content: Content::default(),
            delivery: DeliveryMode::Client,
            escalate_after: 0,
            expires: Timestamp::default(),
            receivers: vec![Receiver {
                person: "p1".to_owned(),
                address: "wang.lei@example.org".to_owned(),
                costs_text: false,
            }],
            texts_a_day: 0,
        };
        notices.post(notice).await.unwrap();
        Self { _folder: folder, applications, notices }
    }

    async fn happens(&self, kind: EventKind, detail: &str) {
        let said = Said {
            application: "oa".to_owned(),
            line: Some(1),
            address: "wang.lei@example.org".to_owned(),
            kind,
            detail: detail.to_owned(),
            time: Timestamp::default(),
        };
        assert_eq!(self.notices.note(said).await.unwrap(), Noted::Yes);
    }

    async fn to_tell(&self, now: i64) -> Vec<Delivery> {
        self.notices.to_tell(Timestamp(now), Vec::new()).await.unwrap()
    }

    async fn told(&self, id: i64, told: Told, now: i64) {
        let ticket = self.notices.told(id, told, Timestamp(now)).await.unwrap();
        self.notices.reach(ticket).await.unwrap();
    }

    async fn webhook(&self) -> Webhook {
        self.applications.named("oa".to_owned()).await.unwrap().unwrap().webhook
    }
}

fn kinds(delivery: &Delivery) -> Vec<EventKind> {
    delivery.events.iter().map(|told| told.event.kind).collect()
}

#[tokio::test]
async fn what_happens_meanwhile_comes_next_and_what_is_told_again_stays_the_same() {
    let scene = Scene::open().await;
    assert!(scene.to_tell(0).await.is_empty(), "of the acceptance it has been told already");
    scene.happens(EventKind::Delivered, "").await;
    let first = scene.to_tell(0).await.remove(0);
    scene.happens(EventKind::Acted, "").await;
    scene.told(first.id, Told::No("no".to_owned()), 0).await;
    assert!(scene.to_tell(0).await.is_empty(), "not at once");
    let again = scene.to_tell(HOUR).await.remove(0);
    assert_eq!((again.id, &again.events), (first.id, &first.events));
    scene.told(again.id, Told::Yes, HOUR).await;
    let next = scene.to_tell(HOUR).await.remove(0);
    assert!(next.id > first.id);
    assert_eq!(
        (kinds(&first), kinds(&next)),
        (vec![EventKind::Pushed, EventKind::Delivered], vec![EventKind::Acted])
    );
    scene.told(next.id, Told::Yes, HOUR).await;
    assert!(scene.to_tell(1_000 * HOUR).await.is_empty());
    assert_eq!(scene.webhook().await.failing, Timestamp(0));
}

#[tokio::test]
async fn a_delivery_is_given_up_after_a_day_and_everything_after_three() {
    let scene = Scene::open().await;
    scene.happens(EventKind::Delivered, "").await;
    let first = scene.to_tell(HOUR).await.remove(0);
    for hour in 1..72 {
        scene.happens(EventKind::Replied, &hour.to_string()).await;
        for delivery in scene.to_tell(hour * HOUR).await {
            let is_first = delivery.id == first.id;
            assert_eq!(is_first, hour <= 26, "tried for a day, then the next: hour {hour}");
            scene.told(delivery.id, Told::No("no".to_owned()), hour * HOUR).await;
        }
    }
    assert_eq!(
        (scene.webhook().await.failing, scene.webhook().await.disabled),
        (Timestamp(HOUR), Timestamp(0))
    );
    for delivery in scene.to_tell(73 * HOUR).await {
        scene.told(delivery.id, Told::No("no".to_owned()), 73 * HOUR).await;
    }
    assert_eq!(scene.webhook().await.disabled, Timestamp(73 * HOUR));
    scene.happens(EventKind::Read, "").await;
    assert!(scene.to_tell(1_000 * HOUR).await.is_empty(), "nothing is kept for it");
}

#[tokio::test]
async fn at_most_a_hundred_events_are_told_at_once() {
    let scene = Scene::open().await;
    for number in 0..150 {
        scene.happens(EventKind::Replied, &number.to_string()).await;
    }
    let first = scene.to_tell(0).await.remove(0);
    assert_eq!(first.events.len(), 100);
    assert!(scene.notices.to_tell(Timestamp(0), vec![first.id]).await.unwrap().is_empty(), "one at a time");
    scene.told(first.id, Told::Yes, 0).await;
    let rest = scene.to_tell(0).await.remove(0);
    let details: Vec<&str> = rest.events.iter().map(|told| told.event.detail.as_str()).collect();
    assert_eq!((details.len(), details.first()), (50, Some(&"100")));
}

impl Scene {
    /// The same for an application that hears through a component.
    async fn with_component() -> Self {
        let scene = Self::open().await;
        let tie = |row: &mut ApplicationRow| {
            row.webhook = Webhook::default();
            row.component = "oa.example.org".to_owned();
        };
        assert!(scene.applications.change("oa".to_owned(), tie, audit()).await.unwrap());
        scene
    }

    async fn to_tell_component(&self, domain: &str, now: i64) -> Vec<Delivery> {
        self.notices.to_tell_components(Timestamp(now), vec![domain.to_owned()], Vec::new()).await.unwrap()
    }

    async fn answered(&self, domain: &str, id: i64, told: Told, now: i64) {
        let told = self.notices.told_to_component(id, domain.to_owned(), told, Timestamp(now));
        self.notices.reach(told.await.unwrap()).await.unwrap();
    }
}

#[tokio::test]
async fn what_is_for_a_component_is_never_given_up_and_for_no_other() {
    let scene = Scene::with_component().await;
    scene.happens(EventKind::Delivered, "").await;
    assert!(scene.to_tell(HOUR).await.is_empty(), "it has no webhook");
    assert!(scene.to_tell_component("other.example.org", HOUR).await.is_empty());
    let first = scene.to_tell_component("oa.example.org", HOUR).await.remove(0);
    for hour in 1..200 {
        for delivery in scene.to_tell_component("oa.example.org", hour * HOUR).await {
            assert_eq!((delivery.id, &delivery.events), (first.id, &first.events), "hour {hour}");
            scene.answered("oa.example.org", delivery.id, Told::No("no".to_owned()), hour * HOUR).await;
        }
    }
    assert_eq!(scene.webhook().await.failing, Timestamp(HOUR), "the administrator sees it");
    scene.answered("other.example.org", first.id, Told::Yes, 200 * HOUR).await;
    assert_eq!(
        scene.to_tell_component("oa.example.org", 210 * HOUR).await.len(),
        1,
        "nobody else answers for it"
    );
    scene.answered("oa.example.org", first.id, Told::Yes, 210 * HOUR).await;
    assert!(scene.to_tell_component("oa.example.org", 300 * HOUR).await.is_empty());
    assert_eq!(scene.webhook().await.failing, Timestamp(0));
}

#[tokio::test]
async fn a_component_that_comes_back_need_not_wait() {
    let scene = Scene::with_component().await;
    scene.happens(EventKind::Delivered, "").await;
    let first = scene.to_tell_component("oa.example.org", 0).await.remove(0);
    scene.answered("oa.example.org", first.id, Told::No("no".to_owned()), 0).await;
    assert!(scene.to_tell_component("oa.example.org", 0).await.is_empty(), "not at once");
    scene.notices.tell_at_once("oa.example.org".to_owned(), Timestamp(1)).await.unwrap();
    assert_eq!(scene.to_tell_component("oa.example.org", 1).await.len(), 1);
}

#[tokio::test]
async fn what_was_to_be_told_by_webhook_is_told_to_the_component_that_takes_its_place() {
    let scene = Scene::open().await;
    scene.happens(EventKind::Delivered, "").await;
    let tie = |row: &mut ApplicationRow| {
        row.webhook = Webhook::default();
        row.component = "oa.example.org".to_owned();
    };
    assert!(scene.applications.change("oa".to_owned(), tie, audit()).await.unwrap());
    assert_eq!(scene.to_tell_component("oa.example.org", HOUR).await.len(), 1);
}
