//! Scenes with Dino, a client with a window, on a desktop of its own.

use std::collections::HashMap;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::Context;
use posthouse_tests::daemon::Daemon;
use posthouse_tests::desktop::Desktop;
use posthouse_tests::people::PASSWORD;
use posthouse_tests::server_process::{DOMAIN, ServerProcess};
use rusqlite::{Connection, OpenFlags};
use tokio::process::Command;
use zbus::zvariant::Value;

use crate::house;
use crate::pictures;
use crate::profanity::Profanity;

/// How long anything may take.
const PATIENCE: Duration = Duration::from_secs(60);
/// How often Dino's database is looked at.
const GLANCE: Duration = Duration::from_millis(100);

/// Dino in files of its own: it sees a table of hosts with our domain in it, no name server, and as its
/// system's authorities nobody but the server's own.
const IN_A_WORLD_OF_ITS_OWN: &str = "mount --bind \"$1\" /etc/hosts && mount --bind \"$2\" /etc/resolv.conf \
     && mount --bind \"$3\" /etc/ssl/certs/ca-certificates.crt && exec dino-im";

/// Somebody's Dino. It asks for the standard port of the domain; the server has it on an address of its own.
pub(crate) struct Dino {
    // Programs end before the desktop they stand on.
    daemon: Option<Daemon>,
    desktop: Desktop,
    host: String,
    authority: PathBuf,
}

impl Dino {
    /// Dino with an account in its database, not started.
    ///
    /// # Errors
    /// It is missing or does not make its database.
    pub(crate) async fn install(server: &ServerProcess, person: &str) -> anyhow::Result<Self> {
        let desktop = Desktop::start().await?;
        let door = server.address_of("starttls")?;
        let host = door.trim_end_matches(":5222").to_owned();
        let mut dino = Self { daemon: None, desktop, host, authority: server.authority() };
        // Its first start makes the database.
        dino.start()?;
        let is_there = |it: &Connection| it.query_row("SELECT count(*) FROM account", [], |row| row.get(0));
        dino.knows("its tables", is_there, |_: &i64| true).await?;
        dino.stop().await?;
        Connection::open(dino.database())?.execute(
            "INSERT INTO account (bare_jid, resourcepart, password, alias, enabled, roster_version, \
             mam_earliest_synced) VALUES (?1, 'dino', ?2, '', 1, '', 0)",
            [&format!("{person}@{DOMAIN}"), PASSWORD],
        )?;
        Ok(dino)
    }

    /// Starts it.
    ///
    /// # Errors
    /// It is missing.
    pub(crate) fn start(&mut self) -> anyhow::Result<()> {
        let hosts = format!("127.0.0.1 localhost\n{} {DOMAIN}\n", self.host);
        let hosts = self.desktop.write_file("hosts", &hosts)?;
        let no_name_server = self.desktop.write_file("resolv.conf", "")?;
        let log = std::fs::File::create(pictures::place("dino.log")?)?;
        let mut command = Command::new("unshare");
        command.args(["--mount", "sh", "-c", IN_A_WORLD_OF_ITS_OWN, "sh"]);
        command.arg(hosts).arg(no_name_server).arg(&self.authority);
        command.envs(self.desktop.environment()).envs([
            ("GSK_RENDERER", "cairo"),
            ("GTK_A11Y", "none"),
            ("GSETTINGS_BACKEND", "memory"),
        ]);
        self.daemon = Some(Daemon::start(command.stdout(log.try_clone()?).stderr(log))?);
        Ok(())
    }

    /// Ends it in good order.
    ///
    /// # Errors
    /// It does not end.
    pub(crate) async fn stop(&mut self) -> anyhow::Result<()> {
        match self.daemon.take() {
            Some(daemon) => daemon.stop().await,
            None => Ok(()),
        }
    }

    fn database(&self) -> PathBuf {
        self.desktop.data_folder().join("dino/dino.db")
    }

