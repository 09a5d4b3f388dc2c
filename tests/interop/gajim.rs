//! A scene with Gajim, which has a window for commands and knows nothing of notices.

use std::os::unix::fs::chown;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::Context;
use posthouse_tests::business_system::BusinessSystem;
use posthouse_tests::daemon::Daemon;
use posthouse_tests::desktop::Desktop;
use posthouse_tests::people::PASSWORD;
use posthouse_tests::server_process::{DOMAIN, ServerProcess};
use serde_json::{Value, json};
use tokio::process::Command;

use crate::house;
use crate::pictures;

/// How long anything may take.
const PATIENCE: Duration = Duration::from_secs(90);
/// How often the desktop is looked at.
const GLANCE: Duration = Duration::from_millis(200);
/// How long a click may take to show.
const CLICK: Duration = Duration::from_secs(5);

/// Whom Gajim runs as: it does not as the administrator.
const NOBODY: u32 = 65_534;

/// Writes its settings: folder, host, port, domain, person, password.
const SETTINGS: &str = "
import json, sqlite3, sys
from gajim.common.settings import CREATE_SQL
folder, host, port, domain, person, password = sys.argv[1:]
database = sqlite3.connect(folder + '/settings.sqlite')
database.executescript(CREATE_SQL)
app = {'use_keyring': False, 'check_for_update': False, 'plugins_update_check': False, 'trayicon': 'never'}
database.execute(\"UPDATE settings SET settings = ? WHERE name = 'app'\", (json.dumps(app),))
account = {'active': True, 'name': person, 'hostname': domain, 'password': password, 'savepass': True,
           'resource': 'gajim', 'use_custom_host': True, 'custom_host': host, 'custom_port': int(port),
           'custom_type': 'START TLS', 'account_label': domain}
settings = {'account': account, 'contact': {}, 'group_chat': {}}
database.execute('INSERT INTO account_settings VALUES (?, ?)', (domain, json.dumps(settings)))
database.commit()
";

/// Gajim with the server's authority as its system's, and a bus of its own; its window of commands is opened as soon as
/// it is online.
const IN_A_WORLD_OF_ITS_OWN: &str = "
mount --bind \"$1\" /etc/ssl/certs/ca-certificates.crt || exit 1
exec setpriv --reuid \"$2\" --regid \"$2\" --clear-groups dbus-run-session -- sh -c '
    gajim -c \"$0\" &
    bus() { gdbus call --session -d org.gajim.Gajim -o /org/gajim/Gajim -m \"org.gtk.Actions.$1\" \"$2\" $3 $4; }
    until bus Describe \"$1-execute-command\" 2>/dev/null | grep -q \"((true\"; do sleep 0.2; done
    bus Activate \"$1-execute-command\" \"[<\\\"$1\\\">]\" {}
    wait
' \"$3\" \"$4\"
";

/// Somebody's Gajim.
struct Gajim {
    // Programs end before the desktop they stand on, and that before its files.
    _daemon: Daemon,
    desktop: Desktop,
    _folder: tempfile::TempDir,
}

fn give_away(path: &Path) -> anyhow::Result<()> {
    chown(path, Some(NOBODY), Some(NOBODY)).with_context(|| path.display().to_string())
}

impl Gajim {
    async fn start(server: &ServerProcess, person: &str) -> anyhow::Result<Self> {
        let desktop = Desktop::start().await?;
        let folder = tempfile::Builder::new().prefix("gajim-").tempdir()?;
        let under = |name: &str| -> anyhow::Result<PathBuf> {
            let path = folder.path().join(name);
            std::fs::create_dir(&path)?;
            Ok(path)
        };
        let (home, runtime, config) = (under("home")?, under("runtime")?, under("config")?);
        let authority = folder.path().join("ca.pem");
        std::fs::copy(server.authority(), &authority)?;
        let address = server.address_of("starttls")?;
        let (host, port) = address.rsplit_once(':').context("an address has a port")?;
        let mut python = Command::new("/usr/bin/python3");
        python.args(["-B", "-W", "ignore", "-c", SETTINGS]).arg(&config);
        python.args([host, port, DOMAIN, person, PASSWORD]);
        anyhow::ensure!(python.status().await?.success(), "Gajim's settings cannot be written");
        for path in [folder.path(), &home, &runtime, &config, &config.join("settings.sqlite"), &authority] {
            give_away(path)?;
        }
        let log = std::fs::File::create(pictures::place("gajim.log")?)?;
        let mut command = Command::new("unshare");
        command.args(["--mount", "--pid", "--fork", "--kill-child", "sh", "-c", IN_A_WORLD_OF_ITS_OWN, "sh"]);
        command.arg(&authority).arg(NOBODY.to_string()).arg(&config).arg(DOMAIN);
        command.envs(desktop.environment()).env_remove("DBUS_SESSION_BUS_ADDRESS");
        for name in ["XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME"] {
            command.env_remove(name);
        }
        command.env("HOME", &home).env("XDG_RUNTIME_DIR", &runtime).envs([
            ("LC_ALL", "C.UTF-8"),
            ("LANGUAGE", "en"),
            ("GTK_A11Y", "none"),
            ("GSETTINGS_BACKEND", "memory"),
        ]);
        let daemon = Daemon::start(command.stdout(log.try_clone()?).stderr(log))?;
        Ok(Self { _daemon: daemon, desktop, _folder: folder })
    }

    async fn run(&self, program: &str, arguments: &[&str]) -> anyhow::Result<Option<String>> {
        let mut command = Command::new(program);
        command.args(arguments).envs(self.desktop.environment()).stdin(Stdio::null());
        let output = command.output().await.with_context(|| format!("{program} is missing"))?;
        Ok(output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned()))
    }

    /// The window with this title, if there is one.
    async fn window(&self, title: &str) -> anyhow::Result<Option<String>> {
        let found = self.run("xdotool", &["search", "--name", &format!("^{title}$")]).await?;
        Ok(found.and_then(|found| found.lines().next().map(str::to_owned)).filter(|id| !id.is_empty()))
    }

    /// Waits so long for the window with this title.
    async fn shows(&self, title: &str, patience: Duration) -> anyhow::Result<Option<String>> {
        let end = Instant::now() + patience;
        loop {
            let window = self.window(title).await?;
            if window.is_some() || Instant::now() > end {
                return Ok(window);
            }
            tokio::time::sleep(GLANCE).await;
        }
    }

    /// Clicks at a place of the window with one title until there is one with the other: the first click may come
    /// before the window takes any.
    async fn clicks(&self, from: &str, (x, y): (&str, &str), times: &str, to: &str) -> anyhow::Result<()> {
        let end = Instant::now() + PATIENCE;
        loop {
            if let Some(window) = self.window(from).await? {
                self.run("xdotool", &["mousemove", "--window", &window, x, y]).await?;
                self.run("xdotool", &["click", "--repeat", times, "--delay", "80", "1"]).await?;
            }
            if self.shows(to, CLICK).await?.is_some() {
                return Ok(());
            }
            if Instant::now() > end {
                self.photograph("gajim-in-vain.png").await?;
                anyhow::bail!("Gajim does not come from {from:?} to {to:?}");
            }
        }
    }

    async fn photograph(&self, name: &str) -> anyhow::Result<()> {
        let file = pictures::place(name)?;
        self.run("import", &["-window", "root", &file.to_string_lossy()]).await?.context("no picture")?;
        Ok(())
    }
}

/// A house in which nothing but notices makes commands.
async fn open() -> anyhow::Result<ServerProcess> {
    let mut server = ServerProcess::prepare().await?;
    server.configure(&[("http", "[\"127.0.0.1:0\"]")])?;
    server.run().await?;
    house::settle(&server).await?;
    Ok(server)
}

/// Sends a notice, once the server knows whom it is for: they have just been added.
async fn sent(oa: &BusinessSystem, notice: &Value) -> anyhow::Result<String> {
    let end = Instant::now() + PATIENCE;
    loop {
        let answer = oa.post("/api/v1/messages", notice).await?;
        if answer.status == 202 {
            return Ok(answer.body.get("id").and_then(Value::as_str).context("no id")?.to_owned());
        }
        anyhow::ensure!(Instant::now() < end, "{}", answer.text);
        tokio::time::sleep(GLANCE).await;
    }
}

#[tokio::test]
#[ignore = "needs Gajim: cargo xtask interop"]
async fn gajim_decides_a_notice_in_its_window_of_commands() {
    let server = open().await.unwrap();
    let words = ["application", "create", "oa", "--title", "办公自动化", "--everyone"];
    let key = server.administer(&words, None).await.unwrap();
    let oa = BusinessSystem::at(&server.address_of("http").unwrap()).with_key(key.lines().next().unwrap());
    let notice = json!({
        "to": {"people": ["li.na"]}, "title": "请假待审批", "text": "王伟，3天",
        "actions": [
            {"id": "approve", "label": "同意", "style": "primary"},
            {"id": "reject", "label": "驳回", "inputs": [{"name": "why", "label": "理由", "required": true}]},
        ],
    });
    let id = sent(&oa, &notice).await.unwrap();

    let gajim = Gajim::start(&server, "li.na").await.unwrap();
    if gajim.shows("Command List", PATIENCE).await.unwrap().is_none() {
        gajim.photograph("gajim-in-vain.png").await.unwrap();
        panic!("Gajim does not show its commands; the server:\n{}", server.log());
    }
    // The first line, and the button at the right.
    gajim.clicks("Command List", ("124", "87"), "2", "Stage").await.unwrap();
    gajim.photograph("gajim-form.png").await.unwrap();
    gajim.clicks("Stage", ("527", "459"), "1", "Completed").await.unwrap();
    gajim.photograph("gajim.png").await.unwrap();

    let shown = oa.get(&format!("/api/v1/messages/{id}")).await.unwrap();
    let events: Vec<&Value> = shown.body["recipients"][0]["events"].as_array().unwrap().iter().collect();
    let acted: Vec<&&Value> = events.iter().filter(|event| event["event"] == "acted").collect();
    assert_eq!(acted.len(), 1, "{}", shown.text);
    assert_eq!(acted[0]["detail"], r#"{"action":"approve","values":{}}"#);
}
