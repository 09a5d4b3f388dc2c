//! Whether the database is whole, its audit log unchanged, and whether it fits the settings and the clock.

use serde::Deserialize;
use time::OffsetDateTime;

use super::super::DataFolder;
use super::super::folder::DATABASE;
use crate::config::Config;
use crate::findings::Finding;
use crate::organization::visibility::VisibilityRules;
use crate::storage::StorageError;
use crate::storage::maintenance::Inspection;

/// How far a clock may be behind the newest entry.
const BEHIND: i64 = 300 * 1_000_000;

const RESTORE: &str = "stop the server, keep the folder, and restore the newest backup into another one";

/// A line for each thing.
pub(super) fn check(
    folder: &DataFolder,
    config: Option<&Config>,
    now: OffsetDateTime,
) -> Vec<(&'static str, Finding)> {
    let path = folder.file(DATABASE);
    if !path.is_file() {
        // The files have told it.
        return Vec::new();
    }
    let inspection = match Inspection::open(&path).and_then(|opened| opened.version().map(|_| opened)) {
        Ok(inspection) => inspection,
        Err(error) => return vec![("database", unreadable(&error))],
    };
    let mut findings = vec![("database", whole(&inspection)), ("audit log", chain(&inspection))];
    findings.push(("accounts", accounts(&inspection)));
    if let Some(config) = config {
        findings.push(("visibility", visibility(&inspection, config)));
    }
    findings.extend(future(&inspection, now).map(|finding| ("clock", finding)));
    findings
}

fn unreadable(error: &StorageError) -> Finding {
    Finding::failed(format!("{DATABASE} cannot be read: {error}"), RESTORE)
}

fn whole(inspection: &Inspection) -> Finding {
    let (version, problems) =
        match inspection.version().and_then(|version| Ok((version, inspection.problems()?))) {
            Ok(found) => found,
            Err(error) => return unreadable(&error),
        };
    let (found, known) = version;
    if found > known {
        let what = format!("it is of version {found}, this program knows {known}");
        return Finding::failed(what, "use the newer program that has written it");
    }
    if let Some(first) = problems.first() {
        let count = problems.len();
        return Finding::failed(format!("it is damaged ({count} findings, such as: {first})"), RESTORE);
    }
    match inspection.contents() {
        Ok(contents) => Finding::ok(format!(
            "whole, {} people, {} accounts, {} messages",
            contents.people, contents.accounts, contents.messages
        )),
        // The tables of an older program come with its first start.
        Err(_) if found < known => {
            Finding::ok(format!("whole, version {found}; the server makes it {known}"))
        }
        Err(error) => unreadable(&error),
    }
}

fn chain(inspection: &Inspection) -> Finding {
    match inspection.audit() {
        Ok(Ok(count)) => Finding::ok(format!("{count} entries, the chain is whole")),
        Ok(Err(first)) => Finding::failed(
            format!("entry {first} was changed, or one before it taken out"),
            "somebody wrote to the database by hand: compare with a backup and find out who",
        ),
        Err(error) => unreadable(&error),
    }
}

fn accounts(inspection: &Inspection) -> Finding {
    match inspection.contents() {
        Ok(contents) if contents.usable_accounts == 0 => Finding::failed(
            "nobody can sign in: no account has a password and is enabled",
            "posthouse-server user password ID --password-stdin",
        ),
        Ok(contents) => Finding::ok(format!("{} have a password and are enabled", contents.usable_accounts)),
        Err(error) => unreadable(&error),
    }
}

/// Rules that name a department or person nobody has hide nothing.
fn visibility(inspection: &Inspection, config: &Config) -> Finding {
    let Ok(rules) = VisibilityRules::deserialize(config.visibility.clone()) else {
        return Finding::failed("[visibility] cannot be read", "run `posthouse-server check-config`");
    };
    let pairs = rules.no_chat.iter().flat_map(|pair| [&pair.between, &pair.and]);
    let departments = rules.hidden_departments.iter().chain(&rules.all_seeing_departments).chain(pairs);
    let people = rules.hidden_people.iter().chain(&rules.all_seeing_people);
    let number = |id: &str, letter: char| id.strip_prefix(letter).and_then(|rest| rest.parse::<i64>().ok());
    let mut unknown: Vec<&String> = Vec::new();
    for id in departments {
        let is_known = number(id, 'd').is_some_and(|id| inspection.has_department(id).unwrap_or(true));
        unknown.extend(Some(id).filter(|_| !is_known));
    }
    for id in people {
        let is_known = number(id, 'p').is_some_and(|id| inspection.has_person(id).unwrap_or(true))
            || inspection.has_login(id).unwrap_or(true);
        unknown.extend(Some(id).filter(|_| !is_known));
    }
    if unknown.is_empty() {
        return Finding::ok("its departments and people are there");
    }
    let unknown = unknown.iter().map(|id| id.as_str()).collect::<Vec<_>>().join(", ");
    Finding::failed(
        format!("[visibility] names {unknown}, which nobody has"),
        "take the ids (\"entry\") from `department list --json` and `user list --json`",
    )
}

/// Entries from the future say that the clock was set back.
fn future(inspection: &Inspection, now: OffsetDateTime) -> Option<Finding> {
    let newest = inspection.newest_time().ok()?;
    let now = now.unix_timestamp().saturating_mul(1_000_000);
    (newest > now.saturating_add(BEHIND)).then(|| {
        let minutes = newest.saturating_sub(now) / 60_000_000;
        Finding::failed(
            format!("the newest entry is {minutes} minutes in the future"),
            "set the computer's clock; messages would get wrong times",
        )
    })
}
