//! The quick part of the tests: format, lints, import rules, licences.

use crate::steps::Steps;
use crate::{licences, packages, process, window};

/// Runs the quick part.
///
/// # Errors
/// A step failed.
pub(crate) fn run() -> anyhow::Result<()> {
    let mut steps = Steps::default();
    if prepare(&mut steps) {
        read(&mut steps);
    }
    steps.finish()
}

/// What every other step stands on: packages, and the page that the shell embeds.
pub(crate) fn prepare(steps: &mut Steps) -> bool {
    let packages = steps.step("packages", "cargo xtask packages", packages::install_missing);
    packages && steps.step("window page", "(cd ui && npm ci && npm run build)", window::build)
}

/// Everything that only reads the sources. The whole workspace is linted at once: one set of features means
/// that every dependency is checked once.
pub(crate) fn read(steps: &mut Steps) {
    steps.command("format", &mut process::cargo(&["fmt", "--all", "--check"]));
    let lints = ["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"];
    steps.command("lints", &mut process::cargo(&lints));
    steps.step("licences", "cargo xtask licences", licences::check);
    steps.command(
        "import rules",
        &mut process::cargo(&["test", "--quiet", "--workspace", "--test", "layers"]),
    );
}
