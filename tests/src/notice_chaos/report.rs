//! What came of it, in figures.

use std::fmt;

/// Complaints that are shown.
const SHOWN: usize = 20;

/// What came of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// How often somebody was killed.
    pub kills: usize,
    /// People, half of them at clients.
    pub people: usize,
    /// Notices.
    pub notices: usize,
    /// Of these: shown by a client.
    pub at_clients: usize,
    /// Sent to a client again under the same id, which no client shows twice.
    pub sent_again: usize,
    /// Of these: waited until the client signed in once more.
    pub late: usize,
    /// Of the notices: on a phone.
    pub on_phones: usize,
    /// Reached nobody.
    pub lost: usize,
    /// Reached somebody twice, or by both ways, or somebody else.
    pub doubled: usize,
    /// Stand in the history of their receiver never or more than once.
    pub not_in_history: usize,
    /// Lack something in what the server says about them, or have it in the wrong order.
    pub holes: usize,
    /// How long it took.
    pub seconds: u64,
    /// What was wrong, one by one; the first few.
    pub complaints: Vec<String>,
}

impl Report {
    /// Nothing lost, nothing doubled, nothing left out.
    #[must_use]
    pub fn is_good(&self) -> bool {
        let wrong = self.lost + self.doubled + self.not_in_history + self.holes;
        wrong == 0 && self.at_clients > 0 && self.on_phones > 0
    }

    pub(super) fn complain(&mut self, words: String) {
        if self.complaints.len() < SHOWN {
            self.complaints.push(words);
        }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "{} notices to {} people, {} kills, {} s: {} at clients, {} on phones\n\
             lost: {}, doubled: {}, not once in the history: {}, timelines with holes: {}\n\
             sent to a client again under the same id: {}, {} of them at the next sign-in",
            self.notices,
            self.people,
            self.kills,
            self.seconds,
            self.at_clients,
            self.on_phones,
            self.lost,
            self.doubled,
            self.not_in_history,
            self.holes,
            self.sent_again,
            self.late
        )?;
        self.complaints.iter().try_for_each(|complaint| write!(formatter, "\n{complaint}"))
    }
}
