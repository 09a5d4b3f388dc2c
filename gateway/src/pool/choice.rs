//! Which modem takes a text.

use crate::store::DueText;

/// A modem as far as the choice goes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Candidate<'a> {
    pub(super) name: &'a str,
    pub(super) prefixes: &'a [String],
    pub(super) is_free: bool,
    pub(super) is_healthy: bool,
    /// It will be healthy in a moment, as far as anybody can tell.
    pub(super) is_coming: bool,
    pub(super) has_room: bool,
    /// Messages of the last day.
    pub(super) sent: usize,
}

/// `None` when the text has to wait.
pub(super) fn choose<'a>(text: &DueText, candidates: &[Candidate<'a>]) -> Option<&'a str> {
    // The parts of one text go through one SIM: the phone joins them by their sender.
    if !text.pinned.is_empty() {
        let pinned = candidates.iter().find(|candidate| candidate.name == text.pinned)?;
        return pinned.can_take().then_some(pinned.name);
    }
    let longest = candidates.iter().filter_map(|candidate| candidate.matches(&text.number)).max()?;
    let mut suitable: Vec<&Candidate<'a>> = candidates
        .iter()
        .filter(|candidate| candidate.matches(&text.number) == Some(longest))
        .filter(|candidate| candidate.is_healthy || candidate.is_coming)
        .collect();
    // A conversation waits for its own modem as long as that works or will in a moment.
    let own = suitable.iter().find(|candidate| candidate.name == text.wanted && text.avoided != text.wanted);
    if let Some(own) = own {
        return own.can_take().then_some(own.name);
    }
    suitable.retain(|candidate| candidate.is_healthy);
    let is_only_one = suitable.len() == 1;
    suitable
        .into_iter()
        .filter(|candidate| candidate.can_take())
        .filter(|candidate| is_only_one || candidate.name != text.avoided)
        .min_by_key(|candidate| (candidate.sent, candidate.name))
        .map(|candidate| candidate.name)
}

/// No text of a lane can be taken. Its modem has them all as long as that works or will in a moment; else any
/// may have them.
pub(super) fn is_closed(lane: &str, candidates: &[Candidate<'_>]) -> bool {
    let own = candidates.iter().find(|candidate| candidate.name == lane);
    match own.filter(|own| own.is_healthy || own.is_coming) {
        Some(own) => !own.can_take(),
        None => !candidates.iter().any(Candidate::can_take),
    }
}

impl Candidate<'_> {
    fn can_take(&self) -> bool {
        self.is_free && self.is_healthy && self.has_room
    }

    /// How many characters of the number its prefixes know; 0 when it is for all numbers.
    fn matches(&self, number: &str) -> Option<usize> {
        known_of(self.prefixes, number)
    }
}

/// How many characters of the number the prefixes know; 0 when there are none: for all numbers.
pub(super) fn known_of(prefixes: &[String], number: &str) -> Option<usize> {
    if prefixes.is_empty() {
        return Some(0);
    }
    prefixes.iter().filter(|prefix| number.starts_with(prefix.as_str())).map(String::len).max()
}

#[cfg(test)]
mod tests {
    use super::{Candidate, choose, is_closed};
    use crate::clock::Moment;
    use crate::store::DueText;

    fn text() -> DueText {
        DueText {
            queued: vec![1],
            id: 1,
            number: "+8613800000001".to_owned(),
            body: String::new(),
            is_flash: false,
            wanted: String::new(),
            pinned: String::new(),
            avoided: String::new(),
            attempts: 0,
            expires: Moment(0),
        }
    }

    fn healthy(name: &str) -> Candidate<'_> {
        Candidate {
            name,
            prefixes: &[],
            is_free: true,
            is_healthy: true,
            is_coming: false,
            has_room: true,
            sent: 0,
        }
    }

    #[test]
    fn the_modem_that_sent_least_takes_it() {
        let candidates = [Candidate { sent: 5, ..healthy("a") }, Candidate { sent: 2, ..healthy("b") }];
        assert_eq!(choose(&text(), &candidates), Some("b"));
    }

    #[test]
    fn a_conversation_waits_for_its_own_modem_that_is_coming_and_others_do_not() {
        let one = Candidate { is_healthy: false, is_coming: true, ..healthy("one") };
        let both = [one, healthy("two")];
        let own = DueText { wanted: "one".to_owned(), ..text() };
        assert_eq!(choose(&own, &both), None);
        assert_eq!(choose(&text(), &both), Some("two"));
        assert_eq!(choose(&own, &[Candidate { is_coming: false, ..one }, healthy("two")]), Some("two"));
    }

    #[test]
    fn a_conversation_waits_for_its_busy_modem_and_leaves_a_sick_one() {
        let wanted = DueText { wanted: "a".to_owned(), ..text() };
        let busy = [Candidate { is_free: false, ..healthy("a") }, healthy("b")];
        assert_eq!(choose(&wanted, &busy), None);
        let sick = [Candidate { is_healthy: false, ..healthy("a") }, healthy("b")];
        assert_eq!(choose(&wanted, &sick), Some("b"));
    }

    #[test]
    fn parts_that_follow_wait_even_for_a_sick_modem() {
        let pinned = DueText { pinned: "a".to_owned(), ..text() };
        assert_eq!(choose(&pinned, &[Candidate { is_healthy: false, ..healthy("a") }, healthy("b")]), None);
    }

    #[test]
    fn a_text_avoids_the_modem_that_failed_it_unless_there_is_no_other() {
        let avoids = DueText { avoided: "a".to_owned(), ..text() };
        assert_eq!(choose(&avoids, &[healthy("a"), Candidate { sent: 9, ..healthy("b") }]), Some("b"));
        assert_eq!(choose(&avoids, &[healthy("a")]), Some("a"));
    }

    #[test]
    fn the_modem_for_the_longest_prefix_takes_it() {
        let (china, unicom) = (["+86".to_owned()], ["+86138".to_owned()]);
        let candidates = [
            healthy("any"),
            Candidate { prefixes: &china, ..healthy("china") },
            Candidate { prefixes: &unicom, sent: 99, ..healthy("unicom") },
        ];
        assert_eq!(choose(&text(), &candidates), Some("unicom"));
    }

    #[test]
    fn a_sim_at_its_limit_takes_nothing() {
        assert_eq!(choose(&text(), &[Candidate { has_room: false, ..healthy("a") }]), None);
    }

    #[test]
    fn a_lane_is_closed_while_its_modem_is_busy_and_open_to_all_when_that_is_sick() {
        let busy = [Candidate { is_free: false, ..healthy("a") }, healthy("b")];
        assert!(is_closed("a", &busy) && !is_closed("b", &busy) && !is_closed("", &busy));
        let sick = [Candidate { is_healthy: false, ..healthy("a") }, healthy("b")];
        assert!(!is_closed("a", &sick));
        let coming = [Candidate { is_healthy: false, is_coming: true, ..healthy("a") }, healthy("b")];
        assert!(is_closed("a", &coming));
        assert!(is_closed("", &[Candidate { is_free: false, ..healthy("a") }]));
    }
}
