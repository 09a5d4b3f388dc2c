//! Findings, one line each.

/// What was found about one thing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Finding {
    /// In order; the text says what was seen.
    Ok(String),
    /// Works, but not for ever or not for everybody.
    Warning { what: String, next: String },
    /// Does not work.
    Failed { what: String, next: String },
}

impl Finding {
    pub(crate) fn ok(what: impl Into<String>) -> Self {
        Self::Ok(what.into())
    }

    pub(crate) fn warning(what: impl Into<String>, next: impl Into<String>) -> Self {
        Self::Warning { what: what.into(), next: next.into() }
    }

    pub(crate) fn failed(what: impl Into<String>, next: impl Into<String>) -> Self {
        Self::Failed { what: what.into(), next: next.into() }
    }
}

/// All findings.
#[derive(Debug, Default)]
pub(crate) struct Report {
    lines: Vec<String>,
    failures: usize,
}

impl Report {
    pub(crate) fn add(&mut self, about: &str, finding: Finding) {
        let (mark, what, next) = match finding {
            Finding::Ok(what) => ("ok", what, String::new()),
            Finding::Warning { what, next } => ("WARNING", what, next),
            Finding::Failed { what, next } => {
                self.failures = self.failures.saturating_add(1);
                ("FAILED", what, next)
            }
        };
        let next = if next.is_empty() { next } else { format!(". Next: {next}") };
        self.lines.push(format!("{mark:<8} {about:<12} {what}{next}"));
    }

    pub(crate) fn text(&self) -> String {
        self.lines.join("\n")
    }

    pub(crate) fn failures(&self) -> usize {
        self.failures
    }
}

#[cfg(test)]
mod tests {
    use super::{Finding, Report};

    #[test]
    fn each_finding_is_one_line_and_failures_count() {
        let mut report = Report::default();
        report.add("disk", Finding::ok("9 GB are free"));
        report.add("ports", Finding::failed("5222 is taken", "look who has it"));
        assert_eq!(
            report.text(),
            "ok       disk         9 GB are free\nFAILED   ports        5222 is taken. Next: look who has it"
        );
        assert_eq!(report.failures(), 1);
    }
}
