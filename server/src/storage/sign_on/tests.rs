//! Scenes of the store: what is taken once, what dies with what.

use posthouse_sign_on::moment::{Lifetimes, Moment};
use posthouse_sign_on::secret::{Digest, Random};
use posthouse_sign_on::session::{Child, End, Parent, Participation};
use posthouse_sign_on::taken::Taken;
use posthouse_sign_on::ticket::Ticket;

use super::{About, Apps, Ended, Kind, SignOnStore, Value, mark};
use crate::clock::Timestamp;
use crate::storage::audit::AuditEntry;
use crate::storage::maintenance::{Inspection, prepare_restored};
use crate::storage::{Connection, Database, StorageError, accounts};

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
    let part = Participation {
        party: "oa".to_owned(),
        user: "p7".to_owned(),
        sid: "sid".to_owned(),
        service_ticket: None,
        service: None,
    };
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
async fn what_a_system_is_to_be_told_outlives_this_program_until_it_is_told() {
    let (folder, store) = store().await;
    let child = begin(&store).await;
    assert_eq!(store.farewells().await.unwrap(), []);
    store.end_child(child.cookie, "signed-out").await.unwrap();
    let again = SignOnStore::new(Database::open(&folder.path().join("posthouse.db")).unwrap());
    // Long after: what is due by then does not take it away.
    again.end_due(Lifetimes::default(), NOW.plus(1_000_000)).await.unwrap();
    let farewells = again.farewells().await.unwrap();
    let About { login, reason, participation } = &farewells[0].about;
    assert_eq!((login.as_str(), reason.as_str()), ("zhang", "signed-out"));
    assert_eq!((participation.user.as_str(), participation.sid.as_str()), ("p7", "sid"));
    again.forget(farewells[0].hash).await.unwrap();
    assert_eq!(again.farewells().await.unwrap(), []);
}

/// Begins a session and makes that change to the account.
async fn after(change: impl FnOnce(&Connection) -> Result<(), StorageError> + Send + 'static) -> Vec<Ended> {
    let (_folder, store) = store().await;
    let child = begin(&store).await;
    store.0.write(change).await.unwrap();
    let over = store.session(child.cookie).await.unwrap();
    let ended = store.end_due(Lifetimes::default(), NOW).await.unwrap();
    assert_eq!(over.is_none(), !ended.is_empty(), "a session is over at once or not at all");
    ended
}

#[tokio::test]
async fn threat_13_whatever_closes_an_account_ends_its_sessions_in_the_same_step() {
    let disabled = after(|connection| accounts::set_disabled(connection, "zhang", true)).await;
    assert_eq!(disabled[0].reason, "account-closed");
    let removed = after(|connection| accounts::delete_account(connection, "zhang")).await;
    assert_eq!(removed[0].reason, "account-closed");
    let reset = after(|connection| accounts::set_password(connection, "zhang", &[], false)).await;
    assert_eq!(reset[0].reason, "password-changed");
    let everywhere = after(|connection| accounts::end_sessions(connection, "zhang", End::SignedOut)).await;
    assert_eq!(everywhere[0].reason, "signed-out");
}

#[tokio::test]
async fn a_password_that_its_owner_changes_ends_what_was_entered_through_other_apps_alone() {
    let desk = "zhang@example.org/desk";
    let own =
        after(move |connection| mark(connection, "zhang", Apps::AllBut(desk), End::PasswordChanged.code()));
    assert_eq!(own.await, []);
    let others = after(|connection| {
        mark(connection, "zhang", Apps::AllBut("zhang@example.org/phone"), End::PasswordChanged.code())
    });
    assert_eq!(others.await[0].reason, "password-changed");
    let another_person = after(|connection| mark(connection, "li", Apps::All, End::PasswordChanged.code()));
    assert_eq!(another_person.await, []);
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

#[tokio::test]
async fn entrances_that_wait_are_worth_nothing_once_their_app_is_signed_out() {
    let (_folder, store) = store().await;
    let ticket = |instance: &str| Ticket {
        login: "zhang".to_owned(),
        instance: format!("zhang@example.org/{instance}"),
        auth_time: NOW,
        bind: None,
        app: "oa".to_owned(),
        path: None,
        expires: NOW.plus(30),
    };
    let kept = ["desk", "phone"].map(|instance| {
        let times = (NOW, NOW.plus(30));
        Value::new((Digest::of(instance), Kind::Ticket), "zhang", None, times, &ticket(instance)).unwrap()
    });
    store.keep(kept.into()).await.unwrap();
    let one = Some("zhang@example.org/desk".to_owned());
    store.mark_ending("zhang".to_owned(), one, "signed-out").await.unwrap();
    assert_eq!(store.look::<Ticket>(Kind::Ticket, Digest::of("desk")).await.unwrap(), None);
    assert!(store.look::<Ticket>(Kind::Ticket, Digest::of("phone")).await.unwrap().is_some());
    store.mark_ending("zhang".to_owned(), None, "signed-out").await.unwrap();
    assert_eq!(store.look::<Ticket>(Kind::Ticket, Digest::of("phone")).await.unwrap(), None);
}

#[tokio::test]
async fn a_backup_brings_no_session_back_that_ended_after_it_was_made() {
    let (folder, store) = store().await;
    let child = begin(&store).await;
    store.keep(vec![value(Kind::Ticket, "waits", "zhang", None)]).await.unwrap();
    let copy = folder.path().join("copy.db");
    Inspection::open(&folder.path().join("posthouse.db")).unwrap().copy_to(&copy).unwrap();
    store.end_child(child.cookie, "signed-out").await.unwrap();
    let entry = AuditEntry {
        time: Timestamp(7),
        actor: "test".to_owned(),
        action: "restore".to_owned(),
        subject: String::new(),
        detail: String::new(),
    };
    prepare_restored(&copy, &entry).unwrap();
    let restored = SignOnStore::new(Database::open(&copy).unwrap());
    assert_eq!(restored.session(child.cookie).await.unwrap(), None);
    assert_eq!(restored.look::<String>(Kind::Ticket, Digest::of("waits")).await.unwrap(), None);
    // And those whose sessions had not ended are told.
    let ended = restored.end_due(Lifetimes::default(), NOW).await.unwrap();
    assert_eq!(ended[0].reason, "restored");
    assert_eq!(restored.farewells().await.unwrap().len(), 1);
}
