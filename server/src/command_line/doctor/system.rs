//! Disk space and clock of the computer.

use std::path::Path;
use std::process::Command;

use super::super::DataFolder;
use super::super::folder::DATABASE;
use crate::findings::Finding;

/// Below this the database will soon not be able to write.
const LEAST: u64 = 256 * 1_024 * 1_024;

/// Free space where the data folder is.
pub(super) fn disk(folder: &DataFolder) -> Finding {
    let database = std::fs::metadata(folder.file(DATABASE)).map(|data| data.len()).unwrap_or_default();
    let Some(free) = free_bytes(&folder.data) else {
        return Finding::warning("free space is not known on this system", "look at it yourself");
    };
    let (free_text, next) = (in_words(free), "make room, or move the data folder to a larger disk");
    if free < LEAST {
        return Finding::failed(
            format!("only {free_text} are free; at 0 the server stops taking messages"),
            next,
        );
    }
    // A backup is first made beside what is backed up.
    if free < database.saturating_mul(2) {
        let database = in_words(database);
        return Finding::warning(format!("{free_text} are free, the database has {database}"), next);
    }
    Finding::ok(format!("{free_text} are free"))
}

fn in_words(bytes: u64) -> String {
    let mib = bytes / (1_024 * 1_024);
    if mib >= 10 * 1_024 { format!("{} GiB", mib / 1_024) } else { format!("{mib} MiB") }
}

#[cfg(unix)]
fn free_bytes(path: &Path) -> Option<u64> {
    let found = rustix::fs::statvfs(path).ok()?;
    Some(found.f_bavail.saturating_mul(found.f_frsize))
}

#[cfg(not(unix))]
fn free_bytes(_path: &Path) -> Option<u64> {
    None
}

/// Whether somebody keeps the clock right, where the system can tell.
pub(super) fn clock() -> Finding {
    let answer = Command::new("timedatectl").args(["show", "--property=NTPSynchronized", "--value"]).output();
    let text = answer.ok().map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned());
    match text.as_deref() {
        Some("yes") => Finding::ok("kept right by a time server"),
        Some("no") => Finding::warning(
            "nobody keeps it right",
            "timedatectl set-ntp true, or install chrony with a time server that it reaches",
        ),
        _ => Finding::ok("not before the newest entry of the database"),
    }
}

#[cfg(test)]
mod tests {
    use super::in_words;

    #[test]
    fn sizes_are_told_in_words() {
        assert_eq!(in_words(300 * 1_024 * 1_024), "300 MiB");
        assert_eq!(in_words(20 * 1_024 * 1_024 * 1_024), "20 GiB");
    }
}
