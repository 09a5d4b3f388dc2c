//! Reads a template, with a plain sentence for every mistake.

use super::path::Path;
use super::{Case, Piece, Template};

/// A mistake, and where it is.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{problem}, at the sign {place}")]
pub(in crate::query_codes) struct TemplateError {
    /// Which sign, from 1.
    pub(in crate::query_codes) place: usize,
    /// What is wrong.
    pub(in crate::query_codes) problem: String,
}

/// Deepest template inside templates.
const DEEPEST: usize = 8;

impl Template {
    /// Reads it.
    pub(in crate::query_codes) fn read(text: &str) -> Result<Self, TemplateError> {
        let mut reader = Reader { signs: text.chars().collect(), at: 0 };
        let template = reader.words(0, false)?;
        match reader.peek() {
            None => Ok(template),
            Some(_) => Err(reader.mistake("a } without a { before it")),
        }
    }
}

struct Reader {
    signs: Vec<char>,
    at: usize,
}

impl Reader {
    fn peek(&self) -> Option<char> {
        self.signs.get(self.at).copied()
    }

    fn next(&mut self) -> Option<char> {
        let sign = self.peek();
        self.at = self.at.saturating_add(usize::from(sign.is_some()));
        sign
    }

    fn mistake(&self, problem: impl Into<String>) -> TemplateError {
        TemplateError { place: self.at.saturating_add(1), problem: problem.into() }
    }

    fn skip_spaces(&mut self) {
        while self.peek().is_some_and(char::is_whitespace) {
            self.next();
        }
    }

    /// Everything before one of these signs, or before the end.
    fn until(&mut self, ends: &[char]) -> String {
        let mut text = String::new();
        while let Some(sign) = self.peek().filter(|sign| !ends.contains(sign)) {
            text.push(sign);
            self.next();
        }
        text
    }

    fn expect(&mut self, sign: char, problem: &str) -> Result<(), TemplateError> {
        if self.peek() == Some(sign) {
            self.next();
            return Ok(());
        }
        Err(self.mistake(problem))
    }

    /// Words up to a `}` that is not theirs, or the end. `is_counted`: `#` is a number.
    fn words(&mut self, depth: usize, is_counted: bool) -> Result<Template, TemplateError> {
        if depth > DEEPEST {
            return Err(self.mistake("too many templates inside each other"));
        }
        let (mut pieces, mut words) = (Vec::new(), String::new());
        let flush = |words: &mut String, pieces: &mut Vec<Piece>| {
            if !words.is_empty() {
                pieces.push(Piece::Words(std::mem::take(words)));
            }
        };
        while let Some(sign) = self.peek().filter(|sign| *sign != '}') {
            match sign {
                '\'' => self.quoted(is_counted, &mut words),
                '{' => {
                    flush(&mut words, &mut pieces);
                    pieces.push(self.argument(depth)?);
                }
                '#' if is_counted => {
                    self.next();
                    flush(&mut words, &mut pieces);
                    pieces.push(Piece::Number);
                }
                other => {
                    self.next();
                    words.push(other);
                }
            }
        }
        flush(&mut words, &mut pieces);
        Ok(Template(pieces))
    }

    /// As in ICU: `''` is an apostrophe, `'{'` a brace; an apostrophe before anything else is one.
    fn quoted(&mut self, is_counted: bool, words: &mut String) {
        self.next();
        match self.peek() {
            Some('\'') => {
                self.next();
                words.push('\'');
            }
            Some(sign) if "{}".contains(sign) || (is_counted && sign == '#') => {
                words.push_str(&self.until(&['\'']));
                self.next();
            }
            Some(_) | None => words.push('\''),
        }
    }

    fn argument(&mut self, depth: usize) -> Result<Piece, TemplateError> {
        self.next();
        let begin = self.at;
        let name = self.until(&[',', '}', '{']);
        let path = Path::read(&name).ok_or_else(|| TemplateError {
            place: begin.saturating_add(1),
            problem: format!("\"{}\" is no name of a field", name.trim()),
        })?;
        match self.next() {
            Some('}') => return Ok(Piece::Field(path)),
            Some(',') => {}
            _ => return Err(self.mistake("a { without a } behind it")),
        }
        let kind = self.until(&[',', '}', '{']);
        let piece = match (kind.trim(), self.peek()) {
            ("plural", Some(',')) => {
                self.next();
                self.plural(path, depth)?
            }
            ("each", Some(',')) => {
                self.next();
                self.skip_spaces();
                Piece::Each { path, words: self.inner(depth)? }
            }
            ("plural" | "each", _) => return Err(self.mistake("a comma and words in braces are missing")),
            (other, _) => {
                return Err(self.mistake(format!("\"{other}\" is not known here; there are plural and each")));
            }
        };
        self.skip_spaces();
        self.expect('}', "a { without a } behind it")?;
        Ok(piece)
    }

    /// Words in braces.
    fn inner(&mut self, depth: usize) -> Result<Template, TemplateError> {
        self.expect('{', "words in braces are missing")?;
        let words = self.words(depth.saturating_add(1), true)?;
        self.expect('}', "a { without a } behind it")?;
        Ok(words)
    }

    fn plural(&mut self, path: Path, depth: usize) -> Result<Piece, TemplateError> {
        let (mut cases, mut other) = (Vec::new(), None);
        loop {
            self.skip_spaces();
            if self.peek().is_none_or(|sign| sign == '}') {
                break;
            }
            let name = self.until(&['{', '}', ',']);
            let name = name.trim();
            let case = match (name, name.strip_prefix('=').map(str::parse::<i64>)) {
                ("other", _) => None,
                ("one", _) => Some(Case::One),
                (_, Some(Ok(number))) => Some(Case::Exactly(number)),
                _ => {
                    let problem =
                        format!("\"{name}\" is not known in a plural; there are =0, =1 …, one and other");
                    return Err(self.mistake(problem));
                }
            };
            let words = self.inner(depth)?;
            match case {
                Some(case) => cases.push((case, words)),
                None => other = Some(words),
            }
        }
        let other = other.ok_or_else(|| self.mistake("a plural needs other {…}"))?;
        Ok(Piece::Plural { path, cases, other })
    }
}
