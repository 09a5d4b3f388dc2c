//! What processes and their children cost.

use std::collections::BTreeSet;
use std::time::Duration;

use anyhow::Context;
use nix::time::{clock_getcpuclockid, clock_gettime};
use nix::unistd::Pid;

/// These processes and all that they have started.
pub(crate) fn of(parents: &[u32]) -> BTreeSet<u32> {
    let mut family: BTreeSet<u32> = parents.iter().copied().collect();
    loop {
        let children: Vec<u32> = everybody()
            .filter(|(process, parent)| family.contains(parent) && !family.contains(process))
            .map(|(process, _)| process)
            .collect();
        if children.is_empty() {
            return family;
        }
        family.extend(children);
    }
}

/// All processes with their parents.
fn everybody() -> impl Iterator<Item = (u32, u32)> {
    let entries = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    entries.filter_map(|entry| {
        let process: u32 = entry.file_name().to_str()?.parse().ok()?;
        let stat = std::fs::read_to_string(entry.path().join("stat")).ok()?;
        let (_, fields) = stat.rsplit_once(')')?;
        Some((process, fields.split_whitespace().nth(1)?.parse().ok()?))
    })
}

/// Processor time so far.
pub(crate) fn cpu(family: &BTreeSet<u32>) -> anyhow::Result<Duration> {
    let mut sum = Duration::ZERO;
    for process in family {
        let clock = clock_getcpuclockid(Pid::from_raw(i32::try_from(*process)?))?;
        sum = sum.saturating_add(clock_gettime(clock)?.into());
    }
    Ok(sum)
}

/// Memory in KiB, shared pages by their share (PSS).
pub(crate) fn memory(family: &BTreeSet<u32>) -> anyhow::Result<u64> {
    let mut sum = 0_u64;
    for process in family {
        let path = format!("/proc/{process}/smaps_rollup");
        let text = std::fs::read_to_string(&path).with_context(|| path.clone())?;
        let line = text.lines().find_map(|line| line.strip_prefix("Pss:")).with_context(|| path.clone())?;
        let size: u64 = line.split_whitespace().next().context("no size")?.parse()?;
        sum = sum.saturating_add(size);
    }
    Ok(sum)
}
