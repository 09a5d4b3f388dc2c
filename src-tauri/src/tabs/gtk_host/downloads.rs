//! Files that pages bring to this computer.

use std::cell::Cell;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::atomic::{AtomicU32, Ordering};

use posthouse_engine::model::TabDownloadState;
use webkit2gtk::{Download, DownloadExt};

use crate::tabs::address::file_name;
use crate::tabs::host::{Listener, Report};

/// Copies of a name that are tried.
const MOST_COPIES: u32 = 1_000;

static LAST: AtomicU32 = AtomicU32::new(0);

/// Gives a file its place: `target` is what the library would take. False when there is none.
pub(super) fn place(folder: &Path, target: &mut PathBuf) -> bool {
    let suggested = target.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    match free_name(folder, &file_name(&suggested)) {
        Some(free) => {
            *target = free;
            true
        }
        None => false,
    }
}

/// Tells how a download goes.
pub(super) fn follow(tab: u32, download: &Download, listener: &Rc<dyn Listener>) {
    let number = LAST.fetch_add(1, Ordering::Relaxed).saturating_add(1);
    let tell = {
        let listener = Rc::clone(listener);
        Rc::new(move |download: &Download, state: TabDownloadState| {
            let name = download.destination().map(|to| name_of(&to)).unwrap_or_default();
            let progress = download.estimated_progress();
            listener.report(tab, Report::Download { download: number, name, progress, state });
        })
    };
    let running = Rc::clone(&tell);
    download.connect_estimated_progress_notify(move |download| running(download, TabDownloadState::Running));
    let finished = Rc::clone(&tell);
    let failed = Rc::new(Cell::new(false));
    let has_failed = Rc::clone(&failed);
    download.connect_finished(move |download| {
        if !has_failed.get() {
            finished(download, TabDownloadState::Finished);
        }
    });
    download.connect_failed(move |download, _| {
        failed.set(true);
        tell(download, TabDownloadState::Failed);
    });
}

fn name_of(destination: &str) -> String {
    let name = Path::new(destination).file_name();
    name.map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}

/// A name that no file has: `报表.xlsx`, `报表 (1).xlsx` …
fn free_name(folder: &Path, name: &str) -> Option<PathBuf> {
    let (stem, ending) = match name.rsplit_once('.') {
        Some((stem, ending)) => (stem, format!(".{ending}")),
        None => (name, String::new()),
    };
    let copies = (1..MOST_COPIES).map(|copy| folder.join(format!("{stem} ({copy}){ending}")));
    std::iter::once(folder.join(name)).chain(copies).find(|path| !path.exists())
}
