//! Who may use a code.

use super::Asker;

/// Everybody, or the people and departments that are named.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Rights {
    /// Paths; those below belong to it.
    pub(super) departments: Vec<String>,
    /// What people sign in with.
    pub(super) people: Vec<String>,
}

impl Rights {
    pub(super) fn allow(&self, asker: &Asker) -> bool {
        if self.departments.is_empty() && self.people.is_empty() {
            return true;
        }
        let is_named = |name: &String| *name == asker.person || *name == asker.address;
        self.people.iter().any(is_named)
            || self.departments.iter().any(|top| asker.departments.iter().any(|path| lies_in(path, top)))
    }

    /// For people.
    pub(super) fn sentence(&self) -> String {
        if self.departments.is_empty() && self.people.is_empty() {
            return "everyone".to_owned();
        }
        let all: Vec<&str> = self.departments.iter().chain(&self.people).map(String::as_str).collect();
        all.join(", ")
    }
}

fn lies_in(path: &str, top: &str) -> bool {
    path.strip_prefix(top).is_some_and(|below| below.is_empty() || below.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::{Asker, Rights};

    fn asker(person: &str, departments: &[&str]) -> Asker {
        Asker {
            person: person.to_owned(),
            address: format!("{person}@posthouse.test"),
            departments: departments.iter().map(|path| (*path).to_owned()).collect(),
            ..Asker::default()
        }
    }

    #[test]
    fn a_code_without_names_is_for_everybody() {
        assert!(Rights::default().allow(&asker("zhang.san", &[])));
    }

    #[test]
    fn a_department_counts_with_all_below_it() {
        let rights = Rights { departments: vec!["总部/财务部".to_owned()], people: Vec::new() };
        assert!(rights.allow(&asker("a", &["总部/财务部"])));
        assert!(rights.allow(&asker("a", &["分公司", "总部/财务部/出纳"])));
        assert!(!rights.allow(&asker("a", &["总部/财务部二处", "总部"])));
    }

    #[test]
    fn people_are_named_by_id_or_address() {
        let rights = Rights {
            departments: vec!["总部".to_owned()],
            people: vec!["zhang.san".to_owned(), "li.si@posthouse.test".to_owned()],
        };
        assert!(rights.allow(&asker("zhang.san", &[])) && rights.allow(&asker("li.si", &[])));
        assert!(!rights.allow(&asker("zhang.sanfeng", &[])));
    }
}
