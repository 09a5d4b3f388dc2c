//! What differs between modems, as data. Modems nobody listed get the defaults, which need no luck.

/// One kind of modem.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Quirks {
    /// Ways to ask for notices, the best first; the first the modem takes is used.
    pub(super) notices: &'static [&'static str],
    /// Memories that may hold texts; the first that works is the one that is used.
    pub(super) memories: &'static [&'static str],
    /// Settings of this maker after the common ones; refusals do not matter.
    pub(super) more: &'static [&'static str],
}

/// Texts and reports are stored and announced: a report that comes directly is lost when nobody listens just then.
/// Then what other modems take instead.
const NOTICES: &[&str] =
    &["AT+CNMI=2,1,0,2,0", "AT+CNMI=2,1,0,1,0", "AT+CNMI=1,1,0,1,0", "AT+CNMI=2,1,0,0,0", "AT+CNMI=2,1"];

const COMMON: Quirks = Quirks { notices: NOTICES, memories: &["SM", "ME"], more: &[] };

/// By a word in maker or model.
const KNOWN: &[(&str, Quirks)] = &[
    // Signal notices every few seconds are of no use.
    ("HUAWEI", Quirks { more: &["AT^CURC=0"], ..COMMON }),
    ("QUECTEL", Quirks { memories: &["ME", "SM"], more: &["AT+QURCCFG=\"urcport\",\"all\""], ..COMMON }),
    ("SIMCOM", Quirks { memories: &["SM", "ME"], ..COMMON }),
    // They take reports in the memory only.
    ("WAVECOM", Quirks { notices: &["AT+CNMI=2,1,0,1,0", "AT+CNMI=2,1,0,1,1"], ..COMMON }),
    // The memory is the phone's; the SIM's texts are not announced.
    ("SONY", Quirks { memories: &["ME", "SM"], ..COMMON }),
];

/// The quirks of a maker and model.
pub(super) fn of(model: &str) -> Quirks {
    let upper = model.to_ascii_uppercase();
    KNOWN.iter().find(|(word, _)| upper.contains(word)).map_or(COMMON, |(_, quirks)| *quirks)
}

#[cfg(test)]
mod tests {
    use super::{COMMON, of};

    #[test]
    fn an_unknown_modem_gets_the_defaults() {
        assert_eq!(of("ACME T-1000"), COMMON);
        assert_eq!(of("huawei E3131").more, ["AT^CURC=0"]);
    }
}
