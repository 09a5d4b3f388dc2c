//! Where files of pages are stored.

use std::path::{Path, PathBuf};

use super::address::file_name;

/// Copies of a name that are tried.
const MOST_COPIES: u32 = 1_000;

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

/// The name of a stored file.
pub(super) fn name_of(path: &Path) -> String {
    path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
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

#[cfg(test)]
mod tests {
    use super::place;

    #[test]
    fn a_name_that_is_taken_gets_a_number() {
        let folder = tempfile::tempdir().unwrap();
        let placed = |suggested: &str| {
            let mut target = suggested.into();
            assert!(place(folder.path(), &mut target));
            target
        };
        assert_eq!(placed("/elsewhere/报表.xlsx"), folder.path().join("报表.xlsx"));
        std::fs::write(folder.path().join("报表.xlsx"), "").unwrap();
        assert_eq!(placed("/elsewhere/报表.xlsx"), folder.path().join("报表 (1).xlsx"));
        std::fs::write(folder.path().join("报表 (1).xlsx"), "").unwrap();
        assert_eq!(placed("报表.xlsx"), folder.path().join("报表 (2).xlsx"));
    }
}
