//! Which kept reports are certain. No guess: where two ways are possible, nothing is given.

use crate::outbox::PartState;

/// A report whose attempt is not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct OpenReport {
    /// In the order they came.
    pub(super) id: i64,
    pub(super) reference: i64,
    /// The network's time of the text.
    pub(super) stamp: i64,
    pub(super) state: PartState,
}

/// An attempt whose reference is not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Candidate {
    /// In the order they were given to the modem.
    pub(super) id: i64,
    /// Reports up to this one are about others.
    pub(super) after_report: i64,
    /// Its result may still come.
    pub(super) is_under_way: bool,
}

/// Pairs of reports and attempts. Later reports may mean all that earlier ones may mean and more; so when the
/// first n reports may mean n attempts together, each of these attempts has one of the reports. Both are in
/// order of `id`.
pub(super) fn certain(reports: Vec<OpenReport>, candidates: &[Candidate]) -> Vec<(OpenReport, i64)> {
    let mut reports = reports;
    // What can mean nothing is somebody else's, and must not be counted.
    reports.retain(|report| candidates.iter().any(|candidate| candidate.after_report < report.id));
    let mut candidates = candidates.to_vec();
    let mut pairs = Vec::new();
    while let Some((count, meant)) = whole_group(&reports, &candidates) {
        let rest = reports.split_off(count);
        pairs.extend(in_order(reports, &meant));
        candidates.retain(|candidate| !meant.contains(&candidate.id));
        reports = rest;
    }
    pairs
}

/// The first reports that may mean exactly as many attempts as they are, and these attempts.
fn whole_group(reports: &[OpenReport], candidates: &[Candidate]) -> Option<(usize, Vec<i64>)> {
    (1..).zip(reports).find_map(|(count, last)| {
        let meant: Vec<&Candidate> =
            candidates.iter().filter(|candidate| candidate.after_report < last.id).collect();
        let is_whole = meant.len() == count && !meant.iter().any(|candidate| candidate.is_under_way);
        is_whole.then(|| (count, meant.into_iter().map(|candidate| candidate.id).collect()))
    })
}

/// A modem gives one text after another to the network: the order of the network's stamps is the attempts' order.
/// Where stamps are equal it does not matter who has which, unless one failed: then nobody has any.
fn in_order(mut reports: Vec<OpenReport>, attempts: &[i64]) -> Vec<(OpenReport, i64)> {
    reports.sort_by_key(|report| (report.stamp, report.id));
    let is_doubtful = reports.windows(2).any(|pair| match pair {
        [one, two] => one.stamp == two.stamp && one.state != two.state,
        _ => false,
    });
    if is_doubtful { Vec::new() } else { reports.into_iter().zip(attempts.iter().copied()).collect() }
}

#[cfg(test)]
mod tests {
    use super::{Candidate, OpenReport, certain};
    use crate::outbox::PartState;

    fn report(id: i64, stamp: i64) -> OpenReport {
        OpenReport { id, reference: id, stamp, state: PartState::Delivered }
    }

    fn doubtful(id: i64, after_report: i64) -> Candidate {
        Candidate { id, after_report, is_under_way: false }
    }

    fn pairs(reports: Vec<OpenReport>, candidates: &[Candidate]) -> Vec<(i64, i64)> {
        certain(reports, candidates).into_iter().map(|(report, attempt)| (report.id, attempt)).collect()
    }

    #[test]
    fn the_only_attempt_it_can_mean_has_it() {
        assert_eq!(pairs(vec![report(5, 0)], &[doubtful(1, 4), doubtful(2, 5)]), [(5, 1)]);
    }

    #[test]
    fn one_report_for_two_attempts_is_nobodys() {
        assert!(pairs(vec![report(5, 0)], &[doubtful(1, 4), doubtful(2, 4)]).is_empty());
    }

    #[test]
    fn while_an_attempt_is_under_way_its_result_may_tell() {
        let under_way = Candidate { id: 2, after_report: 4, is_under_way: true };
        assert!(pairs(vec![report(5, 0)], &[under_way]).is_empty());
        assert!(pairs(vec![report(5, 0), report(6, 1)], &[doubtful(1, 4), under_way]).is_empty());
    }

    #[test]
    fn a_report_from_before_all_attempts_does_not_count() {
        assert_eq!(pairs(vec![report(3, 0), report(5, 0)], &[doubtful(1, 4)]), [(5, 1)]);
    }

    #[test]
    fn as_many_reports_as_attempts_are_given_in_the_networks_order() {
        let attempts = [doubtful(1, 0), doubtful(2, 0)];
        assert_eq!(pairs(vec![report(5, 90), report(6, 80)], &attempts), [(6, 1), (5, 2)]);
    }

    #[test]
    fn a_later_attempt_does_not_hold_up_earlier_reports() {
        let attempts = [doubtful(1, 0), doubtful(2, 0), doubtful(3, 6)];
        assert_eq!(pairs(vec![report(5, 80), report(6, 90)], &attempts), [(5, 1), (6, 2)]);
        assert_eq!(pairs(vec![report(5, 80), report(6, 90), report(7, 91)], &attempts).len(), 3);
    }

    #[test]
    fn a_failure_at_the_same_second_as_a_delivery_is_not_guessed() {
        let failure = OpenReport { state: PartState::Failed, ..report(6, 80) };
        assert!(pairs(vec![report(5, 80), failure], &[doubtful(1, 0), doubtful(2, 0)]).is_empty());
    }
}
