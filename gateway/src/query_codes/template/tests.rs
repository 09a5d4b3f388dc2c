//! Templates and answers.

use serde_json::{Value, json};

use super::{RenderError, Template};

fn reply(template: &str, answer: &Value) -> String {
    Template::read(template).unwrap().render(answer, "、").unwrap()
}

fn failure(template: &str, answer: &Value) -> RenderError {
    Template::read(template).unwrap().render(answer, "、").unwrap_err()
}

fn mistake(template: &str) -> String {
    Template::read(template).unwrap_err().to_string()
}

#[test]
fn the_reply_of_the_office_system_is_made_as_it_was_asked_for() {
    let text = reply("在办公自动化系统中，您有{count}个待办任务。", &json!({ "count": 3 }));
    assert_eq!(text, "在办公自动化系统中，您有3个待办任务。");
}

#[test]
fn fields_stand_anywhere_in_the_answer() {
    let answer =
        json!({ "data": { "count": 3, "人": "张三" }, "items": [{ "title": "请假" }, { "title": "报销" }] });
    assert_eq!(reply("{data.count} { data.人 } {items.1.title} {items.length}", &answer), "3 张三 报销 2");
    assert_eq!(reply("{names}", &json!({ "names": ["a", 2, true] })), "a、2、true");
    assert_eq!(reply("{.}", &json!(7)), "7");
    assert_eq!(reply("{price}", &json!({ "price": 12.5 })), "12.5");
}

#[test]
fn a_plural_chooses_words_and_an_exact_number_goes_first() {
    let template = "{count, plural, one {# task} other {# tasks} =0 {nothing} =7 {a week of tasks}}";
    for (count, expected) in
        [(json!(0), "nothing"), (json!(1), "1 task"), (json!(2), "2 tasks"), (json!("7"), "a week of tasks")]
    {
        assert_eq!(reply(template, &json!({ "count": count })), expected);
    }
    let list = "{items, plural, =0 {没有待办} other {有#个待办：{items.0}}}";
    assert_eq!(reply(list, &json!({ "items": [] })), "没有待办");
    assert_eq!(reply(list, &json!({ "items": ["请假"] })), "有1个待办：请假");
}

#[test]
fn words_are_repeated_for_every_element_and_see_the_whole_answer_too() {
    let answer = json!({ "name": "OA", "items": [{ "title": "请假" }, { "title": "报销" }] });
    assert_eq!(reply("{items, each, {\n#. {title} ({name})}}", &answer), "\n1. 请假 (OA)\n2. 报销 (OA)");
    assert_eq!(reply("{items, each, {{.} }}", &json!({ "items": [1, 2] })), "1 2 ");
    let long: Vec<u32> = (0..100).collect();
    assert_eq!(reply("{l, each, {.}}", &json!({ "l": long })), ".".repeat(20));
}

#[test]
fn braces_and_apostrophes_are_written_as_in_icu() {
    let answer = json!({ "n": 2 });
    assert_eq!(reply("'{'n'}' it''s don't # {n}", &answer), "{n} it's don't # 2");
    assert_eq!(reply("{n, plural, other {'#'#}}", &answer), "#2");
}

#[test]
fn what_the_answer_does_not_have_is_named() {
    assert_eq!(failure("{a.b}", &json!({ "a": {} })), RenderError::Missing("a.b".to_owned()));
    assert_eq!(failure("{a}", &json!({ "a": null })), RenderError::Missing("a".to_owned()));
    assert_eq!(failure("{a}", &json!({ "a": {} })), RenderError::NotText("a".to_owned()));
    assert_eq!(
        failure("{a, plural, other {}}", &json!({ "a": "x" })),
        RenderError::NotNumber("a".to_owned())
    );
    assert_eq!(failure("{a, each, {}}", &json!({ "a": 1 })), RenderError::NotList("a".to_owned()));
}

#[test]
fn words_of_the_answer_are_words_and_no_template() {
    assert_eq!(reply("{a}", &json!({ "a": " x{b}'\u{7}\u{1b}y\n" })), "x{b}'  y");
    assert_eq!(reply("{a}", &json!({ "a": "长".repeat(300) })).chars().count(), 200);
}

#[test]
fn mistakes_are_told_with_their_place() {
    assert_eq!(mistake("{count"), "a { without a } behind it, at the sign 7");
    assert_eq!(mistake("a } b"), "a } without a { before it, at the sign 3");
    assert_eq!(mistake("{}"), "\"\" is no name of a field, at the sign 2");
    assert!(mistake("{a b}").contains("no name of a field"));
    assert!(mistake("{n, plural, one {x}}").contains("needs other"));
    assert!(mistake("{n, plural, few {x} other {}}").contains("\"few\" is not known in a plural"));
    assert!(mistake("{n, number}").contains("\"number\" is not known here"));
    assert!(mistake("{n, plural}").contains("a comma and words in braces are missing"));
    assert!(mistake(&"{a,each,{".repeat(12)).contains("inside each other"));
}
