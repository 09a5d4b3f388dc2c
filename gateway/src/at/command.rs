//! The commands we give, with what their answers look like and who has to think about them.

use crate::pdu::ModemPdu;

/// What an answer's lines look like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// A result only.
    Result,
    /// Lines with this prefix.
    Prefixed(&'static str),
    /// Lines with this prefix, each followed by one of digits.
    PrefixedWithPdu(&'static str),
    /// A line of any form, as identities are given.
    Free,
}

/// One command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Command {
    /// What is written, without the line end.
    pub text: String,
    /// What the answer looks like.
    pub form: Form,
    /// What follows the prompt.
    pub payload: Option<String>,
    /// Who is waited for; for commands with a payload from when it was written.
    pub patience: Patience,
}

/// Who has to think before a command is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Patience {
    /// The modem by itself.
    Modem,
    /// Its SIM or memory.
    Sim,
    /// The network.
    Network,
}

impl Command {
    /// Any command.
    pub fn new(text: impl Into<String>, form: Form, patience: Patience) -> Self {
        Self { text: text.into(), form, payload: None, patience }
    }

    /// A setting.
    pub fn setting(text: impl Into<String>) -> Self {
        Self::new(text, Form::Result, Patience::Modem)
    }

    /// `AT`: is somebody there?
    pub fn attention() -> Self {
        Self::setting("AT")
    }

    /// `AT+CSQ`: signal.
    pub fn signal() -> Self {
        Self::new("AT+CSQ", Form::Prefixed("+CSQ"), Patience::Modem)
    }

    /// `AT+CREG?`: circuit-switched registration.
    pub fn registration() -> Self {
        Self::new("AT+CREG?", Form::Prefixed("+CREG"), Patience::Modem)
    }

    /// `AT+CEREG?`: registration in the packet network, for modems without the other.
    pub fn packet_registration() -> Self {
        Self::new("AT+CEREG?", Form::Prefixed("+CEREG"), Patience::Modem)
    }

    /// `AT+CPIN?`: does the SIM want a PIN?
    pub fn pin_state() -> Self {
        Self::new("AT+CPIN?", Form::Prefixed("+CPIN"), Patience::Sim)
    }

    /// `AT+CPIN=`: enters the PIN. Three wrong ones lock the SIM.
    pub fn enter_pin(pin: &str) -> Self {
        Self::new(format!("AT+CPIN=\"{pin}\""), Form::Result, Patience::Sim)
    }

    /// `AT+CPMS=`: where texts are read from, sent from and received.
    pub fn use_memory(memory: &str) -> Self {
        Self::new(
            format!("AT+CPMS=\"{memory}\",\"{memory}\",\"{memory}\""),
            Form::Prefixed("+CPMS"),
            Patience::Sim,
        )
    }

    /// `AT+CPMS=` for reading only.
    pub fn read_memory(memory: &str) -> Self {
        Self::new(format!("AT+CPMS=\"{memory}\""), Form::Prefixed("+CPMS"), Patience::Sim)
    }

    /// `AT+CMGL=4`: all texts of the memory.
    pub fn list_texts() -> Self {
        Self::new("AT+CMGL=4", Form::PrefixedWithPdu("+CMGL"), Patience::Sim)
    }

    /// `AT+CMGR=`: one text.
    pub fn read_text(place: u16) -> Self {
        Self::new(format!("AT+CMGR={place}"), Form::PrefixedWithPdu("+CMGR"), Patience::Sim)
    }

    /// `AT+CMGD=`: removes one text.
    pub fn remove_text(place: u16) -> Self {
        Self::new(format!("AT+CMGD={place}"), Form::Result, Patience::Sim)
    }

    /// `AT+CMGS=`: sends a text.
    pub fn send(pdu: &ModemPdu) -> Self {
        Self {
            text: format!("AT+CMGS={}", pdu.length),
            form: Form::Prefixed("+CMGS"),
            payload: Some(pdu.digits.clone()),
            patience: Patience::Network,
        }
    }

    /// `AT+COPS?`: the operator.
    pub fn operator() -> Self {
        Self::new("AT+COPS?", Form::Prefixed("+COPS"), Patience::Sim)
    }

    /// `AT+CIMI`: the SIM's identity.
    pub fn subscriber() -> Self {
        Self::new("AT+CIMI", Form::Free, Patience::Sim)
    }

    /// `AT+CCID`: the card's number, which modems tell before the PIN.
    pub fn card() -> Self {
        Self::new("AT+CCID", Form::Free, Patience::Sim)
    }

    /// `AT+CGSN`: the modem's identity.
    pub fn serial_number() -> Self {
        Self::new("AT+CGSN", Form::Free, Patience::Modem)
    }

    /// `AT+CGMI`: the maker.
    pub fn maker() -> Self {
        Self::new("AT+CGMI", Form::Free, Patience::Modem)
    }

    /// `AT+CGMM`: the model.
    pub fn model() -> Self {
        Self::new("AT+CGMM", Form::Free, Patience::Modem)
    }

    /// `AT+CSCA?`: the service centre.
    pub fn service_centre() -> Self {
        Self::new("AT+CSCA?", Form::Prefixed("+CSCA"), Patience::Sim)
    }

    /// `AT+CUSD=1`: asks the network, as for the balance. The answer comes unasked later.
    pub fn network_code(code: &str) -> Self {
        Self::new(format!("AT+CUSD=1,\"{code}\",15"), Form::Result, Patience::Sim)
    }
}
