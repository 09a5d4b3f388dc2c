//! Commands whose work is done by a program of the tests crate.

use crate::{process, project};

/// Builds everything but the window, then runs `tests/src/bin/NAME` with the arguments as they are.
///
/// # Errors
/// There is no such program, or it failed.
pub(crate) fn run(command: &str, arguments: &[String]) -> anyhow::Result<()> {
    let is_about_texts = command == "load" && arguments.first().is_some_and(|word| word == "sms");
    let (name, arguments) = match arguments.split_first() {
        Some((_, rest)) if is_about_texts => ("load_sms".to_owned(), rest),
        _ => (command.replace('-', "_"), arguments),
    };
    let programs = project::root().join("tests/src/bin");
    let is_there = programs.join(format!("{name}.rs")).is_file() || programs.join(&name).is_dir();
    anyhow::ensure!(is_there, "this checkout has no tests/src/bin/{name}");
    // Figures, and as much random input as the time allows, need optimised programs: only those, for optimising
    // takes long. The others share what the tests have built, which is the whole workspace.
    let is_optimised = matches!(command, "load" | "fuzz");
    let scope: &[&str] = if is_optimised {
        &["--profile", "bench", "-p", "posthouse-server", "-p", "posthouse-gateway", "-p", "posthouse-tests"]
    } else {
        &["--workspace"]
    };
    process::run(process::cargo(&["build", "--bins"]).args(scope))?;
    let folder = if is_optimised { "release" } else { "debug" };
    process::run(process::command(project::built_in(folder, &name)?).args(arguments))
}
