//! A client that keeps up with a directory, is killed, and goes on.

use std::fs;
use std::path::PathBuf;

use posthouse_protocol::organization::Entries;
use tempfile::TempDir;

use super::super::answer::{News, Pushed, Taken, next_query, take_page, take_push};
use super::super::load;
use super::super::tree::Tree;
use super::toy_directory::ToyDirectory;
use super::{department, drawn, person};
use crate::store::people::Held;
use crate::store::{ACCOUNT, Store, people};

/// A client: its file, and the tree that it has in memory.
pub(super) struct Desk {
    folder: TempDir,
    life: u32,
    store: Store,
    pub(super) tree: Tree,
}

impl Desk {
    pub(super) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("0/store.sqlite"), ACCOUNT).unwrap();
        Self { folder, life: 0, store, tree: Tree::default() }
    }

    fn file(&self, life: u32) -> PathBuf {
        self.folder.path().join(format!("{life}/store.sqlite"))
    }

    /// The program is killed: what stands in its files at this moment is all that the next one finds.
    pub(super) fn killed(&mut self) {
        let (now, next) = (self.file(self.life), self.file(self.life + 1));
        fs::create_dir_all(next.parent().unwrap()).unwrap();
        for end in ["", "-wal"] {
            let name = |file: &PathBuf| format!("{}{end}", file.display());
            fs::copy(name(&now), name(&next)).unwrap();
        }
        self.life += 1;
        self.store = Store::open(&next, ACCOUNT).unwrap();
        self.tree = load(&self.store).unwrap();
    }

    /// Asks for one page; answers what became of it.
    pub(super) async fn asks_once(&mut self, server: &mut ToyDirectory) -> Taken {
        let query = self.store.read(next_query).await.unwrap();
        let page = server.answer(&query);
        let taken = self.store.write(move |transaction| take_page(transaction, page)).await.unwrap();
        if let Taken::Done(news) = &taken {
            self.follow(news.clone());
        }
        taken
    }

    /// Asks until there is nothing more to ask for; answers how often.
    pub(super) async fn asks(&mut self, server: &mut ToyDirectory) -> usize {
        for questions in 1..1_000 {
            if matches!(self.asks_once(server).await, Taken::Done(_)) {
                return questions;
            }
        }
        panic!("no end");
    }

    pub(super) async fn gets(&mut self, push: Entries) -> Pushed {
        let pushed = self.store.write(move |transaction| take_push(transaction, push)).await.unwrap();
        if let Pushed::Done(news) = &pushed {
            self.follow(news.clone());
        }
        pushed
    }

    fn follow(&mut self, news: News) {
        match news {
            News::Everything => self.tree = self.stored(),
            News::Changes(pages) => self.tree.apply(pages),
        }
    }

    pub(super) async fn version(&self) -> Option<u64> {
        self.store.read(people::held).await.unwrap().map(|held| held.version)
    }

    /// The tree that the next start would show.
    pub(super) fn stored(&self) -> Tree {
        load(&self.store).unwrap()
    }
}

fn company(server: &mut ToyDirectory) {
    server.edit(|now| {
        for it in
            [department("d1", "", "总部", "zong bu", 0), department("d2", "d1", "财务部", "cai wu bu", 0)]
        {
            now.departments.insert(it.id.clone(), it);
        }
        for it in [
            person("p1", "张三", "zhang san", &[("d2", 0)]),
            person("p2", "李四", "li si", &[("d2", 0)]),
            person("p3", "王五", "wang wu", &[("d1", 0)]),
        ] {
            now.people.insert(it.id.clone(), it);
        }
    });
}

const COMPANY: &str = "总部\n  - 王五\n  财务部\n    - 李四\n    - 张三\n";

#[tokio::test]
async fn a_client_without_anything_gets_everything_in_pages() {
    let mut server = ToyDirectory::new(2);
    company(&mut server);
    let mut desk = Desk::new();
    assert_eq!(desk.asks(&mut server).await, 3);
    assert_eq!(drawn(&desk.tree), COMPANY);
    assert_eq!(drawn(&desk.stored()), COMPANY);
    assert_eq!(desk.version().await, Some(1));
}

