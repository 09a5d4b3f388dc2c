//! Hours in which phones are left alone, by the clock where the phone is.

use time::{Time, UtcOffset};

use super::calendar;
use crate::clock::Moment;

/// From one time of the day to another, over midnight when the second is earlier.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuietHours {
    /// They begin.
    pub from: Time,
    /// They end.
    pub to: Time,
    /// Where numbers that begin so are; others are where the site is.
    pub zones: Vec<(String, UtcOffset)>,
}

impl QuietHours {
    /// A time of the day as people write it: `22:00`.
    pub fn time(text: &str) -> Option<Time> {
        let (hour, minute) = text.split_once(':')?;
        let number = |text: &str| text.parse::<u8>().ok().filter(|_| text.len() == 2);
        Time::from_hms(number(hour)?, number(minute)?, 0).ok()
    }

    pub(super) fn held_until(&self, number: &str, site: UtcOffset, now: Moment) -> Option<Moment> {
        let known = self.zones.iter().filter(|(prefix, _)| number.starts_with(prefix.as_str()));
        let zone = known.max_by_key(|(prefix, _)| prefix.len()).map_or(site, |(_, zone)| *zone);
        let clock = calendar::local(now, zone).time();
        let is_quiet = if self.from <= self.to {
            self.from <= clock && clock < self.to
        } else {
            self.from <= clock || clock < self.to
        };
        is_quiet.then(|| calendar::next(self.to, now, zone))
    }
}

#[cfg(test)]
mod tests {
    use super::QuietHours;
    use crate::clock::Moment;
    use crate::quotas::{parse_zone, written};

    fn night() -> QuietHours {
        QuietHours {
            from: QuietHours::time("22:00").unwrap(),
            to: QuietHours::time("07:30").unwrap(),
            zones: vec![("+44".to_owned(), parse_zone("+00:00").unwrap())],
        }
    }

    fn until(number: &str, hour: i64) -> Option<String> {
        let site = parse_zone("+08:00").unwrap();
        // 2026-11-27 at this hour in Shanghai.
        let now = Moment((1_795_708_800 + hour * 3_600) * 1_000);
        night().held_until(number, site, now).map(|until| written(until, site))
    }

    #[test]
    fn the_night_goes_over_midnight() {
        assert_eq!(until("+8613800000001", 21), None);
        assert_eq!(until("+8613800000001", 22).unwrap(), "2026-11-28 07:30 (+08:00)");
        assert_eq!(until("+8613800000001", 3).unwrap(), "2026-11-27 07:30 (+08:00)");
        assert_eq!(until("+8613800000001", 8), None);
    }

    #[test]
    fn a_phone_elsewhere_sleeps_by_its_own_clock() {
        assert_eq!(until("+447700900000", 22), None, "it is two in the afternoon there");
        assert_eq!(until("+447700900000", 7).unwrap(), "2026-11-27 15:30 (+08:00)");
    }

    #[test]
    fn a_time_is_written_with_two_digits() {
        for wrong in ["", "7:30", "24:00", "07:60", "0730"] {
            assert_eq!(QuietHours::time(wrong), None, "{wrong}");
        }
    }
}
