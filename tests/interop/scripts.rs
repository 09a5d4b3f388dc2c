//! Scenes with slixmpp, a client library in Python: a script each, which checks what it sees.

use std::process::Stdio;
use std::time::Duration;

use anyhow::Context;
use posthouse_tests::people::PASSWORD;
use posthouse_tests::program;
use posthouse_tests::server_process::{DOMAIN, ServerProcess};
use serde_json::json;
use tokio::process::{Child, Command};

use crate::house;
use crate::pictures;

/// The system's own interpreter, which sees the library that the system's packages install.
const PYTHON: &str = "/usr/bin/python3";

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/interop/scripts");

/// How long a scene may take.
const PATIENCE: Duration = Duration::from_secs(120);

/// One test for each script, under its name, and one that misses none.
macro_rules! scenes {
    ($($name:ident $(with $visibility:literal)?),+ $(,)?) => {
        $(
            #[tokio::test]
            #[ignore = "needs slixmpp: cargo xtask interop"]
            async fn $name() {
                play(stringify!($name), concat!($($visibility)?)).await.unwrap();
            }
        )+

        #[test]
        fn every_script_is_played() {
            let mut played = vec![$(concat!(stringify!($name), ".py")),+];
            played.extend(["house.py", "shares_an_account_with_our_client.py", "talks_with_our_client.py"]);
            played.extend(["opens_a_system_by_a_command.py", "decides_a_notice_by_a_command.py"]);
            played.push("hears_what_was_chosen_as_a_component.py");
            let mut there: Vec<String> = std::fs::read_dir(FOLDER)
                .unwrap()
                .map(|entry| entry.unwrap().file_name().into_string().unwrap())
                .filter(|name| name.ends_with(".py"))
                .collect();
            played.sort_unstable();
            there.sort_unstable();
            assert_eq!(there, played);
        }
    };
}

scenes! {
    asks_for_what_is_granted with "roster_everybody_up_to = 3",
    blocks_a_colleague,
    chats_both_ways,
    discovers_what_there_is,
    edits_reacts_and_replies,
    finds_what_came_while_away,
    follows_the_rules_of_delivery,
    gets_copies_on_every_client,
    goes_on_after_a_lost_connection,
    keeps_bookmarks_private,
    keeps_small_things_for_a_client,
    passes_a_file_in_band,
    reads_cards_and_finds_people,
    reads_the_archive,
    sees_colleagues_in_departments,
    sees_presence_come_and_go,
    shows_a_picture_of_oneself,
    signs_in_by_every_door,
    spares_a_client_nobody_looks_at,
    takes_over_ones_own_place,
    tells_what_was_received_and_read,
}

/// Plays a script against a server of its own, with these rules of who sees whom.
async fn play(name: &str, visibility: &str) -> anyhow::Result<()> {
    let server = house::open_with(visibility).await?;
    Script::start(&server, name)?.ends().await
}

#[tokio::test]
#[ignore = "needs slixmpp: cargo xtask interop"]
async fn opens_a_system_by_a_command() {
    let server = house::open_with_a_business_system().await.unwrap();
    Script::start(&server, "opens_a_system_by_a_command").unwrap().ends().await.unwrap();
}

#[tokio::test]
#[ignore = "needs slixmpp: cargo xtask interop"]
async fn decides_a_notice_by_a_command() {
    let server = house::open_for_business_systems().await.unwrap();
    Script::start(&server, "decides_a_notice_by_a_command").unwrap().ends().await.unwrap();
}

#[tokio::test]
#[ignore = "needs slixmpp: cargo xtask interop"]
async fn hears_what_was_chosen_as_a_component() {
    let server = house::open_for_business_systems().await.unwrap();
    Script::start(&server, "hears_what_was_chosen_as_a_component").unwrap().ends().await.unwrap();
}

/// A script that is being played.
pub(crate) struct Script<'a> {
    name: String,
    server: &'a ServerProcess,
    folder: tempfile::TempDir,
    child: Child,
}

impl<'a> Script<'a> {
    /// Starts a script against a server.
    ///
    /// # Errors
    /// There is no Python, or the server does not listen.
    pub(crate) fn start(server: &'a ServerProcess, name: &str) -> anyhow::Result<Self> {
        let folder = tempfile::Builder::new().prefix("scene-").tempdir()?;
        let facts = folder.path().join("house.json");
        std::fs::write(&facts, facts_of(server, folder.path())?.to_string()).context("the facts")?;
        let mut python = Command::new(PYTHON);
        // What Python remembers of a script does not belong into the source folder.
        python.args(["-B", "-W", "ignore"]).arg(format!("{FOLDER}/{name}.py")).arg(&facts);
        python.env("LC_ALL", "C.UTF-8").kill_on_drop(true);
        python.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let child = python.spawn().context(PYTHON)?;
        Ok(Self { name: name.to_owned(), server, folder, child })
    }

    /// Tells the script that something has happened that it waits for.
    ///
    /// # Errors
    /// The folder it looks into is gone.
    pub(crate) fn signal(&self, what: &str) -> anyhow::Result<()> {
        std::fs::write(self.folder.path().join(what), "").context("a signal")
    }

    /// Waits until it ends and keeps what it saw.
    ///
    /// # Errors
    /// It saw something wrong, or does not end.
    pub(crate) async fn ends(self) -> anyhow::Result<()> {
        let Self { name, server, child, .. } = self;
        let output = tokio::time::timeout(PATIENCE, child.wait_with_output()).await;
        let output =
            output.with_context(|| format!("{name} does not end; the server:\n{}", server.log()))??;
        let said = String::from_utf8_lossy(&output.stdout);
        let wrong = String::from_utf8_lossy(&output.stderr);
        pictures::keep(&format!("{name}.txt"), said.as_bytes())?;
        anyhow::ensure!(output.status.success(), "{name}:\n{said}{wrong}\nthe server:\n{}", server.log());
        Ok(())
    }
}

/// What a script has to know.
fn facts_of(server: &ServerProcess, folder: &std::path::Path) -> anyhow::Result<serde_json::Value> {
    let door = |name: &str| -> anyhow::Result<(String, u16)> {
        let address = server.address_of(name)?;
        let (host, port) = address.rsplit_once(':').context("an address has a port")?;
        Ok((host.to_owned(), port.parse()?))
    };
    Ok(json!({
        "domain": DOMAIN,
        "authority": server.authority(),
        "password": PASSWORD,
        "folder": folder,
        "doors": {
            "starttls": door("starttls")?,
            "direct_tls": door("direct_tls")?,
            "any": door("any")?,
        },
        "interface": server.address_of("http").ok(),
        "component": server.component_address().ok().map(|address| {
            json!({"address": address, "domain": house::COMPONENT, "secret": house::SECRET})
        }),
        "administration": [program::built("posthouse-server")?, "--data", server.data()],
    }))
}
