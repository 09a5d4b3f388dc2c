//! What a refusal means for the text and for the modem (TS 27.005 section 3.2.5, TS 23.040 section 9.2.3.22,
//! TS 24.011 annex E).

use crate::at::FinalResult;

/// What to do about a refused text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Class {
    /// The modem or its SIM cannot work: another modem takes the text.
    Modem,
    /// The text is wrong as we wrote it; no modem will take it.
    Ours,
    /// The memory is full: read it and try the same modem again.
    Memory,
    /// The network has trouble: wait longer each time, another modem after two tries.
    Network,
    /// This destination cannot be reached; trying again is no use.
    Destination,
    /// Anything else: three tries.
    Temporary,
}

/// The class of a result that is not `OK`.
pub fn class_of(result: FinalResult) -> Class {
    match result {
        FinalResult::Cms(number) => class_of_cms(number),
        FinalResult::Cme(10..=18) => Class::Modem,
        FinalResult::Cme(20) => Class::Memory,
        FinalResult::Cme(30..=32) => Class::Network,
        FinalResult::Cme(_) | FinalResult::Error | FinalResult::Ok => Class::Temporary,
    }
}

fn class_of_cms(number: u16) -> Class {
    match number {
        1 | 8 | 10 | 21 | 28 | 30 | 50 => Class::Destination,
        38 | 41 | 42 | 47 | 331 | 332 | 500 => Class::Network,
        304 | 305 => Class::Ours,
        310..=318 | 330 => Class::Modem,
        320 | 322 => Class::Memory,
        _ => Class::Temporary,
    }
}

#[cfg(test)]
mod tests {
    use super::{Class, class_of};
    use crate::at::FinalResult;

    #[test]
    fn a_missing_sim_is_the_modems_matter_and_an_unknown_subscriber_is_not() {
        assert_eq!(class_of(FinalResult::Cms(310)), Class::Modem);
        assert_eq!(class_of(FinalResult::Cms(28)), Class::Destination);
        assert_eq!(class_of(FinalResult::Cms(500)), Class::Network);
        assert_eq!(class_of(FinalResult::Cms(322)), Class::Memory);
        assert_eq!(class_of(FinalResult::Cms(304)), Class::Ours);
        assert_eq!(class_of(FinalResult::Error), Class::Temporary);
        assert_eq!(class_of(FinalResult::Cms(u16::MAX)), Class::Temporary);
    }
}
