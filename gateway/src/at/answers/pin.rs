//! What the SIM wants before it works.

use crate::at::{FinalResult, Reply, parameters};

/// `+CPIN`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PinState {
    /// Nothing.
    Ready,
    /// Its PIN.
    PinNeeded,
    /// The PUK: too many wrong PINs.
    Locked,
    /// There is no SIM.
    NoSim,
    /// The SIM or modem is not ready yet.
    Busy,
    /// Something we cannot give it, such as a network lock.
    Other,
}

/// Reads the answer to `AT+CPIN?`, errors included (3GPP TS 27.007 section 9.2.1).
pub fn pin_state(reply: &Reply) -> PinState {
    match reply.result {
        FinalResult::Cme(10 | 13 | 15) | FinalResult::Cms(310 | 313 | 315) => return PinState::NoSim,
        FinalResult::Cme(14) | FinalResult::Cms(314) => return PinState::Busy,
        FinalResult::Cme(11) | FinalResult::Cms(311) => return PinState::PinNeeded,
        FinalResult::Cme(12) | FinalResult::Cms(316) => return PinState::Locked,
        FinalResult::Ok => {}
        FinalResult::Cme(_) | FinalResult::Cms(_) | FinalResult::Error => return PinState::Busy,
    }
    let values = reply.lines.first().and_then(|line| parameters::of_line(line, "+CPIN"));
    match values.and_then(|values| values.first().copied()) {
        Some("READY") => PinState::Ready,
        Some("SIM PIN") => PinState::PinNeeded,
        Some("SIM PUK" | "SIM PUK2") => PinState::Locked,
        Some("NOT INSERTED") => PinState::NoSim,
        Some("NOT READY") | None => PinState::Busy,
        Some(_) => PinState::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::{PinState, pin_state};
    use crate::at::{FinalResult, Reply};

    #[test]
    fn a_locked_sim_is_told_from_one_that_wants_its_pin() {
        let said = |line: &str| pin_state(&Reply { lines: vec![line.to_owned()], result: FinalResult::Ok });
        assert_eq!(said("+CPIN: SIM PIN"), PinState::PinNeeded);
        assert_eq!(said("+CPIN: SIM PUK"), PinState::Locked);
        assert_eq!(said("+CPIN: READY"), PinState::Ready);
    }

    #[test]
    fn no_sim_is_an_error_of_the_modem() {
        let reply = Reply { lines: vec![], result: FinalResult::Cme(10) };
        assert_eq!(pin_state(&reply), PinState::NoSim);
    }
}
