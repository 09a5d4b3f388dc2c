//! What the system says about a process: time on the processors and memory.

use std::time::Duration;

use anyhow::Context;

/// Ticks of `/proc/PID/stat` are hundredths of a second on every Linux (USER_HZ).
const TICK: Duration = Duration::from_millis(10);

/// A process that is measured.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Process(pub(crate) u32);

impl Process {
    /// Processor time of all its threads so far, in user and system mode.
    pub(crate) fn cpu(self) -> anyhow::Result<Duration> {
        let path = format!("/proc/{}/stat", self.0);
        let text = std::fs::read_to_string(&path).with_context(|| path.clone())?;
        ticks(&text).map(|ticks| TICK.saturating_mul(ticks)).with_context(|| format!("{path}: {text}"))
    }

    /// Resident memory in KiB.
    pub(crate) fn memory(self) -> anyhow::Result<u32> {
        let path = format!("/proc/{}/status", self.0);
        let text = std::fs::read_to_string(&path).with_context(|| path.clone())?;
        let line = text.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        line.and_then(|rest| rest.split_whitespace().next()?.parse().ok()).with_context(|| path.clone())
    }
}

/// `utime` and `stime`: the 14th and 15th field, counted behind the name, which may hold anything.
fn ticks(stat: &str) -> Option<u32> {
    let (_, fields) = stat.rsplit_once(')')?;
    let mut times = fields.split_whitespace().skip(11);
    let user: u32 = times.next()?.parse().ok()?;
    let system: u32 = times.next()?.parse().ok()?;
    user.checked_add(system)
}

/// How busy the machine is: the first three figures of `/proc/loadavg`.
pub(crate) fn load_average() -> String {
    let text = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    text.split_whitespace().take(3).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_found_behind_any_name() {
        let stat = "42 (a ) b) S 1 1 1 0 -1 4194560 100 0 0 0 250 31 0 0 20 0 4 0 100 1000 100";
        assert_eq!(ticks(stat), Some(281));
        assert_eq!(ticks("nonsense"), None);
    }

    #[test]
    fn the_own_process_has_memory() {
        let own = Process(std::process::id());
        assert!(own.memory().unwrap() > 100);
        own.cpu().unwrap();
    }
}
