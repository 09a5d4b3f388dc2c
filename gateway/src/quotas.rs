//! What senders may text: limits of a day and a month, hours in which phones are left alone, and what parts cost.
//! Rules only: what was spent and the time come in.

mod calendar;
mod quiet_hours;

use std::collections::BTreeMap;

use time::UtcOffset;

use crate::clock::Moment;

pub use calendar::{month_of, parse_zone, written};
pub use quiet_hours::QuietHours;

/// The most messages of one sender; `None` for no limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Allowance {
    /// In a day.
    pub per_day: Option<u32>,
    /// In a calendar month.
    pub per_month: Option<u32>,
}

/// What a message to numbers that begin so costs, in millionths of the currency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Price {
    /// The beginning; empty for all.
    pub prefix: String,
    /// Millionths.
    pub millionths: i64,
}

/// Messages a sender was granted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Spent {
    /// Today.
    pub day: u32,
    /// In this month, today with it.
    pub month: u32,
}

/// The rules of one site.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rules {
    /// Days begin by this zone.
    pub zone: UtcOffset,
    /// Of senders that are not named.
    pub usual: Allowance,
    /// Of people and applications by address.
    pub senders: BTreeMap<String, Allowance>,
    /// When phones are left alone.
    pub quiet: Option<QuietHours>,
    /// What parts cost.
    pub prices: Vec<Price>,
    /// In which money.
    pub currency: String,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            zone: UtcOffset::UTC,
            usual: Allowance::default(),
            senders: BTreeMap::new(),
            quiet: None,
            prices: Vec::new(),
            currency: String::new(),
        }
    }
}

/// Why a text may not go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// Its sender may send nothing, or nothing so long: waiting is no use.
    Never {
        /// Messages allowed at most.
        most: u32,
    },
    /// The day's messages are used up.
    Day {
        /// How many there are.
        most: u32,
        /// When the next may go.
        next: Moment,
    },
    /// The month's messages are used up.
    Month {
        /// How many there are.
        most: u32,
        /// When the next may go.
        next: Moment,
    },
}

impl Rules {
    /// Whether what this sender texted before matters.
    pub fn limits(&self, sender: &str) -> bool {
        self.senders.get(sender).copied().unwrap_or(self.usual) != Allowance::default()
    }

    /// Whether a text of so many messages may go.
    ///
    /// # Errors
    /// Why not, and when it may.
    pub fn judge(&self, sender: &str, messages: u32, spent: Spent, now: Moment) -> Result<(), Refusal> {
        let Allowance { per_day, per_month } = self.senders.get(sender).copied().unwrap_or(self.usual);
        let least = [per_day, per_month].into_iter().flatten().min();
        if let Some(most) = least.filter(|most| messages > *most) {
            return Err(Refusal::Never { most });
        }
        let fits =
            |spent: u32, most: Option<u32>| most.is_none_or(|most| spent.saturating_add(messages) <= most);
        if let Some(most) = per_month.filter(|_| !fits(spent.month, per_month)) {
            return Err(Refusal::Month { most, next: calendar::next_month(now, self.zone) });
        }
        if let Some(most) = per_day.filter(|_| !fits(spent.day, per_day)) {
            return Err(Refusal::Day { most, next: calendar::next_day(now, self.zone) });
        }
        Ok(())
    }

    /// Until when a text to this phone waits, when it is not urgent.
    pub fn held_until(&self, number: &str, now: Moment) -> Option<Moment> {
        self.quiet.as_ref()?.held_until(number, self.zone, now)
    }

    /// What a message to this phone costs, in millionths: the longest beginning counts.
    pub fn price(&self, number: &str) -> i64 {
        let known = self.prices.iter().filter(|price| number.starts_with(price.prefix.as_str()));
        known.max_by_key(|price| price.prefix.len()).map(|price| price.millionths).unwrap_or_default()
    }

    /// The day of this time, as a number: days of one month follow one another.
    pub fn day(&self, now: Moment) -> i32 {
        calendar::day(now, self.zone)
    }

    /// When the day of this time began.
    pub fn start_of_day(&self, now: Moment) -> Moment {
        calendar::start_of_day(now, self.zone)
    }

    /// The first day of the month of this time.
    pub fn first_of_month(&self, now: Moment) -> i32 {
        calendar::first_of_month(now, self.zone)
    }
}

