//! The organisation as everybody sees it.

use anyhow::Context;
use posthouse_engine::engine::Engine;
use posthouse_tests::people::{Computer, PASSWORD, Person, address};

use crate::office::{self, ALICE, BOB, CAROL};

/// Department and name of every row.
async fn names(person: &Person) -> anyhow::Result<Vec<(String, String)>> {
    let (departments, people) = person.tree().await?;
    let name = |id: &str| departments.iter().find(|it| it.id == id).map(|it| it.name.clone());
    let rows = people.iter().map(|row| Some((name(&row.department)?, row.name.clone())));
    rows.collect::<Option<_>>().context("a row without a department")
}

#[tokio::test]
async fn everybody_stands_in_the_tree_in_the_order_of_priorities_then_pinyin() {
    let server = office::open().await.unwrap();
    server.add_person("zhao.yi", "赵一", "总部/财务部", PASSWORD).await.unwrap();
    server.administer(&["user", "set", "zhao.yi", "--priority", "1"], None).await.unwrap();
    let alice = Computer::new().unwrap().signed_in(&server, ALICE).await.unwrap();
    let rows = names(&alice).await.unwrap();
    let finance: Vec<&str> =
        rows.iter().filter(|(department, _)| department == "财务部").map(|(_, name)| name.as_str()).collect();
    assert_eq!(finance, ["赵一", "陈静", "王磊"]);
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
    let alice = computer.signed_in(&server, ALICE).await.unwrap();
    assert!(names(&alice).await.unwrap().contains(&("分部".to_owned(), "新人".to_owned())));
}
