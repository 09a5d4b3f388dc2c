use posthouse_protocol::organization::{Entries, Gender, Gone};

use super::super::rows;
use super::super::tests::{department, drawn, person};
use super::Tree;
use crate::model::{Availability, PersonPost, PersonPresence};

fn organization() -> Tree {
    Tree::of(
        vec![
            department("d5", "d3", "开发组", "kai fa zu", 0),
            department("d6", "d3", "测试组", "ce shi zu", 0),
            department("d1", "", "总部", "zong bu", 1),
            department("d2", "", "分公司", "fen gong si", 2),
            department("d3", "d1", "研发部", "yan fa bu", 20),
            department("d4", "d1", "财务部", "cai wu bu", 10),
        ],
        vec![
            person("p1", "王小二", "wang xiao er", &[("d1", 5), ("d6", 0)]),
            person("p2", "单雄信", "shan xiong xin", &[("d1", 5)]),
            person("p3", "陈董", "chen dong", &[("d1", 1)]),
            person("p4", "曾小贤", "zeng xiao xian", &[("d4", 0)]),
            person("p5", "Alice", "alice", &[("d4", 0)]),
            person("p6", "尉迟敬德", "yu chi jing de", &[("d4", -1)]),
            person("p7", "林涛", "lin tao", &[("d5", 0)]),
            person("p8", "李雷", "li lei", &[("d5", 0)]),
        ],
    )
}

fn some(change: impl FnOnce(&mut Entries)) -> Vec<Entries> {
    let mut page = Entries::default();
    change(&mut page);
    vec![page]
}

fn presence() -> PersonPresence {
    PersonPresence { person: String::new(), availability: Availability::Offline, status: None }
}

#[test]
fn the_order_is_the_one_that_the_server_has_too() {
    let golden = include_str!("../../../../../server/src/organization/tree/golden.txt");
    assert_eq!(drawn(&organization()), golden);
}

#[test]
fn of_the_same_name_the_smaller_id_comes_first_letter_by_letter() {
    let twins = ["p9", "p10"].map(|id| person(id, "张伟", "zhang wei", &[("d1", 0)]));
    let tree = Tree::of(vec![department("d1", "", "总部", "zong bu", 0)], twins.to_vec());
    let ids: Vec<&str> = tree.members("d1").map(|(person, _)| person.id.as_str()).collect();
    assert_eq!(ids, ["p10", "p9"]);
}

#[test]
fn a_person_with_two_posts_stands_in_both_departments_and_has_one_card() {
    let mut tree = organization();
    let mut wang = person("p1", "王小二", "wang xiao er", &[("d6", 0), ("d1", 5)]);
    wang.posts[0].primary = false;
    wang.posts[1].primary = true;
    wang.posts[0].title = Some("测试员".to_owned());
    wang.gender = Gender::Male;
    wang.phones = vec!["010-1".to_owned()];
    tree.apply(some(|page| page.people.push(wang)));

    let rows: Vec<_> = rows::batches(&tree).into_iter().flat_map(|batch| batch.people).collect();
    let rows = rows.iter().filter(|row| row.person == "wang.xiao.er@house.test");
    let rows: Vec<_> =
        rows.map(|row| (row.department.as_str(), row.position, row.title.as_deref())).collect();
    assert_eq!(rows, [("d1", 2, None), ("d6", 0, Some("测试员"))]);

    let address = "wang.xiao.er@house.test".parse().unwrap();
    let card = rows::card(&tree, &address, presence()).unwrap();
    assert_eq!(card.login, "wang.xiao.er");
    assert_eq!(card.gender.as_deref(), Some("male"));
    assert_eq!(card.phones, ["010-1"]);
    let post = |path: &[&str], title: Option<&str>, primary| PersonPost {
        department_path: path.iter().map(|name| (*name).to_owned()).collect(),
        title: title.map(str::to_owned),
        primary,
    };
    let expected = [post(&["总部"], None, true), post(&["总部", "研发部", "测试组"], Some("测试员"), false)];
    assert_eq!(card.posts, expected);
}

