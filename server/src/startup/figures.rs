//! Gathers what all parts of the server tell about themselves, for Prometheus.

use std::sync::Arc;

use super::accounts::LoginCounts;
use super::process;
use crate::clock::Timestamp;
use crate::metrics::{Family, Kind, Sample, Source};
use crate::organization::directory::Directory;
use crate::routing::router::Router;
use crate::routing::sessions::Sessions;
use crate::storage::Database;
use crate::storage::messages::MessageStore;
use crate::stream::admission::Admission;
use crate::stream::tls::Tls;

/// The parts that are asked. None of them may hold the door: it could not close.
pub(super) struct Asked {
    pub(super) router: Router,
    pub(super) admission: Admission,
    pub(super) logins: Arc<LoginCounts>,
    pub(super) database: Database,
    pub(super) messages: Arc<MessageStore>,
    pub(super) directory: Arc<Directory>,
    pub(super) tls: Arc<Tls>,
    pub(super) started: Timestamp,
}

/// One source for each part.
pub(super) fn sources(asked: Asked) -> Vec<Source> {
    let Asked { router, admission, logins, database, messages, directory, tls, started } = asked;
    let sessions = Arc::clone(router.sessions());
    vec![
        Box::new(move || about_sessions(&sessions)),
        Box::new(move || admission.families()),
        Box::new(move || vec![router.counts().family(), logins.family()]),
        Box::new(move || database.writer().families()),
        Box::new(move || about_messages(&messages)),
        Box::new(move || about_the_organization(&directory)),
        Box::new(move || about_the_certificate(&tls)),
        Box::new(move || process::families(started)),
    ]
}

fn number(value: usize) -> u64 {
    u64::try_from(value).unwrap_or(u64::MAX)
}

fn about_sessions(sessions: &Sessions) -> Vec<Family> {
    let all = sessions.all();
    let waiting: Vec<usize> = all.iter().map(|session| session.waiting()).collect();
    let available = all.iter().filter(|session| session.is_available()).count();
    vec![
        Family::gauge(
            "posthouse_sessions",
            "Signed-in clients, also those that may come back after a broken connection",
            number(all.len()),
        ),
        Family::gauge("posthouse_sessions_available", "Those of them that are available", number(available)),
        Family::gauge(
            "posthouse_outbox_stanzas",
            "Stanzas that wait for a client to take them, in all",
            waiting.iter().copied().map(number).sum(),
        ),
        Family::gauge(
            "posthouse_outbox_longest",
            "Stanzas that wait for the slowest client",
            waiting.iter().copied().max().map_or(0, number),
        ),
    ]
}

fn about_messages(messages: &MessageStore) -> Vec<Family> {
    vec![Family::gauge(
        "posthouse_offline_messages",
        "Messages that wait for people who are not signed in",
        messages.waiting_in_all(),
    )]
}

fn about_the_organization(directory: &Directory) -> Vec<Family> {
    let people = number(directory.people_count());
    vec![Family::gauge("posthouse_organization_people", "People in the organisation", people)]
}

fn about_the_certificate(tls: &Tls) -> Vec<Family> {
    let end = tls.not_after().and_then(|end| u64::try_from(end).ok());
    let family = |end| {
        let help = "When the certificate ends, in seconds since 1970";
        Family::gauge("posthouse_certificate_not_after_seconds", help, end)
    };
    let build = Family {
        name: "posthouse_build_info",
        help: "Version of the program",
        kind: Kind::Gauge,
        samples: vec![Sample::labelled(&[("version", env!("CARGO_PKG_VERSION"))], 1)],
    };
    end.map(family).into_iter().chain([build]).collect()
}
