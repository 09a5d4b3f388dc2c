//! Reply templates: words with fields of a JSON answer, in a small part of the message format of ICU. `{data.count}`
//! is a field, `{items.length}` how many a list has, `{count, plural, =0 {…} one {…} other {…}}` chooses words by a
//! number, `{items, each, {…}}` repeats words for every element of a list. `docs/gateway.md` has all of it.

mod parse;
mod path;
mod render;

pub(super) use render::RenderError;

use path::Path;

/// A template that was read without mistakes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Template(Vec<Piece>);

/// What a template is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    /// Words.
    Words(String),
    /// A field of the answer.
    Field(Path),
    /// Words by a number.
    Plural { path: Path, cases: Vec<(Case, Template)>, other: Template },
    /// Words for every element.
    Each { path: Path, words: Template },
    /// `#`: the number of the plural, or the place in the list.
    Number,
}

/// When the words of a plural are taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Case {
    /// The number is this one.
    Exactly(i64),
    /// The number is one.
    One,
}

#[cfg(test)]
mod tests;
