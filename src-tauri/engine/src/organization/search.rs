//! The search for people: by name, pinyin, initials, ID, phone and department, best first.

use std::cmp::Ordering;
use std::collections::HashSet;

use memchr::memmem::Finder;
use posthouse_protocol::organization::Person;

use super::people::Known;
use super::rows;
use super::search_key::{Letters, SearchKey};
use super::tree::{Placed, Tree};
use super::typed_pinyin::{Fit, fit};
use crate::model::PersonHit;

/// Characters of a search that are looked at.
const LONGEST: usize = 64;
/// Words of a search that are looked at.
const WORDS: usize = 8;
/// Digits that make a phone number, or a part of one worth looking for.
const DIGITS: usize = 3;

/// How good a hit is; the first is the best.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    /// This very name, ID or number.
    Exact,
    /// The whole name in pinyin.
    Typed,
    /// The name or its pinyin begins so, or these are its initials.
    Beginning,
    /// The pinyin begins so, cut short.
    Short,
    /// The ID begins so, or a number ends so.
    Login,
    /// Somewhere in the name or its pinyin.
    Inside,
    /// Somewhere in the ID or a number.
    Elsewhere,
    /// The department is called so.
    Department,
}

/// A person who was found.
#[derive(Clone, Copy)]
struct Found<'a> {
    rank: Rank,
    /// Here again, because it decides nearly always.
    order: (i32, u64),
    person: &'a Person,
}

/// The best `limit` people for `text`.
pub(super) fn search(tree: &Tree, text: &str, limit: usize) -> Vec<PersonHit> {
    let Some(query) = Query::read(tree, text) else { return Vec::new() };
    let all = tree.people().all().iter();
    let found = all.filter_map(|known| {
        Some(Found { rank: query.rank(known)?, order: known.order, person: &known.person })
    });
    let mut found: Vec<Found<'_>> = found.collect();
    if limit < found.len() {
        found.select_nth_unstable_by(limit, best_first);
        found.truncate(limit);
    }
    found.sort_unstable_by(best_first);
    found.into_iter().map(|found| hit(tree, found.person)).collect()
}

fn best_first(one: &Found<'_>, other: &Found<'_>) -> Ordering {
    fn name(person: &Person) -> (&str, &str, &str) {
        (person.pinyin.as_deref().unwrap_or_default(), &person.name, &person.id)
    }
    let by_order = (one.rank, one.order).cmp(&(other.rank, other.order));
    by_order.then_with(|| name(one.person).cmp(&name(other.person)))
}

fn hit(tree: &Tree, person: &Person) -> PersonHit {
    let post = rows::main_post(tree, person);
    PersonHit {
        person: person.jid.to_string(),
        name: person.name.clone(),
        department_path: post.map(|post| tree.path(&post.department)).unwrap_or_default(),
        title: post.and_then(|post| post.title.clone()),
    }
}

/// What was typed, understood.
struct Query {
    /// Without blanks.
    whole: Word,
    /// The words, when there is more than one.
    words: Vec<Word>,
}

impl Query {
    /// `None`: nothing was typed.
    fn read(tree: &Tree, text: &str) -> Option<Self> {
        let text: String = text.chars().take(LONGEST).map(narrow).collect::<String>().to_lowercase();
        let words: Vec<&str> = text.split_whitespace().take(WORDS).collect();
        if words.is_empty() {
            return None;
        }
        let departments = tree.departments();
        let read = |text: &str| {
            let word = Word::read(text);
            Word { departments: word.departments(tree, &departments), ..word }
        };
        let whole = read(&words.concat());
        let words = if words.len() > 1 { words } else { Vec::new() };
        Some(Self { whole, words: words.into_iter().map(read).collect() })
    }

    fn rank(&self, known: &Known) -> Option<Rank> {
        if let Some(rank) = self.whole.rank(known) {
            return Some(rank);
        }
        if self.words.is_empty() {
            return None;
        }
        // Each word must be found somewhere; the hit is as good as the worst.
        let mut worst = None;
        for word in &self.words {
            worst = worst.max(Some(word.rank(known)?));
        }
        worst
    }
}