#[test]
fn a_department_moves_with_everybody_in_it_and_below() {
    let mut tree = organization();
    tree.apply(some(|page| page.departments.push(department("d3", "d2", "研发部", "yan fa bu", 20))));
    let moved = "分公司\n  研发部\n    测试组\n      - 王小二\n    开发组\n      - 李雷\n      - 林涛\n";
    assert!(drawn(&tree).ends_with(moved), "{}", drawn(&tree));
    assert_eq!(tree.path("d5"), ["分公司", "研发部", "开发组"]);
}

#[test]
fn whoever_is_gone_is_nowhere() {
    let mut tree = organization();
    let gone = |id: &str| Gone { department: None, person: Some(id.to_owned()) };
    tree.apply(some(|page| page.gone = vec![gone("p1"), gone("p44")]));
    assert!(!drawn(&tree).contains("王小二"));
    assert!(rows::card(&tree, &"wang.xiao.er@house.test".parse().unwrap(), presence()).is_none());
    assert!(rows::card(&tree, &"li.lei@house.test".parse().unwrap(), presence()).is_some());
}

#[test]
fn below_a_department_that_is_gone_everything_stands_at_the_top() {
    let mut tree = organization();
    let gone = Gone { department: Some("d3".to_owned()), person: None };
    tree.apply(some(|page| page.gone = vec![gone]));
    let tops: Vec<_> = tree.departments().into_iter().filter(|it| it.parent.is_none()).collect();
    let tops: Vec<_> = tops.iter().map(|it| (it.department.name.as_str(), it.position)).collect();
    assert_eq!(tops, [("测试组", 0), ("开发组", 1), ("总部", 2), ("分公司", 3)]);
    assert_eq!(tree.path("d5"), ["开发组"]);
}

#[test]
fn a_circle_of_parents_hides_nobody_and_holds_nobody_up() {
    let circle = vec![
        department("d1", "d2", "甲", "jia", 0),
        department("d2", "d1", "乙", "yi", 0),
        department("d3", "d3", "丙", "bing", 0),
    ];
    let tree = Tree::of(circle, vec![person("p1", "李雷", "li lei", &[("d2", 0)])]);
    assert_eq!(drawn(&tree), "丙\n甲\n  乙\n    - 李雷\n");
    assert!(tree.path("d1").len() <= super::DEPTH);
}

#[test]
fn an_address_belongs_to_who_got_it_last() {
    let mut tree = organization();
    let mut heir = person("p9", "李雷二世", "li lei er shi", &[("d5", 0)]);
    heir.jid = "li.lei@house.test".parse().unwrap();
    tree.apply(some(|page| {
        page.people.push(heir);
        page.gone.push(Gone { department: None, person: Some("p8".to_owned()) });
    }));
    let name = tree.person(&"li.lei@house.test".parse().unwrap()).map(|person| person.name.as_str());
    assert_eq!(name, Some("李雷二世"));
}

#[test]
fn batches_are_full_of_rows_that_a_window_can_draw_as_they_come() {
    let departments = (1..=40).map(|id| {
        let parent = if id == 1 { String::new() } else { format!("d{}", id / 2) };
        department(&format!("d{id}"), &parent, "部", "bu", id)
    });
    let people = (1..=1_500).map(|id| {
        let departments = [format!("d{}", id % 40 + 1), format!("d{}", (id + 7) % 40 + 1)];
        let posts = departments.each_ref().map(|department| (department.as_str(), id));
        person(&format!("p{id}"), "张三", &format!("zhang san {id}"), &posts)
    });
    let tree = Tree::of(departments.collect(), people.collect());
    let batches = rows::batches(&tree);
    assert!(batches.iter().all(|batch| batch.departments.len() + batch.people.len() <= 500));
    assert_eq!(batches.len(), 7, "40 + 3,000 rows");
    assert!(batches.iter().rev().skip(1).all(|batch| !batch.last) && batches[6].last);

    let mut seen = std::collections::BTreeSet::new();
    for batch in &batches {
        for department in &batch.departments {
            assert!(department.parent.as_ref().is_none_or(|parent| seen.contains(parent)));
            seen.insert(department.id.clone());
        }
        assert!(batch.people.iter().all(|person| seen.contains(&person.department)));
    }
}

#[test]
fn an_empty_organization_is_one_empty_batch() {
    let batches = rows::batches(&Tree::default());
    assert_eq!(batches.len(), 1);
    assert!(batches[0].last && batches[0].departments.is_empty());
}
