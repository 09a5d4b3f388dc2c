//! What clients get that ask for the directory.

use std::sync::atomic::AtomicUsize;

use posthouse_protocol::organization::Person;

use super::*;
use crate::modules::testing::{Client, DOMAIN, company, jid, person};
use crate::organization::directory::{Change, Stock};
use crate::organization::visibility::VisibilityRules;

#[derive(Debug, Default)]
struct Sent(AtomicUsize);

#[async_trait]
impl Observer for Sent {
    async fn directory_sent(&self, _session: &Session) {
        self.0.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    }
}

fn service(directory: &Arc<Directory>) -> (Arc<DirectoryService>, Arc<Sent>) {
    let observers = Arc::new(Observers::default());
    let sent = Arc::new(Sent::default());
    let observer: Arc<dyn Observer> = sent.clone();
    observers.fill(vec![observer]);
    (Arc::new(DirectoryService::new(DOMAIN, Arc::clone(directory), observers)), sent)
}

fn entries_in(stanza: &str) -> Entries {
    let frame = posthouse_protocol::wire::Frame::parse(Bytes::from(stanza.to_owned())).unwrap();
    xso::from_bytes(frame.child("entries", NAMESPACE).unwrap().bytes).unwrap()
}

async fn ask(service: &DirectoryService, client: &mut Client, attributes: &str) -> Entries {
    let query = format!("<query xmlns='urn:posthouse:org:1' {attributes}/>");
    client.ask(service, IqTarget::Server, "get", &query).await.unwrap();
    entries_in(&client.next().await)
}

fn large(people: usize) -> Arc<Directory> {
    let stock = Stock {
        epoch: "large".to_owned(),
        version: 1,
        floor: 1,
        departments: vec![crate::modules::testing::department("1", None, "总部")],
        people: (0..people).map(|n| person(&format!("p{n}"), "员工", "yuan gong", &["1"])).collect(),
        log: Vec::new(),
    };
    Arc::new(Directory::new(stock, VisibilityRules::default()))
}

#[tokio::test]
async fn a_client_without_anything_gets_everything_and_then_one_small_stanza() {
    let directory = company(VisibilityRules::default());
    let (service, sent) = service(&directory);
    let mut client = Client::new("zhang.san", "pc");
    let first = ask(&service, &mut client, "").await;
    assert_eq!((first.version, first.since, first.total, first.next), (10, None, 6, None));
    assert_eq!(sent.0.load(std::sync::atomic::Ordering::Relaxed), 1);
    let again = ask(&service, &mut client, &format!("ver='10' view='{}'", first.view)).await;
    assert_eq!((again.since, again.count()), (Some(10), 0));
}

#[tokio::test]
async fn a_client_that_is_behind_gets_only_what_changed() {
    let directory = company(VisibilityRules::default());
    let (service, _) = service(&directory);
    let mut client = Client::new("zhang.san", "pc");
    let first = ask(&service, &mut client, "").await;
    directory.apply(11, vec![Change::PersonGone("wang.wu".to_owned())]);
    let next = ask(&service, &mut client, &format!("ver='10' view='{}'", first.view)).await;
    assert_eq!((next.version, next.since, next.count()), (11, Some(10), 1));
    let other_view = ask(&service, &mut client, "ver='10' view='of-another-server'").await;
    assert_eq!(other_view.since, None);
}

#[tokio::test]
async fn pages_stay_those_of_one_version_when_an_edit_happens_in_between() {
    let directory = large(50);
    let (service, sent) = service(&directory);
    let mut client = Client::new("p1", "pc");
    let mut page = ask(&service, &mut client, "max='20'").await;
    let mut people: Vec<Person> = page.people.clone();
    directory.apply(2, vec![Change::PersonGone("p49".to_owned())]);
    while let Some(token) = page.next {
        assert_eq!(sent.0.load(std::sync::atomic::Ordering::Relaxed), 0);
        page = ask(&service, &mut client, &format!("max='20' after='{token}'")).await;
        assert_eq!(page.version, 1);
        people.extend(page.people.clone());
    }
    assert_eq!((people.len(), page.page), (50, 2));
    assert_eq!(sent.0.load(std::sync::atomic::Ordering::Relaxed), 1);
    // The edit follows as a push that builds on what the pages gave.
    service.push();
    let push = entries_in(&client.next().await);
    assert_eq!((push.since, push.version, push.gone.len()), (Some(1), 2, 1));
}

