use std::sync::Arc;
use std::sync::atomic::AtomicI64;

use jid::DomainPart;
use posthouse_protocol::organization::PersonStatus;

use super::{Follower, News, load};
use crate::clock::Clock;
use crate::organization::directory::{Change, Directory};
use crate::organization::editor::{Editor, PersonEdit, PostEdit, Step};
use crate::organization::visibility::VisibilityRules;
use crate::storage::Database;

async fn world() -> (tempfile::TempDir, Editor, Directory, Follower) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("posthouse.db");
    let server = Database::open(&file).unwrap();
    let domain = DomainPart::new("example.org").unwrap().into_owned();
    let (stock, follower) = load(&server, &domain).await.unwrap();
    // Another connection to the same file, as the command line has.
    let clock = Arc::new(Clock::Fixed(AtomicI64::new(7)));
    let editor = Editor::new(Database::open(&file).unwrap(), clock, "test".to_owned());
    (folder, editor, Directory::new(stock, VisibilityRules::default()), follower)
}

fn person(name: &str, department: &str) -> PersonEdit {
    let department = department.split('/').map(str::to_owned).collect();
    PersonEdit {
        name: Some(name.to_owned()),
        posts: Some(vec![PostEdit { department, ..PostEdit::default() }]),
        ..PersonEdit::default()
    }
}

fn changes(follower: &mut Follower) -> (u64, Vec<Change>) {
    match follower.look().unwrap().unwrap().organization.unwrap() {
        News::Changes(version, changes) => (version, changes),
        News::Everything(_) => panic!("only changes are news here"),
    }
}

#[tokio::test]
async fn an_edit_by_another_process_reaches_the_directory() {
    let (_folder, editor, directory, mut follower) = world().await;
    editor.add_person("zhang.san", person("张三", "总部/财务部"), None).await.unwrap();
    let (version, news) = changes(&mut follower);
    assert!(matches!(&news[0], Change::Department(row) if row.name == "总部"));
    assert!(matches!(&news[1], Change::Department(row) if row.name == "财务部"));
    directory.apply(version, news);
    let address = "zhang.san@example.org".parse().unwrap();
    let known = directory.person(&address).unwrap();
    assert_eq!(known.pinyin.as_deref(), Some("zhang san"));
    assert_eq!(directory.department_path(&known.posts[0].department), ["总部", "财务部"]);

    editor.set_disabled("zhang.san", true).await.unwrap();
    let (version, news) = changes(&mut follower);
    directory.apply(version, news);
    assert_eq!(directory.person(&address).unwrap().status, PersonStatus::Disabled);

    editor.remove_person("zhang.san").await.unwrap();
    let (version, news) = changes(&mut follower);
    assert!(matches!(&news[..], [Change::PersonGone(_)]));
    directory.apply(version, news);
    assert!(directory.person(&address).is_none());
}

#[tokio::test]
async fn waiting_ends_with_the_next_edit() {
    let (_folder, editor, _directory, mut follower) = world().await;
    let edit = editor.add_department(vec!["总部".to_owned()], 0);
    let (update, created) = tokio::join!(follower.next(), edit);
    created.unwrap();
    assert!(update.unwrap().organization.is_some());
}

#[tokio::test]
async fn who_waits_for_the_follower_finds_what_was_written_before_carried_over() {
    let (_folder, editor, directory, mut follower) = world().await;
    let nudge = follower.nudge();
    let directory = Arc::new(directory);
    let carried = Arc::clone(&directory);
    let following = tokio::spawn(async move {
        while let Ok(update) = follower.next().await {
            if let Some(News::Changes(version, changes)) = update.organization {
                carried.apply(version, changes);
            }
        }
    });
    for number in 0..20 {
        let login = format!("person{number}");
        editor.add_person(&login, person("张三", "总部"), None).await.unwrap();
        nudge.caught_up().await;
        assert!(directory.is_member(&format!("{login}@example.org").parse().unwrap()), "{login}");
    }
    tokio::time::timeout(super::PERIOD, nudge.caught_up())
        .await
        .expect("nothing to carry is no reason to wait");
    following.abort();
}

#[tokio::test]
async fn a_change_that_the_log_cannot_hold_is_told_as_everything() {
    let (_folder, editor, _directory, mut follower) = world().await;
    let steps = (0..20_001).map(|number| Step::Department(vec![format!("部门{number}")], 0)).collect();
    editor.import("test", String::new(), steps).await.unwrap();
    let news = follower.look().unwrap().unwrap().organization.unwrap();
    let News::Everything(stock) = news else { panic!("the log was cut") };
    assert_eq!((stock.departments.len(), stock.log.len()), (20_001, 0));
}
