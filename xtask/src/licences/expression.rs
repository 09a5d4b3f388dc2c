//! Licence expressions (SPDX specification, annex D), with the old slash for OR.

/// Whether an expression can be satisfied with licences that `allowed` accepts; `None` when it cannot be read.
pub(crate) fn allows(expression: &str, allowed: &dyn Fn(&str) -> bool) -> Option<bool> {
    let spaced = expression.replace('(', " ( ").replace(')', " ) ").replace('/', " OR ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let mut reader = Reader { words: &words, allowed };
    let answer = reader.alternatives()?;
    reader.words.is_empty().then_some(answer)
}

struct Reader<'a> {
    words: &'a [&'a str],
    allowed: &'a dyn Fn(&str) -> bool,
}

impl<'a> Reader<'a> {
    fn alternatives(&mut self) -> Option<bool> {
        let mut answer = self.all_of()?;
        while self.takes("OR") {
            answer |= self.all_of()?;
        }
        Some(answer)
    }

    fn all_of(&mut self) -> Option<bool> {
        let mut answer = self.one()?;
        while self.takes("AND") {
            answer &= self.one()?;
        }
        Some(answer)
    }

    fn one(&mut self) -> Option<bool> {
        let word = self.next()?;
        if word == "(" {
            let answer = self.alternatives()?;
            return self.takes(")").then_some(answer);
        }
        if matches!(word, ")" | "OR" | "AND" | "WITH") {
            return None;
        }
        if self.takes("WITH") {
            let exception = self.next()?;
            return Some((self.allowed)(&format!("{word} WITH {exception}")));
        }
        Some((self.allowed)(word))
    }

    fn next(&mut self) -> Option<&'a str> {
        let (first, rest) = self.words.split_first()?;
        self.words = rest;
        Some(first)
    }

    fn takes(&mut self, word: &str) -> bool {
        let found = self.words.first() == Some(&word);
        if found {
            self.words = self.words.get(1..).unwrap_or_default();
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::allows;

    fn check(expression: &str) -> Option<bool> {
        allows(expression, &|licence| matches!(licence, "MIT" | "ISC" | "Apache-2.0 WITH LLVM-exception"))
    }

    #[test]
    fn one_allowed_alternative_is_enough() {
        assert_eq!(check("GPL-3.0 OR MIT"), Some(true));
        assert_eq!(check("Unlicense/MIT"), Some(true));
        assert_eq!(check("GPL-3.0 OR AGPL-3.0"), Some(false));
    }

    #[test]
    fn every_part_of_a_conjunction_must_be_allowed() {
        assert_eq!(check("MIT AND ISC"), Some(true));
        assert_eq!(check("MIT AND GPL-2.0"), Some(false));
        assert_eq!(check("ISC AND (GPL-2.0 OR MIT)"), Some(true));
        assert_eq!(check("GPL-2.0 AND MIT OR ISC"), Some(true));
    }

    #[test]
    fn an_exception_is_part_of_the_licence() {
        assert_eq!(check("Apache-2.0 WITH LLVM-exception"), Some(true));
        assert_eq!(check("Apache-2.0"), Some(false));
    }

    #[test]
    fn nonsense_is_not_a_licence() {
        for text in ["", "OR", "MIT OR", "(MIT", "MIT ISC", "MIT )"] {
            assert_eq!(check(text), None, "{text:?}");
        }
    }
}
