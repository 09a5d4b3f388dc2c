//! Tests the way to a server step by step, over a connection of its own: what works, how long it took, and where
//! it ends. Steps behind the one that fails are not tried.

use std::net::SocketAddr;
use std::sync::Arc;

use tokio::time::Instant;

use crate::connection::{Beginning, Endpoint, Environment, Fault, Opened, Probe, Target};
use crate::error::EngineErrorCode;
use crate::model::ConnectionTestStep;

/// Addresses that are shown.
const SHOWN: usize = 4;

/// Tells each step.
pub(crate) async fn run(
    target: Target,
    environment: &Arc<Environment>,
    mut tell: impl FnMut(ConnectionTestStep) + Send,
) {
    let probe = match Probe::read(target, environment) {
        Ok(probe) => probe,
        Err(fault) => return tell(Measure::start("resolve").failed(&fault)),
    };
    let measure = Measure::start("resolve");
    let endpoints = match probe.resolve().await {
        Ok(endpoints) => endpoints,
        Err(fault) => return tell(measure.failed(&fault)),
    };
    tell(measure.passed(shown(&endpoints)));
    let Way { steps, outcome } = find_way(&probe, &endpoints).await;
    steps.into_iter().for_each(&mut tell);
    if let Ok(opened) = outcome {
        sign_in(&probe, opened, tell).await;
    }
}

/// The way over one endpoint, as far as it goes.
struct Way {
    steps: Vec<ConnectionTestStep>,
    outcome: Result<Opened, Fault>,
}

/// The first endpoint that serves, else the one on which the way goes furthest: as the line chooses, so that the
/// test shows what the line sees.
async fn find_way(probe: &Probe, endpoints: &[Endpoint]) -> Way {
    let mut furthest: Option<Way> = None;
    for endpoint in endpoints {
        let way = Way::over(probe, endpoint).await;
        let is_end = way.outcome.as_ref().err().is_none_or(Fault::is_final);
        let is_further = match (&furthest, &way.outcome) {
            (Some(Way { outcome: Err(before), .. }), Err(fault)) => fault.says_more_than(before),
            _ => true,
        };
        if is_further {
            furthest = Some(way);
        }
        if is_end {
            break;
        }
    }
    furthest.unwrap_or_else(|| {
        let fault = Fault::NotFound(String::new());
        Way { steps: vec![Measure::start("connect").failed(&fault)], outcome: Err(fault) }
    })
}

impl Way {
    async fn over(probe: &Probe, endpoint: &Endpoint) -> Self {
        let mut steps = Vec::new();
        let outcome = Self::walk(probe, endpoint, &mut steps).await;
        Self { steps, outcome }
    }

    async fn walk(
        probe: &Probe,
        endpoint: &Endpoint,
        steps: &mut Vec<ConnectionTestStep>,
    ) -> Result<Opened, Fault> {
        let measure = Measure::start("connect");
        let tcp = measure.note(probe.dial(endpoint).await, steps, |tcp| {
            tcp.peer_addr().map(|address| address.to_string()).unwrap_or_default()
        })?;
        let measure = Measure::start("tls");
        let secured = measure.note(probe.secure(tcp, endpoint).await, steps, |secured| {
            let beginning = match endpoint.beginning {
                Beginning::Direct => "",
                Beginning::StartTls => " (STARTTLS)",
            };
            format!("{}{beginning}", secured.version())
        })?;
        let measure = Measure::start("stream");
        measure.note(probe.open(secured).await, steps, |opened| opened.domain.clone())
    }
}

async fn sign_in(probe: &Probe, opened: Opened, mut tell: impl FnMut(ConnectionTestStep) + Send) {
    let measure = Measure::start("login");
    if !probe.has_password() {
        // A try without one would count as a wrong one.
        return tell(measure.step(Some(EngineErrorCode::NoPassword), String::new()));
    }
    let mechanism = match probe.mechanism(&opened) {
        Ok(mechanism) => mechanism,
        Err(fault) => return tell(measure.failed(&fault)),
    };
    let mut session = match probe.sign_in(opened).await {
        Ok(session) => session,
        Err(fault) => return tell(measure.failed(&fault)),
    };
    tell(measure.passed(mechanism.to_owned()));
    let measure = Measure::start("roundTrip");
    tell(match probe.round_trip(&mut session).await {
        Ok(()) => {
            let took = measure.milliseconds();
            measure.passed(format!("{took} ms"))
        }
        Err(fault) => measure.failed(&fault),
    });
    probe.close(session).await;
}

/// A step under way.
struct Measure {
    step: &'static str,
    start: Instant,
}

impl Measure {
    fn start(step: &'static str) -> Self {
        Self { step, start: Instant::now() }
    }

    fn milliseconds(&self) -> u32 {
        u32::try_from(self.start.elapsed().as_millis()).unwrap_or(u32::MAX)
    }

    fn step(self, failure: Option<EngineErrorCode>, detail: String) -> ConnectionTestStep {
        let milliseconds = self.milliseconds();
        let passed = failure.is_none();
        ConnectionTestStep { step: self.step.to_owned(), passed, milliseconds, detail, failure }
    }

    fn passed(self, detail: String) -> ConnectionTestStep {
        self.step(None, detail)
    }

    fn failed(self, fault: &Fault) -> ConnectionTestStep {
        self.step(Some(fault.code()), fault.detail())
    }

    fn note<T>(
        self,
        outcome: Result<T, Fault>,
        steps: &mut Vec<ConnectionTestStep>,
        fact: impl FnOnce(&T) -> String,
    ) -> Result<T, Fault> {
        steps.push(match &outcome {
            Ok(found) => self.passed(fact(found)),
            Err(fault) => self.failed(fault),
        });
        outcome
    }
}

/// Each address once.
fn shown(endpoints: &[Endpoint]) -> String {
    let mut addresses: Vec<String> = Vec::new();
    for address in endpoints.iter().flat_map(|endpoint| &endpoint.addresses).map(SocketAddr::ip) {
        let address = address.to_string();
        if !addresses.contains(&address) && addresses.len() < SHOWN {
            addresses.push(address);
        }
    }
    addresses.join(", ")
}
