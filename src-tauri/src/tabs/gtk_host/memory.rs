//! Memory of the processes that draw pages, and which of them draws for whom. The library does not say that: it tells
//! when a store gets a process, and the process that is new then is that store's.

use std::cell::RefCell;
use std::collections::{BTreeMap, VecDeque};
use std::fs::read_to_string;
use std::path::{Path, PathBuf};

use crate::tabs::host::Memory;

/// How processes are called, as far as the kernel keeps it (proc_pid_comm(5)).
const DRAWS: &str = "WebKitWebProces";
const FETCHES: &str = "WebKitNetworkPr";

/// A process: when it started, and its number, which may come again later.
type Process = (u64, u32);

/// Whose the processes are.
#[derive(Debug, Default)]
pub(super) struct Processes {
    /// The first tab of the store that each process draws for; none draws for the window.
    known: RefCell<BTreeMap<Process, Option<u32>>>,
    /// Stores whose process was not seen yet.
    awaited: RefCell<VecDeque<u32>>,
}

impl Processes {
    /// With those that are there before any tab.
    pub(super) fn of_window() -> Self {
        let known = children(DRAWS).into_keys().map(|process| (process, None)).collect();
        Self { known: RefCell::new(known), awaited: RefCell::default() }
    }

    /// A store, named after its first tab, gets a process.
    pub(super) fn note(&self, store: u32) {
        self.awaited.borrow_mut().push_back(store);
        self.recognise(&children(DRAWS));
    }

    /// What all of them take now.
    pub(super) fn measure(&self) -> Memory {
        let present = children(DRAWS);
        self.recognise(&present);
        let known = self.known.borrow();
        let mut window: u64 = children(FETCHES).values().map(|folder| proportional(folder)).sum();
        let mut tabs: BTreeMap<u32, u64> = BTreeMap::new();
        for (process, folder) in &present {
            let bytes = proportional(folder);
            match known.get(process).copied().flatten() {
                Some(store) => {
                    let of_store = tabs.entry(store).or_default();
                    *of_store = of_store.saturating_add(bytes);
                }
                None => window = window.saturating_add(bytes),
            }
        }
        Memory { program: Some(proportional(Path::new("/proc/self"))), window: Some(window), tabs }
    }

    fn recognise(&self, present: &BTreeMap<Process, PathBuf>) {
        let mut known = self.known.borrow_mut();
        known.retain(|process, _| present.contains_key(process));
        for process in present.keys() {
            if !known.contains_key(process)
                && let Some(store) = self.awaited.borrow_mut().pop_front()
            {
                known.insert(*process, Some(store));
            }
        }
    }
}

/// The processes of that name that this one has started, oldest first, and where the kernel tells about them.
fn children(name: &str) -> BTreeMap<Process, PathBuf> {
    let own = std::process::id().to_string();
    let Ok(processes) = std::fs::read_dir("/proc") else { return BTreeMap::new() };
    let of_process = |entry: std::io::Result<std::fs::DirEntry>| {
        let folder = entry.ok()?.path();
        let number = folder.file_name()?.to_str()?.parse().ok()?;
        Some(((started_by(&folder, name, &own)?, number), folder))
    };
    processes.filter_map(of_process).collect()
}

/// When a process of that name was started by that parent.
fn started_by(folder: &Path, name: &str, parent: &str) -> Option<u64> {
    let status = read_to_string(folder.join("stat")).ok()?;
    let (called, rest) = status.rsplit_once(") ")?;
    // Fields 3, 4 and 22 of proc_pid_stat(5): the state, the parent, and when it started.
    let mut words = rest.split(' ');
    let is_running = words.next() != Some("Z");
    let is_ours = called.ends_with(name) && words.next() == Some(parent);
    (is_running && is_ours).then(|| words.nth(17)?.parse().ok())?
}

/// Its own memory and its part of what it shares.
fn proportional(folder: &Path) -> u64 {
    let all = read_to_string(folder.join("smaps_rollup")).unwrap_or_default();
    let line = all.lines().find_map(|line| line.strip_prefix("Pss:")).unwrap_or_default();
    let kibibytes: u64 = line.trim().trim_end_matches(" kB").parse().unwrap_or_default();
    kibibytes.saturating_mul(1_024)
}
