//! Who signs in: the same people for every server.

use std::fmt::Write;
use std::path::Path;

use anyhow::Context;
use posthouse_tests::server_process::DOMAIN;

/// Everybody's password.
pub(crate) const PASSWORD: &str = "load-password-7";

/// Iterations of everybody's keys (RFC 7677 section 4): what they cost is the client's.
pub(crate) const ITERATIONS: u32 = 4_096;

/// People who work together.
pub(crate) const DEPARTMENT: usize = 50;

/// Somebody, by number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Person(pub(crate) usize);

impl Person {
    /// The first so many people.
    pub(crate) fn first(count: usize) -> impl Iterator<Item = Self> {
        (0..count).map(Self)
    }

    /// The name before the @.
    pub(crate) fn login(self) -> String {
        format!("p{:06}", self.0)
    }

    /// The bare address.
    pub(crate) fn address(self) -> String {
        format!("{}@{DOMAIN}", self.login())
    }

    /// Number of the department.
    pub(crate) fn department(self) -> usize {
        self.0 / DEPARTMENT
    }

    /// The colleagues of the same department among so many people, oneself not among them.
    pub(crate) fn colleagues(self, count: usize) -> impl Iterator<Item = Self> {
        let first = self.department().saturating_mul(DEPARTMENT);
        let last = first.saturating_add(DEPARTMENT).min(count);
        (first..last).map(Self).filter(move |other| *other != self)
    }
}

/// Writes a sheet of these people as `posthouse-server import` reads it.
pub(crate) fn write_sheet(
    path: &Path,
    people: impl Iterator<Item = Person>,
    has_password: bool,
) -> anyhow::Result<()> {
    let mut sheet = String::from("id,name,department");
    sheet.push_str(if has_password { ",password\n" } else { "\n" });
    for person in people {
        let (login, department) = (person.login(), person.department());
        write!(sheet, "{login},Person {login},Company/Division {}/Team {department}", department / 20)?;
        sheet.push_str(&if has_password { format!(",{PASSWORD}\n") } else { "\n".to_owned() });
    }
    std::fs::write(path, sheet).with_context(|| path.display().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colleagues_are_those_of_the_department_who_exist() {
        assert_eq!(Person(0).colleagues(1_000).count(), DEPARTMENT - 1);
        assert_eq!(Person(60).colleagues(70).count(), 19);
        assert!(Person(60).colleagues(70).all(|other| other.department() == 1));
    }
}
