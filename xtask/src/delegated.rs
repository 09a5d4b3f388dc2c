//! Commands whose work is done by a program of the tests crate.

use crate::{process, project};

/// Builds everything but the window, then runs `tests/src/bin/NAME` with the arguments as they are.
///
/// # Errors
/// There is no such program, or it failed.
pub(crate) fn run(command: &str, arguments: &[String]) -> anyhow::Result<()> {
    let name = command.replace('-', "_");
    let programs = project::root().join("tests/src/bin");
    let is_there = programs.join(format!("{name}.rs")).is_file() || programs.join(&name).is_dir();
    anyhow::ensure!(is_there, "this checkout has no tests/src/bin/{name}");
    // Figures are taken from optimised programs.
    let (profile, folder) = if command == "load" { ("bench", "release") } else { ("dev", "debug") };
    process::run(&mut process::cargo(&["build", "--bins", "--profile", profile]))?;
    process::run(process::command(project::built_in(folder, &name)?).args(arguments))
}
