//! Days and months of a site. Zones are distances from UTC: a site with summer time changes its setting.

use time::{Duration, Month, OffsetDateTime, PrimitiveDateTime, Time, UtcOffset};

use crate::clock::Moment;

/// A distance from UTC as people write it: `+08:00`.
pub fn parse_zone(text: &str) -> Option<UtcOffset> {
    let (sign, rest) = match text.split_at_checked(1)? {
        ("+", rest) => (1, rest),
        ("-", rest) => (-1, rest),
        _ => return None,
    };
    let (hours, minutes) = rest.split_once(':')?;
    let number = |text: &str| text.parse::<i8>().ok().filter(|_| text.len() == 2 && text.is_ascii());
    let (hours, minutes) = (number(hours)?, number(minutes)?);
    let is_one = (0..=14).contains(&hours) && (0..60).contains(&minutes);
    UtcOffset::from_hms(sign * hours, sign * minutes, 0).ok().filter(|_| is_one)
}

/// A time as people read it, with its zone.
pub fn written(moment: Moment, zone: UtcOffset) -> String {
    let time = local(moment, zone);
    let (hours, minutes, _) = zone.as_hms();
    let sign = if zone.is_negative() { '-' } else { '+' };
    format!(
        "{} {:02}:{:02} ({sign}{:02}:{:02})",
        time.date(),
        time.hour(),
        time.minute(),
        hours.abs(),
        minutes.abs()
    )
}

/// Year and month of a day's number, as `2026-11`.
pub fn month_of(day: i32) -> String {
    time::Date::from_julian_day(day)
        .map(|date| format!("{:04}-{:02}", date.year(), u8::from(date.month())))
        .unwrap_or_default()
}

pub(super) fn local(moment: Moment, zone: UtcOffset) -> OffsetDateTime {
    OffsetDateTime::from_unix_timestamp(moment.0.div_euclid(1_000))
        .unwrap_or(OffsetDateTime::UNIX_EPOCH)
        .to_offset(zone)
}

pub(super) fn moment(time: OffsetDateTime) -> Moment {
    Moment(time.unix_timestamp().saturating_mul(1_000))
}

pub(super) fn day(now: Moment, zone: UtcOffset) -> i32 {
    local(now, zone).date().to_julian_day()
}

pub(super) fn first_of_month(now: Moment, zone: UtcOffset) -> i32 {
    let date = local(now, zone).date();
    date.replace_day(1).unwrap_or(date).to_julian_day()
}

pub(super) fn start_of_day(now: Moment, zone: UtcOffset) -> Moment {
    midnight(local(now, zone).date(), zone)
}

pub(super) fn next_day(now: Moment, zone: UtcOffset) -> Moment {
    let date = local(now, zone).date();
    midnight(date.next_day().unwrap_or(date), zone)
}

pub(super) fn next_month(now: Moment, zone: UtcOffset) -> Moment {
    let date = local(now, zone).date();
    let year = if date.month() == Month::December { date.year() + 1 } else { date.year() };
    midnight(time::Date::from_calendar_date(year, date.month().next(), 1).unwrap_or(date), zone)
}

fn midnight(date: time::Date, zone: UtcOffset) -> Moment {
    moment(PrimitiveDateTime::new(date, Time::MIDNIGHT).assume_offset(zone))
}

/// The next time the clock shows this, counted from `now`.
pub(super) fn next(clock: Time, now: Moment, zone: UtcOffset) -> Moment {
    let here = local(now, zone);
    let today = here.replace_time(clock);
    moment(if today > here { today } else { today.saturating_add(Duration::DAY) })
}

#[cfg(test)]
mod tests {
    use super::{month_of, next_month, parse_zone, written};
    use crate::clock::Moment;

    #[test]
    fn zones_are_read_as_people_write_them() {
        assert_eq!(parse_zone("+08:00").unwrap().whole_minutes(), 480);
        assert_eq!(parse_zone("-03:30").unwrap().whole_minutes(), -210);
        for wrong in ["", "08:00", "+8:00", "+08:60", "+15:00", "+08", "Asia/Shanghai", "＋08:00"] {
            assert_eq!(parse_zone(wrong), None, "{wrong}");
        }
        assert_eq!(written(Moment(0), parse_zone("-03:30").unwrap()), "1969-12-31 20:30 (-03:30)");
    }

    #[test]
    fn december_is_followed_by_a_new_year() {
        let zone = parse_zone("+00:00").unwrap();
        // 2026-12-31 23:00.
        let next = next_month(Moment(1_798_758_000_000), zone);
        assert_eq!(written(next, zone), "2027-01-01 00:00 (+00:00)");
        assert_eq!(month_of(super::day(next, zone)), "2027-01");
    }
}
