//! From what was typed to addresses that can be dialled, in the order in which they are to be tried.

use std::net::SocketAddr;

use hickory_resolver::TokioResolver;
use hickory_resolver::proto::rr::{RData, RecordType};

use super::address::{Address, Host};
use super::environment::{Environment, Random};
use super::fault::Fault;

/// How TLS begins on a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Beginning {
    /// After STARTTLS (RFC 6120 section 5).
    StartTls,
    /// With the first byte (XEP-0368).
    Direct,
}

/// A host and port, and how to begin there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Candidate {
    pub(crate) host: Host,
    pub(crate) port: u16,
    pub(crate) beginning: Beginning,
}

/// A candidate whose addresses are known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Endpoint {
    /// Never empty; the address families take turns.
    pub(crate) addresses: Vec<SocketAddr>,
    pub(crate) beginning: Beginning,
}

/// An SRV record (RFC 2782).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Service {
    pub(crate) priority: u16,
    pub(crate) weight: u16,
    pub(crate) port: u16,
    pub(crate) target: String,
    pub(crate) beginning: Beginning,
}

/// Finds the endpoints of `address`.
pub(crate) async fn resolve(environment: &Environment, address: &Address) -> Result<Vec<Endpoint>, Fault> {
    let candidates = match address.port {
        Some(port) => with_port(&address.host, port),
        None if address.host.is_domain() => {
            let services = services(environment, &address.host).await;
            from_services(&address.host, services, &environment.random)
        }
        None => without_records(&address.host),
    };
    let mut endpoints = Vec::new();
    for candidate in candidates {
        let addresses = look_up(&candidate.host, candidate.port).await;
        if !addresses.is_empty() {
            endpoints.push(Endpoint { addresses, beginning: candidate.beginning });
        }
    }
    if endpoints.is_empty() { Err(Fault::NotFound(address.host.to_string())) } else { Ok(endpoints) }
}

fn candidate(host: &Host, port: u16, beginning: Beginning) -> Candidate {
    Candidate { host: host.clone(), port, beginning }
}

/// A port was typed: both ways to begin, the likelier one first. Port 10000 takes either.
fn with_port(host: &Host, port: u16) -> Vec<Candidate> {
    let (first, second) = match port {
        5222 => (Beginning::StartTls, Beginning::Direct),
        _ => (Beginning::Direct, Beginning::StartTls),
    };
    vec![candidate(host, port, first), candidate(host, port, second)]
}

fn without_records(host: &Host) -> Vec<Candidate> {
    let mut all = vec![candidate(host, 5222, Beginning::StartTls), candidate(host, 5223, Beginning::Direct)];
    all.extend(with_port(host, 10_000));
    all
}

/// Records that say "not here" (target `.`) close the standard port of their kind.
fn from_services(host: &Host, services: Vec<Service>, random: &Random) -> Vec<Candidate> {
    let (closed, open): (Vec<_>, Vec<_>) =
        services.into_iter().partition(|service| service.target.is_empty());
    if !open.is_empty() {
        return in_order(open, random)
            .into_iter()
            .filter_map(|service| {
                let host = Host::read(&service.target).ok()?;
                Some(candidate(&host, service.port, service.beginning))
            })
            .collect();
    }
    let is_closed = |candidate: &Candidate| {
        closed.iter().any(|service| service.beginning == candidate.beginning) && candidate.port != 10_000
    };
    without_records(host).into_iter().filter(|one| !is_closed(one)).collect()
}

/// RFC 2782: by priority; within one priority at random, the heavier the likelier.
fn in_order(mut services: Vec<Service>, random: &Random) -> Vec<Service> {
    services.sort_by_key(|service| (service.priority, service.weight));
    let mut ordered = Vec::with_capacity(services.len());
    while let Some(priority) = services.first().map(|service| service.priority) {
        let same = services.iter().take_while(|service| service.priority == priority).count();
        let total: u32 = services.iter().take(same).map(|service| u32::from(service.weight)).sum();
        let goal = f64::from(total) * random.fraction();
        let mut sum = 0.0;
        let chosen = services.iter().take(same).position(|service| {
            sum += f64::from(service.weight);
            sum > goal || total == 0
        });
        ordered.push(services.remove(chosen.unwrap_or(0)));
    }
    ordered
}

/// Both kinds of records, mixed (XEP-0368 section 2). An unreachable name server is no reason to give up: the
/// name may stand in a file.
async fn services(environment: &Environment, host: &Host) -> Vec<Service> {
    let Ok(Ok(resolver)) = TokioResolver::builder_tokio().map(|builder| builder.build()) else {
        return Vec::new();
    };
    let ask = async {
        let (direct, start_tls) = tokio::join!(
            records(&resolver, "_xmpps-client._tcp", host, Beginning::Direct),
            records(&resolver, "_xmpp-client._tcp", host, Beginning::StartTls),
        );
        [direct, start_tls].concat()
    };
    tokio::time::timeout(environment.patience.records, ask).await.unwrap_or_default()
}

async fn records(resolver: &TokioResolver, kind: &str, host: &Host, beginning: Beginning) -> Vec<Service> {
    let Ok(answer) = resolver.lookup(format!("{kind}.{host}."), RecordType::SRV).await else {
        return Vec::new();
    };
    let service = |data: &RData| match data {
        RData::SRV(record) => Some(Service {
            priority: record.priority,
            weight: record.weight,
            port: record.port,
            target: record.target.to_ascii().trim_end_matches('.').to_owned(),
            beginning,
        }),
        _ => None,
    };
    answer.answers().iter().filter_map(|record| service(&record.data)).collect()
}

/// The system's own look-up, which also knows files, the local network and the organisation's name services.
async fn look_up(host: &Host, port: u16) -> Vec<SocketAddr> {
    match host {
        Host::Ip(ip) => vec![SocketAddr::new(*ip, port)],
        Host::Name(name) => {
            let found = tokio::net::lookup_host((name.as_str(), port)).await;
            found.map(|addresses| by_turns(addresses.collect())).unwrap_or_default()
        }
    }
}

/// IPv6 and IPv4 by turns (RFC 8305 section 4).
fn by_turns(addresses: Vec<SocketAddr>) -> Vec<SocketAddr> {
    let (six, four): (Vec<_>, Vec<_>) = addresses.into_iter().partition(SocketAddr::is_ipv6);
    let mut ordered: Vec<(usize, SocketAddr)> = six.into_iter().enumerate().collect();
    ordered.extend(four.into_iter().enumerate());
    ordered.sort_by_key(|(turn, address)| (*turn, address.is_ipv4()));
    let mut ordered: Vec<SocketAddr> = ordered.into_iter().map(|(_, address)| address).collect();
    ordered.dedup();
    ordered
}

#[cfg(test)]
mod tests;
