//! Debian's Prosody in a folder of its own: its usual modules for people, nothing for servers or the web.

use std::fmt::Write;
use std::path::Path;

use posthouse_tests::server_process::DOMAIN;

use super::launch::{Launched, folder, free_address};
use super::{Kind, Server, Setup};
use crate::house::House;
use crate::people::{ITERATIONS, PASSWORD, Person};
use crate::scram::kept_by_server;

/// Debian's settings, without those for administrators and registration.
const MODULES: &str = "'disco', 'roster', 'saslauth', 'tls', 'blocklist', 'bookmarks', 'carbons', 'pep', \
                       'private', 'smacks', 'vcard4', 'vcard_legacy', 'csi_simple', 'ping', 'time', 'version'";

const SALT: &str = "load-salt-for-everybody";

pub(super) async fn start(setup: Setup, house: &House) -> anyhow::Result<Server> {
    let folder = folder(Kind::Prosody)?;
    let address = free_address()?;
    let more = match (setup.has_archive, setup.all_see_all) {
        (true, true) => ", 'mam', 'groups'",
        (true, false) => ", 'mam'",
        (false, true) => ", 'groups'",
        (false, false) => "",
    };
    let path = folder.path();
    let configuration = format!(
        "run_as_root = true\n\
         data_path = '{data}'\n\
         pidfile = '{data}/prosody.pid'\n\
         log = {{ warn = '{data}/prosody.log' }}\n\
         gc = {{ mode = 'generational' }}\n\
         authentication = 'internal_hashed'\n\
         password_hash = 'SHA-256'\n\
         interfaces = {{ '127.0.0.1' }}\n\
         c2s_ports = {{}}\n\
         s2s_ports = {{}}\n\
         s2s_direct_tls_ports = {{}}\n\
         http_ports = {{}}\n\
         https_ports = {{}}\n\
         c2s_direct_tls_ports = {{ {port} }}\n\
         modules_enabled = {{ {MODULES}{more} }}\n\
         modules_disabled = {{ 's2s', 'http' }}\n\
         default_archive_policy = true\n\
         groups_file = '{data}/groups.txt'\n\
         certificates = '{data}'\n\
         c2s_direct_tls_ssl = {{ certificate = '{certificate}', key = '{key}' }}\n\
         VirtualHost '{DOMAIN}'\n\
         ssl = {{ certificate = '{certificate}', key = '{key}' }}\n",
        data = path.display(),
        port = address.port(),
        certificate = house.certificate().display(),
        key = house.key().display(),
    );
    let file = path.join("prosody.cfg.lua");
    std::fs::write(&file, configuration)?;
    write_accounts(path, setup.people)?;
    write_group(&path.join("groups.txt"), setup)?;
    let file = file.display().to_string();
    let launched = Launched::start(folder, "prosody", &["-F", "--config", &file], &[])?;
    launched.ready(Kind::Prosody, address, None).await
}

/// The files that `prosodyctl adduser` would write.
fn write_accounts(data: &Path, people: usize) -> anyhow::Result<()> {
    let accounts = data.join(DOMAIN.replace('.', "%2e")).join("accounts");
    std::fs::create_dir_all(&accounts)?;
    let (stored, server) = kept_by_server(PASSWORD, SALT.as_bytes(), ITERATIONS);
    let account = format!(
        "return {{ [\"stored_key\"] = \"{}\"; [\"server_key\"] = \"{}\"; [\"salt\"] = \"{SALT}\"; \
         [\"iteration_count\"] = {ITERATIONS}; }};\n",
        hexadecimal(&stored),
        hexadecimal(&server),
    );
    for person in Person::first(people) {
        std::fs::write(accounts.join(format!("{}.dat", person.login())), &account)?;
    }
    Ok(())
}

/// One group with everybody in it.
fn write_group(path: &Path, setup: Setup) -> anyhow::Result<()> {
    let mut group = String::from("[Company]\n");
    if setup.all_see_all {
        for person in Person::first(setup.people) {
            writeln!(group, "{}={}", person.address(), person.login())?;
        }
    }
    Ok(std::fs::write(path, group)?)
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
