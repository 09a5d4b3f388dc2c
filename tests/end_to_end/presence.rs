//! Who is there.

use posthouse_engine::events::EngineEvent;
use posthouse_engine::model::Availability;
use posthouse_tests::people::Computer;

use crate::office::{self, ALICE, BOB};

#[tokio::test]
async fn a_colleague_comes_is_busy_and_goes() {
    let server = office::open().await.unwrap();
    let mut alice = Computer::new().unwrap().signed_in(&server, ALICE).await.unwrap();
    alice.sees(BOB, Availability::Offline).await.unwrap();
    let bob = Computer::new().unwrap().signed_in(&server, BOB).await.unwrap();
    alice.sees(BOB, Availability::Online).await.unwrap();
    let busy = Some("开会".to_owned());
    bob.engine().set_own_presence(Availability::DoNotDisturb, busy).await.unwrap();
    alice.sees(BOB, Availability::DoNotDisturb).await.unwrap();
    bob.leaves().await;
    alice.sees(BOB, Availability::Offline).await.unwrap();
}

#[tokio::test]
async fn the_count_of_a_department_follows_who_is_there() {
    let server = office::open().await.unwrap();
    let mut alice = Computer::new().unwrap().signed_in(&server, ALICE).await.unwrap();
    let (departments, _) = alice.tree().await.unwrap();
    let finance = departments.iter().find(|it| it.name == "财务部").unwrap().id.clone();
    alice.engine().watch_presence(vec![finance.clone()], Vec::new()).await.unwrap();
    let count = |wanted: (u32, u32)| {
        let finance = finance.clone();
        move |event: &EngineEvent| match event {
            EngineEvent::PresenceChanged { counts, .. } => counts
                .iter()
                .any(|it| it.department == finance && (it.online, it.total) == wanted)
                .then_some(()),
            _ => None,
        }
    };
    alice.next("one of two", count((1, 2))).await.unwrap();
    let bob = Computer::new().unwrap().signed_in(&server, BOB).await.unwrap();
    alice.next("two of two", count((2, 2))).await.unwrap();
    bob.leaves().await;
    alice.next("one of two again", count((1, 2))).await.unwrap();
}
