//! Memory of the processes that draw pages.

use std::fs::read_to_string;
use std::path::Path;

/// How such a process is called, as far as the kernel keeps it (proc_pid_comm(5)).
const NAME: &str = "WebKitWebProces";

/// Bytes that the processes of tabs take: all but the oldest, which draws the window's own page.
pub(super) fn of_pages() -> u64 {
    let own = std::process::id().to_string();
    let Ok(processes) = std::fs::read_dir("/proc") else { return 0 };
    let mut found: Vec<(u64, u64)> = processes
        .filter_map(|process| {
            let folder = process.ok()?.path();
            let started = started_by(&folder, &own)?;
            Some((started, proportional(&folder)))
        })
        .collect();
    found.sort_unstable();
    found.iter().skip(1).map(|(_, bytes)| bytes).sum()
}

/// When a page's process of ours was started.
fn started_by(folder: &Path, parent: &str) -> Option<u64> {
    let status = read_to_string(folder.join("stat")).ok()?;
    let (name, rest) = status.rsplit_once(") ")?;
    // Fields 4 and 22 of proc_pid_stat(5): the parent, and when it started.
    let mut words = rest.split(' ');
    let is_ours = name.ends_with(NAME) && words.nth(1) == Some(parent);
    is_ours.then(|| words.nth(17)?.parse().ok())?
}

/// Its own memory and its part of what it shares.
fn proportional(folder: &Path) -> u64 {
    let all = read_to_string(folder.join("smaps_rollup")).unwrap_or_default();
    let line = all.lines().find_map(|line| line.strip_prefix("Pss:")).unwrap_or_default();
    let kibibytes: u64 = line.trim().trim_end_matches(" kB").parse().unwrap_or_default();
    kibibytes.saturating_mul(1_024)
}
