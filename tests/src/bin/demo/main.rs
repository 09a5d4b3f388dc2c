//! The demo behind `cargo xtask demo`: a server with the demo organisation, and two people who talk. With
//! `--headless` the scene is played through the real windows on displays nobody sees.

mod office;
#[cfg(target_os = "linux")]
mod scene;
mod windows;

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use office::Office;
use posthouse_tests::gateway_process::{self, GatewayProcess};
use posthouse_tests::modem_simulator::Habits;
use posthouse_tests::server_process::{DOMAIN, ServerProcess};

/// What `cargo xtask demo` hands over.
#[derive(Debug)]
struct Demo {
    /// Departments and people, as `posthouse-server import` reads them.
    sheet: PathBuf,
    /// Everybody's password.
    password: String,
    /// ID and name of the first person.
    alice: Person,
    /// ID and name of the second person.
    bob: Person,
    /// Where pictures go.
    pictures: PathBuf,
    headless: bool,
}

/// Somebody whose window is opened.
#[derive(Debug, Clone)]
struct Person {
    id: String,
    name: String,
}

fn main() -> ExitCode {
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            say(&format!("no runtime: {error}"));
            return ExitCode::FAILURE;
        }
    };
    let result = runtime.block_on(async {
        tokio::select! {
            result = play() => result,
            () = stopped() => Err(anyhow::anyhow!("stopped")),
        }
    });
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            say(&format!("the demo failed: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

async fn play() -> anyhow::Result<()> {
    let demo = read_arguments(std::env::args().skip(1))?;
    say("starting the server");
    let mut server = server().await?;
    let answer = server.import(&demo.sheet).await?;
    say(answer.trim_end());
    say(&format!("the server listens on {}", server.address()?));
    let system = Office::start(&demo).await?;
    let gateway = phones(&server, &(Office::query_code(&system) + &administrator(&demo))).await?;
    let office = Office::join(system, &server).await?;
    say(&format!("the office automation system runs at {}", office.system.address()));
    let outcome = if demo.headless {
        headless(&demo, &mut server, &gateway, &office).await
    } else {
        windows::open(&demo, &server, &gateway).await
    };
    if outcome.is_err() {
        let log = demo.pictures.join("server.log");
        // The error itself is what matters.
        let _ = std::fs::write(&log, server.log());
        say(&format!("the server's log: {}", log.display()));
        let _ = std::fs::write(demo.pictures.join("gateway.log"), gateway.log());
    }
    outcome
}

#[cfg(target_os = "linux")]
async fn headless(
    demo: &Demo,
    server: &mut ServerProcess,
    gateway: &GatewayProcess,
    office: &Office,
) -> anyhow::Result<()> {
    scene::play(demo, server, gateway, office).await
}

#[cfg(not(target_os = "linux"))]
async fn headless(
    _demo: &Demo,
    _server: &mut ServerProcess,
    _gateway: &GatewayProcess,
    _office: &Office,
) -> anyhow::Result<()> {
    std::future::ready(Err(anyhow::anyhow!("windows are driven without a display on Linux only"))).await
}

/// A server with a door for the gateway and one for business systems.
async fn server() -> anyhow::Result<ServerProcess> {
    let mut server = ServerProcess::prepare().await?;
    // Browsers know the server by an address that stands in its settings.
    let port = server.take_port()?;
    server.configure(&[
        ("https", &format!("[\"127.0.0.1:{port}\"]")),
        ("issuer", &format!("\"https://localhost:{port}\"")),
    ])?;
    server.add_settings(&gateway_process::server_settings())?;
    server.run().await?;
    Ok(server)
}

/// Alice may look at how the gateway is.
fn administrator(demo: &Demo) -> String {
    format!("[status]\nadministrators = [\"{}@{DOMAIN}\"]\n", demo.alice.id)
}

/// A gateway with two simulated modems, connected to the server.
async fn phones(server: &ServerProcess, settings: &str) -> anyhow::Result<GatewayProcess> {
    let habits = Habits {
        network_time: Duration::from_millis(800),
        report_time: Duration::from_millis(1_200),
        ..Habits::default()
    };
    let address = server.component_address()?;
    let mut gateway = GatewayProcess::prepare(2, habits, Some(&address)).await?;
    gateway.add_settings(settings)?;
    gateway.run()?;
    say("the SMS gateway runs with two simulated modems");
    Ok(gateway)
}

/// Ctrl-C, or the polite request to end.
async fn stopped() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let (Ok(mut interrupt), Ok(mut terminate)) =
            (signal(SignalKind::interrupt()), signal(SignalKind::terminate()))
        {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
            }
        }
    }
    #[cfg(not(unix))]
    let _ = tokio::signal::ctrl_c().await;
}

fn read_arguments(mut words: impl Iterator<Item = String>) -> anyhow::Result<Demo> {
    use anyhow::Context as _;

    let (mut sheet, mut password, mut alice, mut bob, mut pictures) = (None, None, None, None, None);
    let mut headless = false;
    while let Some(word) = words.next() {
        let mut value = || words.next().with_context(|| format!("{word} needs a value"));
        match word.as_str() {
            "--sheet" => sheet = Some(PathBuf::from(value()?)),
            "--password" => password = Some(value()?),
            "--alice" => alice = Some(person(&value()?)?),
            "--bob" => bob = Some(person(&value()?)?),
            "--pictures" => pictures = Some(PathBuf::from(value()?)),
            "--headless" => headless = true,
            other => anyhow::bail!("what is {other}?"),
        }
    }
    Ok(Demo {
        sheet: sheet.context("--sheet is missing")?,
        password: password.context("--password is missing")?,
        alice: alice.context("--alice is missing")?,
        bob: bob.context("--bob is missing")?,
        pictures: pictures.context("--pictures is missing")?,
        headless,
    })
}

/// `ID=NAME`.
fn person(text: &str) -> anyhow::Result<Person> {
    let (id, name) = text.split_once('=').ok_or_else(|| anyhow::anyhow!("{text} is not ID=NAME"))?;
    Ok(Person { id: id.to_owned(), name: name.to_owned() })
}

/// One line to the terminal, at once.
fn say(line: &str) {
    use std::io::Write;
    let mut out = std::io::stdout().lock();
    // A terminal that went away is no reason to stop.
    let _ = writeln!(out, "{line}").and_then(|()| out.flush());
}
