//! People by department, for what is sent to many.

use std::collections::BTreeMap;
use std::sync::Arc;

use jid::BareJid;
use posthouse_protocol::organization::Person;

use super::Directory;
use crate::storage::applications::Scope;

impl Directory {
    /// The person with this id of the directory.
    pub fn person_of_id(&self, id: &str) -> Option<Arc<Person>> {
        self.record.read().people.get(id).cloned()
    }

    /// The person with this ID to sign in with at that domain, or with this id of the directory.
    pub fn person_named(&self, domain: &str, name: &str) -> Option<Arc<Person>> {
        let address = BareJid::new(&format!("{name}@{domain}")).ok();
        address.and_then(|address| self.person(&address)).or_else(|| self.person_of_id(name))
    }

    /// Everybody.
    pub fn everybody(&self) -> Vec<Arc<Person>> {
        self.record.read().people.values().cloned().collect()
    }

    /// The id of a department that is named by its id or by its path, such as `总部/财务部`.
    pub fn department_named(&self, name: &str) -> Option<Arc<str>> {
        let record = self.record.read();
        if let Some((id, _)) = record.departments.get_key_value(name) {
            return Some(Arc::clone(id));
        }
        let wanted: Vec<&str> = name.trim_matches('/').split('/').map(str::trim).rev().collect();
        let is_it = |id: &Arc<str>| {
            let names: Vec<String> = record.upward(id).map(|department| department.name.clone()).collect();
            names.len() == wanted.len() && names.iter().zip(&wanted).all(|(one, other)| one == other)
        };
        record.departments.keys().find(|id| is_it(id)).cloned()
    }

    /// The members of a department, with those of all below it when `is_deep`; each once.
    pub fn members(&self, department: &Arc<str>, is_deep: bool) -> Vec<Arc<Person>> {
        let record = self.record.read();
        let departments = if is_deep { record.downward(department) } else { vec![Arc::clone(department)] };
        let ids = departments.iter().filter_map(|department| record.members.get(department)).flatten();
        let people: BTreeMap<&Arc<str>, &Arc<Person>> =
            ids.filter_map(|id| record.people.get_key_value(id)).collect();
        people.into_values().cloned().collect()
    }

    /// Whether an application with that scope may write to the person.
    pub fn may_be_written_to(&self, person: &Person, scope: &Scope) -> bool {
        scope.everyone || scope.people.contains(&person.id) || self.is_in_any(person, &scope.departments)
    }

    /// Whether the person has a post in one of these departments or below.
    pub fn is_in_any(&self, person: &Person, departments: &[String]) -> bool {
        let record = self.record.read();
        person.posts.iter().any(|post| {
            record.upward(&post.department).any(|department| departments.contains(&department.id))
        })
    }
}
