//! Commands whose work is done by a program of the tests crate.

use crate::{process, project};

/// Runs `src/bin/NAME.rs` of the tests crate, if there is one, with the arguments as they are.
///
/// # Errors
/// There is no such program, or it failed.
pub(crate) fn run(command: &str, arguments: &[String]) -> anyhow::Result<()> {
    let name = command.replace('-', "_");
    let source = project::root().join("tests/src/bin").join(format!("{name}.rs"));
    let folder = project::root().join("tests/src/bin").join(&name);
    anyhow::ensure!(source.is_file() || folder.is_dir(), "this checkout has no tests/src/bin/{name}.rs");
    // Figures are taken from optimised programs.
    let profile = if command == "load" { "bench" } else { "dev" };
    process::run(&mut process::cargo(&["build", "--profile", profile]))?;
    let mut program =
        process::cargo(&["run", "--profile", profile, "--package", "posthouse-tests", "--bin", &name, "--"]);
    process::run(program.args(arguments))
}
