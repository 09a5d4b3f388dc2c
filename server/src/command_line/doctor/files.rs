//! Whether the files of the data folder are there, belong to one owner, and cannot be read by others.

use std::path::{Path, PathBuf};

use super::super::DataFolder;
use super::super::folder::{CA_CERTIFICATE, CA_KEY, CERTIFICATE, DATABASE, KEY, SETTINGS};
use crate::config::Config;
use crate::findings::Finding;

/// One line for what is wrong with each file, or one line for all.
pub(super) fn check(folder: &DataFolder, config: Option<&Config>) -> Vec<Finding> {
    if !folder.data.is_dir() {
        let next = format!("posthouse-server init --data {} --domain NAME", folder.data.display());
        return vec![Finding::failed(format!("{} is no folder", folder.data.display()), next)];
    }
    let mut findings = Vec::new();
    for name in [SETTINGS, DATABASE] {
        if !folder.file(name).is_file() {
            let next = "restore a backup, or begin anew with `init` in another folder";
            findings.push(Finding::failed(format!("{} is not there", folder.file(name).display()), next));
        }
    }
    let secret = secret_files(folder, config);
    findings
        .extend(std::iter::once(&folder.data).chain(&secret).filter_map(|path| about(path, &folder.data)));
    if findings.is_empty() {
        let count = secret.len();
        findings.push(Finding::ok(format!("{count} files with secrets, readable by their owner only")));
    }
    findings
}

fn secret_files(folder: &DataFolder, config: Option<&Config>) -> Vec<PathBuf> {
    let side = |end: &str| format!("{DATABASE}{end}");
    let names = [SETTINGS, DATABASE, &side("-wal"), &side("-shm"), KEY, CA_KEY].map(str::to_owned);
    let mut files: Vec<PathBuf> = names.iter().map(|name| folder.file(name)).collect();
    if let Some(config) = config
        && !files.contains(&config.tls.key)
    {
        files.push(config.tls.key.clone());
    }
    files.retain(|file| file.is_file());
    files
}

#[cfg(unix)]
fn about(path: &Path, folder: &Path) -> Option<Finding> {
    use std::os::unix::fs::MetadataExt;
    let shown = path.display();
    let (data, owner) = match (std::fs::metadata(path), std::fs::metadata(folder)) {
        (Ok(data), Ok(owner)) => (data, owner),
        (Err(error), _) | (_, Err(error)) => {
            return Some(Finding::failed(
                format!("{shown} cannot be looked at: {error}"),
                "run doctor as the server's user or as root",
            ));
        }
    };
    let mode = data.mode() & 0o777;
    if data.uid() != owner.uid() && path.starts_with(folder) {
        return Some(Finding::failed(
            format!("{shown} belongs to user {}, the data folder to user {}", data.uid(), owner.uid()),
            format!("chown --reference={} {shown}", folder.display()),
        ));
    }
    // A key outside may be for a group of programs that share a certificate; the folder keeps its files safe
    // only when nobody else may enter.
    let forbidden = if path.starts_with(folder) { 0o077 } else { 0o007 };
    let right = if data.is_dir() { "700" } else { "600" };
    (mode & forbidden != 0).then(|| {
        Finding::failed(
            format!("{shown} can be read by others (mode {mode:03o})"),
            format!("chmod {right} {shown}"),
        )
    })
}

/// Permissions are not looked at on this system.
#[cfg(not(unix))]
fn about(_path: &Path, _folder: &Path) -> Option<Finding> {
    None
}

/// Public files that should be there.
pub(super) fn has_own_authority(folder: &DataFolder) -> bool {
    folder.file(CA_CERTIFICATE).is_file() && folder.file(CERTIFICATE).is_file()
}
