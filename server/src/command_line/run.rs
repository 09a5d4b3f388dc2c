//! `run`: starts the server and ends with SIGTERM or Ctrl-C.

use std::io::IsTerminal;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use jid::DomainPart;
use posthouse_protocol::wire;
use posthouse_sign_on::issuer::Issuer;
use posthouse_sign_on::moment::{Lifetimes, Moment};

use super::folder::{CA_CERTIFICATE, SETTINGS};
use super::settings::{filter, visibility};
use super::{CommandError, DataFolder, host};
use crate::accounts::Accounts;
use crate::clock::Clock;
use crate::config::{ArchiveDefault, Config, Limits, LogFormat};
use crate::http::HttpLimits;
use crate::organization::changes;
use crate::organization::directory::Directory;
use crate::outbound::Outbound;
use crate::sign_on::{KeyFile, KeyFileError};
use crate::startup::{
    self, AccountsAtTheDoor, ClientPorts, PasswordsOfAccounts, Setup, SingleSignOn, WebPorts,
};
use crate::storage::archive::ArchiveFallback;
use crate::stream::admission::AddressLimits;
use crate::stream::door::StreamLimits;
use crate::stream::tls::Tls;

/// Open files that are asked of the system: one for each connection, and some.
const OPEN_FILES: u64 = 1_048_576;

/// Arguments of `run`.
#[derive(Debug, Args)]
pub(crate) struct Run {
    #[command(flatten)]
    folder: DataFolder,
    /// Another settings file than DIR/server.toml
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

impl Run {
    pub(crate) fn run(self) -> Result<(), CommandError> {
        let path = self.config.clone().unwrap_or_else(|| self.folder.file(SETTINGS));
        let config = Config::read(&path, &self.folder.data)?;
        begin_log(&config)?;
        match rlimit::increase_nofile_limit(OPEN_FILES) {
            Ok(limit) => tracing::debug!(limit, "open files"),
            Err(error) => tracing::warn!(%error, "the limit of open files stays as it is"),
        }
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .build()
            .map_err(CommandError::file("a runtime cannot be started"))?;
        let lock = self.folder.lock()?;
        let outcome = runtime.block_on(self.serve(config));
        drop(lock);
        outcome
    }

