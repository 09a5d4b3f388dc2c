//! How long a service centre may try (TP-VP, 3GPP TS 23.040 section 9.2.3.12).

use std::time::Duration;

use super::PduError;
use super::reader::Reader;
use super::timestamp::Timestamp;

/// How long a text may be under way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Validity {
    /// From when the service centre has it.
    Relative(Duration),
    /// Until then.
    Absolute(Timestamp),
    /// The enhanced form, as it came.
    Enhanced([u8; 7]),
}

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;
const WEEK: u64 = 7 * DAY;

/// The relative form: the next longer time it can express, at most 63 weeks.
pub(super) fn encode_relative(time: Duration) -> u8 {
    let seconds = time.as_secs().max(1);
    let octet = match seconds {
        _ if seconds <= 12 * HOUR => seconds.div_ceil(5 * MINUTE) - 1,
        _ if seconds <= DAY => 143 + (seconds - 12 * HOUR).div_ceil(30 * MINUTE),
        _ if seconds <= 30 * DAY => 166 + seconds.div_ceil(DAY),
        _ => 192 + seconds.div_ceil(WEEK),
    };
    u8::try_from(octet).unwrap_or(u8::MAX)
}

fn decode_relative(octet: u8) -> Duration {
    let value = u64::from(octet);
    Duration::from_secs(match octet {
        0..=143 => (value + 1) * 5 * MINUTE,
        144..=167 => 12 * HOUR + (value - 143) * 30 * MINUTE,
        168..=196 => (value - 166) * DAY,
        _ => (value - 192) * WEEK,
    })
}

/// `format` is the two bits of TP-VPF.
pub(super) fn decode(reader: &mut Reader<'_>, format: u8) -> Result<Option<Validity>, PduError> {
    match format {
        0b10 => Ok(Some(Validity::Relative(decode_relative(reader.byte()?)))),
        0b11 => Ok(Timestamp::decode(reader.take(7)?).map(Validity::Absolute)),
        0b01 => {
            let bytes = reader.take(7)?.try_into().map_err(|_| PduError::TooShort)?;
            Ok(Some(Validity::Enhanced(bytes)))
        }
        _ => Ok(None),
    }
}

#[cfg(test)]
mod tests {
    use super::{decode_relative, encode_relative};

    #[test]
    fn every_relative_validity_is_written_as_it_was_read() {
        for octet in 0..=u8::MAX {
            assert_eq!(encode_relative(decode_relative(octet)), octet);
        }
    }
}
