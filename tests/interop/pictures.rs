//! What scenes leave behind for people to look at: transcripts and pictures in `target/interop`.

use std::path::PathBuf;

use anyhow::Context;

/// Where a file of that name goes.
///
/// # Errors
/// The folder cannot be made.
pub(crate) fn place(name: &str) -> anyhow::Result<PathBuf> {
    let folder = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../target/interop"));
    std::fs::create_dir_all(&folder).with_context(|| folder.display().to_string())?;
    Ok(folder.join(name))
}

/// Writes a file.
///
/// # Errors
/// It cannot be written.
pub(crate) fn keep(name: &str, content: &[u8]) -> anyhow::Result<()> {
    let file = place(name)?;
    std::fs::write(&file, content).with_context(|| file.display().to_string())
}
