//! Proving anew who one is: a page of ours shows a number and waits, and the app that owns the session, that one alone,
//! shows the same number with the names of the system and the person, and asks for the password.

use serde::{Deserialize, Serialize};

use crate::moment::Moment;
use crate::relying_party::RelyingParty;
use crate::secret::{Digest, Random};
use crate::session::SignedIn;

/// Seconds that a question waits.
pub const LIFE: i64 = 60;
/// Passwords that may be tried for one question.
pub const TRIES: u8 = 3;
/// Wrong passwords of one person in an hour, after which nothing is asked any more.
pub const WRONG_AN_HOUR: usize = 9;
/// A proof is new for so long.
pub const JUST_NOW: i64 = 60;

/// How somebody has proved who they are (`acr`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
pub enum Strength {
    /// By signing in to the app.
    #[default]
    #[serde(rename = "app")]
    App,
    /// And by a password for this very session since then.
    #[serde(rename = "confirmed")]
    Confirmed,
}

impl Strength {
    /// Its name in `acr` and `acr_values`.
    pub fn name(self) -> &'static str {
        match self {
            Self::App => "urn:posthouse:acr:app",
            Self::Confirmed => "urn:posthouse:acr:confirmed",
        }
    }

    /// The first of `acr_values` that is known; the order is the system's.
    pub fn first_of(values: &str) -> Option<Self> {
        let known = |name: &str| [Self::App, Self::Confirmed].into_iter().find(|one| one.name() == name);
        values.split(' ').find_map(known)
    }
}

/// Somebody has proved anew who they are, in one tab's session, for one system.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proof {
    /// The system that wanted it.
    pub party: String,
    /// When.
    pub time: Moment,
}

/// What became of a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Waiting,
    Proved,
    Refused,
}

/// A question that waits for the app.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Challenge {
    /// Names it, to the app and to the page; it opens nothing.
    pub id: String,
    /// The tab's session.
    pub child: Digest,
    /// Login of the person.
    pub login: String,
    /// Full address of the app that owns the session.
    pub instance: String,
    /// The system.
    pub party: String,
    /// Stands on the page and in the app: two digits.
    pub number: u8,
    /// Where the browser goes when it is proved: the request once more, at our own host.
    pub then: String,
    /// Where the browser goes when it is not, when a system wants to hear of that.
    pub otherwise: Option<String>,
    /// End.
    pub expires: Moment,
    tries_left: u8,
    outcome: Outcome,
}

/// What the app says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Said {
    /// The password is right.
    Right,
    /// It is wrong.
    Wrong,
    /// The person does not want to.
    No,
}

/// What comes of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answered {
    /// Keep this with the session.
    Proved(Proof),
    /// So many more may be tried.
    TryAgain(u8),
    /// It is over.
    Over,
}

/// What the page shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Look {
    /// The number, and wait.
    Wait(u8),
    /// Go there.
    Go(String),
    /// Show the page of refusals.
    Refused,
}

impl Challenge {
    /// Asks for a proof.
    pub fn new(
        session: &SignedIn,
        party: &RelyingParty,
        (then, otherwise): (String, Option<String>),
        now: Moment,
        random: &mut Random,
    ) -> Self {
        let id = random.secret();
        let number = random.below(90).saturating_add(10);
        Self {
            id: id.as_str().to_owned(),
            child: session.child.cookie,
            login: session.parent.login.clone(),
            instance: session.parent.instance.clone(),
            party: party.id.clone(),
            number: u8::try_from(number).unwrap_or(10),
            then,
            otherwise,
            expires: now.plus(LIFE),
            tries_left: TRIES,
            outcome: Outcome::Waiting,
        }
    }

    /// It still waits for an answer of the app at that address.
    pub fn waits_for(&self, instance: &str, now: Moment) -> bool {
        self.instance == instance && self.outcome == Outcome::Waiting && now <= self.expires
    }

    /// The app has said something; only the one that owns the session is heard.
    pub fn answer(&mut self, instance: &str, said: Said, now: Moment) -> Answered {
        if !self.waits_for(instance, now) {
            return Answered::Over;
        }
        match said {
            Said::Right => {
                self.outcome = Outcome::Proved;
                Answered::Proved(Proof { party: self.party.clone(), time: now })
            }
            Said::Wrong if self.tries_left > 1 => {
                self.tries_left = self.tries_left.saturating_sub(1);
                Answered::TryAgain(self.tries_left)
            }
            Said::Wrong | Said::No => {
                self.outcome = Outcome::Refused;
                Answered::Over
            }
        }
    }

