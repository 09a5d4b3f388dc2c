//! Counts stanzas by kind and by what became of them.

use posthouse_protocol::wire::StanzaKind;

use super::outcome::Outcome;
use crate::metrics::{Counter, Family, Kind, Sample};

const KINDS: [&str; 3] = ["message", "presence", "iq"];
const OUTCOMES: [&str; 5] = ["delivered", "stored", "phone", "refused", "dropped"];

/// The counts since the start.
#[derive(Debug, Default)]
pub struct StanzaCounts([[Counter; OUTCOMES.len()]; KINDS.len()]);

impl StanzaCounts {
    pub(super) fn note(&self, kind: StanzaKind, outcome: Outcome) {
        let kind = match kind {
            StanzaKind::Message => 0,
            StanzaKind::Presence => 1,
            StanzaKind::Iq => 2,
            StanzaKind::Nonza => return,
        };
        let outcome = match outcome {
            Outcome::Delivered => 0,
            Outcome::Kept("phone") => 2,
            Outcome::Kept(_) => 1,
            Outcome::Refused => 3,
            Outcome::Dropped => 4,
        };
        let counter = self.0.get(kind).and_then(|outcomes: &[Counter; OUTCOMES.len()]| outcomes.get(outcome));
        if let Some(counter) = counter {
            counter.add_one();
        }
    }

    /// For Prometheus.
    pub fn family(&self) -> Family {
        let kinds = KINDS.iter().zip(&self.0);
        let samples = kinds.flat_map(|(kind, outcomes)| {
            OUTCOMES.iter().zip(outcomes).map(|(outcome, counter)| {
                Sample::labelled(&[("kind", *kind), ("outcome", *outcome)], counter.value())
            })
        });
        Family {
            name: "posthouse_stanzas_total",
            help: "Stanzas of clients, components and the server itself by what became of them",
            kind: Kind::Counter,
            samples: samples.collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use posthouse_protocol::wire::StanzaKind;

    use super::{Outcome, StanzaCounts};
    use crate::metrics::text;

    #[test]
    fn each_kind_and_outcome_has_its_own_count() {
        let counts = StanzaCounts::default();
        for (kind, outcome) in [
            (StanzaKind::Message, Outcome::Kept("stored")),
            (StanzaKind::Message, Outcome::Kept("stored")),
            (StanzaKind::Iq, Outcome::Refused),
        ] {
            counts.note(kind, outcome);
        }
        let text = text(&[counts.family()]);
        for line in [
            "posthouse_stanzas_total{kind=\"message\",outcome=\"stored\"} 2",
            "posthouse_stanzas_total{kind=\"message\",outcome=\"delivered\"} 0",
            "posthouse_stanzas_total{kind=\"iq\",outcome=\"refused\"} 1",
        ] {
            assert!(text.lines().any(|found| found == line), "{line} in\n{text}");
        }
    }
}
