//! Points in time, and how long everything of the sign-on lives.

use serde::{Deserialize, Serialize};

/// Seconds since 1970-01-01T00:00:00Z.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Moment(pub i64);

impl Moment {
    /// So many seconds later.
    #[must_use]
    pub fn plus(self, seconds: i64) -> Self {
        Self(self.0.saturating_add(seconds))
    }

    /// Seconds that have passed since `earlier`; negative when it is later.
    pub fn since(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0)
    }

    /// `2026-11-24T08:30:00Z` (RFC 3339).
    pub fn to_text(self) -> String {
        let days = self.0.div_euclid(86_400);
        let second = self.0.rem_euclid(86_400);
        let (year, month, day) = date(days);
        format!(
            "{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}Z",
            second / 3_600,
            second / 60 % 60,
            second % 60
        )
    }
}

/// Year, month and day of a number of days since 1970 (proleptic Gregorian calendar).
fn date(days: i64) -> (i64, i64, i64) {
    // Years that begin in March, so that the day that comes every fourth year is the last of its year.
    let days = days.saturating_add(719_468);
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month, day)
}

/// How long things live, in seconds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lifetimes {
    /// A ticket by which a tab is entered.
    pub ticket: i64,
    /// Tickets one person may ask for in a minute.
    pub tickets_per_minute: u32,
    /// An authorization code.
    pub code: i64,
    /// An access token.
    pub access_token: i64,
    /// A refresh token.
    pub refresh_token: i64,
    /// An ID token.
    pub id_token: i64,
    /// A CAS service ticket.
    pub service_ticket: i64,
    /// A launch ticket.
    pub launch_ticket: i64,
    /// The way of a forward-auth site to the provider and back.
    pub forward_auth: i64,
    /// A session in which nothing happens.
    pub idle: i64,
    /// A session, whatever happens.
    pub absolute: i64,
    /// How long sessions outlive the app's stream.
    pub grace: i64,
}

impl Default for Lifetimes {
    fn default() -> Self {
        Self {
            ticket: 30,
            tickets_per_minute: 30,
            code: 30,
            access_token: 300,
            refresh_token: 28_800,
            id_token: 300,
            service_ticket: 30,
            launch_ticket: 10,
            forward_auth: 30,
            idle: 28_800,
            absolute: 86_400,
            grace: 900,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Moment;

    #[test]
    fn times_are_written_as_rfc_3339_has_them() {
        assert_eq!(Moment(0).to_text(), "1970-01-01T00:00:00Z");
        assert_eq!(Moment(951_782_399).to_text(), "2000-02-28T23:59:59Z");
        assert_eq!(Moment(951_782_400).to_text(), "2000-02-29T00:00:00Z");
        assert_eq!(Moment(1_795_766_400).to_text(), "2026-11-27T08:00:00Z");
    }
}
