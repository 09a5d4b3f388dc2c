//! Where things are.

use std::path::{Path, PathBuf};

use anyhow::Context;

/// The folder of the workspace's Cargo.toml.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().map_or_else(|| PathBuf::from("."), Path::to_path_buf)
}

/// A program that `cargo build` has made.
///
/// # Errors
/// It has not been built.
pub(crate) fn built(name: &str) -> anyhow::Result<PathBuf> {
    built_in("debug", name)
}

/// A program in one of cargo's folders, `debug` or `release`; this program lies in one of them, too.
///
/// # Errors
/// It has not been built.
pub(crate) fn built_in(folder: &str, name: &str) -> anyhow::Result<PathBuf> {
    let own = std::env::current_exe().context("this program does not know where it is")?;
    let target = own.parent().and_then(Path::parent).context("this program lies in no target folder")?;
    let program = target.join(folder).join(format!("{name}{}", std::env::consts::EXE_SUFFIX));
    anyhow::ensure!(program.is_file(), "{} has not been built", program.display());
    Ok(program)
}
