//! The organisation as everybody sees it.

use posthouse_engine::engine::Engine;
use posthouse_tests::people::{Computer, PASSWORD, Person, address, tree};

use crate::office::{self, ALICE, BOB, CAROL};

/// Waits until exactly these people stand in a department, in this order.
async fn stands_in(person: &mut Person, department: &str, people: &[&str]) -> anyhow::Result<()> {
    person
        .until("the department", async |engine: &Engine| {
            let (departments, rows) = tree(engine).await?;
            let Some(id) = departments.iter().find(|it| it.name == department).map(|it| &it.id) else {
                return Ok(None);
            };
            let names = rows.iter().filter(|row| row.department == *id).map(|row| row.name.as_str());
            Ok(names.eq(people.iter().copied()).then_some(()))
        })
        .await
}

#[tokio::test]
async fn everybody_stands_in_the_tree_in_the_order_of_priorities_then_pinyin() {
    let server = office::open().await.unwrap();
    server.add_person("zhao.yi", "赵一", "总部/财务部", PASSWORD).await.unwrap();
    server.administer(&["user", "set", BOB, "--priority", "10"], None).await.unwrap();
    server.administer(&["user", "set", ALICE, "--priority", "20"], None).await.unwrap();
    server.add_person("bai.er", "白二", "总部/财务部", PASSWORD).await.unwrap();
    let mut alice = Computer::new().unwrap().signed_in(&server, ALICE).await.unwrap();
    // What the command line has written reaches the running server in a moment.
    stands_in(&mut alice, "财务部", &["白二", "赵一", "王磊", "陈静"]).await.unwrap();
}

#[tokio::test]
async fn a_colleague_is_found_by_name_pinyin_initials_id_and_part_of_the_name() {
    let server = office::open().await.unwrap();
    let alice = Computer::new().unwrap().signed_in(&server, ALICE).await.unwrap();
    for text in ["欧阳娜", "阳娜", "ouyangna", "ouyang", "oyn", "OYN", CAROL] {
        let hits = alice.engine().search_people(text, 10).await.unwrap();
        assert_eq!(hits.first().map(|hit| hit.person.clone()), Some(address(CAROL)), "{text}");
    }
    assert!(alice.engine().search_people("查无此人", 10).await.unwrap().is_empty());
}

#[tokio::test]
async fn the_card_has_the_posts_with_their_way_from_the_top() {
    let server = office::open().await.unwrap();
    let alice = Computer::new().unwrap().signed_in(&server, ALICE).await.unwrap();
    let card = alice.engine().person_card(&address(BOB)).await.unwrap();
    assert_eq!((card.name.as_str(), card.login.as_str()), ("王磊", BOB));
    assert_eq!(card.posts[0].department_path, ["总部", "财务部"]);
}

#[tokio::test]
async fn a_change_of_the_organisation_reaches_those_who_are_signed_in() {
    let server = office::open().await.unwrap();
    let mut alice = Computer::new().unwrap().signed_in(&server, ALICE).await.unwrap();
    server.add_person("xin.ren", "新人", "总部/研发部", PASSWORD).await.unwrap();
    alice
        .until("the new colleague", async |engine: &Engine| {
            let hits = engine.search_people("新人", 1).await?;
            Ok((!hits.is_empty()).then_some(()))
        })
        .await
        .unwrap();
    server.administer(&["user", "remove", "xin.ren"], None).await.unwrap();
    alice
        .until("the end of the colleague", async |engine: &Engine| {
            let hits = engine.search_people("新人", 1).await?;
            Ok(hits.is_empty().then_some(()))
        })
        .await
        .unwrap();
}

#[tokio::test]
async fn what_changed_while_one_was_away_is_there_after_signing_in() {
    let server = office::open().await.unwrap();
    let computer = Computer::new().unwrap();
    computer.signed_in(&server, ALICE).await.unwrap().leaves().await;
    server.add_person("xin.ren", "新人", "分部", PASSWORD).await.unwrap();
    let mut alice = computer.signed_in(&server, ALICE).await.unwrap();
    stands_in(&mut alice, "分部", &["新人"]).await.unwrap();
}
