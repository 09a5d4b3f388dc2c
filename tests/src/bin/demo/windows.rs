//! The demo on a display somebody sits at: two windows, signed in, until both are closed.

use std::time::Duration;

use anyhow::Context;
use posthouse_tests::daemon::Daemon;
use posthouse_tests::gateway_process::GatewayProcess;
use posthouse_tests::program;
use posthouse_tests::server_process::ServerProcess;
use tokio::process::Command;

use crate::{Demo, Person, say};

/// Opens both windows and waits until they are closed.
pub(crate) async fn open(
    demo: &Demo,
    server: &ServerProcess,
    gateway: &GatewayProcess,
) -> anyhow::Result<()> {
    let folder = tempfile::Builder::new().prefix("posthouse-demo-").tempdir()?;
    let mut windows = Vec::new();
    for person in [&demo.alice, &demo.bob] {
        windows.push(start(demo, server, person, folder.path())?);
        say(&format!(
            "{} ({}) is signed in; the password of everybody is {}",
            person.name, person.id, demo.password
        ));
    }
    say("Ctrl-C, or closing both windows, ends the demo.");
    let closed = async {
        for window in &mut windows {
            while window.ended(Duration::from_secs(1)).await.is_err() {}
        }
        Ok(())
    };
    tokio::select! {
        closed = closed => closed,
        phones = answer_texts(gateway) => phones,
    }
}

/// Shows what phones read, and answers after a moment as their owners would.
async fn answer_texts(gateway: &GatewayProcess) -> anyhow::Result<()> {
    let mut read = 0_usize;
    loop {
        let Ok(sent) = gateway.network.wait_for(read.saturating_add(1), Duration::from_secs(3_600)).await
        else {
            continue;
        };
        for text in sent.iter().skip(read) {
            say(&format!("phone {} reads: {}", text.number, text.text));
            tokio::time::sleep(Duration::from_secs(4)).await;
            gateway.network.write(&text.number, &text.modem, "收到，马上回来");
        }
        read = sent.len();
    }
}

fn start(
    demo: &Demo,
    server: &ServerProcess,
    person: &Person,
    folder: &std::path::Path,
) -> anyhow::Result<Daemon> {
    let password = folder.join(format!("{}.password", person.id));
    std::fs::write(&password, &demo.password).context("the password file")?;
    let mut window = Command::new(program::built("posthouse")?);
    window
        .arg("--profile")
        .arg(format!("demo-{}", person.id.replace('.', "-")))
        .arg("--data-folder")
        .arg(folder.join(&person.id))
        .args(["--server", &server.address()?, "--login", &person.id])
        .arg("--password-file")
        .arg(&password)
        .args(["--accept-fingerprint", &server.fingerprint()?]);
    Daemon::start(&mut window)
}
