//! The programs that the scenes start.

use std::path::PathBuf;

use anyhow::Context;

/// A program of this workspace; all of them lie in one folder after `cargo build --workspace`.
///
/// # Errors
/// It has not been built.
pub fn built(name: &str) -> anyhow::Result<PathBuf> {
    let own = std::env::current_exe().context("this program does not know where it is")?;
    // A test lies in `deps`, one folder below the programs.
    own.ancestors()
        .skip(1)
        .take(2)
        .map(|folder| folder.join(name))
        .find(|program| program.is_file())
        .with_context(|| format!("{name} has not been built: cargo build --workspace"))
}
