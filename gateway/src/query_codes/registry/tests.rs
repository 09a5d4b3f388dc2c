//! Settings and what texts mean.

use super::{Meaning, QueriesConfig, QueryCode, Registry};
use crate::query_codes::Asker;

const SETTINGS: &str = r#"
code = "001"
aliases = ["待办", "ToDo"]
help = "待办任务数"
url = "https://oa.example.org/todo?person={person}"
reply = "{count}"
"#;

fn code(settings: &str) -> QueryCode {
    toml::from_str(settings).unwrap()
}

fn registry(codes: &[QueryCode]) -> Registry {
    Registry::open(&QueriesConfig::default(), codes).unwrap()
}

/// What is wrong when this line is added, or stands for the one that begins like it.
fn problem(line: &str) -> String {
    let key = line.split_once(" = ").unwrap().0;
    let kept = SETTINGS.lines().filter(|one| !one.starts_with(&format!("{key} = ")));
    let text: String = kept.chain([line]).flat_map(|one| [one, "\n"]).collect();
    let mistake = Registry::check(&QueriesConfig::default(), &[code(&text)]).expect_err(line);
    format!("{} {}", mistake.key, mistake.problem)
}

#[test]
fn codes_and_aliases_are_found_in_both_widths() {
    let registry = registry(&[code(SETTINGS)]);
    for text in ["001", " ００１ ", "待办", "todo", "ＴＯＤＯ"] {
        assert!(matches!(registry.meaning(text), Meaning::Code(code) if code.name == "001"), "{text}");
    }
    for text in ["帮助", "000", "help", " HELP ", "０００"] {
        assert!(matches!(registry.meaning(text), Meaning::Help), "{text}");
    }
}

#[test]
fn three_digits_are_an_unknown_code_and_ordinary_texts_stay_ordinary() {
    let registry = registry(&[code(SETTINGS)]);
    assert!(matches!(registry.meaning("009"), Meaning::Unknown) && registry.hears("００９"));
    for text in ["好的", "001 谢谢", "请看待办", "10086", "@张三 001"] {
        assert!(!registry.hears(text), "{text}");
    }
    assert!(!Registry::default().hears("001"), "without codes every text is an ordinary one");
}

#[test]
fn the_codes_one_may_use_are_offered() {
    let theirs = "code = \"002\"\nhelp = \"报销\"\nurl = \"http://localhost/\"\nreply = \"x\"\n\
                  departments = [\"总部/财务部\"]";
    let registry = registry(&[code(SETTINGS), code(theirs)]);
    let mut asker = Asker::default();
    assert_eq!(registry.offered(&asker), [("001", "待办任务数")]);
    asker.departments = vec!["总部/财务部/出纳".to_owned()];
    assert_eq!(registry.offered(&asker), [("001", "待办任务数"), ("002", "报销")]);
    assert_eq!(registry.lines()[1], "Code 002 报销: asks localhost, for 总部/财务部");
}

#[test]
fn mistakes_are_told_in_plain_words() {
    for (line, expected) in [
        ("code = \"\"", "query_codes.code of \"\" and its aliases have to be words"),
        ("aliases = [\"帮助\"]", "\"帮助\" stands for the list of codes already"),
        ("aliases = [\"００１\"]", "\"001\" stands for \"001\" already"),
        ("url = \"oa.example.org\"", "query_codes.url of \"001\" has to begin with https://"),
        ("url = \"http://oa.example.org/\"", "is plain http to another computer"),
        ("url = \"https://oa.example.org/{persom}\"", "has {persom}, and only {person}"),
        ("url = \"https://{person}.example.org/\"", "query_codes.hosts of \"001\" are missing"),
        ("hosts = [\"erp.example.org\"]", "do not have oa.example.org"),
        ("hosts = [\"oa.example.org/\"]", "without ports"),
        ("networks = [\"10.0.0.0/40\"]", "\"10.0.0.0/40\"; right is"),
        ("seconds = 0", "has to be 1 to 60"),
        ("bytes = 0", "has to be 1 to"),
        ("reply = \"{count\"", "query_codes.reply of \"001\" has a { without a } behind it, at the sign 7"),
        ("reply = \" \"", "is empty"),
        ("body = '{\"a\": 1}'", "needs method = \"POST\""),
        ("headers = { Host = \"x\" }", "cannot have Host"),
        ("headers = { A = \"{oa}\" }", "headers of \"001\" A has \"{oa}\""),
        ("headers = { A = \"中\" }", "signs that no header may have"),
    ] {
        let found = problem(line);
        assert!(found.contains(expected), "{line}: {found}");
    }
    let post = SETTINGS.to_owned() + "method = \"POST\"\n";
    let wrong = |body: &str| {
        Registry::check(&QueriesConfig::default(), &[code(&format!("{post}body = '{body}'"))])
            .unwrap_err()
            .problem
    };
    assert!(wrong("{person}").contains("is no JSON"));
    assert!(wrong("{\"a\":\"{x}\"}").contains("has {x}"));
    let twice = Registry::check(&QueriesConfig::default(), &[code(SETTINGS), code(SETTINGS)]).unwrap_err();
    assert!(twice.problem.contains("stands for \"001\" already"));
}

#[test]
fn an_authority_or_secret_that_is_not_there_is_found_at_the_start() {
    let with = |line: &str| {
        let codes = [code(&(SETTINGS.to_owned() + line))];
        Registry::open(&QueriesConfig::default(), &codes).unwrap_err().problem
    };
    assert!(with("authority = \"/nowhere/ca.pem\"").contains("/nowhere/ca.pem cannot be used"));
    assert!(with("headers = { A = \"{secret:oa}\" }").contains("\"secret:oa\", which is not there"));
    let queries = QueriesConfig { secrets: "/nowhere/secrets.toml".into(), ..QueriesConfig::default() };
    assert!(Registry::open(&queries, &[]).unwrap_err().problem.contains("cannot be read"));
}
