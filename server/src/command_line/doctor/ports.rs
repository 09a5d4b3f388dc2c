//! Whether the ports of the settings are free, or held by the server of this folder.

use std::collections::{BTreeMap, BTreeSet};
use std::io::ErrorKind;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener, TcpStream};
use std::time::Duration;

use super::super::DataFolder;
use crate::config::{Config, Listen};
use crate::findings::Finding;

/// How long a port of ours may take to answer.
const PATIENCE: Duration = Duration::from_secs(3);

/// What is wrong with the ports, or one line when all is well.
pub(super) fn check(config: &Config, folder: &DataFolder) -> Vec<Finding> {
    let findings: Vec<Finding> = match running_addresses(folder) {
        Some(open) => of_running(config, &open),
        None => of_stopped(config),
    };
    if !findings.is_empty() {
        return findings;
    }
    let count = config.listen.doors().iter().map(|(_, list)| list.len()).sum::<usize>();
    vec![Finding::ok(match folder.has_running_server() {
        true => {
            format!("the server runs (process {}) and answers", folder.running_process().unwrap_or_default())
        }
        false => format!("the server does not run; its {count} addresses are free"),
    })]
}

/// What the running server has written down.
fn running_addresses(folder: &DataFolder) -> Option<BTreeMap<String, BTreeSet<SocketAddr>>> {
    if !folder.has_running_server() {
        return None;
    }
    let text = std::fs::read_to_string(folder.file("addresses.json")).unwrap_or_default();
    Some(serde_json::from_str(&text).unwrap_or_default())
}

fn of_running(config: &Config, open: &BTreeMap<String, BTreeSet<SocketAddr>>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (door, list) in config.listen.doors() {
        let bound = open.get(door).cloned().unwrap_or_default();
        for address in list.iter().filter(|address| address.port() != 0) {
            if !bound.contains(address) && !Listen::has_ipv4_twin(list, *address) {
                findings.push(Finding::failed(
                    format!(
                        "the settings have {address} in {door}, but the running server does not listen there"
                    ),
                    "restart the server; it reads the settings when it starts",
                ));
            }
        }
        for address in bound {
            if let Err(error) = TcpStream::connect_timeout(&reachable(address), PATIENCE) {
                findings.push(Finding::failed(
                    format!("the server does not answer at {address} ({door}): {error}"),
                    "look into its log, and restart it",
                ));
            }
        }
    }
    findings
}

fn of_stopped(config: &Config) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (door, list) in config.listen.doors() {
        for address in list.iter().filter(|address| address.port() != 0) {
            match TcpListener::bind(address) {
                Ok(_) => {}
                Err(_) if Listen::has_ipv4_twin(list, *address) => {}
                Err(error) => findings.push(Finding::failed(
                    format!("{address} ({door}) cannot be listened at: {error}"),
                    next(error.kind(), *address),
                )),
            }
        }
    }
    findings
}

fn next(problem: ErrorKind, address: SocketAddr) -> String {
    match problem {
        ErrorKind::AddrInUse => {
            format!(
                "`ss -ltnp 'sport = :{}'` shows the program that has it; stop it or change the port",
                address.port()
            )
        }
        ErrorKind::PermissionDenied => {
            "ports below 1024 need a right: AmbientCapabilities in the unit".to_owned()
        }
        ErrorKind::AddrNotAvailable => {
            "this computer does not have the address; `ip address` shows all".to_owned()
        }
        _ => "change the address in the settings".to_owned(),
    }
}

/// Where a listener at `0.0.0.0` or `[::]` answers on this computer.
fn reachable(address: SocketAddr) -> SocketAddr {
    let ip = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
        ip => ip,
    };
    SocketAddr::new(ip, address.port())
}
