//! What was written without a line.

use std::process::Stdio;

use posthouse_engine::model::MessageState;
use posthouse_tests::people::{Computer, PASSWORD};
use posthouse_tests::program;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::Command;

use crate::office::{self, ALICE, BOB};

#[tokio::test]
async fn what_was_written_while_the_server_was_down_is_sent_once_it_is_back() {
    let mut server = office::open().await.unwrap();
    let mut alice = Computer::new().unwrap().signed_in(&server, ALICE).await.unwrap();
    let mut bob = Computer::new().unwrap().signed_in(&server, BOB).await.unwrap();
    server.stop().await.unwrap();
    alice.is_cut_off().await.unwrap();
    let first = alice.writes(BOB, "断网时写的").await.unwrap();
    alice.writes(BOB, "再补一句").await.unwrap();
    alice.sees_own(&first, &[MessageState::Queued]).await.unwrap();

    server.run().await.unwrap();
    alice.engine().reconnect_now().await.unwrap();
    bob.engine().reconnect_now().await.unwrap();
    bob.reads(ALICE, &["断网时写的", "再补一句"]).await.unwrap();
    alice.sees_own(&first, &[MessageState::Delivered, MessageState::Read]).await.unwrap();
}

#[tokio::test]
async fn a_client_that_is_killed_while_it_sends_loses_nothing_and_doubles_nothing() {
    let server = office::open().await.unwrap();
    let computer = Computer::new().unwrap();
    let mut texts = Vec::new();
    for round in 0..5 {
        // The writer says each text once it is queued; it is killed after a different number each time.
        let mut writer = Command::new(program::built("writer").unwrap())
            .arg(computer.folder())
            .args([&server.address().unwrap(), &server.fingerprint().unwrap(), ALICE, PASSWORD, BOB])
            .arg(format!("第 {round} 轮"))
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let mut said = BufReader::new(writer.stdout.take().unwrap()).lines();
        for _ in 0..(3 + round * 7) {
            texts.push(said.next_line().await.unwrap().expect("the writer goes on"));
        }
        // SIGKILL.
        writer.kill().await.unwrap();
        while let Some(text) = said.next_line().await.unwrap() {
            texts.push(text);
        }
    }
    let mut alice = computer.signed_in(&server, ALICE).await.unwrap();
    let mut bob = Computer::new().unwrap().signed_in(&server, BOB).await.unwrap();
    let written: Vec<String> =
        alice.conversation(BOB).await.unwrap().into_iter().map(|message| message.text).collect();
    for text in &texts {
        assert!(written.contains(text), "{text} was queued and is gone");
    }
    let written: Vec<&str> = written.iter().map(String::as_str).collect();
    bob.reads(ALICE, &written).await.unwrap();
    let last = alice.conversation(BOB).await.unwrap().pop().unwrap();
    alice.sees_own(&last, &[MessageState::Delivered, MessageState::Read]).await.unwrap();
}
