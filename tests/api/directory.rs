//! Personnel systems keep the directory: they read it, follow it, and change it within their rights.

use posthouse_tests::business_system::{Answer, BusinessSystem};
use posthouse_tests::element::Element;
use posthouse_tests::raw_client::Person;
use posthouse_tests::server_process::DOMAIN;
use serde_json::{Value, json};

use crate::house::{House, PASSWORD, application};

const TREE: &str = "urn:posthouse:org:1";
const DEPARTMENTS: &str = "/api/v1/departments";
const PEOPLE: &str = "/api/v1/people";
const IMPORT: &str = "/api/v1/directory/import";

/// A house with a personnel system that may change everything.
async fn house() -> (House, BusinessSystem) {
    let house = House::without_gateway().await;
    let hr = application(&house.server, "hr", &["--directory", "edit"]).await;
    (house, hr)
}

async fn ask(system: &BusinessSystem, method: &str, path: &str, body: &Value) -> Answer {
    system.ask(method, path, Some(&body.to_string())).await.unwrap()
}

fn matching(system: &BusinessSystem, tag: &str) -> BusinessSystem {
    system.clone().with_header("If-Match", tag)
}

/// A colleague who looks at the tree; what has been seen of it so far.
async fn at_the_tree(house: &House, login: &str) -> (Person, String) {
    let mut person = house.person_before_messages(login).await;
    let query = format!("<query xmlns='{TREE}' max='500'/>");
    let tree = person.ask_at(DOMAIN, "get", &query).await.unwrap();
    assert!(tree.find("entries", TREE).is_some(), "{tree:?}");
    (person, format!("{tree:?}"))
}

