//! One modem through everything that can happen to it.

use std::sync::Arc;
use std::time::Duration;

use posthouse_gateway::at::FinalResult;
use posthouse_gateway::modem::{SendFailure, State};
use posthouse_gateway::pdu::{Incoming, Outcome};
use posthouse_tests::modem_simulator::{Fault, Habits, ModemSimulator, Network, Sim};

use crate::world::{Desk, PATIENCE, Pins, message};

const PHONE: &str = "+8613800000001";

async fn modem_with(habits: Habits) -> (Network, ModemSimulator, Desk) {
    let network = Network::default();
    let simulator = ModemSimulator::tcp("one", &network, Sim::default(), habits).await.unwrap();
    let desk = Desk::start(&simulator, None, &Arc::new(Pins::default()));
    desk.is(State::Ready).await;
    (network, simulator, desk)
}

/// A text goes out and one comes in.
async fn works(network: &Network, desk: &mut Desk, text: &str) {
    let before = network.sent().len();
    desk.modem.sender().send(message(PHONE, text)).await.unwrap();
    let sent = network.wait_for(before + 1, PATIENCE).await.unwrap();
    assert_eq!((sent[before].number.as_str(), sent[before].text.as_str()), (PHONE, text));
    network.write(PHONE, "one", "收到");
    assert_eq!(desk.next_text().await, "收到");
}

#[tokio::test]
async fn a_text_goes_out_and_one_comes_in() {
    let (network, _simulator, mut desk) = modem_with(Habits::default()).await;
    works(&network, &mut desk, "会议改到下午3点").await;
    works(&network, &mut desk, "plain [letters] and €").await;
}

#[tokio::test]
async fn a_report_says_which_text_arrived() {
    let (_network, _simulator, mut desk) = modem_with(Habits::default()).await;
    let reference = desk.modem.sender().send(message(PHONE, "hi")).await.unwrap();
    let Incoming::StatusReport(report) = desk.next().await else { panic!("no report") };
    assert_eq!((Some(report.reference), report.outcome), (reference, Outcome::Delivered));
}

#[tokio::test]
async fn a_text_leaves_the_modem_only_when_it_is_kept() {
    let (network, simulator, mut desk) = modem_with(Habits::default()).await;
    desk.refuse(1);
    network.write(PHONE, "one", "first");
    assert_eq!(desk.next_text().await, "first");
    assert_eq!(simulator.stored(), 1);
    assert_eq!(desk.next_text().await, "first", "it is offered again");
    network.write(PHONE, "one", "second");
    assert_eq!(desk.next_text().await, "second");
    simulator.until(PATIENCE, |modem| modem.stored() == 0).await.unwrap();
}

#[tokio::test]
async fn texts_that_came_while_nobody_listened_are_read_at_the_start() {
    let network = Network::default();
    let simulator = ModemSimulator::tcp("one", &network, Sim::default(), Habits::default()).await.unwrap();
    network.write(PHONE, "one", "early");
    let mut desk = Desk::start(&simulator, None, &Arc::new(Pins::default()));
    assert_eq!(desk.next_text().await, "early");
}

#[tokio::test]
async fn the_pin_opens_the_sim() {
    let network = Network::default();
    let sim = Sim { pin: Some("1234".to_owned()), ..Sim::default() };
    let simulator = ModemSimulator::tcp("one", &network, sim, Habits::default()).await.unwrap();
    let mut desk = Desk::start(&simulator, Some("1234"), &Arc::new(Pins::default()));
    desk.is(State::Ready).await;
    works(&network, &mut desk, "open").await;
}

#[tokio::test]
async fn a_wrong_pin_is_tried_once_whatever_happens() {
    let network = Network::default();
    let sim = Sim { pin: Some("1234".to_owned()), ..Sim::default() };
    let simulator = ModemSimulator::tcp("one", &network, sim, Habits::default()).await.unwrap();
    let pins = Arc::new(Pins::default());
    let desk = Desk::start(&simulator, Some("9999"), &pins);
    desk.is(State::PinRefused).await;
    // The modem is tried again by itself, after a restart of it, and by a new gateway.
    simulator.fail(Fault::Restart);
    for _ in 0..2 {
        desk.is(State::Starting).await;
        desk.is(State::PinRefused).await;
    }
    desk.modem.stop().await;
    let desk = Desk::start(&simulator, Some("9999"), &pins);
    desk.is(State::PinRefused).await;
    assert_eq!(simulator.pins_tried(), ["9999"]);
    desk.modem.stop().await;
    let desk = Desk::start(&simulator, Some("1234"), &pins);
    desk.is(State::Ready).await;
}

#[tokio::test]
async fn a_sim_that_wants_a_pin_nobody_knows_is_told_to_the_administrator() {
    let network = Network::default();
    let sim = Sim { pin: Some("1234".to_owned()), ..Sim::default() };
    let simulator = ModemSimulator::tcp("one", &network, sim, Habits::default()).await.unwrap();
    let desk = Desk::start(&simulator, None, &Arc::new(Pins::default()));
    desk.is(State::PinMissing).await;
    assert_eq!(desk.modem.sender().send(message(PHONE, "x")).await, Err(SendFailure::NotReady));
}

#[tokio::test]
async fn a_result_that_is_lost_leaves_the_text_unconfirmed_and_the_modem_comes_back() {
    for fault in [Fault::LoseResultOfSent, Fault::LoseText] {
        let (network, simulator, mut desk) = modem_with(Habits::default()).await;
        simulator.fail_next_sends([fault]);
        assert_eq!(desk.modem.sender().send(message(PHONE, "maybe")).await, Err(SendFailure::Unknown));
        assert_eq!(network.sent().len(), usize::from(fault == Fault::LoseResultOfSent));
        desk.is(State::Ready).await;
        works(&network, &mut desk, "after").await;
    }
}

