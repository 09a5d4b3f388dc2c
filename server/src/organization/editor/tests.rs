use std::sync::Arc;
use std::sync::atomic::AtomicI64;

use super::{Condition, DepartmentEdit, EditError, Editor, NewPassword, PersonEdit, PostEdit, TagsEdit};
use crate::clock::Clock;
use crate::storage::accounts::CredentialRow;
use crate::storage::{Database, audit, organization as table};

fn editor() -> (tempfile::TempDir, Database, Editor) {
    let folder = tempfile::tempdir().unwrap();
    let database = Database::open(&folder.path().join("posthouse.db")).unwrap();
    let clock = Arc::new(Clock::Fixed(AtomicI64::new(7)));
    let editor = Editor::new(database.clone(), clock, "test".to_owned());
    (folder, database, editor)
}

fn path(text: &str) -> Vec<String> {
    text.split('/').map(str::to_owned).collect()
}

fn person(name: &str, department: &str) -> PersonEdit {
    PersonEdit {
        name: Some(name.to_owned()),
        posts: Some(vec![PostEdit { department: path(department), ..PostEdit::default() }]),
        ..PersonEdit::default()
    }
}

/// What a password leaves behind; which one does not matter here.
fn keys() -> Vec<CredentialRow> {
    let key = vec![0; 32];
    vec![CredentialRow { hash: 2, salt: vec![1], iterations: 1, stored_key: key.clone(), server_key: key }]
}

#[tokio::test]
async fn adding_a_person_creates_missing_departments_and_says_so() {
    let (_folder, database, editor) = editor();
    let created = editor.add_person("zhang.san", person("张三", "总部/财务部"), None).await.unwrap();
    assert_eq!(created, ["总部", "总部/财务部"]);
    let created = editor.add_person("li.si", person("李四", "总部/财务部"), None).await.unwrap();
    assert!(created.is_empty());
    assert_eq!(database.read_now(table::state).unwrap().version, 2);
    assert_eq!(database.read_now(audit::verify).unwrap(), Ok(2));
}

#[tokio::test]
async fn a_refused_edit_leaves_nothing_behind() {
    let (_folder, database, editor) = editor();
    editor.add_person("zhang.san", person("张三", "总部"), None).await.unwrap();
    let again = editor.add_person("zhang.san", person("张三", "分部"), None).await;
    assert!(matches!(again, Err(EditError::PersonExists(_))));
    let mut twice = person("李四", "新部门");
    twice.posts.as_mut().unwrap().push(PostEdit { department: path("新部门"), ..PostEdit::default() });
    assert!(matches!(editor.add_person("li.si", twice, None).await, Err(EditError::PostTwice { .. })));
    assert_eq!(database.read_now(table::departments).unwrap().len(), 1);
    assert_eq!(database.read_now(table::state).unwrap().version, 1);
    assert_eq!(database.read_now(audit::verify).unwrap(), Ok(1));
}

#[tokio::test]
async fn departments_cannot_be_moved_into_themselves_or_removed_while_in_use() {
    let (_folder, _database, editor) = editor();
    editor.add_department(path("总部/研发/测试"), 3).await.unwrap();
    let moved = editor.move_department(path("总部"), path("总部/研发/测试")).await;
    assert!(matches!(moved, Err(EditError::IntoItself(_))));
    assert!(matches!(
        editor.remove_department(path("总部")).await,
        Err(EditError::DepartmentNotEmpty { .. })
    ));
    editor.move_department(path("总部/研发"), Vec::new()).await.unwrap();
    let edit = DepartmentEdit { name: Some("质量".to_owned()), priority: Some(1), below: None };
    editor.set_department(path("研发/测试"), edit).await.unwrap();
    editor.remove_department(path("研发/质量")).await.unwrap();
    assert!(matches!(editor.remove_department(path("研发/质量")).await, Err(EditError::NoSuchDepartment(_))));
}

#[tokio::test]
async fn disabling_removing_new_passwords_and_signing_out_end_sessions() {
    let (_folder, database, editor) = editor();
    let domain = jid::DomainPart::new("example.org").unwrap().into_owned();
    let (_, mut follower) = crate::organization::changes::load(&database, &domain).await.unwrap();
    for login in ["a", "b", "c", "d", "e"] {
        editor.add_person(login, person(login, "总部"), None).await.unwrap();
    }
    assert!(follower.look().unwrap().unwrap().ended.is_empty());
    editor.set_disabled("a", true).await.unwrap();
    editor.remove_person("b").await.unwrap();
    editor.set_password("c", NewPassword { keys: keys(), must_change: false }).await.unwrap();
    editor.set_disabled("d", false).await.unwrap();
    editor.sign_out("e").await.unwrap();
    assert!(matches!(editor.sign_out("f").await, Err(EditError::NoSuchPerson(_))));
    let mut ended = follower.look().unwrap().unwrap().ended;
    ended.sort();
    assert_eq!(ended, ["a", "b", "c", "e"]);
    assert!(follower.look().unwrap().is_none());
}