impl Refusal {
    /// The condition in the protocol: a broken rule, or something that comes back with time.
    pub fn condition(self) -> &'static str {
        match self {
            Self::Never { .. } => "policy-violation",
            Self::Day { .. } | Self::Month { .. } => "resource-constraint",
        }
    }

    /// What the sender should do (RFC 6120 section 8.3.2).
    pub fn kind(self) -> &'static str {
        match self {
            Self::Never { .. } => "cancel",
            Self::Day { .. } | Self::Month { .. } => "wait",
        }
    }

    /// When it may go.
    pub fn next(self) -> Option<Moment> {
        match self {
            Self::Never { .. } => None,
            Self::Day { next, .. } | Self::Month { next, .. } => Some(next),
        }
    }

    /// What the sender reads.
    pub fn sentence(self, zone: UtcOffset) -> String {
        match self {
            Self::Never { most: 0 } => "You may not send text messages.".to_owned(),
            Self::Never { most } => {
                format!("This text takes more than the {most} messages that you may send.")
            }
            Self::Day { most, next } => format!(
                "Your {most} text messages of today are used up. The next may go on {}.",
                written(next, zone)
            ),
            Self::Month { most, next } => format!(
                "Your {most} text messages of this month are used up. The next may go on {}.",
                written(next, zone)
            ),
        }
    }
}

/// Millionths as people write money.
pub fn money(millionths: i64) -> String {
    format!("{}.{:06}", millionths / 1_000_000, millionths % 1_000_000)
        .trim_end_matches('0')
        .trim_end_matches('.')
        .to_owned()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::{Allowance, Price, Refusal, Rules, Spent, money, parse_zone};
    use crate::clock::Moment;

    /// 2026-11-27 16:00 in Shanghai.
    const NOW: Moment = Moment(1_795_766_400_000);

    fn rules() -> Rules {
        let usual = Allowance { per_day: Some(10), per_month: Some(100) };
        let strict = Allowance { per_day: Some(0), per_month: None };
        Rules {
            zone: parse_zone("+08:00").unwrap(),
            usual,
            senders: BTreeMap::from([("intern@x".to_owned(), strict)]),
            prices: vec![
                Price { prefix: String::new(), millionths: 500_000 },
                Price { prefix: "+86".to_owned(), millionths: 50_000 },
            ],
            ..Rules::default()
        }
    }

    #[test]
    fn a_day_that_is_used_up_ends_at_midnight_of_the_site() {
        let spent = Spent { day: 9, month: 9 };
        assert_eq!(rules().judge("a@x", 1, spent, NOW), Ok(()));
        let Err(refusal) = rules().judge("a@x", 2, spent, NOW) else { panic!("two are too many") };
        assert_eq!(refusal, Refusal::Day { most: 10, next: Moment(1_795_795_200_000) });
        assert_eq!((refusal.condition(), refusal.kind()), ("resource-constraint", "wait"));
        assert_eq!(
            refusal.sentence(rules().zone),
            "Your 10 text messages of today are used up. The next may go on 2026-11-28 00:00 (+08:00)."
        );
    }

    #[test]
    fn a_month_that_is_used_up_ends_with_the_month() {
        let refusal = rules().judge("a@x", 1, Spent { day: 0, month: 100 }, NOW).unwrap_err();
        assert!(refusal.sentence(rules().zone).contains("2026-12-01 00:00 (+08:00)"), "{refusal:?}");
    }

    #[test]
    fn who_may_send_nothing_is_told_so_for_good() {
        let refusal = rules().judge("intern@x", 1, Spent::default(), NOW).unwrap_err();
        assert_eq!((refusal.condition(), refusal.next()), ("policy-violation", None));
        assert_eq!(rules().judge("a@x", 11, Spent::default(), NOW), Err(Refusal::Never { most: 10 }));
    }

    #[test]
    fn the_longest_beginning_has_the_price() {
        assert_eq!((rules().price("+8613800000001"), rules().price("+4912345678")), (50_000, 500_000));
    }

    #[test]
    fn money_is_written_without_needless_zeros() {
        assert_eq!((money(0), money(50_000), money(12_500_000)), ("0".into(), "0.05".into(), "12.5".into()));
    }

    #[test]
    fn without_rules_everything_goes() {
        assert_eq!(Rules::default().judge("a@x", 255, Spent { day: 9_999, month: 99_999 }, NOW), Ok(()));
        assert_eq!(Rules::default().held_until("+86138", NOW), None);
    }
}
