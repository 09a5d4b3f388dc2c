//! What the fuzzer reports.

/// A promise that was not kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The promise.
    pub claim: &'static str,
    /// What happened instead.
    pub detail: String,
}

impl Finding {
    /// A promise, and what happened instead of keeping it.
    pub fn new(claim: &'static str, detail: impl Into<String>) -> Self {
        Self { claim, detail: detail.into() }
    }
}

impl std::fmt::Display for Finding {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "broken: {}\n{}", self.claim, self.detail)
    }
}