#[tokio::test]
async fn a_refusal_of_the_network_has_its_number() {
    let (network, simulator, mut desk) = modem_with(Habits::default()).await;
    simulator.fail_next_sends([Fault::Refuse(500)]);
    let refused = desk.modem.sender().send(message(PHONE, "x")).await;
    assert_eq!(refused, Err(SendFailure::Refused(FinalResult::Cms(500))));
    works(&network, &mut desk, "after").await;
}

#[tokio::test]
async fn a_modem_without_working_sim_goes_out_of_service_and_is_tried_again() {
    let (network, simulator, mut desk) = modem_with(Habits::default()).await;
    simulator.fail_next_sends([Fault::Refuse(310)]);
    let refused = desk.modem.sender().send(message(PHONE, "x")).await;
    assert_eq!(refused, Err(SendFailure::Refused(FinalResult::Cms(310))));
    desk.is(State::OutOfService(FinalResult::Cms(310))).await;
    desk.is(State::Ready).await;
    works(&network, &mut desk, "after").await;
}

#[tokio::test]
async fn a_modem_that_hangs_comes_back() {
    let (network, simulator, mut desk) = modem_with(Habits::default()).await;
    simulator.fail(Fault::Hang(Duration::from_secs(4)));
    assert_eq!(desk.modem.sender().send(message(PHONE, "lost")).await, Err(SendFailure::NotReady));
    desk.is(State::Silent).await;
    desk.is(State::Ready).await;
    assert_eq!(network.sent(), [], "a text that was given up before it was out does not go out later");
    works(&network, &mut desk, "after").await;
}

#[tokio::test]
async fn a_modem_that_is_pulled_out_and_put_in_again_comes_back() {
    let (network, simulator, mut desk) = modem_with(Habits::default()).await;
    simulator.fail(Fault::Unplug(Duration::from_secs(1)));
    desk.is(State::Unplugged).await;
    desk.is(State::Ready).await;
    works(&network, &mut desk, "after").await;
}

#[cfg(unix)]
#[tokio::test]
async fn a_modem_at_a_terminal_is_pulled_out_in_the_middle_of_a_send() {
    let folder = tempfile::tempdir().unwrap();
    let network = Network::default();
    let link = folder.path().join("ttyUSB0");
    let simulator = ModemSimulator::pty("one", &link, &network, Sim::default(), Habits::default()).unwrap();
    let mut desk = Desk::start(&simulator, None, &Arc::new(Pins::default()));
    desk.is(State::Ready).await;
    works(&network, &mut desk, "before").await;
    simulator.fail_next_sends([Fault::Unplug(Duration::from_secs(1))]);
    assert_eq!(desk.modem.sender().send(message(PHONE, "cut")).await, Err(SendFailure::Unknown));
    desk.is(State::Ready).await;
    works(&network, &mut desk, "after").await;
}

#[tokio::test]
async fn a_modem_that_starts_anew_is_made_ready_again() {
    let (network, simulator, mut desk) = modem_with(Habits::default()).await;
    let mut status = desk.modem.status();
    let before = status.borrow().recoveries;
    simulator.fail(Fault::Restart);
    status.wait_for(|status| status.recoveries > before).await.unwrap();
    desk.is(State::Ready).await;
    works(&network, &mut desk, "after").await;
}

#[tokio::test]
async fn a_restart_in_the_middle_of_a_send_leaves_the_text_unconfirmed() {
    let (network, simulator, mut desk) = modem_with(Habits::default()).await;
    simulator.fail_next_sends([Fault::Restart]);
    assert_eq!(desk.modem.sender().send(message(PHONE, "cut")).await, Err(SendFailure::Unknown));
    desk.is(State::Ready).await;
    works(&network, &mut desk, "after").await;
}

#[tokio::test]
async fn noise_garbage_echo_and_small_pieces_do_not_matter() {
    for habits in [
        Habits { is_noisy: true, ..Habits::default() },
        Habits { has_garbage: true, ..Habits::default() },
        Habits { piece: Some(5), ..Habits::default() },
        Habits { always_echoes: true, ..Habits::default() },
    ] {
        let (network, _simulator, mut desk) = modem_with(habits).await;
        for text in ["一", "two", "三"] {
            works(&network, &mut desk, text).await;
        }
    }
}

#[tokio::test]
async fn a_full_sim_that_blocks_sending_is_emptied_first() {
    let network = Network::default();
    let habits = Habits { full_blocks_sending: true, ..Habits::default() };
    let sim = Sim { places: 3, ..Sim::default() };
    let simulator = ModemSimulator::tcp("one", &network, sim, habits).await.unwrap();
    for text in ["1", "2", "3", "4", "5"] {
        network.write(PHONE, "one", text);
    }
    let mut desk = Desk::start(&simulator, None, &Arc::new(Pins::default()));
    let sender = desk.modem.sender();
    let sending = tokio::spawn(async move { sender.send(message(PHONE, "through")).await });
    let mut texts = Vec::new();
    for _ in 0..5 {
        texts.push(desk.next_text().await);
    }
    assert_eq!(texts, ["1", "2", "3", "4", "5"]);
    assert!(sending.await.unwrap().is_ok());
}

#[tokio::test]
async fn a_call_is_hung_up_and_the_modem_goes_on() {
    let (network, simulator, mut desk) = modem_with(Habits::default()).await;
    simulator.ring();
    works(&network, &mut desk, "after").await;
}
