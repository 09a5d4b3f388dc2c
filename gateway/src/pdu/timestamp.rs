//! Service centre time stamps (3GPP TS 23.040 section 9.2.3.11).

/// When a service centre saw a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Timestamp {
    /// Seconds since 1970, UTC.
    pub seconds: i64,
    /// The zone it was written in, in quarters of an hour east of Greenwich.
    pub zone_quarters: i8,
}

impl Timestamp {
    /// `None` for the nonsense that some service centres write.
    pub(super) fn decode(bytes: &[u8]) -> Option<Self> {
        let [year, month, day, hour, minute, second, zone] = *bytes else { return None };
        let year = i64::from(decimal(year)?);
        let year = if year < 90 { 2_000 + year } else { 1_900 + year };
        let (month, day) = (i64::from(decimal(month)?), i64::from(decimal(day)?));
        let (hour, minute, second) = (decimal(hour)?, decimal(minute)?, decimal(second)?);
        if !(1..=12).contains(&month) || !(1..=31).contains(&day) || hour > 23 || minute > 59 || second > 60 {
            return None;
        }
        // Bit 3 of the zone's first digit is its sign; behind it up to 79 quarters are possible.
        let quarters = i8::try_from(decimal(zone & 0xf7)?).ok()?;
        let zone_quarters = if zone & 0x08 == 0 { quarters } else { -quarters };
        let local = days_since_1970(year, month, day) * 86_400
            + i64::from(hour) * 3_600
            + i64::from(minute) * 60
            + i64::from(second);
        Some(Self { seconds: local - i64::from(zone_quarters) * 900, zone_quarters })
    }
}

/// Two decimal digits with the lower one first.
fn decimal(byte: u8) -> Option<u8> {
    let (tens, ones) = (byte & 0x0f, byte >> 4);
    (tens < 10 && ones < 10).then_some(tens * 10 + ones)
}

/// The proleptic Gregorian calendar, counted in years that begin in March.
fn days_since_1970(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let month_from_march = (month + 9) % 12;
    let day_of_year = (153 * month_from_march + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

#[cfg(test)]
mod tests {
    use super::Timestamp;

    #[test]
    fn a_zone_east_of_greenwich_is_taken_off() {
        // 26 August 2002, 19:37:41, two hours east.
        let stamp = Timestamp::decode(&[0x20, 0x80, 0x62, 0x91, 0x73, 0x14, 0x80]).unwrap();
        assert_eq!((stamp.seconds, stamp.zone_quarters), (1_030_383_461, 8));
    }

    #[test]
    fn a_zone_west_of_greenwich_is_added() {
        let east = Timestamp::decode(&[0x62, 0x11, 0x32, 0x80, 0x00, 0x00, 0x00]).unwrap();
        let west = Timestamp::decode(&[0x62, 0x11, 0x32, 0x80, 0x00, 0x00, 0x0a]).unwrap();
        assert_eq!((west.seconds - east.seconds, west.zone_quarters), (20 * 900, -20));
    }

    #[test]
    fn nonsense_is_no_time() {
        assert_eq!(Timestamp::decode(&[0xff; 7]), None);
        assert_eq!(Timestamp::decode(&[0; 7]), None);
        assert_eq!(Timestamp::decode(&[0; 3]), None);
    }
}
