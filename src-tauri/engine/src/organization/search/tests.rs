use super::super::tests::{department, person};
use super::super::tree::Tree;
use super::search;

fn organization() -> Tree {
    let mut zhang_san = person("p1", "张三", "zhang san", &[("d2", 0), ("d1", 0)]);
    zhang_san.mobile = Some("+8613800000001".to_owned());
    zhang_san.phones = vec!["010-1234 5678".to_owned()];
    zhang_san.posts[0].title = Some("会计".to_owned());
    let mut zhu = person("p4", "朱时茂", "zhu shi mao", &[("d3", 0)]);
    zhu.jid = "e1007@house.test".parse().unwrap();
    Tree::of(
        vec![
            department("d1", "", "总部", "zong bu", 0),
            department("d2", "d1", "财务部", "cai wu bu", 0),
            department("d3", "d1", "张江分部", "zhang jiang fen bu", 0),
            department("d4", "d3", "食堂", "shi tang", 0),
        ],
        vec![
            zhang_san,
            person("p2", "李张扬", "li zhang yang", &[("d1", 0)]),
            person("p3", "赵航", "zhao hang", &[("d1", 0)]),
            zhu,
            person("p5", "吕布", "lü bu", &[("d4", 0)]),
            person("p6", "Alice Müller", "alice müller", &[]),
        ],
    )
}

fn found(text: &str) -> Vec<String> {
    search(&organization(), text, 10).into_iter().map(|hit| hit.name).collect()
}

#[test]
fn a_character_finds_names_first_and_then_departments() {
    assert_eq!(found("张"), ["张三", "李张扬", "吕布", "朱时茂"]);
}

#[test]
fn full_pinyin_finds_the_surname_before_the_given_name_and_other_ways_to_read_it() {
    assert_eq!(found("zhang"), ["张三", "赵航", "李张扬", "吕布", "朱时茂"]);
    assert_eq!(found("zhangsan"), ["张三"]);
    assert_eq!(found("zhang san"), ["张三"]);
    assert_eq!(found("ZhangSan"), ["张三"]);
}

#[test]
fn initials_find_the_name_that_is_all_of_them_first() {
    assert_eq!(found("zs"), ["张三", "朱时茂"]);
    assert_eq!(found("zsm"), ["朱时茂"]);
}

#[test]
fn an_id_finds_its_person() {
    assert_eq!(found("e1007"), ["朱时茂"]);
    assert_eq!(found("E10"), ["朱时茂"]);
    assert_eq!(found("li.zhang"), ["李张扬"]);
}

#[test]
fn a_number_is_found_by_its_end_however_it_is_written() {
    for number in ["0001", "13800000001", "+86 138 0000 0001", "01012345678", "010-1234-5678", "5678"] {
        assert_eq!(found(number), ["张三"], "{number}");
    }
    // Two digits are no number.
    assert_eq!(found("56"), [""; 0]);
}

#[test]
fn a_department_finds_everybody_in_it_and_below() {
    assert_eq!(found("财务"), ["张三"]);
    assert_eq!(found("cwb"), ["张三"]);
    assert_eq!(found("总部").len(), 5);
}

#[test]
fn every_word_must_fit() {
    assert_eq!(found("张 财务"), ["张三"]);
    assert_eq!(found("财务 zs"), ["张三"]);
    assert_eq!(found("张 食堂"), ["吕布"]);
    assert_eq!(found("李 财务"), [""; 0]);
}

#[test]
fn letters_are_taken_as_they_are_typed() {
    assert_eq!(found("lvbu"), ["吕布"]);
    assert_eq!(found("lubu"), ["吕布"]);
    assert_eq!(found("müller"), ["Alice Müller"]);
    assert_eq!(found("ｚｓｍ"), ["朱时茂"]);
    assert_eq!(found("　 "), [""; 0]);
    assert_eq!(found("' OR 1=1"), [""; 0]);
}

#[test]
fn a_hit_says_which_of_the_same_name_it_is() {
    let hit = search(&organization(), "zs", 1).remove(0);
    assert_eq!(hit.person, "zhang.san@house.test");
    assert_eq!(hit.department_path, ["总部", "财务部"]);
    assert_eq!(hit.title.as_deref(), Some("会计"));
}

#[test]
fn of_equal_hits_the_first_ones_of_the_order_are_shown() {
    let mut people: Vec<_> = (10..60).map(|id| person(&format!("p{id}"), "张三", "zhang san", &[])).collect();
    people[20].priority = -1;
    let tree = Tree::of(Vec::new(), people);
    // All have the same address, so the order is told by the list itself.
    let ranked = super::Query::read(&tree, "zs").unwrap();
    assert!(tree.people().all().iter().all(|known| ranked.rank(known).is_some()));
    assert_eq!(search(&tree, "zs", 3).len(), 3);
    assert_eq!(search(&tree, "zs", 500).len(), 50);
}
