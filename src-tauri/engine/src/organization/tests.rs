//! Scenes of a directory, and what they are made of.

mod figures;
mod keeping_up;
mod property;
pub(crate) mod toy_directory;

use std::collections::BTreeMap;

use posthouse_protocol::organization::{Department, Gender, Person, PersonStatus, Post};

use super::tree::Tree;

/// A department; `parent` may be empty.
pub(crate) fn department(id: &str, parent: &str, name: &str, pinyin: &str, priority: i32) -> Department {
    Department {
        id: id.to_owned(),
        parent: Some(parent.to_owned()).filter(|parent| !parent.is_empty()),
        name: name.to_owned(),
        priority,
        pinyin: Some(pinyin.to_owned()),
    }
}

/// A person who signs in with the pinyin; posts are departments with the priority there.
pub(crate) fn person(id: &str, name: &str, pinyin: &str, posts: &[(&str, i32)]) -> Person {
    let post = |(place, (department, priority)): (usize, &(&str, i32))| Post {
        department: (*department).to_owned(),
        title: None,
        priority: *priority,
        primary: place == 0,
    };
    Person {
        id: id.to_owned(),
        jid: format!("{}@house.test", pinyin.replace(' ', ".")).parse().unwrap(),
        name: name.to_owned(),
        gender: Gender::Unspecified,
        birth: None,
        avatar: None,
        mobile: None,
        email: None,
        priority: 0,
        status: PersonStatus::Active,
        pinyin: Some(pinyin.to_owned()),
        phones: Vec::new(),
        posts: posts.iter().enumerate().map(post).collect(),
    }
}

/// The tree as the window draws it: the people of a department, then the departments below it.
pub(super) fn drawn(tree: &Tree) -> String {
    let mut text = String::new();
    let mut depths: BTreeMap<&str, usize> = BTreeMap::new();
    for placed in tree.departments() {
        let depth = placed.parent.map_or(0, |parent| depths[parent] + 1);
        depths.insert(&placed.department.id, depth);
        text.push_str(&format!("{}{}\n", "  ".repeat(depth), placed.department.name));
        for (person, _) in tree.members(&placed.department.id) {
            text.push_str(&format!("{}- {}\n", "  ".repeat(depth + 1), person.name));
        }
    }
    text
}
