//! The demo on a display somebody sits at: two windows, signed in, until both are closed.

use std::time::Duration;

use anyhow::Context;
use posthouse_tests::daemon::Daemon;
use posthouse_tests::program;
use posthouse_tests::server_process::ServerProcess;
use tokio::process::Command;

use crate::{Demo, Person, say};

/// Opens both windows and waits until they are closed.
pub(crate) async fn open(demo: &Demo, server: &ServerProcess) -> anyhow::Result<()> {
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
    for window in &mut windows {
        while window.ended(Duration::from_secs(1)).await.is_err() {}
    }
    Ok(())
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