#[tokio::test]
async fn an_edit_is_made_only_if_what_it_was_made_for_still_holds() {
    let (_folder, database, editor) = editor();
    editor.add_person("zhang.san", person("张三", "总部"), None).await.unwrap();
    let (state, row, department) = database
        .read_now(|connection| {
            let row = table::person_by_login(connection, "zhang.san")?.unwrap();
            let department = table::department(connection, row.posts[0].department)?.unwrap();
            Ok((table::state(connection)?, row, department))
        })
        .unwrap();
    let conditions = [
        Condition::Version(state.epoch, state.version),
        Condition::Person(Box::new(row)),
        Condition::Department(department),
    ];
    let rename = |name: &str| PersonEdit { name: Some(name.to_owned()), ..PersonEdit::default() };
    for condition in &conditions {
        editor.clone().provided(condition.clone()).set_person("zhang.san", rename("张三")).await.unwrap();
    }
    editor.set_person("zhang.san", rename("张珊")).await.unwrap();
    let edit = DepartmentEdit { priority: Some(9), ..DepartmentEdit::default() };
    editor.set_department(path("总部"), edit).await.unwrap();
    for condition in conditions {
        let edited = editor.clone().provided(condition).set_person("zhang.san", rename("李四")).await;
        assert!(matches!(edited, Err(EditError::Changed)), "{edited:?}");
    }
}

#[tokio::test]
async fn tags_come_and_go_without_a_new_version_of_the_tree_and_stand_in_the_audit_log() {
    let (_folder, database, editor) = editor();
    let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
    let tagged = |tags: TagsEdit| PersonEdit { tags: Some(tags), ..PersonEdit::default() };
    let some = |more: &[&str], less: &[&str]| tagged(TagsEdit::Some { more: words(more), less: words(less) });
    let tags = || {
        let row = database.read_now(|connection| table::person_by_login(connection, "zhang.san"));
        row.unwrap().map(|row| row.tags).unwrap_or_default()
    };
    editor.add_person("zhang.san", person("张三", "总部"), None).await.unwrap();
    let before = database.read_now(|connection| table::person_by_login(connection, "zhang.san"));
    let before = before.unwrap().unwrap();
    editor.set_person("zhang.san", some(&["司机", "出纳"], &[])).await.unwrap();
    assert_eq!(tags(), ["出纳", "司机"]);
    editor.set_person("zhang.san", some(&["审批"], &["出纳", "没有"])).await.unwrap();
    assert_eq!(tags(), ["司机", "审批"]);
    assert_eq!(
        database.read_now(|connection| table::people_tagged(connection, "司机")).unwrap(),
        [before.id]
    );
    assert_eq!(database.read_now(table::state).unwrap().version, 1);
    let audit = database.read_now(|connection| audit::newest(connection, Some("user set"), 1)).unwrap();
    assert_eq!(audit[0].detail, "tags: +审批 -出纳 -没有");
    let stale = editor.clone().provided(Condition::Person(Box::new(before)));
    assert!(matches!(stale.set_person("zhang.san", some(&[], &["司机"])).await, Err(EditError::Changed)));
    let many: Vec<String> = (0..49).map(|number| format!("t{number}")).collect();
    let full = editor.set_person("zhang.san", tagged(TagsEdit::Some { more: many, less: Vec::new() })).await;
    assert!(matches!(full, Err(EditError::TooManyTags(_))), "{full:?}");
    editor.set_disabled("zhang.san", true).await.unwrap();
    assert_eq!(tags(), ["司机", "审批"], "another change leaves them");
    editor.set_person("zhang.san", tagged(TagsEdit::All(Vec::new()))).await.unwrap();
    assert!(tags().is_empty());
    editor.set_person("zhang.san", some(&["司机"], &[])).await.unwrap();
    editor.remove_person("zhang.san").await.unwrap();
    let people = database.read_now(|connection| table::people_tagged(connection, "司机")).unwrap();
    assert!(people.is_empty(), "they go with the person");
}
