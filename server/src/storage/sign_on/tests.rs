//! Scenes of the store: what is taken once, what dies with what.

use posthouse_sign_on::moment::{Lifetimes, Moment};
use posthouse_sign_on::secret::{Digest, Random};
use posthouse_sign_on::session::{Child, Parent, Participation};
use posthouse_sign_on::taken::Taken;

use super::{Kind, SignOnStore, Value};
use crate::storage::{Database, accounts};

const NOW: Moment = Moment(1_795_766_400);

async fn store() -> (tempfile::TempDir, SignOnStore) {
    let folder = tempfile::tempdir().unwrap();
    let database = Database::open(&folder.path().join("posthouse.db")).unwrap();
    database.write(|connection| accounts::insert_account(connection, "zhang", "", false)).await.unwrap();
    (folder, SignOnStore::new(database))
}

fn value(kind: Kind, text: &str, owner: &str, child: Option<Digest>) -> Value {
    Value::new((Digest::of(text), kind), owner, child, (NOW, NOW.plus(30)), &"body").unwrap()
}

async fn begin(store: &SignOnStore) -> Child {
    let mut random = Random::new([1; 32]);
    let parent = Parent {
        id: "parent".to_owned(),
        login: "zhang".to_owned(),
        instance: "zhang@example.org/desk".to_owned(),
        created: NOW,
        auth_time: NOW,
        last_seen: NOW,
        gone_since: None,
    };
    let (_, child) = posthouse_sign_on::session::begin_child(&parent, NOW, &mut random);
    store.begin(parent, child.clone()).await.unwrap();
    let part =
        Participation { party: "oa".to_owned(), sid: "sid".to_owned(), service_ticket: None, service: None };
    store.join(child.cookie, part).await.unwrap();
    store.keep(vec![value(Kind::Access, "token", "grant", Some(child.cookie))]).await.unwrap();
    child
}

#[tokio::test]
async fn threat_03_of_twenty_parallel_uses_of_a_ticket_exactly_one_gets_it() {
    let (_folder, store) = store().await;
    for kind in [Kind::Ticket, Kind::Code, Kind::Refresh, Kind::Service, Kind::Launch, Kind::Site] {
        let text = format!("{kind:?}");
        store.keep(vec![value(kind, &text, "", None)]).await.unwrap();
        let uses: Vec<_> = (0..20)
            .map(|_| {
                let (store, hash) = (store.clone(), Digest::of(&text));
                tokio::spawn(async move { store.take::<String>(kind, hash).await.unwrap() })
            })
            .collect();
        let mut fresh = 0;
        for one in uses {
            fresh += usize::from(matches!(one.await.unwrap(), Taken::Fresh(_)));
        }
        assert_eq!(fresh, 1, "{kind:?}");
    }
}

#[tokio::test]
async fn a_code_that_was_used_stays_known_and_a_ticket_does_not() {
    let (_folder, store) = store().await;
    store
        .keep(vec![value(Kind::Code, "c", "grant", None), value(Kind::Ticket, "t", "", None)])
        .await
        .unwrap();
    for kind in [Kind::Code, Kind::Ticket] {
        let text = if kind == Kind::Code { "c" } else { "t" };
        assert_eq!(
            store.take::<String>(kind, Digest::of(text)).await.unwrap(),
            Taken::Fresh("body".to_owned())
        );
    }
    let again = store.take::<String>(Kind::Code, Digest::of("c")).await.unwrap();
    assert_eq!(again, Taken::Spent("body".to_owned()));
    assert_eq!(store.take::<String>(Kind::Ticket, Digest::of("t")).await.unwrap(), Taken::Unknown);
    assert_eq!(
        store.take::<String>(Kind::Ticket, Digest::of("c")).await.unwrap(),
        Taken::Unknown,
        "another kind"
    );
}

#[tokio::test]
async fn threat_06_tokens_that_are_made_while_their_grant_is_revoked_are_not_kept() {
    let (_folder, store) = store().await;
    store.keep(vec![value(Kind::Code, "c", "grant", None)]).await.unwrap();
    store.take::<String>(Kind::Code, Digest::of("c")).await.unwrap();
    store.keep(vec![value(Kind::Access, "a", "grant", None)]).await.unwrap();
    store.revoke_grant("grant".to_owned()).await.unwrap();
    assert_eq!(store.look::<String>(Kind::Access, Digest::of("a")).await.unwrap(), None);
    let late = store.keep(vec![value(Kind::Access, "b", "grant", None)]).await.unwrap();
    assert!(!late);
    assert_eq!(store.look::<String>(Kind::Access, Digest::of("b")).await.unwrap(), None);
}

#[tokio::test]
async fn threat_13_a_locked_account_loses_its_sessions_and_the_systems_are_named() {
    let (_folder, store) = store().await;
    let child = begin(&store).await;
    assert!(store.session(child.cookie).await.unwrap().is_some());
    assert_eq!(store.end_due(Lifetimes::default(), NOW).await.unwrap(), []);
    store.0.write(|connection| accounts::set_disabled(connection, "zhang", true)).await.unwrap();
    let ended = store.end_due(Lifetimes::default(), NOW).await.unwrap();
    assert_eq!(
        (ended[0].reason.as_str(), ended[0].participations[0].sid.as_str()),
        ("account-closed", "sid")
    );
    assert_eq!(store.session(child.cookie).await.unwrap(), None);
    assert_eq!(store.look::<String>(Kind::Access, Digest::of("token")).await.unwrap(), None);
}

#[tokio::test]
async fn a_marked_session_is_over_at_once_and_an_absent_app_keeps_its_own_for_a_while() {
    let (_folder, store) = store().await;
    let child = begin(&store).await;
    let instance = "zhang@example.org/desk";
    store.note_stream(instance.to_owned(), Some(NOW)).await.unwrap();
    assert_eq!(store.end_due(Lifetimes::default(), NOW.plus(900)).await.unwrap(), []);
    store.note_stream(instance.to_owned(), None).await.unwrap();
    assert_eq!(store.end_due(Lifetimes::default(), NOW.plus(2_000)).await.unwrap(), []);
    store.mark_ending("zhang".to_owned(), Some(instance.to_owned()), "signed-out").await.unwrap();
    assert_eq!(store.session(child.cookie).await.unwrap(), None);
    let ended = store.end_due(Lifetimes::default(), NOW).await.unwrap();
    assert_eq!(ended[0].reason, "signed-out");
}

#[tokio::test]
async fn threat_19_no_secret_is_in_the_file() {
    let (folder, store) = store().await;
    let secret = Random::new([9; 32]).secret();
    store
        .keep(vec![
            Value::new((secret.digest(), Kind::Ticket), "zhang", None, (NOW, NOW.plus(30)), &"b").unwrap(),
        ])
        .await
        .unwrap();
    for name in ["posthouse.db", "posthouse.db-wal"] {
        let bytes = std::fs::read(folder.path().join(name)).unwrap();
        let needle = secret.as_str().as_bytes();
        assert!(!bytes.windows(needle.len()).any(|window| window == needle), "{name}");
    }
}
