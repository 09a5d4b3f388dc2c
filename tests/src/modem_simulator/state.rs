//! What a modem knows: settings, SIM, memories, and what it is about to say.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use tokio::sync::watch;

use super::faults::{Fault, Habits};
use super::memory::Memory;
use super::network::Network;

/// How much of what it was told a modem remembers.
const MOST_TOLD: usize = 1_000;

/// The card.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sim {
    /// Its PIN, if it wants one.
    pub pin: Option<String>,
    /// Places for texts.
    pub places: usize,
    /// What its numbers are made of; the modem's name when it has none of its own.
    pub card: Option<String>,
}

impl Default for Sim {
    fn default() -> Self {
        Self { pin: None, places: 20, card: None }
    }
}

/// Settings that a restart forgets.
#[derive(Debug, Clone)]
pub(super) struct Settings {
    pub(super) echo: bool,
    pub(super) text_mode: bool,
    pub(super) error_numbers: bool,
    pub(super) registration_notices: u8,
    /// How texts are announced: `mt` of `+CNMI`.
    pub(super) texts: u8,
    /// How reports are announced: `ds` of `+CNMI`.
    pub(super) reports: u8,
    /// The memory for reading and deleting.
    pub(super) open: &'static str,
    /// The memory for what comes in.
    pub(super) incoming: &'static str,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            echo: true,
            text_mode: false,
            error_numbers: false,
            registration_notices: 0,
            texts: 0,
            reports: 0,
            open: "SM",
            incoming: "SM",
        }
    }
}

/// One modem.
#[derive(Debug)]
pub(super) struct State {
    pub(super) name: String,
    pub(super) sim: Sim,
    pub(super) is_unlocked: bool,
    pub(super) wrong_pins: u8,
    pub(super) pins_tried: Vec<String>,
    pub(super) habits: Habits,
    pub(super) settings: Settings,
    pub(super) sm: Memory,
    pub(super) me: Memory,
    /// For reports, in modems that have it.
    pub(super) sr: Memory,
    pub(super) network: Network,
    pub(super) send_faults: VecDeque<Fault>,
    pub(super) fault_now: Option<Fault>,
    pub(super) reference: u8,
    pub(super) commands: u64,
    /// What it was told lately.
    pub(super) told: VecDeque<String>,
    /// Changes when something was done that it was told.
    pub(super) done: watch::Sender<()>,
    /// How many restarts by command it needs before it hears anything else.
    pub(super) deafness: u8,
    /// When the last text was done.
    pub(super) free_since: Option<Instant>,
    /// From one text's result to the next text's command.
    pub(super) gaps: Vec<Duration>,
    /// Texts and reports that the network holds until there is room.
    pub(super) waiting: VecDeque<Vec<u8>>,
    /// Lines to say as soon as nothing else is being said.
    pub(super) unasked: VecDeque<String>,
    /// The bytes of the text that is being given.
    pub(super) expects_text: bool,
    pub(super) answers: u64,
}

impl State {
    pub(super) fn new(name: &str, sim: Sim, habits: Habits, network: Network) -> Self {
        let places = sim.places;
        Self {
            name: name.to_owned(),
            is_unlocked: sim.pin.is_none(),
            sim,
            wrong_pins: 0,
            pins_tried: Vec::new(),
            habits,
            settings: Settings::default(),
            sm: Memory::new(places),
            me: Memory::new(100),
            sr: Memory::new(50),
            network,
            send_faults: VecDeque::new(),
            fault_now: None,
            reference: 0,
            commands: 0,
            told: VecDeque::new(),
            done: watch::Sender::new(()),
            deafness: 0,
            free_since: None,
            gaps: Vec::new(),
            waiting: VecDeque::new(),
            unasked: VecDeque::new(),
            expects_text: false,
            answers: 0,
        }
    }

    /// As after the power came back: the SIM's texts are still there.
    pub(super) fn restart(&mut self, with_power: bool) {
        self.settings = Settings::default();
        self.expects_text = false;
        self.unasked.clear();
        if with_power {
            self.is_unlocked = self.sim.pin.is_none();
        }
    }

    pub(super) fn say_unasked(&mut self, line: &str) {
        self.unasked.push_back(line.to_owned());
    }

    pub(super) fn stored(&self) -> usize {
        self.sm.used() + self.me.used() + self.sr.used()
    }

    /// Notes what it was told; it has not done it yet.
    pub(super) fn is_told(&mut self, words: &str) {
        if self.told.len() == MOST_TOLD {
            self.told.pop_front();
        }
        self.told.push_back(words.to_owned());
    }

    pub(super) fn memory(&mut self, name: &str) -> &mut Memory {
        match name {
            "ME" => &mut self.me,
            "SR" => &mut self.sr,
            _ => &mut self.sm,
        }
    }

    pub(super) fn next_reference(&mut self) -> u8 {
        self.reference = self.reference.wrapping_add(1);
        self.reference
    }

    /// The network hands over what it holds for this SIM, as far as there is room.
    pub(super) fn take_waiting(&mut self) {
        while self.is_unlocked {
            let Some(pdu) = self.waiting.pop_front() else { return };
            if !self.take(&pdu) {
                self.waiting.push_front(pdu);
                return;
            }
        }
    }

    /// False when there is no room.
    fn take(&mut self, pdu: &[u8]) -> bool {
        let is_report = pdu.first().is_some_and(|first| first & 0x03 == 0x02);
        let how = if is_report { self.settings.reports } else { self.settings.texts };
        let digits: String = pdu.iter().map(|byte| format!("{byte:02X}")).collect();
        match (is_report, how) {
            (true, 0) => true,
            (true, 1) => {
                self.say_unasked(&format!("+CDS: {}\r\n00{digits}", pdu.len()));
                true
            }
            (false, 2) => {
                self.say_unasked(&format!("+CMT: ,{}\r\n00{digits}", pdu.len()));
                true
            }
            (false, 1) if is_flash(pdu) => {
                self.say_unasked(&format!("+CMT: ,{}\r\n00{digits}", pdu.len()));
                if self.habits.keeps_flash
                    && let Some(place) = self.sm.put(format!("00{digits}"))
                {
                    self.say_unasked(&format!("+CMTI: \"SM\",{place}"));
                }
                true
            }
            _ => {
                let has_own = is_report && self.habits.has_report_memory;
                let memory = if has_own { "SR" } else { self.settings.incoming };
                let Some(place) = self.memory(memory).put(format!("00{digits}")) else { return false };
                if how != 0 {
                    let word = if is_report { "+CDSI" } else { "+CMTI" };
                    self.say_unasked(&format!("{word}: \"{memory}\",{place}"));
                }
                true
            }
        }
    }
}

/// A DELIVER of class 0 (TS 23.038 section 4).
fn is_flash(pdu: &[u8]) -> bool {
    let sender = pdu.get(1).map_or(0, |digits| usize::from(*digits).div_ceil(2));
    pdu.get(4 + sender).is_some_and(|coding| coding & 0x93 == 0x10)
}
