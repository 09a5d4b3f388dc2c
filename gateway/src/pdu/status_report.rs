//! STATUS-REPORT: what became of a text we sent (3GPP TS 23.040 section 9.2.2.3).

use super::PduError;
use super::address::Address;
use super::reader::Reader;
use super::timestamp::Timestamp;

/// What became of it (section 9.2.3.15).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// On the phone, or forwarded where nothing more is known.
    Delivered,
    /// The service centre still tries.
    Trying(u8),
    /// It gave up.
    Failed(u8),
}

/// A report of the network.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatusReport {
    /// The service centre, when the modem says which.
    pub centre: Option<Address>,
    /// The number the modem gave the text (TP-MR).
    pub reference: u8,
    /// Who was to get it.
    pub recipient: Address,
    /// When the service centre had it.
    pub submitted: Option<Timestamp>,
    /// When it was delivered or given up.
    pub discharged: Option<Timestamp>,
    /// What became of it.
    pub outcome: Outcome,
}

pub(super) fn decode(centre: Option<Address>, mut reader: Reader<'_>) -> Result<StatusReport, PduError> {
    let reference = reader.byte()?;
    let recipient = Address::decode(&mut reader)?;
    let submitted = Timestamp::decode(reader.take(7)?);
    let discharged = Timestamp::decode(reader.take(7)?);
    let outcome = outcome(reader.byte()?);
    Ok(StatusReport { centre, reference, recipient, submitted, discharged, outcome })
}

fn outcome(status: u8) -> Outcome {
    match status {
        0x00..=0x1f => Outcome::Delivered,
        0x20..=0x3f => Outcome::Trying(status),
        _ => Outcome::Failed(status),
    }
}

#[cfg(test)]
mod tests {
    use super::Outcome;
    use crate::pdu::{Incoming, decode_incoming};

    #[test]
    fn a_report_says_which_text_and_what_became_of_it() {
        let digits = "0006 2A 0B 91 6407281553F8 62117200000000 62117251000000 00".replace(' ', "");
        let Ok(Incoming::StatusReport(report)) = decode_incoming(&digits) else { panic!("no report") };
        assert_eq!((report.reference, report.outcome), (0x2a, Outcome::Delivered));
        assert_eq!(report.recipient.to_string(), "+46708251358");
        assert_eq!(report.discharged.unwrap().seconds - report.submitted.unwrap().seconds, 15 * 3_600);
    }

    #[test]
    fn temporary_errors_that_the_centre_gave_up_on_are_failures() {
        assert_eq!(super::outcome(0x30), Outcome::Trying(0x30));
        assert_eq!(super::outcome(0x46), Outcome::Failed(0x46));
        assert_eq!(super::outcome(0x63), Outcome::Failed(0x63));
    }
}