#[tokio::test]
async fn a_forgotten_page_starts_over() {
    let directory = large(50);
    let (service, _) = service(&directory);
    let mut client = Client::new("p1", "pc");
    let page = ask(&service, &mut client, "max='20' after='-.999.20.1'").await;
    assert_eq!((page.page, page.version), (0, 1));
    let nonsense = ask(&service, &mut client, "max='20' after='nonsense'").await;
    assert_eq!(nonsense.page, 0);
}

#[tokio::test]
async fn a_small_change_is_pushed_and_a_large_one_is_announced() {
    let directory = large(200);
    let (service, _) = service(&directory);
    let mut client = Client::new("p1", "pc");
    for token in ["", "ver='1'"] {
        ask(&service, &mut client, token).await;
    }
    directory.apply(2, vec![Change::Person(Box::new(person("p3", "新名", "xin ming", &["1"])))]);
    service.push();
    let push = entries_in(&client.next().await);
    assert_eq!((push.since, push.people.len(), push.fetch), (Some(1), 1, false));
    let many = (0..100).map(|n| Change::PersonGone(format!("p{n}"))).collect();
    directory.apply(3, many);
    service.push();
    let push = entries_in(&client.next().await);
    assert!(push.fetch && push.count() == 0);
    service.push();
    assert!(client.received().is_empty(), "the client is told once, then asks");
}

#[tokio::test]
async fn an_edit_reaches_readers_by_itself() {
    let directory = company(VisibilityRules::default());
    let (service, _) = service(&directory);
    let mut client = Client::new("zhang.san", "pc");
    ask(&service, &mut client, "").await;
    let running = tokio::spawn(Arc::clone(&service).run());
    tokio::task::yield_now().await;
    directory.apply(11, vec![Change::DepartmentGone("3".to_owned())]);
    let push = entries_in(&client.next().await);
    assert_eq!((push.version, push.gone.len()), (11, 1));
    running.abort();
}

#[tokio::test]
async fn a_hidden_department_is_not_in_the_answer() {
    let rules = VisibilityRules { hidden_departments: ["3".to_owned()].into(), ..VisibilityRules::default() };
    let directory = company(rules);
    let (service, _) = service(&directory);
    let mut outside = Client::new("zhang.san", "pc");
    let entries = ask(&service, &mut outside, "").await;
    assert!(entries.people.iter().all(|person| person.jid != jid("wang.wu")));
    assert_eq!(entries.departments.len(), 2);
    let mut inside = Client::new("wang.wu", "pc");
    assert_eq!(ask(&service, &mut inside, "").await.people.len(), 3);
}

/// Run with `cargo test --release -- --ignored --nocapture` for figures.
#[tokio::test]
#[ignore = "measures"]
async fn a_hundred_thousand_people() {
    let directory = large(100_000);
    let (service, _) = service(&directory);
    let mut client = Client::new("p1", "pc");
    let started = std::time::Instant::now();
    let mut page = ask(&service, &mut client, "").await;
    println!("first page: {:?}", started.elapsed());
    let view = page.view.clone();
    let mut count = page.count();
    while let Some(token) = page.next {
        page = ask(&service, &mut client, &format!("after='{token}'")).await;
        count += page.count();
    }
    println!("all {count} entries, read by the client: {:?}", started.elapsed());
    assert_eq!(count, 100_001);
    let started = std::time::Instant::now();
    for _ in 0..1_000 {
        ask(&service, &mut client, &format!("ver='1' view='{view}'")).await;
    }
    println!("a login without changes: {:?}", started.elapsed() / 1_000);
}