    async fn serve(self, config: Config) -> Result<(), CommandError> {
        let setup = setup(&self.folder, config).await?;
        let database = setup.database.clone();
        let refused = |error: startup::StartError| CommandError::Refused(error.to_string());
        let running = startup::start(setup).await.map_err(refused)?;
        for (door, addresses) in running.addresses() {
            for address in addresses {
                tracing::info!(door, %address, "listens");
            }
        }
        tracing::info!("ready");
        let signal = tokio::select! {
            signal = stop_signal() => Some(signal.map_err(CommandError::file("signals cannot be waited for"))?),
            () = database.writer().stopped() => None,
        };
        tracing::info!(signal = signal.unwrap_or("none"), "stops");
        running.stop().await;
        tracing::info!("stopped");
        match signal {
            Some(_) => Ok(()),
            None => Err(CommandError::Refused(
                "the database cannot be written any more: make room on the disk and run `posthouse-server doctor`"
                    .to_owned(),
            )),
        }
    }
}

async fn setup(folder: &DataFolder, config: Config) -> Result<Setup, CommandError> {
    let rules = visibility(&config)?;
    let database = folder.database()?;
    let clock = Arc::new(Clock::System);
    let domain = DomainPart::new(&config.domain)
        .map_err(|error| CommandError::Refused(format!("the domain {}: {error}", config.domain)))?
        .into_owned();
    let (stock, follower) = changes::load(&database, &domain).await?;
    let directory = Arc::new(Directory::new(stock, rules));
    let attempts = config.limits.login_attempts;
    let iterations = config.passwords.iterations;
    let accounts = Arc::new(Accounts::open(database.clone(), iterations, attempts).await?);
    let tls = Tls::load(&config.tls.certificate, &config.tls.key)
        .map_err(|error| CommandError::Refused(error.to_string()))?;
    tracing::info!(domain = config.domain, people = directory.people_count(), "the organisation is loaded");
    let single_sign_on = single_sign_on(&config, folder, &clock)?;
    Ok(Setup {
        single_sign_on,
        domain: config.domain,
        data: folder.data.clone(),
        database,
        directory,
        follower: Some(follower),
        iterations,
        passwords: Arc::new(PasswordsOfAccounts::new(Arc::clone(&accounts), iterations)),
        credentials: Arc::new(AccountsAtTheDoor::new(accounts, Arc::clone(&clock))),
        clock,
        tls: Arc::new(tls),
        ports: ClientPorts {
            starttls: config.listen.starttls,
            direct_tls: config.listen.direct_tls,
            any: config.listen.any,
        },
        web: WebPorts { http: config.listen.http, https: config.listen.https },
        http_limits: http_limits(&config.limits),
        limits: stream_limits(&config.limits),
        components: config.components,
        component: config.listen.component,
        metrics: config.listen.metrics,
        host_names: host::name().into_iter().collect(),
        phone_wait: Duration::from_secs(config.limits.phone_wait_hours.saturating_mul(3_600)),
        offline_messages: u64::try_from(config.limits.offline_messages).unwrap_or(u64::MAX),
        archive: match config.archive.default {
            ArchiveDefault::Always => ArchiveFallback::Always,
            ArchiveDefault::Never => ArchiveFallback::Never,
            ArchiveDefault::Roster => ArchiveFallback::Roster,
        },
    })
}

/// Single sign-on as the settings want it.
fn single_sign_on(
    config: &Config,
    folder: &DataFolder,
    clock: &Clock,
) -> Result<Option<SingleSignOn>, CommandError> {
    let wanted = &config.single_sign_on;
    if wanted.issuer.is_empty() {
        return Ok(None);
    }
    let refused = |error: KeyFileError| CommandError::Refused(error.to_string());
    Ok(Some(SingleSignOn {
        issuer: Issuer::new(&wanted.issuer).map_err(CommandError::Refused)?,
        lifetimes: Lifetimes {
            idle: i64::from(wanted.idle_hours).saturating_mul(3_600),
            absolute: i64::from(wanted.longest_hours).saturating_mul(3_600),
            grace: i64::from(wanted.app_gone_minutes).saturating_mul(60),
            ..Lifetimes::default()
        },
        links: wanted.links,
        keys: KeyFile::open(&folder.data, Moment(clock.now().seconds())).map_err(refused)?,
        outbound: Outbound::new(&folder.file(CA_CERTIFICATE))
            .map_err(CommandError::file("ca.pem cannot be used"))?,
        authority: folder.file(CA_CERTIFICATE),
    }))
}

fn stream_limits(limits: &Limits) -> StreamLimits {
    let standard = StreamLimits::default();
    StreamLimits {
        login_bytes: limits.stanza_bytes_before_login,
        login_time: Duration::from_secs(limits.login_seconds),
        login_tries: limits.login_attempts,
        stanza: wire::Limits { stanza_bytes: limits.stanza_bytes, ..standard.stanza },
        sessions_per_account: limits.sessions_per_person,
        connections: limits.connections,
        bytes_per_second: limits.bytes_per_second,
        address: AddressLimits {
            connections: u32::try_from(limits.connections_per_address).unwrap_or(u32::MAX),
            rate: limits.new_connections_per_second,
            burst: limits.new_connections_per_second.saturating_mul(10),
        },
        ..standard
    }
}

fn http_limits(limits: &Limits) -> HttpLimits {
    HttpLimits {
        connections: limits.http_connections,
        connections_per_address: limits.http_connections_per_address,
        header_time: Duration::from_secs(limits.http_header_seconds),
        body_bytes: limits.http_body_bytes,
        requests_per_second: limits.http_requests_per_second,
    }
}

/// Logs go to standard error: text for people, JSON for machines.
fn begin_log(config: &Config) -> Result<(), CommandError> {
    let lines = tracing_subscriber::fmt().with_env_filter(filter(config)?).with_writer(std::io::stderr);
    let begun = match config.log.format {
        LogFormat::Text => lines.with_ansi(std::io::stderr().is_terminal()).try_init(),
        LogFormat::Json => lines.json().flatten_event(true).try_init(),
    };
    begun.map_err(|error| CommandError::Refused(format!("the log cannot be written: {error}")))
}

/// Waits for the signal to stop; answers its name.
#[cfg(unix)]
async fn stop_signal() -> std::io::Result<&'static str> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(tokio::select! {
        _ = terminate.recv() => "SIGTERM",
        _ = interrupt.recv() => "SIGINT",
    })
}

/// Waits for the signal to stop; answers its name.
#[cfg(not(unix))]
async fn stop_signal() -> std::io::Result<&'static str> {
    tokio::signal::ctrl_c().await?;
    Ok("Ctrl-C")
}
