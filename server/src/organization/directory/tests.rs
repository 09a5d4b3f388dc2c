//! Scenes and properties of the directory: versions, views, who may reach whom.

use std::collections::BTreeMap;

use posthouse_protocol::organization::Post;
use proptest::prelude::*;

use super::*;
use crate::organization::visibility::{Audience, FieldAudiences, NoChat};

fn department(id: &str, parent: Option<&str>) -> Department {
    Department {
        id: id.to_owned(),
        parent: parent.map(str::to_owned),
        name: format!("部门{id}"),
        ..Department::default()
    }
}

fn person(id: &str, departments: &[&str]) -> Person {
    let posts =
        departments.iter().map(|department| Post { department: (*department).to_owned(), ..Post::default() });
    Person {
        id: id.to_owned(),
        jid: format!("{id}@example.org").parse().unwrap(),
        name: format!("员工{id}"),
        gender: posthouse_protocol::organization::Gender::Unspecified,
        birth: None,
        avatar: None,
        mobile: Some("+8613800000001".to_owned()),
        email: None,
        priority: 0,
        status: posthouse_protocol::organization::PersonStatus::Active,
        pinyin: None,
        phones: Vec::new(),
        posts: posts.collect(),
    }
}

fn jid(id: &str) -> BareJid {
    format!("{id}@example.org").parse().unwrap()
}

/// 1 with 2 and 3 below; 4 below 3. ann in 2, bob in 3, cat in 4, dan in 2 and 4.
fn company(rules: VisibilityRules) -> Directory {
    let stock = Stock {
        epoch: "first".to_owned(),
        version: 10,
        floor: 10,
        departments: vec![
            department("1", None),
            department("2", Some("1")),
            department("3", Some("1")),
            department("4", Some("3")),
        ],
        people: vec![
            person("ann", &["2"]),
            person("bob", &["3"]),
            person("cat", &["4"]),
            person("dan", &["2", "4"]),
        ],
        log: Vec::new(),
    };
    Directory::new(stock, rules)
}

fn hiding(department: &str) -> VisibilityRules {
    VisibilityRules {
        hidden_departments: BTreeSet::from([department.to_owned()]),
        ..VisibilityRules::default()
    }
}

fn names(seen: &Seen) -> Vec<&str> {
    seen.people.iter().map(|person| person.id.as_str()).collect()
}

#[test]
fn without_rules_everybody_shares_one_view_of_everything() {
    let directory = company(VisibilityRules::default());
    let view = directory.view_of(&jid("ann"));
    assert!(Arc::ptr_eq(&view, &directory.view_of(&jid("cat"))));
    let seen = directory.everything(&view);
    assert_eq!((seen.departments.len(), seen.people.len(), seen.version), (4, 4, 10));
    assert!(directory.may_see(&jid("ann"), &jid("cat")));
    assert!(!directory.may_see(&jid("ann"), &jid("stranger")));
    assert!(!directory.may_chat(&jid("ann"), &jid("stranger")));
}

#[test]
fn a_hidden_department_is_seen_from_inside_only() {
    let directory = company(hiding("3"));
    let outside = directory.everything(&directory.view_of(&jid("ann")));
    assert_eq!(names(&outside), ["ann", "dan"]);
    let dan = outside.people.iter().find(|person| person.id == "dan").unwrap();
    assert_eq!(dan.posts.len(), 1, "the post in the hidden department is not shown");
    let inside = directory.everything(&directory.view_of(&jid("cat")));
    assert_eq!(names(&inside), ["ann", "bob", "cat", "dan"]);
    assert!(!directory.may_see(&jid("ann"), &jid("bob")));
    assert!(directory.may_see(&jid("bob"), &jid("ann")));
}

