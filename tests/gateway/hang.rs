//! What is done with a modem that says nothing, in which order, and what is not.

use std::sync::Arc;

use posthouse_gateway::modem::{SendFailure, State};
use posthouse_tests::modem_simulator::{Fault, Habits, ModemSimulator, Network, Sim};

use crate::world::{Desk, PATIENCE, Pins, message};

const PHONE: &str = "+8613800000001";
const RESTART: &str = "AT+CFUN=1,1";

async fn silent(fault: Fault, may_reset: bool) -> (Network, ModemSimulator, Desk) {
    let network = Network::default();
    let simulator = ModemSimulator::tcp("one", &network, Sim::default(), Habits::default()).await.unwrap();
    let desk = Desk::start_with(&simulator, None, &Arc::new(Pins::default()), may_reset);
    // Whoever takes a text has come through its start.
    desk.modem.sender().send(message(PHONE, "before")).await.unwrap();
    simulator.fail(fault);
    assert_eq!(desk.modem.sender().send(message(PHONE, "lost")).await, Err(SendFailure::NotReady));
    (network, simulator, desk)
}

/// What it was told from the command on that it did not answer.
fn since_the_text(simulator: &ModemSimulator) -> Vec<String> {
    let told = simulator.told();
    let text = told.iter().rposition(|command| command.starts_with("AT+CMGS=")).unwrap();
    told[text + 1..].to_vec()
}

fn openings(simulator: &ModemSimulator) -> usize {
    since_the_text(simulator).iter().filter(|command| *command == "(opened)").count()
}

#[tokio::test]
async fn a_silent_modem_is_called_three_times_and_then_its_port_is_opened_again() {
    let (_network, simulator, _desk) = silent(Fault::Deaf(1), false).await;
    simulator.until(PATIENCE, |modem| openings(modem) > 1).await.unwrap();
    let told = since_the_text(&simulator);
    assert_eq!(told[..5], ["(escape)", "AT", "AT", "AT", "(opened)"]);
    assert_eq!(told[5..9], ["(escape)", "AT", "AT", "AT"]);
}

#[tokio::test]
async fn a_modem_is_never_restarted_by_command_unless_that_is_allowed() {
    let (_network, simulator, desk) = silent(Fault::Deaf(1), false).await;
    simulator.until(PATIENCE, |modem| openings(modem) > 5).await.unwrap();
    assert!(!since_the_text(&simulator).contains(&RESTART.to_owned()));
    assert!(!desk.modem.status().borrow().state.is_ready());
}

#[tokio::test]
async fn a_modem_that_only_a_restart_helps_is_restarted_when_that_is_allowed() {
    let (network, simulator, desk) = silent(Fault::Deaf(1), true).await;
    desk.is(State::Ready).await;
    let told = since_the_text(&simulator);
    let restart = told.iter().position(|command| command == RESTART).unwrap();
    // Everything milder was tried before.
    let milder = ["(escape)", "AT", "AT", "AT", "(opened)", "(escape)", "AT", "AT", "AT"];
    assert_eq!(told[..restart], milder);
    desk.modem.sender().send(message(PHONE, "after")).await.unwrap();
    assert_eq!(network.wait_for(2, PATIENCE).await.unwrap()[1].text, "after");
}

#[tokio::test]
async fn a_restart_is_given_its_time() {
    let (_network, simulator, _desk) = silent(Fault::Deaf(2), true).await;
    simulator.until(PATIENCE, |modem| openings(modem) > 5).await.unwrap();
    let told = since_the_text(&simulator);
    assert_eq!(told.iter().filter(|command| *command == RESTART).count(), 1, "{told:?}");
}
