//! What a carrier's refusal means for the text and for the line (SMPP 5.0 section 4.7.6).

use crate::modem::Class;

/// The class of a `command_status` that is not 0.
pub(super) fn class_of(status: u32) -> Class {
    match status {
        // Who we are, or what we may do, is not as agreed: the administrator has to look.
        0x04 | 0x05 | 0x0A | 0x0D | 0x0E | 0x0F | 0x15 | 0x48 | 0x49 | 0x53 | 0x100 => Class::Modem,
        // A phone that cannot be reached.
        0x0B | 0x50 | 0x51 | 0x65 | 0xFE => Class::Destination,
        // The carrier is full, throttles, or has trouble.
        0x08 | 0x14 | 0x45 | 0x58 | 0x64 => Class::Network,
        // A message as no carrier takes it.
        0x01..=0x03 | 0x06 | 0x07 | 0x33 | 0x34 | 0x40 | 0x42..=0x44 | 0x54 | 0x61..=0x63 | 0xC0..=0xC4 => {
            Class::Ours
        }
        _ => Class::Temporary,
    }
}

/// What the administrator reads.
pub(super) fn sentence(status: u32) -> String {
    let meaning = match status {
        0x04 => "the line is not signed in as it should be",
        0x05 => "somebody is signed in with this name already",
        0x0A | 0x48 | 0x49 => "the carrier does not accept the sender that is set",
        0x0D => "signing in failed",
        0x0E => "the password is wrong",
        0x0F => "the system_id is unknown",
        0x15 | 0x53 => "the system_type is not the one the carrier wants",
        0x58 => "the carrier asks for fewer messages",
        0x14 => "the carrier's queue is full",
        0x08 => "the carrier has trouble",
        _ => "the carrier refused",
    };
    format!("{meaning} (SMPP status {status:#010x})")
}

#[cfg(test)]
mod tests {
    use super::{Class, class_of};

    #[test]
    fn a_wrong_sender_is_the_lines_matter_and_a_wrong_phone_is_not() {
        assert_eq!(class_of(0x0A), Class::Modem);
        assert_eq!(class_of(0x0B), Class::Destination);
        assert_eq!(class_of(0x58), Class::Network);
        assert_eq!(class_of(0x01), Class::Ours);
        assert_eq!(class_of(0x4_00), Class::Temporary);
        assert_eq!(class_of(u32::MAX), Class::Temporary);
    }
}