    /// Waits until Dino's database answers as it should.
    ///
    /// # Errors
    /// It does not in time.
    pub(crate) async fn knows<T: std::fmt::Debug>(
        &self,
        what: &str,
        ask: impl Fn(&Connection) -> rusqlite::Result<T>,
        fits: impl Fn(&T) -> bool,
    ) -> anyhow::Result<T> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            // While Dino writes, the database may be locked or not there yet.
            let answer = Connection::open_with_flags(self.database(), OpenFlags::SQLITE_OPEN_READ_ONLY)
                .and_then(|connection| ask(&connection));
            match answer {
                Ok(answer) if fits(&answer) => return Ok(answer),
                other if Instant::now() > deadline => {
                    self.photograph("dino-in-vain.png").await?;
                    anyhow::bail!("Dino does not know {what}: {other:?}")
                }
                _ => tokio::time::sleep(GLANCE).await,
            }
        }
    }

    /// Waits for exactly these words from a colleague. Within a second Dino puts them in any order: it asks what
    /// the sender's client can do before it stores the first.
    ///
    /// # Errors
    /// There are others, or they do not come.
    pub(crate) async fn has_from(&self, person: &str, words: &[&str]) -> anyhow::Result<()> {
        let address = format!("{person}@{DOMAIN}");
        let ask = |connection: &Connection| -> rusqlite::Result<Vec<String>> {
            let mut statement = connection.prepare(
                "SELECT body FROM message JOIN jid ON jid.id = counterpart_id \
                 WHERE bare_jid = ?1 AND direction = 0 ORDER BY time, message.id",
            )?;
            statement.query_map([&address], |row| row.get(0))?.collect()
        };
        let sorted = |words: &mut dyn Iterator<Item = &str>| -> Vec<String> {
            let mut words: Vec<String> = words.map(str::to_owned).collect();
            words.sort_unstable();
            words
        };
        let wanted = sorted(&mut words.iter().copied());
        let fits = |bodies: &Vec<String>| sorted(&mut bodies.iter().map(String::as_str)) == wanted;
        self.knows("the words", ask, fits).await?;
        Ok(())
    }

    /// Opens the conversation with a colleague, as a click on a notification does.
    ///
    /// # Errors
    /// There is no such conversation.
    pub(crate) async fn open_conversation(&self, person: &str) -> anyhow::Result<()> {
        let address = format!("{person}@{DOMAIN}");
        let ask = |connection: &Connection| {
            let question =
                "SELECT conversation.id FROM conversation JOIN jid ON jid.id = jid_id WHERE bare_jid = ?1";
            connection.query_row(question, [&address], |row| row.get::<_, i32>(0))
        };
        let id = self.knows("the conversation", ask, |_| true).await?;
        let bus = zbus::connection::Builder::address(self.desktop.bus_address())?.build().await?;
        let arguments = ("open-conversation", vec![Value::from(id)], HashMap::<&str, Value<'_>>::new());
        let actions = Some("org.gtk.Actions");
        bus.call_method(Some("im.dino.Dino"), "/im/dino/Dino", actions, "Activate", &arguments).await?;
        Ok(())
    }

    /// Types into the window and sends it off.
    ///
    /// # Errors
    /// The window cannot be reached.
    pub(crate) async fn write(&self, words: &str) -> anyhow::Result<()> {
        self.run("xdotool", &["type", "--delay", "40", words]).await?;
        self.run("xdotool", &["key", "Return"]).await
    }

    /// Takes a picture of the desktop.
    ///
    /// # Errors
    /// It cannot be taken.
    pub(crate) async fn photograph(&self, name: &str) -> anyhow::Result<()> {
        let file = pictures::place(name)?;
        self.run("import", &["-window", "root", &file.to_string_lossy()]).await
    }

    async fn run(&self, program: &str, arguments: &[&str]) -> anyhow::Result<()> {
        let mut command = Command::new(program);
        command.args(arguments).envs(self.desktop.environment()).stdin(Stdio::null());
        let status = command.status().await.with_context(|| format!("{program} is missing"))?;
        anyhow::ensure!(status.success(), "{program} failed");
        Ok(())
    }
}

#[tokio::test]
#[ignore = "needs Dino: cargo xtask interop"]
async fn dino_signs_in_finds_what_waited_receives_and_writes() {
    let server = house::open_at("127.83.5.22").await.unwrap();
    let li_na = Profanity::sign_in(&server, "li.na").await.unwrap();
    li_na.write("zhao.min", "请看一下报表").await.unwrap();
    li_na.write("zhao.min", "在桌上").await.unwrap();
    li_na.0.shows("its own words", |screen| screen.contains("在桌上")).await.unwrap();

    let mut dino = Dino::install(&server, "zhao.min").await.unwrap();
    dino.start().unwrap();
    dino.has_from("li.na", &["请看一下报表", "在桌上"]).await.unwrap();
    li_na.write("zhao.min", "看到了吗？").await.unwrap();
    dino.has_from("li.na", &["请看一下报表", "在桌上", "看到了吗？"]).await.unwrap();

    dino.open_conversation("li.na").await.unwrap();
    dino.write("Yes, done at 3.").await.unwrap();
    li_na.reads("zhao.min", "Yes, done at 3.").await.unwrap();
    dino.photograph("dino.png").await.unwrap();

    let names = |connection: &Connection| -> rusqlite::Result<Vec<String>> {
        connection.prepare("SELECT name FROM roster ORDER BY jid")?.query_map([], |row| row.get(0))?.collect()
    };
    let colleagues = ["陈洁", "李娜", "王伟"].map(str::to_owned);
    dino.knows("its colleagues", names, |names| *names == colleagues).await.unwrap();

    dino.stop().await.unwrap();
    li_na.write("zhao.min", "明天见").await.unwrap();
    dino.start().unwrap();
    let all = ["请看一下报表", "在桌上", "看到了吗？", "明天见"];
    dino.has_from("li.na", &all).await.unwrap();
}
