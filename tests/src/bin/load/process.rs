//! What the system says about a process: time on the processors and memory.

use std::time::Duration;

use anyhow::Context;
use nix::time::{clock_getcpuclockid, clock_gettime};
use nix::unistd::Pid;

/// A process that is measured.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Process(pub(crate) u32);

impl Process {
    /// Processor time of all its threads so far, in user and system mode, also of those that have ended. The
    /// clock counts nanoseconds (POSIX `clock_getcpuclockid`); the hundredths of `/proc/PID/stat` are too coarse.
    pub(crate) fn cpu(self) -> anyhow::Result<Duration> {
        let id = i32::try_from(self.0).context("a process number")?;
        let clock = clock_getcpuclockid(Pid::from_raw(id)).with_context(|| format!("process {id}"))?;
        Ok(clock_gettime(clock).with_context(|| format!("the clock of process {id}"))?.into())
    }

    /// Resident memory in KiB.
    pub(crate) fn memory(self) -> anyhow::Result<u32> {
        let path = format!("/proc/{}/status", self.0);
        let text = std::fs::read_to_string(&path).with_context(|| path.clone())?;
        let line = text.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        line.and_then(|rest| rest.split_whitespace().next()?.parse().ok()).with_context(|| path.clone())
    }
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
    fn work_takes_time() {
        let own = Process(std::process::id());
        let before = own.cpu().unwrap();
        assert!((0..1_000_u64).fold(0_u64, |sum, number| sum ^ std::hint::black_box(number)) < 1_024);
        assert!(own.cpu().unwrap() > before);
    }

    #[test]
    fn the_own_process_has_memory() {
        let own = Process(std::process::id());
        assert!(own.memory().unwrap() > 100);
    }
}
