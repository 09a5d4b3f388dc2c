//! A number by which the same message is recognised when a modem hands it over again.

use crate::clock::Moment;

/// FNV-1a over modem, sender, time and user data: what two messages never have in common, and one message
/// keeps wherever it lies.
pub(super) fn of(modem: &str, sender: &str, sent: Moment, data: &[u8]) -> i64 {
    let time = sent.0.to_be_bytes();
    let pieces: [&[u8]; 4] = [modem.as_bytes(), sender.as_bytes(), &time, data];
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for piece in pieces {
        // The length keeps neighbours apart: "ab" and "c" are not "a" and "bc".
        let length = u64::try_from(piece.len()).unwrap_or(u64::MAX).to_be_bytes();
        for byte in length.iter().chain(piece) {
            hash = (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
    }
    i64::from_be_bytes(hash.to_be_bytes())
}

#[cfg(test)]
mod tests {
    use super::of;
    use crate::clock::Moment;

    #[test]
    fn a_message_has_its_own_number() {
        let one = of("one", "+8613800000001", Moment(5), b"hello");
        assert_eq!(one, of("one", "+8613800000001", Moment(5), b"hello"));
        assert_ne!(one, of("one", "+8613800000001", Moment(6), b"hello"));
        assert_ne!(one, of("two", "+8613800000001", Moment(5), b"hello"));
        assert_ne!(of("a", "bc", Moment(5), b""), of("ab", "c", Moment(5), b""));
    }
}