    /// What the page of that session shows.
    pub fn look(&self, child: Digest, now: Moment) -> Look {
        if child != self.child {
            return Look::Refused;
        }
        match self.outcome {
            Outcome::Proved => Look::Go(self.then.clone()),
            Outcome::Waiting if now <= self.expires => Look::Wait(self.number),
            Outcome::Waiting | Outcome::Refused => self.otherwise.clone().map_or(Look::Refused, Look::Go),
        }
    }
}

/// The system is sensitive, and nobody has proved anew in this session, for this system, who they are.
pub fn is_wanted_by(party: &RelyingParty, session: &SignedIn) -> bool {
    party.confirm && !session.proofs.iter().any(|proof| proof.party == party.id)
}

#[cfg(test)]
mod tests {
    use super::{Answered, Challenge, LIFE, Look, Proof, Said, Strength, is_wanted_by};
    use crate::secret::Digest;
    use crate::testing::{NOW, oa, random, signed_in};

    const APP: &str = "zhang.aili@example.org/desk";

    fn asked() -> Challenge {
        let ways = ("/oauth2/authorize?x".to_owned(), Some("https://oa.example.org/cb?error=x".to_owned()));
        Challenge::new(&signed_in(), &oa(), ways, NOW, &mut random())
    }

    #[test]
    fn the_page_waits_with_a_number_until_the_app_has_the_right_password() {
        let mut asked = asked();
        let child = signed_in().child.cookie;
        assert!((10..100).contains(&asked.number));
        assert_eq!(asked.look(child, NOW.plus(5)), Look::Wait(asked.number));
        assert_eq!(asked.answer(APP, Said::Wrong, NOW.plus(6)), Answered::TryAgain(2));
        let proof = Proof { party: "oa".to_owned(), time: NOW.plus(9) };
        assert_eq!(asked.answer(APP, Said::Right, NOW.plus(9)), Answered::Proved(proof));
        assert_eq!(asked.look(child, NOW.plus(10)), Look::Go("/oauth2/authorize?x".to_owned()));
        assert_eq!(asked.answer(APP, Said::Right, NOW.plus(11)), Answered::Over, "once");
    }

    #[test]
    fn three_wrong_passwords_a_no_and_a_minute_are_the_end() {
        let child = signed_in().child.cookie;
        let refused = Look::Go("https://oa.example.org/cb?error=x".to_owned());
        let mut wrong = asked();
        for left in [Answered::TryAgain(2), Answered::TryAgain(1), Answered::Over] {
            assert_eq!(wrong.answer(APP, Said::Wrong, NOW), left);
        }
        assert_eq!(wrong.answer(APP, Said::Right, NOW), Answered::Over);
        assert_eq!(wrong.look(child, NOW), refused);
        let mut no = asked();
        assert_eq!(no.answer(APP, Said::No, NOW), Answered::Over);
        assert_eq!(no.look(child, NOW), refused);
        let mut late = asked();
        assert_eq!(late.answer(APP, Said::Right, NOW.plus(LIFE + 1)), Answered::Over);
        assert_eq!(late.look(child, NOW.plus(LIFE + 1)), refused);
    }

    #[test]
    fn threat_18_no_other_app_and_no_other_tab_can_answer_or_see_the_question() {
        let mut asked = asked();
        for other in ["zhang.aili@example.org/phone", "zhang.aili@example.org", "li.si@example.org/desk"] {
            assert_eq!(asked.answer(other, Said::Right, NOW), Answered::Over, "{other}");
        }
        assert_eq!(asked.look(Digest::of("another tab"), NOW), Look::Refused);
        assert_eq!(
            asked.look(signed_in().child.cookie, NOW),
            Look::Wait(asked.number),
            "nothing was used up"
        );
    }

    #[test]
    fn a_sensitive_system_wants_a_proof_of_its_own_once_in_a_session() {
        let (mut party, mut session) = (oa(), signed_in());
        assert!(!is_wanted_by(&party, &session));
        party.confirm = true;
        assert!(is_wanted_by(&party, &session));
        session.proofs.push(Proof { party: "erp".to_owned(), time: NOW });
        assert!(is_wanted_by(&party, &session));
        session.proofs.push(Proof { party: "oa".to_owned(), time: NOW });
        assert!(!is_wanted_by(&party, &session));
    }

    #[test]
    fn the_first_known_of_the_wanted_strengths_counts() {
        assert_eq!(Strength::first_of("urn:x urn:posthouse:acr:confirmed"), Some(Strength::Confirmed));
        let either = "urn:posthouse:acr:app urn:posthouse:acr:confirmed";
        assert_eq!(Strength::first_of(either), Some(Strength::App));
        assert_eq!(Strength::first_of("gold 1"), None);
    }
}