/// One word in all the ways it can be meant.
struct Word {
    text: String,
    finder: Finder<'static>,
    /// Letters as for pinyin.
    typed: Option<String>,
    digits: Option<(String, Finder<'static>)>,
    /// Who has none of these sets of letters has no such name, ID or number.
    letters: Vec<Letters>,
    /// By number: departments that are called so, and all below them. Empty when there are none.
    departments: Vec<bool>,
}

impl Word {
    fn read(word: &str) -> Self {
        let plain: String = word.chars().filter(|letter| !matches!(letter, '\'' | '’')).collect();
        let plain = plain.replace('ü', "v");
        let is_typed = !plain.is_empty() && plain.bytes().all(|letter| letter.is_ascii_alphanumeric());
        let is_number = word.chars().all(|letter| letter.is_ascii_digit() || "+-()".contains(letter));
        let digits: String = word.chars().filter(char::is_ascii_digit).collect();
        let typed = is_typed.then_some(plain);
        let digits = (is_number && digits.len() >= DIGITS).then_some(digits);
        let texts = std::iter::once(word).chain(typed.as_deref()).chain(digits.as_deref());
        let mut letters: Vec<Letters> = texts.map(Letters::of).collect();
        letters.dedup();
        Self {
            text: word.to_owned(),
            finder: Finder::new(word).into_owned(),
            typed,
            digits: digits.map(|digits| (digits.clone(), Finder::new(&digits).into_owned())),
            letters,
            departments: Vec::new(),
        }
    }

    fn departments(&self, tree: &Tree, departments: &[Placed<'_>]) -> Vec<bool> {
        let mut called_so: HashSet<&str> = HashSet::new();
        let mut numbers = Vec::new();
        for placed in departments {
            let is_below = placed.parent.is_some_and(|parent| called_so.contains(parent));
            if is_below || self.is_department(placed.key) {
                called_so.insert(placed.department.id.as_str());
                numbers.extend(tree.number_of(&placed.department.id));
            }
        }
        let mut is_called_so = vec![false; if numbers.is_empty() { 0 } else { tree.numbers() }];
        for number in numbers {
            if let Some(is_called_so) = is_called_so.get_mut(number) {
                *is_called_so = true;
            }
        }
        is_called_so
    }

    fn is_department(&self, key: &SearchKey) -> bool {
        let by_pinyin = || {
            let fits = self.typed.as_ref().filter(|typed| typed.len() > 1);
            fits.and_then(|typed| fit(typed, key.pinyin())).is_some_and(|fit| fit < Fit::LaterSyllables)
        };
        self.may_be_in(key) && (key.name().contains(&self.text) || by_pinyin())
    }

    fn may_be_in(&self, key: &SearchKey) -> bool {
        self.letters.iter().any(|letters| key.letters.may_have(*letters))
    }

    fn rank(&self, known: &Known) -> Option<Rank> {
        let key = &known.key;
        let by_key = if self.may_be_in(key) {
            let ways = [self.by_text(key), self.by_pinyin(key), self.by_number(key)];
            ways.into_iter().flatten().min()
        } else {
            None
        };
        by_key.or_else(|| self.by_department(known))
    }

    fn by_text(&self, key: &SearchKey) -> Option<Rank> {
        // Most people are done with here.
        self.finder.find(key.text().as_bytes())?;
        [self.by_name(key), self.by_login(key)].into_iter().flatten().min()
    }

    fn by_name(&self, key: &SearchKey) -> Option<Rank> {
        let place = key.name().find(&self.text)?;
        Some(match place {
            0 if key.name().len() == self.text.len() => Rank::Exact,
            0 => Rank::Beginning,
            _ => Rank::Inside,
        })
    }

    fn by_pinyin(&self, key: &SearchKey) -> Option<Rank> {
        Some(match fit(self.typed.as_deref()?, key.pinyin())? {
            Fit::Whole => Rank::Typed,
            Fit::Syllables | Fit::Initials => Rank::Beginning,
            Fit::Short => Rank::Short,
            Fit::LaterSyllables | Fit::Later => Rank::Inside,
        })
    }

    fn by_login(&self, key: &SearchKey) -> Option<Rank> {
        let place = key.login().find(&self.text)?;
        Some(match place {
            0 if key.login().len() == self.text.len() => Rank::Exact,
            0 => Rank::Login,
            _ => Rank::Elsewhere,
        })
    }

    fn by_number(&self, key: &SearchKey) -> Option<Rank> {
        let (digits, finder) = self.digits.as_ref()?;
        let numbers = key.numbers();
        finder.find(numbers.as_bytes())?;
        let numbers = numbers.split(' ').filter(|number| number.contains(digits));
        let rank = numbers.map(|number| match number.strip_suffix(digits.as_str()) {
            Some("") => Rank::Exact,
            Some(_) => Rank::Login,
            None => Rank::Elsewhere,
        });
        rank.min()
    }

    fn by_department(&self, known: &Known) -> Option<Rank> {
        let is_there =
            |number: &usize| self.departments.get(*number).is_some_and(|is_called_so| *is_called_so);
        let is_found = !self.departments.is_empty() && known.departments.iter().any(is_there);
        is_found.then_some(Rank::Department)
    }
}

/// Letters and digits of the wide form are plain ones.
fn narrow(letter: char) -> char {
    match u32::from(letter) {
        0x3000 => ' ',
        code @ 0xff01..=0xff5e => char::from_u32(code - 0xfee0).unwrap_or(letter),
        _ => letter,
    }
}

#[cfg(test)]
mod tests;
