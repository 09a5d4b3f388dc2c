//! The gateway as its administrators see it in the app.

use posthouse_engine::engine::Engine;
use posthouse_engine::error::{EngineError, EngineErrorCode};
use posthouse_engine::model::{GatewayStatus, GatewayWayKind};
use posthouse_tests::gateway_process::{GatewayProcess, server_settings};
use posthouse_tests::modem_simulator::Habits;
use posthouse_tests::people::{Computer, PASSWORD, Person, address};
use posthouse_tests::port::Port;
use posthouse_tests::server_process::ServerProcess;

use crate::office::{ALICE, BOB};

/// Asks until the answer is one that is wanted.
///
/// The gateway tells nobody by itself, and neither does its end: the page asks again and again, too.
async fn asks_until<T>(
    alice: &Person,
    wanted: impl Fn(Result<GatewayStatus, EngineError>) -> Option<T>,
) -> T {
    let asking = async {
        loop {
            if let Some(answer) = wanted(alice.engine().gateway_status().await) {
                return answer;
            }
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(40), asking).await.unwrap()
}

/// Asks again until the gateway is as wanted.
async fn shows(alice: &Person, is_wanted: impl Fn(&GatewayStatus) -> bool) -> GatewayStatus {
    asks_until(alice, |answer| answer.ok().filter(|status| is_wanted(status))).await
}

#[tokio::test]
async fn administrators_see_modems_lines_and_texts_others_nothing_and_a_gateway_that_is_away_says_so() {
    let server = ServerProcess::start_with(&server_settings()).await.unwrap();
    for (id, name) in [(ALICE, "陈静"), (BOB, "王磊")] {
        server.add_person(id, name, "总部/财务部", PASSWORD).await.unwrap();
    }
    let alice = Computer::new().unwrap().signed_in(&server, ALICE).await.unwrap();
    let bob = Computer::new().unwrap().signed_in(&server, BOB).await.unwrap();
    let code = async |engine: &Engine| engine.gateway_status().await.unwrap_err().code;
    assert_eq!(code(alice.engine()).await, EngineErrorCode::GatewayAway);

    let door = server.component_address().unwrap();
    let mut gateway = GatewayProcess::prepare(1, Habits::default(), Some(&door)).await.unwrap();
    // Nobody listens there.
    let port = Port::take().unwrap();
    let line = format!(
        "[[smpp]]\nname = \"carrier\"\naddress = \"127.0.0.1:{}\"\nsystem_id = \"house\"\npassword = \"x\"\n",
        port.number()
    );
    let status = format!("[status]\nadministrators = [\"{}\"]\n", address(ALICE));
    gateway.add_settings(&format!("{line}{status}")).unwrap();
    gateway.run().unwrap();
    gateway.is_connected().await.unwrap();
    let status = shows(&alice, |status| status.ways.iter().any(|way| way.is_ready)).await;
    let modem = status.ways.iter().find(|way| way.kind == GatewayWayKind::Modem).unwrap();
    assert_eq!((modem.name.as_str(), modem.condition.as_str(), modem.sent), ("modem1", "ready", Some(0)));
    assert!(modem.operator.is_some() && modem.signal.is_some(), "{modem:?}");
    assert_eq!((status.waiting, status.received), (0, 0));
    let is_away = |status: &GatewayStatus| status.ways.iter().any(|way| way.condition == "away");
    let status = shows(&alice, is_away).await;
    let line = status.ways.iter().find(|way| way.kind == GatewayWayKind::Line).unwrap();
    assert!(!line.is_ready && line.reason.is_some(), "{line:?}");
    assert_eq!(code(bob.engine()).await, EngineErrorCode::Forbidden);

    gateway.kill().await.unwrap();
    let is_away = |error: EngineError| error.code == EngineErrorCode::GatewayAway;
    asks_until(&alice, |answer| answer.is_err_and(is_away).then_some(())).await;
}
