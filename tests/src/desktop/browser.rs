//! The system's browser on a scene's desktop: it opens nothing and notes what it was asked to open.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

const PROGRAM: &str = "bin/xdg-open";
const NOTES: &str = "opened";

/// Puts the browser on the desktop.
pub(super) fn install(desktop: &Path) -> anyhow::Result<()> {
    let program = desktop.join(PROGRAM);
    std::fs::create_dir_all(desktop.join("bin"))?;
    let notes = desktop.join(NOTES);
    std::fs::write(&program, format!("#!/bin/sh\necho \"$1\" >> '{}'\n", notes.display()))?;
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755))?;
    Ok(())
}

/// Where programs of this desktop are looked for.
pub(super) fn path(desktop: &Path) -> String {
    format!("{}:/usr/local/bin:/usr/bin:/bin", desktop.join("bin").display())
}

/// What it was asked to open.
pub(super) fn opened(desktop: &Path) -> Vec<String> {
    let notes = std::fs::read_to_string(desktop.join(NOTES)).unwrap_or_default();
    notes.lines().map(str::to_owned).collect()
}
