//! The tree and cards as the window shows them.

use jid::BareJid;
use posthouse_protocol::organization::{Person, Post};

use super::tree::Tree;
use crate::model::{Department, PersonCard, PersonPost, PersonPresence, TreeBatch, TreePerson};

/// Rows of a batch.
const BATCH: usize = 500;

/// The whole tree in batches: each department before its people and before the departments below it.
pub(super) fn batches(tree: &Tree) -> Vec<TreeBatch> {
    let mut batches = Batches::default();
    for placed in tree.departments() {
        let department = placed.department;
        batches.open().departments.push(Department {
            id: department.id.clone(),
            parent: placed.parent.map(str::to_owned),
            name: department.name.clone(),
            position: placed.position,
        });
        for (position, (person, post)) in (0..).zip(tree.members(&department.id)) {
            batches.open().people.push(TreePerson {
                person: person.jid.to_string(),
                name: person.name.clone(),
                department: department.id.clone(),
                title: post.title.clone(),
                primary: post.primary,
                position,
                avatar: person.avatar.clone(),
            });
        }
    }
    batches.finish()
}

#[derive(Default)]
struct Batches {
    full: Vec<TreeBatch>,
    open: Option<TreeBatch>,
}

impl Batches {
    /// A batch with room for one more row.
    fn open(&mut self) -> &mut TreeBatch {
        let is_full = |batch: &mut TreeBatch| batch.departments.len() + batch.people.len() >= BATCH;
        self.full.extend(self.open.take_if(is_full));
        self.open.get_or_insert_with(empty)
    }

    fn finish(mut self) -> Vec<TreeBatch> {
        let mut last = self.open.take().unwrap_or_else(empty);
        last.last = true;
        self.full.push(last);
        self.full
    }
}

fn empty() -> TreeBatch {
    TreeBatch { departments: Vec::new(), people: Vec::new(), last: false }
}

/// The card of a person; `None` when nobody has the address.
pub(super) fn card(tree: &Tree, address: &BareJid, presence: PersonPresence) -> Option<PersonCard> {
    let person = tree.person(address)?;
    Some(PersonCard {
        person: person.jid.to_string(),
        login: person.jid.node().map(|node| node.as_str().to_owned()).unwrap_or_default(),
        name: person.name.clone(),
        posts: posts(tree, person),
        gender: person.gender.word().map(str::to_owned),
        phones: person.phones.clone(),
        mobile: person.mobile.clone(),
        email: person.email.clone(),
        presence,
    })
}

/// The main post first; posts in departments that are not known are not shown.
fn posts(tree: &Tree, person: &Person) -> Vec<PersonPost> {
    let known = |post: &&Post| tree.has_department(&post.department);
    let mut posts: Vec<&Post> = person.posts.iter().filter(known).collect();
    posts.sort_by_key(|post| !post.primary);
    let shown = posts.into_iter().map(|post| PersonPost {
        department_path: tree.path(&post.department),
        title: post.title.clone(),
        primary: post.primary,
    });
    shown.collect()
}

/// The post by which a person is told from others of the same name.
pub(super) fn main_post<'a>(tree: &Tree, person: &'a Person) -> Option<&'a Post> {
    let known = |post: &&Post| tree.has_department(&post.department);
    let mut posts = person.posts.iter().filter(known);
    let first = posts.clone().next();
    posts.find(|post| post.primary).or(first)
}
