//! Installs the peers from Debian's packages when they are missing, without starting their services.

use std::path::Path;
use std::process::Command;

use anyhow::Context;

use super::Kind;
use crate::console::say;
use crate::options::{Measure, Options};

/// Debian asks this program whether a fresh service may start.
const POLICY: &str = "/usr/sbin/policy-rc.d";

/// Sees to it that the peers which are to be measured are there.
pub(crate) fn peers(options: &Options) -> anyhow::Result<()> {
    if options.measures().iter().all(|measure| *measure == Measure::Directory) {
        return Ok(());
    }
    let missing: Vec<&str> =
        options.peers().into_iter().map(package_of).filter(|name| !is_installed(name)).collect();
    if !missing.is_empty() {
        say(&format!("installing {}", missing.join(" ")));
        install(&missing).with_context(|| {
            format!("please install {} or leave them out with --without", missing.join(" and "))
        })?;
    }
    for peer in options.peers() {
        say(&format!("{peer} {}", version_of(package_of(peer))));
    }
    Ok(())
}

fn package_of(peer: Kind) -> &'static str {
    match peer {
        Kind::Prosody => "prosody",
        Kind::Ejabberd => "ejabberd",
        Kind::Relay | Kind::Posthouse => "",
    }
}

fn install(packages: &[&str]) -> anyhow::Result<()> {
    let policy = Policy::forbid_services();
    let mut arguments = vec!["install", "-y", "-q", "--no-install-recommends"];
    arguments.extend(packages);
    let outcome = apt_get(&["update", "-q"]).and_then(|()| apt_get(&arguments));
    drop(policy);
    outcome
}

fn apt_get(arguments: &[&str]) -> anyhow::Result<()> {
    let mut command = if is_root() {
        Command::new("apt-get")
    } else {
        let mut sudo = Command::new("sudo");
        // Never stop at a question nobody sees.
        sudo.args(["-n", "DEBIAN_FRONTEND=noninteractive", "apt-get"]);
        sudo
    };
    let output = command.args(arguments).env("DEBIAN_FRONTEND", "noninteractive").output()?;
    anyhow::ensure!(output.status.success(), "apt-get: {}", String::from_utf8_lossy(&output.stderr));
    Ok(())
}

fn is_root() -> bool {
    Command::new("id").arg("-u").output().is_ok_and(|output| output.stdout.trim_ascii() == b"0")
}

fn is_installed(package: &str) -> bool {
    Command::new("dpkg-query")
        .args(["-W", "-f=${db:Status-Status}", package])
        .output()
        .is_ok_and(|output| output.stdout == b"installed")
}

fn version_of(package: &str) -> String {
    let output = Command::new("dpkg-query").args(["-W", "-f=${Version}", package]).output();
    output.map(|output| String::from_utf8_lossy(&output.stdout).into_owned()).unwrap_or_default()
}

/// While it lives, packages that are installed start no service; a policy that is there already stays.
struct Policy(bool);

impl Policy {
    fn forbid_services() -> Self {
        let is_ours = is_root() && !Path::new(POLICY).exists();
        let is_written = is_ours
            && std::fs::write(POLICY, "#!/bin/sh\nexit 101\n").is_ok()
            && Command::new("chmod").args(["755", POLICY]).status().is_ok_and(|status| status.success());
        Self(is_written)
    }
}

impl Drop for Policy {
    fn drop(&mut self) {
        if self.0 {
            // Left behind it would keep later services from starting.
            if let Err(error) = std::fs::remove_file(POLICY) {
                say(&format!("please remove {POLICY}: {error}"));
            }
        }
    }
}
