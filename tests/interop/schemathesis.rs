//! The HTTP interface against schemathesis, which makes requests from the description that the server gives of itself:
//! good ones and bad ones, and holds every answer against the description.

use std::path::{Path, PathBuf};
use std::process::Stdio;

use anyhow::Context;
use tokio::process::Command;

use crate::house;

/// What is tried: the same in every run.
const SEED: &str = "17";

/// A well-formed notice may be for nobody, or its time may be over: that is refused though the description allows it.
/// And what became of a notice can be asked when it has been taken back, too.
const LEFT_OUT: &str = "positive_data_acceptance,use_after_free";

#[tokio::test]
#[ignore = "needs schemathesis from PyPI: cargo xtask interop"]
async fn nothing_is_found_wrong_with_the_interface_for_business_systems() {
    let program = installed().await.unwrap();
    let server = house::open_for_business_systems().await.unwrap();
    let words =
        ["application", "create", "oa", "--everyone", "--directory", "edit", "--relying-parties", "edit"];
    let key = server.administer(&words, None).await.unwrap();
    let address = format!("http://{}/api/v1/openapi.json", server.address_of("http").unwrap());
    let folder = tempfile::tempdir().unwrap();
    let mut command = Command::new(program);
    command.args(["run", &address, "--header", &format!("Authorization: Bearer {}", key.trim())]);
    command.args(["--seed", SEED, "--max-examples", "60", "--exclude-checks", LEFT_OUT, "--no-color"]);
    let output = command.current_dir(folder.path()).stdin(Stdio::null()).output().await.unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{said}\n{}", String::from_utf8_lossy(&output.stderr));
}

/// The program, in an environment of its own below `target`.
async fn installed() -> anyhow::Result<PathBuf> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("schemathesis");
    let program = folder.join("bin/schemathesis");
    if !program.is_file() {
        run(Command::new("python3").arg("-m").arg("venv").arg(&folder)).await?;
        run(Command::new(folder.join("bin/pip")).args(["install", "--quiet", "schemathesis>=4,<5"])).await?;
    }
    Ok(program)
}

async fn run(command: &mut Command) -> anyhow::Result<()> {
    let output = command.stdin(Stdio::null()).output().await.context("python3")?;
    let wrong = String::from_utf8_lossy(&output.stderr);
    anyhow::ensure!(output.status.success(), "{wrong}");
    Ok(())
}
