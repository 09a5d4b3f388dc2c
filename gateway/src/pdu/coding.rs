//! How a text is coded (TP-DCS, 3GPP TS 23.038 section 4).

/// What the user data consists of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Alphabet {
    /// GSM 7-bit.
    Default,
    /// Bytes.
    Data,
    /// UCS2, in truth UTF-16.
    Ucs2,
}

/// Where the phone is to keep a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// Shown at once and not kept.
    Flash,
    /// In the phone.
    Phone,
    /// On the SIM.
    Sim,
    /// In the terminal equipment.
    Terminal,
}

/// A data coding scheme, read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Coding {
    /// What the user data consists of.
    pub alphabet: Alphabet,
    /// Where to keep it, when it says so.
    pub class: Option<Class>,
    /// Packed by a method nobody uses; not readable for us.
    pub is_compressed: bool,
    /// A voice mail or similar waits (or no longer does).
    pub is_message_waiting: bool,
}

impl Coding {
    /// A text without wishes.
    pub fn plain(alphabet: Alphabet) -> Self {
        Self { alphabet, class: None, is_compressed: false, is_message_waiting: false }
    }

    /// The byte for a text of ours.
    pub(super) fn encode(self) -> u8 {
        let alphabet = match self.alphabet {
            Alphabet::Default => 0x00,
            Alphabet::Data => 0x04,
            Alphabet::Ucs2 => 0x08,
        };
        let class = match self.class {
            None => 0x00,
            Some(Class::Flash) => 0x10,
            Some(Class::Phone) => 0x11,
            Some(Class::Sim) => 0x12,
            Some(Class::Terminal) => 0x13,
        };
        alphabet | class
    }

    /// Any byte has a meaning; reserved ones count as 7-bit, as the standard asks.
    pub(crate) fn decode(byte: u8) -> Self {
        let class = match byte & 0x03 {
            0 => Class::Flash,
            1 => Class::Phone,
            2 => Class::Sim,
            _ => Class::Terminal,
        };
        let general = match byte & 0x0c {
            0x04 => Alphabet::Data,
            0x08 => Alphabet::Ucs2,
            _ => Alphabet::Default,
        };
        match byte >> 4 {
            0x0..=0x7 => Self {
                alphabet: general,
                class: (byte & 0x10 != 0).then_some(class),
                is_compressed: byte & 0x20 != 0,
                is_message_waiting: false,
            },
            0xc | 0xd => Self { is_message_waiting: true, ..Self::plain(Alphabet::Default) },
            0xe => Self { is_message_waiting: true, ..Self::plain(Alphabet::Ucs2) },
            0xf => {
                let alphabet = if byte & 0x04 != 0 { Alphabet::Data } else { Alphabet::Default };
                Self { class: Some(class), ..Self::plain(alphabet) }
            }
            _ => Self::plain(Alphabet::Default),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Alphabet, Class, Coding};

    #[test]
    fn what_is_written_is_read_again() {
        for alphabet in [Alphabet::Default, Alphabet::Data, Alphabet::Ucs2] {
            for class in
                [None, Some(Class::Flash), Some(Class::Phone), Some(Class::Sim), Some(Class::Terminal)]
            {
                let coding = Coding { class, ..Coding::plain(alphabet) };
                assert_eq!(Coding::decode(coding.encode()), coding);
            }
        }
    }

    #[test]
    fn message_waiting_in_ucs2_is_ucs2() {
        let coding = Coding::decode(0xe8);
        assert!(coding.is_message_waiting && coding.alphabet == Alphabet::Ucs2);
    }

    #[test]
    fn reserved_codings_count_as_seven_bit() {
        assert_eq!(Coding::decode(0x0c).alphabet, Alphabet::Default);
        assert_eq!(Coding::decode(0x9f), Coding::plain(Alphabet::Default));
    }
}
