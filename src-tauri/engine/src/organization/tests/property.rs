//! Whatever is edited, pushed, lost or killed, and in whichever order: a client that has asked last shows what the
//! server has.

use posthouse_protocol::organization::Entries;
use proptest::prelude::{Just, ProptestConfig, Strategy, any, prop_oneof};
use proptest::{collection, proptest};

use super::super::answer::{Pushed, Taken};
use super::super::tree::Tree;
use super::keeping_up::Desk;
use super::toy_directory::{Snapshot, ToyDirectory};
use super::{department, drawn, person};

#[derive(Debug, Clone)]
enum Act {
    Edit(Edit),
    /// The push from so many versions ago is sent; it is under way from now on.
    Push(u64),
    /// One of the pushes under way arrives, in any order.
    Arrives(usize),
    /// The client asks for one page.
    Ask,
    Kill,
    LoseAnswers,
    LoseHistory,
    OtherView(u8),
}

#[derive(Debug, Clone)]
enum Edit {
    Department { id: u8, parent: u8, priority: i32 },
    NoDepartment(u8),
    Person { id: u8, departments: Vec<u8>, priority: i32 },
    NoPerson(u8),
}

fn acts() -> impl Strategy<Value = Vec<Act>> {
    let edit = prop_oneof![
        (0..5_u8, 0..6_u8, -1..2).prop_map(|(id, parent, priority)| Edit::Department {
            id,
            parent,
            priority
        }),
        (0..5_u8).prop_map(Edit::NoDepartment),
        (0..8_u8, collection::btree_set(0..5_u8, 0..3), -1..2).prop_map(|(id, departments, priority)| {
            Edit::Person { id, departments: departments.into_iter().collect(), priority }
        }),
        (0..8_u8).prop_map(Edit::NoPerson),
    ];
    let act = prop_oneof![
        6 => edit.prop_map(Act::Edit),
        3 => (0..3_u64).prop_map(Act::Push),
        4 => any::<usize>().prop_map(Act::Arrives),
        5 => Just(Act::Ask),
        1 => Just(Act::Kill),
        1 => Just(Act::LoseAnswers),
        1 => Just(Act::LoseHistory),
        1 => any::<u8>().prop_map(Act::OtherView),
    ];
    collection::vec(act, 0..40)
}

fn carry_out(edit: &Edit, now: &mut Snapshot) {
    match edit {
        Edit::Department { id, parent, priority } => {
            // A parent may come after its child, or never.
            let parent = if id == parent { String::new() } else { format!("d{parent}") };
            let name = format!("部{}", priority);
            let it = department(&format!("d{id}"), &parent, &name, "bu", *priority);
            now.departments.insert(it.id.clone(), it);
        }
        Edit::NoDepartment(id) => drop(now.departments.remove(&format!("d{id}"))),
        Edit::Person { id, departments, priority } => {
            let departments: Vec<String> = departments.iter().map(|id| format!("d{id}")).collect();
            let posts: Vec<(&str, i32)> = departments.iter().map(|id| (id.as_str(), *priority)).collect();
            // Two have the same name, and one may get the address of the other.
            let it = person(&format!("p{id}"), "张三", &format!("zhang san {}", id / 2), &posts);
            now.people.retain(|other, before| *other == it.id || before.jid != it.jid);
            now.people.insert(it.id.clone(), it);
        }
        Edit::NoPerson(id) => drop(now.people.remove(&format!("p{id}"))),
    }
}

/// The tree of a snapshot, made at once.
fn expected(now: &Snapshot) -> Tree {
    Tree::of(now.departments.values().cloned().collect(), now.people.values().cloned().collect())
}

fn assert_same(tree: &Tree, now: &Snapshot) {
    assert_eq!(drawn(tree), drawn(&expected(now)));
    for person in now.people.values() {
        assert_eq!(tree.person(&person.jid).map(|it| &**it), Some(person));
    }
    assert_eq!(tree.people().all().len(), now.people.len());
}

struct Play {
    server: ToyDirectory,
    desk: Desk,
    under_way: Vec<Entries>,
}

impl Play {
    async fn act(&mut self, act: Act) {
        let Self { server, desk, under_way } = self;
        match act {
            Act::Edit(edit) => server.edit(|now| carry_out(&edit, now)),
            Act::Push(back) => under_way.push(server.push(server.version().saturating_sub(back))),
            Act::Arrives(which) if !under_way.is_empty() => {
                let push = under_way.remove(which % under_way.len());
                let version = push.version;
                if matches!(desk.gets(push).await, Pushed::Done(_)) {
                    assert_eq!(desk.version().await, Some(version));
                }
            }
            Act::Ask => {
                let taken = desk.asks_once(server).await;
                assert!(!matches!(taken, Taken::Unfit) || desk.version().await.is_none());
            }
            Act::Kill => desk.killed(),
            Act::LoseAnswers => server.forget_answers(),
            Act::LoseHistory => server.forget_history(),
            Act::OtherView(view) => server.change_view(&format!("view {view}")),
            Act::Arrives(_) => {}
        }
        assert_eq!(drawn(&desk.stored()), drawn(&desk.tree), "memory and store say the same");
    }

    async fn end(&mut self) {
        let Self { server, desk, .. } = self;
        desk.asks(server).await;
        // The answer may have been of an older version: the next question leads on.
        desk.asks(server).await;
        assert_same(&desk.tree, server.now());
        desk.killed();
        assert_same(&desk.tree, server.now());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_client_that_has_asked_last_shows_what_the_server_has(acts in acts(), page in 1..7_usize) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let mut play =
                Play { server: ToyDirectory::new(page), desk: Desk::new(), under_way: Vec::new() };
            for act in acts {
                play.act(act).await;
            }
            play.end().await;
        });
    }
}
