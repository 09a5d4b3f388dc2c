//! Seven-bit units in eight-bit bytes (3GPP TS 23.038 section 6.1.2).

/// Packs septets behind `fill` empty bits, which keep texts behind a header on a septet boundary.
pub(super) fn pack(septets: &[u8], fill: u32) -> Vec<u8> {
    let mut packed = Vec::with_capacity(septets.len());
    let mut held = 0_u32;
    let mut bits = fill;
    for septet in septets {
        held |= u32::from(septet & 0x7f) << bits;
        bits += 7;
        while bits >= 8 {
            packed.push(lowest(held));
            held >>= 8;
            bits -= 8;
        }
    }
    if bits > 0 {
        packed.push(lowest(held));
    }
    packed
}

/// At most `count` septets behind `fill` bits; fewer when the bytes end.
pub(super) fn unpack(bytes: &[u8], fill: u32, count: usize) -> Vec<u8> {
    let mut septets = Vec::with_capacity(count.min(bytes.len() * 8 / 7 + 1));
    let mut held = 0_u32;
    let mut bits = 0_u32;
    let mut skip = fill;
    for byte in bytes {
        held |= u32::from(*byte) << bits;
        bits += 8;
        if skip > 0 && bits >= skip {
            held >>= skip;
            bits -= skip;
            skip = 0;
        }
        while bits >= 7 && septets.len() < count {
            septets.push(lowest(held) & 0x7f);
            held >>= 7;
            bits -= 7;
        }
        if septets.len() == count {
            break;
        }
    }
    septets
}

/// Empty bits behind a header of this many bytes.
pub(super) fn fill_behind(header_bytes: usize) -> u32 {
    match header_bytes * 8 % 7 {
        1 => 6,
        2 => 5,
        3 => 4,
        4 => 3,
        5 => 2,
        6 => 1,
        _ => 0,
    }
}

fn lowest(value: u32) -> u8 {
    let [low, ..] = value.to_le_bytes();
    low
}

#[cfg(test)]
mod tests {
    use super::{fill_behind, pack, unpack};

    #[test]
    fn the_standards_example_is_packed_as_printed() {
        assert_eq!(pack(b"hellohello", 0), [0xE8, 0x32, 0x9B, 0xFD, 0x46, 0x97, 0xD9, 0xEC, 0x37]);
    }

    #[test]
    fn a_header_of_six_bytes_leaves_one_bit_and_one_of_seven_none() {
        assert_eq!((fill_behind(6), fill_behind(7), fill_behind(3)), (1, 0, 4));
    }

    #[test]
    fn packed_septets_come_out_again_behind_any_fill() {
        for fill in 0..7 {
            for length in 0..40_u8 {
                let septets: Vec<u8> = (0..length).map(|place| place * 3 % 128).collect();
                assert_eq!(unpack(&pack(&septets, fill), fill, septets.len()), septets);
            }
        }
    }
}
