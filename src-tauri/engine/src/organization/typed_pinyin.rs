//! Whether letters are a way to type a name: whole syllables (`zhangsan`), initials (`zs`), or some of each
//! (`zhangs`, `zsan`).

/// Steps that one comparison may take; a strange name must not hold up the search.
const STEPS: u32 = 400;

/// How well the letters fit; the first fits best.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Fit {
    /// All syllables, whole: `zhangsan`.
    Whole,
    /// Whole syllables from the first: `zhang`.
    Syllables,
    /// The initials of all syllables: `zs`.
    Initials,
    /// From the first syllable, with some cut short: `zh`, `zhangs`, `zsan`.
    Short,
    /// Whole syllables from a later one: `san`.
    LaterSyllables,
    /// From a later syllable, with some cut short.
    Later,
}

/// The best fit of `typed` to `pinyin`, syllables with blanks between them.
pub(super) fn fit(typed: &str, pinyin: &str) -> Option<Fit> {
    let first = typed.bytes().next()?;
    let typed = typed.as_bytes();
    let mut steps = STEPS;
    let mut best = None;
    let mut is_first = true;
    let mut rest = Some(pinyin.as_bytes());
    while let Some(name) = rest {
        if name.first().is_some_and(|letter| is_same(first, *letter)) {
            let found = consume(typed, name, Shape::default(), &mut steps);
            let found = found.map(|shape| shape.fit(is_first));
            best = match (best, found) {
                (Some(best), Some(found)) => Some(std::cmp::min::<Fit>(best, found)),
                (best, found) => best.or(found),
            };
            if best.is_some_and(|best| is_first || best == Fit::LaterSyllables) {
                return best;
            }
        }
        is_first = false;
        rest = after_syllable(name);
    }
    best
}

/// What has been consumed so far.
#[derive(Debug, Clone, Copy, Default)]
struct Shape {
    /// A syllable was cut short.
    has_short: bool,
    /// A syllable has more than its first letter.
    has_long: bool,
    /// Nothing of the name is left.
    is_all: bool,
}

impl Shape {
    fn fit(self, is_first: bool) -> Fit {
        match (is_first, self.has_short, self.has_long, self.is_all) {
            (true, false, _, true) => Fit::Whole,
            (true, false, _, false) => Fit::Syllables,
            (true, true, false, true) => Fit::Initials,
            (true, true, _, _) => Fit::Short,
            (false, false, _, _) => Fit::LaterSyllables,
            (false, true, _, _) => Fit::Later,
        }
    }

    fn rank(self) -> Fit {
        self.fit(true)
    }
}

/// All of `typed` along the syllables of `name`, each whole or cut short; the best way.
fn consume(typed: &[u8], name: &[u8], shape: Shape, steps: &mut u32) -> Option<Shape> {
    if typed.is_empty() {
        return Some(Shape { is_all: name.is_empty(), ..shape });
    }
    *steps = steps.checked_sub(1)?;
    let end = name.iter().position(|letter| *letter == b' ').unwrap_or(name.len());
    let (syllable, behind) = name.split_at_checked(end)?;
    let behind = behind.split_first().map_or(behind, |(_, behind)| behind);
    let common = typed.iter().zip(syllable).take_while(|(typed, letter)| is_same(**typed, **letter)).count();
    let mut best: Option<Shape> = None;
    for taken in (1..=common).rev() {
        let shape = Shape {
            has_short: shape.has_short || taken < syllable.len(),
            has_long: shape.has_long || taken > 1,
            is_all: false,
        };
        let Some(found) = typed.get(taken..).and_then(|rest| consume(rest, behind, shape, steps)) else {
            continue;
        };
        if best.is_none_or(|best| found.rank() < best.rank()) {
            best = Some(found);
        }
        if !found.has_short {
            break;
        }
    }
    best
}

/// ü is on no key: it is typed as v, or as u.
fn is_same(typed: u8, letter: u8) -> bool {
    typed == letter || (letter == b'v' && typed == b'u')
}

fn after_syllable(name: &[u8]) -> Option<&[u8]> {
    let end = name.iter().position(|letter| *letter == b' ')?;
    name.get(end.saturating_add(1)..)
}

#[cfg(test)]
mod tests {
    use super::{Fit, fit};

    #[test]
    fn a_name_is_found_by_every_way_to_type_it() {
        for (typed, expected) in [
            ("zhangsan", Some(Fit::Whole)),
            ("zhang", Some(Fit::Syllables)),
            ("zs", Some(Fit::Initials)),
            ("z", Some(Fit::Short)),
            ("zhan", Some(Fit::Short)),
            ("zhangs", Some(Fit::Short)),
            ("zsan", Some(Fit::Short)),
            ("san", Some(Fit::LaterSyllables)),
            ("s", Some(Fit::Later)),
            ("sa", Some(Fit::Later)),
            ("sz", None),
            ("zhangsanf", None),
            ("hang", None),
            ("", None),
        ] {
            assert_eq!(fit(typed, "zhang san"), expected, "{typed}");
        }
    }

    #[test]
    fn letters_that_are_one_syllable_may_be_two() {
        assert_eq!(fit("xian", "xi an"), Some(Fit::Whole));
        assert_eq!(fit("zhang", "zhao hang"), Some(Fit::Short));
        assert_eq!(fit("an", "xi an an"), Some(Fit::LaterSyllables));
    }

    #[test]
    fn the_letter_that_no_keyboard_has_is_typed_as_v_or_u() {
        assert_eq!(fit("lvbu", "lv bu"), Some(Fit::Whole));
        assert_eq!(fit("lubu", "lv bu"), Some(Fit::Whole));
        assert_eq!(fit("lvbu", "lu bu"), None);
    }

    #[test]
    fn a_name_made_to_be_slow_is_given_up() {
        let name = ["aaaaaaaaaa"; 20].join(" ");
        assert_eq!(fit(&format!("{}b", "a".repeat(60)), &name), None);
    }
}
