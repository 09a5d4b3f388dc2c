//! The search for people: by name, pinyin, initials, ID, phone and department, best first.

use std::cmp::Ordering;
use std::collections::HashSet;

use posthouse_protocol::organization::Person;

use super::people::Known;
use super::rows;
use super::search_key::SearchKey;
use super::tree::Tree;
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

/// The best `limit` people for `text`.
pub(super) fn search(tree: &Tree, text: &str, limit: usize) -> Vec<PersonHit> {
    let Some(query) = Query::read(tree, text) else { return Vec::new() };
    let ranked = tree.people().all().iter().filter_map(|known| Some((query.rank(known)?, &*known.person)));
    let mut ranked: Vec<(Rank, &Person)> = ranked.collect();
    if limit < ranked.len() {
        ranked.select_nth_unstable_by(limit, order);
        ranked.truncate(limit);
    }
    ranked.sort_unstable_by(order);
    ranked.into_iter().map(|(_, person)| hit(tree, person)).collect()
}

fn order(one: &(Rank, &Person), other: &(Rank, &Person)) -> Ordering {
    let key = |person: &Person| (person.priority, person.pinyin.is_none());
    let by_name = |one: &Person, other: &Person| {
        (&one.pinyin, &one.name, &one.id).cmp(&(&other.pinyin, &other.name, &other.id))
    };
    let by_rank = one.0.cmp(&other.0);
    by_rank.then_with(|| key(one.1).cmp(&key(other.1))).then_with(|| by_name(one.1, other.1))
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
struct Query<'a> {
    /// Without blanks.
    whole: Word<'a>,
    /// The words, when there is more than one.
    words: Vec<Word<'a>>,
}

impl<'a> Query<'a> {
    /// `None`: nothing was typed.
    fn read(tree: &'a Tree, text: &str) -> Option<Self> {
        let text: String = text.chars().take(LONGEST).map(narrow).collect::<String>().to_lowercase();
        let words: Vec<&str> = text.split_whitespace().take(WORDS).collect();
        if words.is_empty() {
            return None;
        }
        let whole = Word::read(tree, &words.concat());
        let words = if words.len() > 1 { words } else { Vec::new() };
        Some(Self { whole, words: words.into_iter().map(|word| Word::read(tree, word)).collect() })
    }

    fn rank(&self, known: &Known) -> Option<Rank> {
        if let Some(rank) = self.whole.rank(known) {
            return Some(rank);
        }
        // Each word must be found somewhere; the hit is as good as the worst.
        let ranks: Option<Vec<Rank>> = self.words.iter().map(|word| word.rank(known)).collect();
        ranks?.into_iter().max()
    }
}

/// One word in all the ways it can be meant.
struct Word<'a> {
    text: String,
    /// Letters as for pinyin.
    typed: Option<String>,
    digits: Option<String>,
    /// Departments that are called so, and all below them.
    departments: HashSet<&'a str>,
}

impl<'a> Word<'a> {
    fn read(tree: &'a Tree, word: &str) -> Self {
        let plain: String = word.chars().filter(|letter| !matches!(letter, '\'' | '’')).collect();
        let plain = plain.replace('ü', "v");
        let is_typed = !plain.is_empty() && plain.bytes().all(|letter| letter.is_ascii_alphanumeric());
        let is_number = word.chars().all(|letter| letter.is_ascii_digit() || "+-()".contains(letter));
        let digits: String = word.chars().filter(char::is_ascii_digit).collect();
        let mut word = Self {
            text: word.to_owned(),
            typed: is_typed.then_some(plain),
            digits: (is_number && digits.len() >= DIGITS).then_some(digits),
            departments: HashSet::new(),
        };
        word.departments = word.departments(tree);
        word
    }

    fn departments(&self, tree: &'a Tree) -> HashSet<&'a str> {
        let mut called_so = HashSet::new();
        for placed in tree.departments() {
            let is_below = placed.parent.is_some_and(|parent| called_so.contains(parent));
            if is_below || self.is_department(&SearchKey::of_department(placed.department)) {
                called_so.insert(placed.department.id.as_str());
            }
        }
        called_so
    }

    fn is_department(&self, key: &SearchKey) -> bool {
        let by_pinyin = || {
            let fits = self.typed.as_ref().filter(|typed| typed.len() > 1);
            fits.and_then(|typed| fit(typed, key.pinyin())).is_some_and(|fit| fit < Fit::LaterSyllables)
        };
        key.name().contains(&self.text) || by_pinyin()
    }

    fn rank(&self, known: &Known) -> Option<Rank> {
        let key = &known.key;
        let ways = [self.by_name(key), self.by_pinyin(key), self.by_login(key), self.by_number(key)];
        ways.into_iter().flatten().min().or_else(|| self.by_department(&known.person))
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
        let digits = self.digits.as_deref()?;
        let numbers = key.numbers();
        if !numbers.contains(digits) {
            return None;
        }
        let rank = numbers.split(' ').map(|number| match number.strip_suffix(digits) {
            Some("") => Rank::Exact,
            Some(_) => Rank::Login,
            None => Rank::Elsewhere,
        });
        rank.min()
    }

    fn by_department(&self, person: &Person) -> Option<Rank> {
        if self.departments.is_empty() {
            return None;
        }
        let is_there = person.posts.iter().any(|post| self.departments.contains(post.department.as_str()));
        is_there.then_some(Rank::Department)
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