/// The next change of the tree that has these words in it.
async fn sees(person: &mut Person, words: &[&str]) {
    let has_all = |stanza: &Element| {
        let text = format!("{stanza:?}");
        stanza.find("entries", TREE).is_some() && words.iter().all(|word| text.contains(word))
    };
    person.next_where(has_all).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_colleague_sees_the_department_and_the_person_that_a_personnel_system_adds() {
    let (house, hr) = house().await;
    let (mut chen, before) = at_the_tree(&house, "chen.jing").await;
    assert!(!before.contains("法务部"));
    let added =
        ask(&hr, "POST", DEPARTMENTS, &json!({"name": "法务部", "parent": "总部", "priority": 7})).await;
    assert_eq!((added.status, added.body["path"].as_str()), (201, Some("总部/法务部")), "{}", added.text);
    let id = added.body["id"].as_str().unwrap().to_owned();
    assert_eq!(added.header("location"), Some(format!("{DEPARTMENTS}/{id}").as_str()));
    sees(&mut chen, &["法务部", "7"]).await;
    let person = json!({
        "name": "周涛", "gender": "male", "mobile": "13900000002", "password": PASSWORD,
        "posts": [{"department": id, "title": "律师"}],
    });
    let put = ask(&hr, "PUT", &format!("{PEOPLE}/zhou.tao"), &person).await;
    assert_eq!((put.status, put.body["mobile"].as_str()), (201, Some("+8613900000002")), "{}", put.text);
    assert_eq!(put.body["posts"][0]["path"], "总部/法务部");
    sees(&mut chen, &["周涛", "zhou.tao", "律师"]).await;
    let shown = hr.get(&format!("{PEOPLE}/zhou.tao")).await.unwrap();
    assert_eq!(shown.text, put.text);
    assert!(!shown.text.contains(PASSWORD) && !house.server.log().contains(PASSWORD));
    house.person("zhou.tao").await;
    let audit = house.server.administer(&["audit", "--json"], None).await.unwrap();
    let entries: Vec<Value> = serde_json::from_str(&audit).unwrap();
    let own = entries.iter().filter(|entry| entry["actor"] == "application hr");
    let actions: Vec<&str> = own.map(|entry| entry["action"].as_str().unwrap()).collect();
    assert_eq!(actions, ["department add", "user add"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_disabled_or_removed_by_a_personnel_system_is_signed_out() {
    let (house, hr) = house().await;
    let hr = matching(&hr, "*");
    let mut wang = house.person("wang.lei").await;
    let changed = ask(&hr, "PATCH", &format!("{PEOPLE}/wang.lei"), &json!({"status": "disabled"})).await;
    assert_eq!((changed.status, changed.body["status"].as_str()), (200, Some("disabled")));
    assert_eq!(changed.body["name"], "王磊", "what is not named stays");
    wang.stream_error().await.unwrap();
    let mut zhao = house.person("zhao.min").await;
    assert_eq!(hr.ask("DELETE", &format!("{PEOPLE}/zhao.min"), None).await.unwrap().status, 204);
    zhao.stream_error().await.unwrap();
    assert_eq!(hr.get(&format!("{PEOPLE}/zhao.min")).await.unwrap().status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dry_run_says_what_would_change_and_changes_nothing() {
    let (house, hr) = house().await;
    let before = hr.get(PEOPLE).await.unwrap();
    let mut import = json!({"dryRun": true, "rows": [
        {"department": "总部/法务部", "priority": 7},
        {"id": "zhou.tao", "name": "周涛", "department": "总部/法务部", "title": "律师", "password": PASSWORD},
        {"id": "wang.lei", "email": "wang.lei@example.org"},
    ]});
    let dry = hr.post(IMPORT, &import).await.unwrap();
    assert_eq!((dry.status, dry.body["applied"].as_bool()), (200, Some(false)), "{}", dry.text);
    let difference = &dry.body["difference"];
    assert_eq!(difference["newDepartments"], json!([{"path": "总部/法务部", "priority": 7}]));
    assert_eq!(difference["newPeople"][0]["login"], "zhou.tao");
    assert_eq!(difference["changedPeople"][0]["changes"][1], "e-mail nothing → wang.lei@example.org");
    assert_eq!(difference["passwordsSet"], 1);
    assert_eq!(difference["missingPeople"].as_array().unwrap().len(), 2);
    assert_eq!(hr.get(PEOPLE).await.unwrap().text, before.text);
    let audit = house.server.administer(&["audit", "--action", "import"], None).await.unwrap();
    assert!(!audit.contains("application hr"), "{audit}");
    import["dryRun"] = json!(false);
    import["version"] = dry.body["version"].clone();
    let done = hr.post(IMPORT, &import).await.unwrap();
    assert_eq!((done.status, done.body["applied"].as_bool()), (200, Some(true)), "{}", done.text);
    assert_eq!(&done.body["difference"], difference);
    assert!(!done.text.contains(PASSWORD));
    house.person("zhou.tao").await;
    let wang = hr.get(&format!("{PEOPLE}/wang.lei")).await.unwrap();
    assert_eq!(
        (&wang.body["email"], &wang.body["mobile"]),
        (&json!("wang.lei@example.org"), &json!("+8613800000001"))
    );
    let audit = house.server.administer(&["audit", "--action", "import"], None).await.unwrap();
    assert!(audit.contains("application hr") && audit.contains("1 people new"), "{audit}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_row_refuses_all_and_says_which() {
    let (_house, hr) = house().await;
    let before = hr.get(PEOPLE).await.unwrap();
    let import = json!({"rows": [
        {"id": "zhou.tao", "name": "周涛", "department": "总部/法务部"},
        {"id": "sun.li", "name": "孙丽", "department": "总部/法务部", "mobile": "none"},
        {"id": "wu.gang", "name": "吴刚"},
    ]});
    let refused = hr.post(IMPORT, &import).await.unwrap();
    assert_eq!((refused.status, refused.code()), (400, "bad_request"));
    let problems = refused.body["problems"].as_array().unwrap();
    assert_eq!(
        (problems.len(), &problems[0]["row"], &problems[0]["field"]),
        (1, &json!(2), &json!("mobile"))
    );
    let mut mended = import.clone();
    mended["rows"][1]["mobile"] = json!("13900000003");
    let refused = hr.post(IMPORT, &mended).await.unwrap();
    assert_eq!(refused.body["problems"][0]["row"], 3, "{}", refused.text);
    assert!(refused.body["problems"][0]["message"].as_str().unwrap().contains("department"));
    let misspelt = json!({"rows": [{"id": "wang.lei", "moblie": "13900000003"}]});
    let refused = hr.post(IMPORT, &misspelt).await.unwrap();
    assert_eq!(
        (refused.status, refused.body["field"].as_str()),
        (400, Some("rows[0].moblie")),
        "{}",
        refused.text
    );
    assert_eq!(hr.get(PEOPLE).await.unwrap().text, before.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_does_with_the_directory_what_it_may_and_no_more() {
    let (house, hr) = house().await;
    let reader = application(&house.server, "intranet", &["--directory", "read"]).await;
    let person = json!({"name": "周涛"});
    for (system, reads, edits) in [(&house.oa, 403, 403), (&reader, 200, 403), (&hr, 200, 201)] {
        assert_eq!(system.get(PEOPLE).await.unwrap().status, reads);
        assert_eq!(system.get(DEPARTMENTS).await.unwrap().status, reads);
        assert_eq!(ask(system, "PUT", &format!("{PEOPLE}/zhou.tao"), &person).await.status, edits);
    }
    let own = house.oa.get("/api/v1/application").await.unwrap();
    assert_eq!(own.body["directory"], "none");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_of_one_department_reaches_what_lies_in_it_and_nothing_else() {
    let (house, hr) = house().await;
    let words = ["--directory", "edit", "--directory-department", "总部/财务部"];
    let branch = matching(&application(&house.server, "branch", &words).await, "*");
    let seen = branch.get(PEOPLE).await.unwrap();
    let logins: Vec<&str> =
        seen.body["people"].as_array().unwrap().iter().map(|one| one["login"].as_str().unwrap()).collect();
    assert_eq!(logins, ["chen.jing", "wang.lei"]);
    let finance = hr.get(DEPARTMENTS).await.unwrap();
    let all = finance.body["departments"].as_array().unwrap();
    let id =
        |path: &str| all.iter().find(|one| one["path"] == path).unwrap()["id"].as_str().unwrap().to_owned();
    let (finance, technology) = (id("总部/财务部"), id("总部/技术部"));
    assert_eq!(branch.get(&format!("{DEPARTMENTS}/{technology}")).await.unwrap().status, 404);
    assert_eq!(branch.get(&format!("{PEOPLE}/zhao.min")).await.unwrap().status, 404);
    let row = |login: &str, department: &str| json!({"rows": [{"id": login, "name": "周涛", "department": department}]});
    let renamed = json!({"name": "别的"});
    let there = json!({"posts": [{"department": technology}]});
    let rows = row("zhao.min", "总部/财务部");
    let elsewhere = row("zhou.tao", "总部/技术部");
    for (method, path, body, status) in [
        ("PATCH", format!("{DEPARTMENTS}/{finance}"), &renamed, 403),
        ("POST", DEPARTMENTS.to_owned(), &renamed, 403),
        ("PATCH", format!("{PEOPLE}/zhao.min"), &renamed, 404),
        ("PATCH", format!("{PEOPLE}/wang.lei"), &there, 400),
        ("POST", IMPORT.to_owned(), &rows, 403),
        ("POST", IMPORT.to_owned(), &elsewhere, 403),
        ("POST", IMPORT.to_owned(), &row("zhou.tao", "总部/财务部/出纳组"), 200),
        ("PATCH", format!("{PEOPLE}/wang.lei"), &renamed, 200),
    ] {
        let answer = ask(&branch, method, &path, body).await;
        assert_eq!(answer.status, status, "{method} {path} {body}: {}", answer.text);
    }
    let zhao = hr.get(&format!("{PEOPLE}/zhao.min")).await.unwrap();
    assert_eq!(zhao.body["posts"][0]["path"], "总部/技术部");
}

#[tokio::test(flavor = "multi_thread")]
async fn two_editors_do_not_overwrite_each_other_unseen() {
    let (_house, hr) = house().await;
    let wang = format!("{PEOPLE}/wang.lei");
    let read = hr.get(&wang).await.unwrap();
    let tag = read.header("etag").unwrap();
    assert_eq!(tag.trim_matches('"'), read.body["etag"]);
    let email = |text: &str| json!({"email": text});
    assert_eq!(ask(&hr, "PATCH", &wang, &email("a@example.org")).await.status, 428);
    let first = ask(&matching(&hr, tag), "PATCH", &wang, &email("a@example.org")).await;
    assert_eq!((first.status, first.body["email"].as_str()), (200, Some("a@example.org")), "{}", first.text);
    let second = ask(&matching(&hr, tag), "PATCH", &wang, &email("b@example.org")).await;
    assert_eq!((second.status, second.code()), (412, "precondition_failed"));
    assert_eq!(matching(&hr, tag).ask("DELETE", &wang, None).await.unwrap().status, 412);
    let new = hr.clone().with_header("If-None-Match", "*");
    assert_eq!(ask(&new, "PUT", &wang, &json!({"name": "王雷"})).await.status, 412);
    let rows = json!({"version": "old-1", "rows": [{"id": "wang.lei", "name": "王雷"}]});
    assert_eq!(hr.post(IMPORT, &rows).await.unwrap().status, 412);
    let after = hr.get(&wang).await.unwrap();
    assert_eq!((&after.body["name"], &after.body["email"]), (&json!("王磊"), &json!("a@example.org")));
    let newer = after.header("etag").unwrap();
    let replaced = ask(&matching(&hr, newer), "PUT", &wang, &json!({"name": "王雷"})).await;
    assert_eq!((replaced.status, &replaced.body["email"]), (200, &json!("")), "{}", replaced.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_department_moves_with_all_in_it_and_goes_only_when_it_is_empty() {
    let (_house, hr) = house().await;
    let hr = matching(&hr, "*");
    let finance = format!("{DEPARTMENTS}/%E6%80%BB%E9%83%A8%2F%E8%B4%A2%E5%8A%A1%E9%83%A8");
    let id = hr.get(&finance).await.unwrap().body["id"].as_str().unwrap().to_owned();
    let own = format!("{DEPARTMENTS}/{id}");
    let whole = json!({"name": "财务中心", "priority": 3});
    let moved = ask(&hr, "PUT", &own, &whole).await;
    assert_eq!((moved.status, moved.body["path"].as_str()), (200, Some("财务中心")), "{}", moved.text);
    let wang = hr.get(&format!("{PEOPLE}/wang.lei")).await.unwrap();
    assert_eq!(wang.body["posts"][0]["path"], "财务中心");
    for (body, status) in [
        (json!({"parent": id}), 400),
        (json!({"name": "总部"}), 409),
        (json!({"name": "a/b"}), 400),
        (json!({"parent": "总部"}), 200),
    ] {
        let answer = ask(&hr, "PATCH", &own, &body).await;
        assert_eq!(answer.status, status, "{body}: {}", answer.text);
    }
    assert_eq!(hr.ask("DELETE", &own, None).await.unwrap().status, 409);
    for login in ["chen.jing", "wang.lei"] {
        assert_eq!(hr.ask("DELETE", &format!("{PEOPLE}/{login}"), None).await.unwrap().status, 204);
    }
    assert_eq!(hr.ask("DELETE", &own, None).await.unwrap().status, 204);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_knows_a_version_is_told_what_has_changed_since_then_and_who_has_gone() {
    let (_house, hr) = house().await;
    let begin = hr.get(&format!("{PEOPLE}?limit=2")).await.unwrap();
    let rest = hr.get(&format!("{PEOPLE}?limit=2&after={}", begin.body["next"])).await.unwrap();
    let lengths = [&begin, &rest].map(|part| part.body["people"].as_array().unwrap().len());
    assert_eq!((lengths, rest.body.get("next")), ([2, 1], None));
    let (version, zhao) = (begin.body["version"].as_str().unwrap(), rest.body["people"][0]["id"].clone());
    let since = format!("{PEOPLE}?since={version}");
    let nothing = hr.get(&since).await.unwrap();
    assert_eq!(nothing.body, json!({"version": version, "complete": false, "people": [], "gone": []}));
    let any = matching(&hr, "*");
    ask(&any, "PATCH", &format!("{PEOPLE}/wang.lei"), &json!({"email": "w@example.org"})).await;
    any.ask("DELETE", &format!("{PEOPLE}/zhao.min"), None).await.unwrap();
    let news = hr.get(&since).await.unwrap();
    assert_eq!((news.body["people"].as_array().unwrap().len(), &news.body["gone"]), (1, &json!([zhao])));
    assert_eq!(news.body["people"][0]["login"], "wang.lei");
    let finance =
        hr.get(&format!("{since}&department=%E6%80%BB%E9%83%A8/%E6%8A%80%E6%9C%AF%E9%83%A8")).await.unwrap();
    assert_eq!(finance.body["people"], json!([]), "nobody who has changed is in that department");
    let unknown = hr.get(&format!("{PEOPLE}?since=elsewhere-3")).await.unwrap();
    assert_eq!(
        (&unknown.body["complete"], unknown.body["people"].as_array().unwrap().len()),
        (&json!(true), 2)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn tags_are_kept_by_a_personnel_system_and_colleagues_do_not_see_them() {
    let (house, hr) = house().await;
    let path = format!("{PEOPLE}/wang.lei");
    let read = hr.get(&path).await.unwrap();
    assert_eq!(read.body["tags"], json!([]));
    let old = read.body["etag"].as_str().unwrap().to_owned();
    let list = hr.get(PEOPLE).await.unwrap();
    let tagged = ask(&matching(&hr, &old), "PATCH", &path, &json!({"tags": [" 司机", "出纳", "司机"]})).await;
    assert_eq!((tagged.status, &tagged.body["tags"]), (200, &json!(["出纳", "司机"])), "{}", tagged.text);
    assert_ne!(tagged.body["etag"].as_str(), Some(old.as_str()));
    let late = ask(&matching(&hr, &old), "PATCH", &path, &json!({"tags": []})).await;
    assert_eq!(late.status, 412, "{}", late.text);
    let hr = matching(&hr, "*");
    let wrong = ask(&hr, "PATCH", &path, &json!({"tags": ["a,b"]})).await;
    assert_eq!((wrong.status, wrong.body["field"].as_str()), (400, Some("tags")), "{}", wrong.text);
    let many: Vec<String> = (0..51).map(|number| format!("t{number}")).collect();
    assert_eq!(ask(&hr, "PATCH", &path, &json!({"tags": many})).await.status, 400);
    let put =
        ask(&hr, "PUT", &path, &json!({"name": "王磊", "posts": [{"department": "总部/财务部"}]})).await;
    assert_eq!(
        (put.status, &put.body["tags"]),
        (200, &json!(["出纳", "司机"])),
        "who knows no tags takes none"
    );
    let rows =
        json!({"rows": [{"id": "wang.lei", "tags": ["审批"]}, {"id": "zhao.min", "email": "z@example.org"}]});
    let done = hr.post(IMPORT, &rows).await.unwrap();
    assert_eq!(
        done.body["difference"]["changedPeople"][0]["changes"][1], "tags 出纳, 司机 → 审批",
        "{}",
        done.text
    );
    assert_eq!(hr.get(&path).await.unwrap().body["tags"], json!(["审批"]));
    let (_chen, tree) = at_the_tree(&house, "chen.jing").await;
    assert!(tree.contains("王磊") && !tree.contains("审批"), "{tree}");
    let version = hr.get(PEOPLE).await.unwrap().body["version"].clone();
    assert_ne!(version, list.body["version"], "by the e-mail address");
    ask(&hr, "PATCH", &path, &json!({"tags": []})).await;
    assert_eq!(hr.get(PEOPLE).await.unwrap().body["version"], version, "and not by tags");
}
