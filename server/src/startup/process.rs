//! What the system tells about this process: memory, time, files. Only where it has a `/proc`.

use crate::clock::Timestamp;
use crate::metrics::Family;

/// Figures under the names that Prometheus' own libraries use.
pub(super) fn families(started: Timestamp) -> Vec<Family> {
    let start = u64::try_from(started.seconds()).unwrap_or_default();
    let mut families = vec![Family::gauge(
        "process_start_time_seconds",
        "When the process has started, in seconds since 1970",
        start,
    )];
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    for (key, name, help) in [
        ("VmRSS:", "process_resident_memory_bytes", "Memory in use"),
        ("VmSize:", "process_virtual_memory_bytes", "Address space in use"),
    ] {
        families
            .extend(kibibytes(&status, key).map(|kib| Family::gauge(name, help, kib.saturating_mul(1_024))));
    }
    families
        .extend(number(&status, "Threads:").map(|count| Family::gauge("process_threads", "Threads", count)));
    if let Ok(files) = std::fs::read_dir("/proc/self/fd") {
        let count = u64::try_from(files.count()).unwrap_or(u64::MAX);
        families.push(Family::gauge("process_open_fds", "Open files and connections", count));
    }
    families
}

fn number(status: &str, key: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix(key))?;
    line.split_whitespace().next()?.parse().ok()
}

fn kibibytes(status: &str, key: &str) -> Option<u64> {
    status.lines().find(|line| line.starts_with(key) && line.ends_with(" kB"))?;
    number(status, key)
}

#[cfg(test)]
mod tests {
    use super::kibibytes;

    #[test]
    fn memory_is_read_in_kibibytes() {
        let status = "Name:\tx\nVmSize:\t  900 kB\nVmRSS:\t   12 kB\nThreads:\t3\n";
        assert_eq!(kibibytes(status, "VmRSS:"), Some(12));
        assert_eq!(kibibytes(status, "Threads:"), None);
    }
}