#[test]
fn who_is_written_to_by_somebody_hidden_may_answer() {
    let rules =
        VisibilityRules { hidden_people: BTreeSet::from(["bob".to_owned()]), ..VisibilityRules::default() };
    let directory = company(rules);
    assert!(!directory.may_see(&jid("ann"), &jid("bob")));
    assert!(directory.may_chat(&jid("bob"), &jid("ann")) && directory.may_chat(&jid("ann"), &jid("bob")));
    let own = directory.everything(&directory.view_of(&jid("bob")));
    assert!(names(&own).contains(&"bob"), "who is hidden sees themselves");
}

#[test]
fn departments_kept_apart_do_not_write_to_each_other() {
    let rules = VisibilityRules {
        no_chat: vec![NoChat { between: "2".to_owned(), and: "3".to_owned() }],
        ..VisibilityRules::default()
    };
    let directory = company(rules);
    assert!(!directory.may_chat(&jid("ann"), &jid("cat")), "4 lies below 3");
    assert!(!directory.may_chat(&jid("cat"), &jid("ann")));
    assert!(directory.may_chat(&jid("bob"), &jid("cat")));
}

#[test]
fn a_field_for_the_department_is_shown_to_colleagues_and_to_oneself() {
    let fields = FieldAudiences { mobile: Audience::Department, ..FieldAudiences::default() };
    let directory = company(VisibilityRules { fields, ..VisibilityRules::default() });
    let mobile =
        |viewer: &str, of: &str| directory.person_for(&jid(viewer), &jid(of)).unwrap().mobile.clone();
    assert!(mobile("ann", "dan").is_some());
    assert!(mobile("ann", "bob").is_none());
    assert!(mobile("bob", "bob").is_some());
}

#[test]
fn other_rules_make_another_view() {
    let directory = company(VisibilityRules::default());
    let before = directory.view_of(&jid("ann"));
    directory.set_rules(hiding("3"));
    let after = directory.view_of(&jid("ann"));
    assert_ne!(before.id(), after.id());
    directory.set_rules(VisibilityRules::default());
    assert_eq!(before.id(), directory.view_of(&jid("ann")).id());
}

#[test]
fn departments_come_parents_first_in_their_order() {
    let directory = company(VisibilityRules::default());
    let mut first = department("3", Some("1"));
    first.priority = -1;
    directory.apply(11, vec![Change::Department(first)]);
    let seen = directory.everything(&directory.view_of(&jid("ann")));
    let order: Vec<&str> = seen.departments.iter().map(|department| department.id.as_str()).collect();
    assert_eq!(order, ["1", "3", "4", "2"]);
}

#[test]
fn a_large_company_shares_rosters_by_department() {
    let rules = VisibilityRules { roster_everybody_up_to: 3, ..VisibilityRules::default() };
    let directory = company(rules);
    let (people, scope) = directory.colleagues(&jid("ann"));
    assert_eq!(people.iter().map(|person| person.id.as_str()).collect::<Vec<_>>(), ["ann", "dan"]);
    assert_eq!(scope, Scope::Departments(BTreeSet::from(["2".into()])));
    assert!(directory.is_colleague(&jid("ann"), &jid("dan")));
    assert!(!directory.is_colleague(&jid("ann"), &jid("cat")));
}

#[test]
fn of_a_department_too_large_for_a_roster_only_those_in_it_are_colleagues() {
    let rules = VisibilityRules { roster_everybody_up_to: 1, ..VisibilityRules::default() };
    let directory = company(rules);
    let (people, _) = directory.colleagues(&jid("dan"));
    assert_eq!(people.iter().map(|person| person.id.as_str()).collect::<Vec<_>>(), ["ann"]);
    assert!(directory.is_colleague(&jid("dan"), &jid("ann")));
    assert!(!directory.is_colleague(&jid("ann"), &jid("dan")), "not in the list, so one may ask for him");
}

#[test]
fn an_old_or_future_version_gets_no_changes() {
    let directory = company(VisibilityRules::default());
    let view = directory.view_of(&jid("ann"));
    assert_eq!(directory.changes_since(&view, 9), None);
    assert_eq!(directory.changes_since(&view, 11), None);
    assert_eq!(directory.changes_since(&view, 10).map(|seen| seen.people.len()), Some(0));
}