#[tokio::test]
async fn a_client_that_is_up_to_date_asks_once_and_changes_nothing() {
    let mut server = ToyDirectory::new(2);
    company(&mut server);
    let mut desk = Desk::new();
    desk.asks(&mut server).await;
    let Taken::Done(news) = desk.asks_once(&mut server).await else { panic!("more than one page") };
    assert!(!news.is_change());
}

#[tokio::test]
async fn killed_between_two_pages_the_old_tree_is_there_and_the_next_login_goes_on() {
    let mut server = ToyDirectory::new(2);
    company(&mut server);
    let mut desk = Desk::new();
    desk.asks(&mut server).await;
    server.edit(|now| {
        now.people.insert("p4".to_owned(), person("p4", "赵六", "zhao liu", &[("d1", 0)]));
        now.people.insert("p5".to_owned(), person("p5", "孙七", "sun qi", &[("d1", 0)]));
        now.people.remove("p3");
    });
    assert_eq!(desk.asks_once(&mut server).await, Taken::More);
    desk.killed();
    assert_eq!(drawn(&desk.tree), COMPANY, "nothing of an answer counts before its last page");
    assert_eq!(desk.asks(&mut server).await, 1, "the first page is not asked for again");
    assert_eq!(drawn(&desk.tree), "总部\n  - 孙七\n  - 赵六\n  财务部\n    - 李四\n    - 张三\n");
    desk.killed();
    assert_eq!(drawn(&desk.tree), "总部\n  - 孙七\n  - 赵六\n  财务部\n    - 李四\n    - 张三\n");
}

#[tokio::test]
async fn a_server_that_has_lost_the_pages_starts_over_and_nothing_is_left_of_them() {
    let mut server = ToyDirectory::new(4);
    company(&mut server);
    let mut desk = Desk::new();
    assert_eq!(desk.asks_once(&mut server).await, Taken::More, "both departments, 张三 and 李四");
    server.forget_answers();
    server.edit(|now| drop((now.people.remove("p1"), now.departments.remove("d2"))));
    assert_eq!(desk.asks(&mut server).await, 1);
    assert_eq!(drawn(&desk.tree), "总部\n  - 王五\n");
    assert!(desk.tree.person(&"zhang.san@house.test".parse().unwrap()).is_none());
}

#[tokio::test]
async fn nothing_is_left_of_an_answer_about_changes_that_the_server_has_lost() {
    let mut server = ToyDirectory::new(1);
    company(&mut server);
    let mut desk = Desk::new();
    desk.asks(&mut server).await;
    server.edit(|now| now.people.retain(|id, _| id == "p3"));
    server.edit(|now| now.people.get_mut("p3").unwrap().name = "王六".to_owned());
    assert_eq!(desk.asks_once(&mut server).await, Taken::More);
    assert_eq!(desk.asks_once(&mut server).await, Taken::More);
    server.forget_answers();
    server.forget_history();
    desk.asks(&mut server).await;
    assert_eq!(drawn(&desk.tree), "总部\n  - 王六\n  财务部\n");
}

#[tokio::test]
async fn pushes_build_on_each_other() {
    let mut server = ToyDirectory::new(500);
    company(&mut server);
    let mut desk = Desk::new();
    desk.asks(&mut server).await;
    server.edit(|now| now.people.get_mut("p1").unwrap().name = "张三丰".to_owned());
    let first = server.push(1);
    server.edit(|now| drop(now.departments.remove("d2")));
    let second = server.push(2);
    assert!(matches!(desk.gets(first.clone()).await, Pushed::Done(_)));
    assert_eq!(desk.gets(first).await, Pushed::Known);
    assert!(matches!(desk.gets(second).await, Pushed::Done(_)));
    assert_eq!(drawn(&desk.tree), "总部\n  - 王五\n");
    assert_eq!(desk.tree.person(&"zhang.san@house.test".parse().unwrap()).unwrap().name, "张三丰");
    assert_eq!(drawn(&desk.stored()), drawn(&desk.tree));
}

