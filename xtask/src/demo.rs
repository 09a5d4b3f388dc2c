//! `cargo xtask demo`: from nothing to two colleagues who talk.

mod organization;

use std::fs;

use anyhow::Context;

use crate::{console, packages, process, project, window};

/// Builds what is needed and plays the demo.
///
/// # Errors
/// Something cannot be built, or the scene failed.
pub(crate) fn run(arguments: &[String]) -> anyhow::Result<()> {
    let mut headless = !has_display();
    for argument in arguments {
        match argument.as_str() {
            "--headless" => headless = true,
            other => anyhow::bail!("there is no option {other}; the only one is --headless"),
        }
    }
    build()?;
    play(headless, "demo-output")
}

/// Takes the pictures of the documentation from the running program.
///
/// # Errors
/// Something cannot be built, or the scene failed.
pub(crate) fn screenshots() -> anyhow::Result<()> {
    build()?;
    play(true, "docs/screenshots")
}

fn build() -> anyhow::Result<()> {
    console::say("what must be installed …");
    packages::install_missing()?;
    console::say("the page of the window …");
    window::build()?;
    console::say("the programs …");
    process::run(&mut process::cargo(&["build", "--workspace", "--bins"]))
}

fn play(headless: bool, pictures: &str) -> anyhow::Result<()> {
    let folder = project::root().join(pictures);
    fs::create_dir_all(&folder).with_context(|| folder.display().to_string())?;
    let sheet = project::root().join("demo-output/organization.csv");
    fs::create_dir_all(project::root().join("demo-output"))?;
    fs::write(&sheet, organization::sheet()).with_context(|| sheet.display().to_string())?;
    let mut program = process::command(project::built("demo")?);
    program
        .arg("--sheet")
        .arg(&sheet)
        .args(["--password", organization::PASSWORD])
        .args(["--alice", &format!("{}={}", organization::ALICE.0, organization::ALICE.1)])
        .args(["--bob", &format!("{}={}", organization::BOB.0, organization::BOB.1)])
        .arg("--pictures")
        .arg(&folder);
    if headless {
        program.arg("--headless");
    }
    process::run(&mut program)
}

/// Whether somebody can see a window. Windows and macOS always have a desktop.
fn has_display() -> bool {
    !cfg!(target_os = "linux")
        || ["DISPLAY", "WAYLAND_DISPLAY"]
            .iter()
            .any(|name| std::env::var_os(name).is_some_and(|value| !value.is_empty()))
}