/// What a client has, kept by the rules of the protocol.
#[derive(Debug, Default, PartialEq, Eq)]
struct Client {
    departments: BTreeMap<String, Department>,
    people: BTreeMap<String, Person>,
}

impl Client {
    fn take(&mut self, seen: Seen) {
        for gone in seen.gone {
            gone.department.map(|id| self.departments.remove(&id));
            gone.person.map(|id| self.people.remove(&id));
        }
        self.departments.extend(seen.departments.into_iter().map(|entry| (entry.id.clone(), entry)));
        self.people.extend(seen.people.into_iter().map(|entry| (entry.id.clone(), Person::clone(&entry))));
    }
}

fn edits() -> impl Strategy<Value = Vec<Vec<Change>>> {
    let id = || (1_u8..8).prop_map(|id| id.to_string());
    let parent = proptest::option::of(id());
    let put_department = (id(), parent, 0_i32..3).prop_map(|(id, parent, priority)| {
        // The editor refuses circles.
        let mut changed = department(&id, parent.filter(|parent| *parent < id).as_deref());
        changed.priority = priority;
        Change::Department(changed)
    });
    let put_person = ((0_u8..6), proptest::collection::btree_set(id(), 0..3)).prop_map(|(id, posts)| {
        let posts: Vec<&str> = posts.iter().map(String::as_str).collect();
        Change::Person(Box::new(person(&format!("p{id}"), &posts)))
    });
    let change = prop_oneof![
        3 => put_department,
        4 => put_person,
        1 => id().prop_map(Change::DepartmentGone),
        1 => (0_u8..6).prop_map(|id| Change::PersonGone(format!("p{id}"))),
    ];
    proptest::collection::vec(proptest::collection::vec(change, 1..4), 1..20)
}

fn rules() -> impl Strategy<Value = VisibilityRules> {
    let ids = proptest::collection::btree_set((1_u8..8).prop_map(|id| id.to_string()), 0..3);
    let hidden = proptest::collection::btree_set((0_u8..6).prop_map(|id| format!("p{id}")), 0..2);
    (ids, hidden, any::<bool>()).prop_map(|(hidden_departments, hidden_people, by_department)| {
        let mobile = if by_department { Audience::Department } else { Audience::Everybody };
        VisibilityRules {
            hidden_departments,
            hidden_people,
            fields: FieldAudiences { mobile, ..FieldAudiences::default() },
            ..VisibilityRules::default()
        }
    })
}

proptest! {
    #[test]
    fn deltas_lead_every_view_to_the_whole_directory(
        edits in edits(),
        rules in rules(),
        asks in proptest::collection::vec(any::<bool>(), 20),
    ) {
        let directory = Directory::new(Stock { log: vec![], ..Stock::default() }, rules);
        let viewers: Vec<BareJid> = (0..6).map(|id| jid(&format!("p{id}"))).collect();
        let mut clients: BTreeMap<BareJid, (Client, u64, Arc<str>)> = BTreeMap::new();
        for (index, changes) in edits.into_iter().enumerate() {
            directory.apply(u64::try_from(index).unwrap() + 1, changes);
            if !asks.get(index).copied().unwrap_or(true) {
                continue;
            }
            for viewer in &viewers {
                let view = directory.view_of(viewer);
                let known = clients.remove(viewer).filter(|(_, _, id)| id == view.id());
                let changes = known.as_ref().and_then(|(_, version, _)| directory.changes_since(&view, *version));
                let (mut client, seen) = match (known, changes) {
                    (Some((client, _, _)), Some(seen)) => (client, seen),
                    _ => (Client::default(), directory.everything(&view)),
                };
                let version = seen.version;
                client.take(seen);
                let mut whole = Client::default();
                whole.take(directory.everything(&view));
                prop_assert_eq!(&client, &whole);
                clients.insert(viewer.clone(), (client, version, Arc::clone(view.id())));
            }
        }
    }
}