#[tokio::test]
async fn a_gap_between_pushes_leads_to_a_question() {
    let mut server = ToyDirectory::new(500);
    company(&mut server);
    let mut desk = Desk::new();
    desk.asks(&mut server).await;
    server.edit(|now| drop(now.people.remove("p1")));
    server.edit(|now| drop(now.people.remove("p2")));
    assert_eq!(desk.gets(server.push(2)).await, Pushed::Gap);
    assert_eq!(drawn(&desk.tree), COMPANY);
    desk.asks(&mut server).await;
    assert_eq!(drawn(&desk.tree), "总部\n  - 王五\n  财务部\n");
}

#[tokio::test]
async fn the_server_may_want_to_be_asked() {
    let mut server = ToyDirectory::new(500);
    company(&mut server);
    let mut desk = Desk::new();
    assert_eq!(desk.gets(server.push(0)).await, Pushed::Gap, "nothing has been read yet");
    desk.asks(&mut server).await;
    let call = Entries { fetch: true, ..server.push(1) };
    assert_eq!(desk.gets(call).await, Pushed::Gap);
    server.change_view("less");
    assert_eq!(desk.gets(server.push(1)).await, Pushed::Gap, "a version of another view says nothing");
}

#[tokio::test]
async fn another_view_replaces_everything() {
    let mut server = ToyDirectory::new(2);
    company(&mut server);
    let mut desk = Desk::new();
    desk.asks(&mut server).await;
    server.change_view("less");
    server.edit(|now| now.people.retain(|id, _| id == "p3"));
    desk.asks(&mut server).await;
    assert_eq!(drawn(&desk.tree), "总部\n  - 王五\n  财务部\n");
    assert_eq!(drawn(&desk.stored()), drawn(&desk.tree));
    let held = desk.store.read(people::held).await.unwrap();
    assert_eq!(held, Some(Held { version: 2, view: "less".to_owned() }));
}

#[tokio::test]
async fn pages_that_do_not_belong_together_are_not_put_in_force() {
    let mut server = ToyDirectory::new(2);
    company(&mut server);
    let mut desk = Desk::new();
    desk.asks(&mut server).await;
    // A page out of turn, a page on something that is not here.
    let stray = Entries { version: 9, since: Some(1), view: "all".to_owned(), page: 3, ..Entries::default() };
    let other = Entries { version: 9, since: Some(7), view: "all".to_owned(), ..Entries::default() };
    for page in [stray, other] {
        let taken = desk.store.write(move |transaction| take_page(transaction, page)).await.unwrap();
        assert_eq!(taken, Taken::Unfit);
        assert_eq!(drawn(&desk.stored()), COMPANY, "there is something to show all the same");
        assert_eq!(desk.version().await, None, "but everything is asked for");
        desk.asks(&mut server).await;
        assert_eq!(desk.version().await, Some(1));
    }
}

#[tokio::test]
async fn everything_about_a_person_is_kept() {
    let mut server = ToyDirectory::new(500);
    let mut zhang = person("p1", "张三", "zhang san", &[("d2", 3), ("d1", 0)]);
    zhang.posts[0].title = Some("会计 & 出纳".to_owned());
    zhang.gender = posthouse_protocol::organization::Gender::Female;
    zhang.birth = Some("1980-02-29".to_owned());
    zhang.avatar = Some("da39a3ee5e6b4b0d3255bfef95601890afd80709".to_owned());
    zhang.mobile = Some("+8613800000001".to_owned());
    zhang.email = Some("z@house.test".to_owned());
    zhang.priority = -4;
    zhang.status = posthouse_protocol::organization::PersonStatus::Disabled;
    zhang.phones = vec!["010-1".to_owned(), "010-2 转 3".to_owned()];
    let expected = zhang.clone();
    server.edit(|now| drop(now.people.insert("p1".to_owned(), zhang)));
    let mut desk = Desk::new();
    desk.asks(&mut server).await;
    desk.killed();
    let found = desk.tree.person(&expected.jid).unwrap();
    assert_eq!(**found, expected);
}
