//! Everything a change must pass, in one run.

use std::process::Command;

use crate::steps::Steps;
use crate::{check, console, process, project, window};

/// Runs all steps; a failed one does not hide the others.
///
/// # Errors
/// A step failed.
pub(crate) fn run() -> anyhow::Result<()> {
    let mut steps = Steps::default();
    if check::prepare(&mut steps) {
        check::read(&mut steps);
        page(&mut steps);
        programs(&mut steps);
    }
    steps.finish()
}

/// The page: rules, types, components.
fn page(steps: &mut Steps) {
    steps.command("page: lint", &mut window::npm(&["run", "lint"]));
    steps.command("page: types", &mut window::npm(&["run", "check"]));
    steps.command("page: tests", &mut window::npm(&["test"]));
}

/// All programs are built at once and the tests run from what lies there: whatever is asked of cargo here
/// names the whole workspace, so that nothing is compiled a second time with other features.
fn programs(steps: &mut Steps) {
    if !steps.command("build", &mut process::cargo(&["build", "--workspace", "--all-targets"])) {
        return;
    }
    steps.step("generated types", "cargo xtask generate-types", || {
        process::run(process::command(project::built("generate_types")?).arg("--check"))
    });
    steps.command("unit and property tests", &mut tests(&["--lib", "--bins"]));
    steps.command("server: messages", &mut tests(&["--test", "messages"]));
    steps.command("server: administration", &mut tests(&["--test", "administration"]));
    let scenes = [
        ("wire scenes", "wire"),
        ("end-to-end scenes", "end_to_end"),
        ("crash scenes", "crash"),
        ("gateway scenes", "gateway"),
        ("scenes of business systems", "api"),
        ("scenes of single sign-on", "sign_on"),
        ("window scenes", "window"),
    ];
    for (name, folder) in scenes {
        if !project::root().join("tests").join(folder).join("main.rs").is_file() {
            console::say(&format!("\n{name}: this checkout has none"));
        } else {
            steps.command(name, &mut tests(&["--test", folder]));
        }
    }
}

/// Whether nextest is installed.
pub(crate) fn has_nextest() -> bool {
    process::exists("cargo-nextest")
}

/// The runner: nextest where it is installed, otherwise cargo's own.
fn tests(selection: &[&str]) -> Command {
    let mut command = if has_nextest() {
        process::cargo(&["nextest", "run", "--workspace", "--no-fail-fast"])
    } else {
        process::cargo(&["test", "--workspace", "--no-fail-fast"])
    };
    command.args(selection);
    command
}
