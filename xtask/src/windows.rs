//! Reads the desktop app's code as Windows compiles it, from a machine that is none: tabs are shown in another way there.

use crate::steps::Steps;
use crate::{packages, process, window};

/// The Windows that a Linux machine can compile for without files of Microsoft's.
const TARGET: &str = "x86_64-pc-windows-gnu";
/// Apart from the rest, so that neither makes the other compile anew.
const FOLDER: &str = "target/windows";

/// Installs the compiler's parts for Windows and lints the app for it.
///
/// # Errors
/// A step failed.
pub(crate) fn check() -> anyhow::Result<()> {
    let mut steps = Steps::default();
    let packages = steps.step("packages", "cargo xtask check-windows", packages::install_for_windows);
    let page = packages && steps.step("window page", "(cd ui && npm ci && npm run build)", window::build);
    if page && steps.command("target", process::command("rustup").args(["target", "add", TARGET])) {
        let lints = ["clippy", "--package", "posthouse", "--target", TARGET, "--target-dir", FOLDER];
        let mut lints = process::cargo(&[&lints, ["--", "-D", "warnings"].as_slice()].concat());
        // The library for TLS comes with its assembler parts ready made.
        steps.command("lints for Windows", lints.env("AWS_LC_SYS_PREBUILT_NASM", "1"));
    }
    steps.finish()
}
