//! What scenes about one modem share: quick timing, a memory for PINs, a receiver that keeps texts or not.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use parking_lot::Mutex;
use posthouse_gateway::modem::{Modem, ModemEvent, PinMemory, Settings, State, Switchboard, Timing};
use posthouse_gateway::pdu::{Address, Incoming, ModemPdu, References, Submit, decode_incoming, split};
use posthouse_gateway::transport::PortAddress;
use posthouse_tests::modem_simulator::ModemSimulator;
use tokio::sync::mpsc;

/// Nothing in a scene may take longer.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// Everything in fractions of a second.
pub(crate) fn quick() -> Timing {
    Timing {
        modem: Duration::from_millis(700),
        sim: Duration::from_secs(3),
        network: Duration::from_secs(2),
        attention: Duration::from_millis(200),
        quiet: Duration::from_millis(30),
        sweep: Duration::from_millis(700),
        look: Duration::from_secs(60),
        retry: Duration::from_millis(300),
        reopen: (Duration::from_millis(50), Duration::from_millis(200)),
        keeping: Duration::from_secs(3),
    }
}

/// Remembers PINs as long as the scene lasts.
#[derive(Debug, Default)]
pub(crate) struct Pins(Mutex<BTreeMap<String, String>>);

#[async_trait]
impl PinMemory for Pins {
    async fn may_try(&self, imei: &str, pin: &str) -> bool {
        self.0.lock().insert(imei.to_owned(), pin.to_owned()).is_none_or(|tried| tried != pin)
    }

    async fn accepted(&self, imei: &str) {
        self.0.lock().remove(imei);
    }
}

/// A gateway's end of a simulated modem: what comes is kept at once, as by an inbox.
pub(crate) struct Desk {
    pub(crate) modem: Modem,
    received: mpsc::Receiver<String>,
    refusals: Arc<AtomicUsize>,
}

impl Desk {
    pub(crate) fn start(simulator: &ModemSimulator, pin: Option<&str>, pins: &Arc<Pins>) -> Self {
        Self::start_with(simulator, pin, pins, false)
    }

    /// The same; it may be restarted by command when nothing else helps.
    pub(crate) fn start_with(
        simulator: &ModemSimulator,
        pin: Option<&str>,
        pins: &Arc<Pins>,
        may_reset: bool,
    ) -> Self {
        let settings = Settings {
            name: simulator.name().to_owned(),
            port: PortAddress::parse(&simulator.port(), 115_200),
            pin: pin.map(str::to_owned),
            may_reset,
            // A restart takes its time.
            timing: if may_reset { Timing { retry: Duration::from_secs(60), ..quick() } } else { quick() },
        };
        let (sender, mut events) = mpsc::channel(64);
        let (keeper, received) = mpsc::channel(1_000);
        let refusals = Arc::new(AtomicUsize::new(0));
        let refused = Arc::clone(&refusals);
        tokio::spawn(async move {
            while let Some(event) = events.recv().await {
                let ModemEvent::Received { digits, kept, .. } = event else { continue };
                let refuses =
                    refused.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1));
                if refuses.is_err() {
                    // Direct texts wait for nobody.
                    let _ = kept.send(());
                }
                keeper.send(digits).await.expect("the scene listens");
            }
        });
        let pins: Arc<dyn PinMemory> = Arc::<Pins>::clone(pins);
        Self {
            modem: Modem::start(settings, pins, Switchboard::without_memory(), sender),
            received,
            refusals,
        }
    }

    /// The next texts cannot be kept.
    pub(crate) fn refuse(&self, count: usize) {
        self.refusals.store(count, Ordering::SeqCst);
    }

    pub(crate) async fn is(&self, state: State) {
        let mut status = self.modem.status();
        let waiting = status.wait_for(|status| status.state == state);
        if tokio::time::timeout(PATIENCE, waiting).await.is_err() {
            panic!("the modem does not become {state:?}: {:?}", self.modem.status().borrow());
        }
    }

    /// The next text or report.
    pub(crate) async fn next(&mut self) -> Incoming {
        let digits =
            tokio::time::timeout(PATIENCE, self.received.recv()).await.expect("in time").expect("texts");
        decode_incoming(&digits).expect("a readable PDU")
    }

    /// The next text; reports are passed over.
    pub(crate) async fn next_text(&mut self) -> String {
        loop {
            if let Incoming::Deliver(deliver) = self.next().await {
                return deliver.content.text().expect("text");
            }
        }
    }
}

/// A text of one message.
pub(crate) fn message(number: &str, text: &str) -> ModemPdu {
    let split = split(text, References::Narrow);
    let to = Address::number(number).unwrap();
    Submit::part(to, &split.parts[0], References::Narrow, 0, None)
        .unwrap()
        .with_report()
        .to_modem(None)
        .unwrap()
}
