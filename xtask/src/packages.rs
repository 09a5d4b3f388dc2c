//! What the system must have, and how it gets it.

use std::process::Command;

use anyhow::Context;

use crate::{console, process};

/// Debian and Ubuntu packages that build the desktop window.
const BUILD: &[&str] = &[
    "build-essential",
    "pkg-config",
    "libgtk-3-dev",
    "libwebkit2gtk-4.1-dev",
    "libayatana-appindicator3-dev",
    "libxdo-dev",
    "libdbus-1-dev",
];

/// Packages that run the window where nobody sits: display, window manager, session bus, keyring, driver, true input,
/// a font with Chinese characters, and what a business system writes with.
const HEADLESS: &[&str] = &[
    "xvfb",
    "xauth",
    "openbox",
    "dbus",
    "dbus-x11",
    "gnome-keyring",
    "wmctrl",
    "xdotool",
    "webkit2gtk-driver",
    "gstreamer1.0-plugins-base",
    "gstreamer1.0-plugins-good",
    "fonts-noto-cjk",
    "fonts-dejavu-core",
    "curl",
    "python3",
    "imagemagick",
];

/// Clients that nobody here wrote, and what drives and photographs them.
const FOREIGN_CLIENTS: &[&str] =
    &["python3-slixmpp", "profanity", "dino-im", "gajim", "libglib2.0-bin", "tmux", "x11-apps"];

/// Systems that let people in on the server's word, and what makes their certificates.
const RELYING_PARTIES: &[&str] = &[
    "apache2",
    "libapache2-mod-auth-openidc",
    "libapache2-mod-auth-cas",
    "nginx-light",
    "openssl",
    "chromium",
    "chromium-driver",
];

/// What compiles C for Windows.
const FOR_WINDOWS: &[&str] = &["gcc-mingw-w64-x86-64-win32"];

/// The oldest Node that builds the window's page.
const NODE_AT_LEAST: (u32, u32) = (20, 19);

/// Installs what is missing by apt-get, or says what to install.
///
/// # Errors
/// Something is missing and cannot be installed from here.
pub(crate) fn install_missing() -> anyhow::Result<()> {
    if cfg!(target_os = "linux") {
        install(&[BUILD, HEADLESS].concat())?;
    }
    check_node()
}

/// Installs the clients that `cargo xtask interop` plays with, or says what to install.
///
/// # Errors
/// Something is missing and cannot be installed from here.
pub(crate) fn install_foreign_clients() -> anyhow::Result<()> {
    install(&[BUILD, HEADLESS, FOREIGN_CLIENTS, RELYING_PARTIES].concat())
}

/// Installs what compiles the app for Windows, or says what to install.
///
/// # Errors
/// Something is missing and cannot be installed from here.
pub(crate) fn install_for_windows() -> anyhow::Result<()> {
    install(FOR_WINDOWS)
}

fn install(packages: &[&str]) -> anyhow::Result<()> {
    if !process::exists("dpkg-query") || !process::exists("apt-get") {
        console::say(&format!(
            "This is no Debian: what these Debian packages hold must be there:\n  {}",
            packages.join(" ")
        ));
        return Ok(());
    }
    let missing: Vec<&str> = packages.iter().copied().filter(|package| !is_installed(package)).collect();
    if missing.is_empty() {
        console::say("all packages are there");
        return Ok(());
    }
    console::say(&format!("missing: {}", missing.join(" ")));
    let by_hand = format!("apt-get install -y --no-install-recommends {}", missing.join(" "));
    apt_get(&["update", "-q"])
        .and_then(|()| {
            let mut arguments = vec!["install", "-y", "-q", "--no-install-recommends"];
            arguments.extend(&missing);
            apt_get(&arguments)
        })
        .with_context(|| format!("please install them as administrator: {by_hand}"))
}

fn apt_get(arguments: &[&str]) -> anyhow::Result<()> {
    let is_root = process::output(Command::new("id").arg("-u")).is_ok_and(|id| id.trim() == "0");
    let mut command = if is_root {
        process::command("apt-get")
    } else {
        let mut sudo = process::command("sudo");
        // Never stop at a question nobody sees.
        sudo.args(["-n", "DEBIAN_FRONTEND=noninteractive", "apt-get"]);
        sudo
    };
    process::run(command.args(arguments).env("DEBIAN_FRONTEND", "noninteractive"))
}

fn is_installed(package: &str) -> bool {
    Command::new("dpkg-query")
        .args(["-W", "-f=${db:Status-Status}", package])
        .output()
        .is_ok_and(|output| output.stdout == b"installed")
}

/// Node comes from wherever the machine has it; distributions often carry one that is too old.
fn check_node() -> anyhow::Result<()> {
    let advice = format!(
        "please install Node {}.{} or newer with npm (nodejs.org, or the package manager)",
        NODE_AT_LEAST.0, NODE_AT_LEAST.1
    );
    let version = process::output(Command::new("node").arg("--version")).with_context(|| advice.clone())?;
    let enough = node_version(&version).is_some_and(|version| version >= NODE_AT_LEAST);
    anyhow::ensure!(enough, "node is {}: {advice}", version.trim());
    anyhow::ensure!(process::exists("npm"), "there is no npm: {advice}");
    Ok(())
}

fn node_version(text: &str) -> Option<(u32, u32)> {
    let mut numbers = text.trim().trim_start_matches('v').split('.');
    Some((numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::{NODE_AT_LEAST, node_version};

    #[test]
    fn versions_of_node_compare_as_numbers() {
        assert!(node_version("v20.20.2\n") >= Some(NODE_AT_LEAST));
        assert!(node_version("v22.3.0") >= Some(NODE_AT_LEAST));
        assert!(node_version("v18.20.4") < Some(NODE_AT_LEAST));
        assert_eq!(node_version("what"), None);
    }
}
