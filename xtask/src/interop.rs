//! Scenes with clients nobody here wrote: installs the clients, then plays.

use crate::{packages, process, test};

/// Plays all scenes, or those whose names hold one of the words.
///
/// # Errors
/// A client cannot be installed, or a scene failed.
pub(crate) fn run(words: &[String]) -> anyhow::Result<()> {
    packages::install_foreign_clients()?;
    // The scenes start the programs that lie there.
    process::run(&mut process::cargo(&["build", "--workspace", "--all-targets"]))?;
    let (runner, ignored): (&[&str], &[&str]) = if test::has_nextest() {
        (&["nextest", "run"], &["--run-ignored", "all"])
    } else {
        (&["test"], &["--", "--include-ignored"])
    };
    let what = ["--workspace", "--no-fail-fast", "--test", "interop"];
    let mut command = process::cargo(runner);
    process::run(command.args(what).args(ignored).args(words))?;
    // Systems of other makers that let people in on the server's word.
    let mut parties = process::cargo(runner);
    parties.args(["--workspace", "--no-fail-fast", "--test", "sign_on"]).args(ignored);
    if words.is_empty() {
        process::run(parties.arg("parties::"))?;
    }
    // The gateway's scenes with a carrier: they install their carrier by npm.
    let mut carrier = process::cargo(runner);
    carrier.args(["--workspace", "--no-fail-fast", "--test", "gateway"]).args(ignored);
    if words.is_empty() { process::run(carrier.arg("carrier::")) } else { Ok(()) }
}
