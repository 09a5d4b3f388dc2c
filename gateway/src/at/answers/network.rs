//! Signal, registration, operator, service centre.

use crate::at::{Reply, parameters};

/// `+CSQ`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Signal {
    /// Decibels against a milliwatt; `None` when the modem does not know.
    pub strength: Option<i16>,
}

/// `+CREG`: where the modem stands with the network.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Registration {
    /// Not in a network and not looking for one.
    Idle,
    /// At home.
    Home,
    /// Looking.
    Searching,
    /// The network does not want it.
    Denied,
    /// The modem does not know.
    Unknown,
    /// Abroad.
    Roaming,
    /// Texts only, at home or abroad.
    TextsOnly,
}

/// `+COPS`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Operator {
    /// Its name or number.
    pub name: String,
}

impl Registration {
    /// The state a number stands for.
    pub fn of(state: u8) -> Self {
        match state {
            0 => Self::Idle,
            1 => Self::Home,
            2 => Self::Searching,
            3 => Self::Denied,
            5 => Self::Roaming,
            6 | 7 => Self::TextsOnly,
            _ => Self::Unknown,
        }
    }

    /// Texts can be sent and received.
    pub fn is_registered(self) -> bool {
        matches!(self, Self::Home | Self::Roaming | Self::TextsOnly)
    }
}

/// Reads `+CSQ`.
pub fn signal(reply: &Reply) -> Option<Signal> {
    let values = parameters::of_line(reply.lines.first()?, "+CSQ")?;
    let level: i16 = values.first()?.parse().ok()?;
    Some(Signal { strength: (0..=31).contains(&level).then_some(level * 2 - 113) })
}

/// Reads `+CREG` or `+CEREG`.
pub fn registration(reply: &Reply) -> Option<Registration> {
    reply.lines.iter().find_map(|line| {
        let values = ["+CREG", "+CEREG"].iter().find_map(|prefix| parameters::of_line(line, prefix))?;
        Some(Registration::of(values.get(1)?.parse().ok()?))
    })
}

/// Reads `+COPS`; `None` when there is none.
pub fn operator(reply: &Reply) -> Option<Operator> {
    let values = parameters::of_line(reply.lines.first()?, "+COPS")?;
    let name = values.get(2).filter(|name| !name.is_empty())?;
    Some(Operator { name: (*name).to_owned() })
}

/// Reads `+CSCA`; `None` when the SIM knows none.
pub fn service_centre(reply: &Reply) -> Option<String> {
    let values = parameters::of_line(reply.lines.first()?, "+CSCA")?;
    let number = values.first().filter(|number| number.len() > 2)?;
    Some((*number).to_owned())
}

#[cfg(test)]
mod tests {
    use super::{Registration, operator, registration, signal};
    use crate::at::{FinalResult, Reply};

    fn reply(line: &str) -> Reply {
        Reply { lines: vec![line.to_owned()], result: FinalResult::Ok }
    }

    #[test]
    fn signal_is_told_in_decibels() {
        assert_eq!(signal(&reply("+CSQ: 20,99")).unwrap().strength, Some(-73));
        assert_eq!(signal(&reply("+CSQ: 99,99")).unwrap().strength, None);
    }

    #[test]
    fn registration_is_read_with_and_without_a_place() {
        assert_eq!(registration(&reply("+CREG: 0,1")), Some(Registration::Home));
        assert_eq!(registration(&reply("+CREG: 2,5,\"00C3\",\"E0\",2")), Some(Registration::Roaming));
        assert_eq!(registration(&reply("+CEREG: 2,3")), Some(Registration::Denied));
    }

    #[test]
    fn no_operator_is_none() {
        assert_eq!(operator(&reply("+COPS: 0")), None);
        assert_eq!(operator(&reply("+COPS: 0,0,\"CHINA MOBILE\",7")).unwrap().name, "CHINA MOBILE");
    }
}
