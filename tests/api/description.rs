//! The description that machines read: it names what there is, and what is answered is as it says.

use serde_json::{Value, json};

use crate::house::{House, MESSAGES, application};
use posthouse_tests::business_system::BusinessSystem;

async fn description(house: &House) -> Value {
    let stranger = BusinessSystem::at(&house.server.address_of("http").unwrap());
    let answer = stranger.get("/api/v1/openapi.json").await.unwrap();
    assert_eq!((answer.status, answer.header("content-type")), (200, Some("application/json")));
    answer.body
}

#[tokio::test(flavor = "multi_thread")]
async fn every_path_that_is_described_is_there_and_wants_a_key() {
    let house = House::without_gateway().await;
    let stranger = BusinessSystem::at(&house.server.address_of("http").unwrap());
    let description = description(&house).await;
    let mut count = 0;
    for (path, methods) in description["paths"].as_object().unwrap() {
        for method in methods.as_object().unwrap().keys() {
            let answer = stranger.ask(&method.to_uppercase(), path, Some("{}")).await.unwrap();
            assert_eq!((answer.status, answer.code()), (401, "unauthorized"), "{method} {path}");
            count += 1;
        }
        let other = house.oa.ask("PUT", path, Some("{}")).await.unwrap();
        assert!(methods.get("put").is_some() || other.status == 405, "{path}: {}", other.text);
    }
    assert!(count >= 5, "{description}");
}

/// Whether a value has what its schema demands and nothing that it does not name.
fn fits(whole: &Value, schema: &Value, value: &Value) -> Result<(), String> {
    if let Some(name) = schema["$ref"].as_str() {
        let found = whole.pointer(name.trim_start_matches('#')).ok_or_else(|| format!("no {name}"))?;
        return fits(whole, found, value);
    }
    if let Some(all) = schema["properties"].as_object() {
        let object = value.as_object().ok_or_else(|| format!("no object: {value}"))?;
        let required = schema["required"].as_array().cloned().unwrap_or_default();
        let missing = required.iter().filter_map(Value::as_str).find(|name| !object.contains_key(*name));
        missing.map_or(Ok(()), |name| Err(format!("no {name} in {value}")))?;
        for (name, value) in object {
            fits(whole, all.get(name).ok_or_else(|| format!("{name} is not described"))?, value)?;
        }
    }
    if let Some(words) = schema["enum"].as_array() {
        return if words.contains(value) { Ok(()) } else { Err(format!("{value} is none of {words:?}")) };
    }
    let items = value.as_array().map(Vec::as_slice).unwrap_or_default();
    items.iter().try_for_each(|item| fits(whole, &schema["items"], item))
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_answered_is_as_described() {
    let house = House::without_gateway().await;
    let whole = description(&house).await;
    let notice = json!({
        "to": {"people": ["wang.lei", "nobody"]}, "title": "t", "fields": [{"label": "a", "value": "b"}],
        "actions": [{"id": "yes", "label": "同意", "inputs": [{"name": "why", "label": "意见"}]}],
        "link": {"app": "oa", "path": "/1"}, "expiresAt": "2099-01-01T00:00:00Z", "delivery": "client",
    });
    let sent = house.oa.post(MESSAGES, &notice).await.unwrap();
    let id = sent.body["id"].as_str().unwrap().to_owned();
    house.becomes(&id, "pushed").await;
    let one = format!("{MESSAGES}/{id}");
    let own = "/api/v1/messages/{id}";
    let patch = json!({"status": "handled"}).to_string();
    for (described, method, answer) in [
        (MESSAGES, "post", sent),
        (MESSAGES, "post", house.oa.post(MESSAGES, &json!({"to": {}, "title": "t"})).await.unwrap()),
        (own, "get", house.oa.get(&one).await.unwrap()),
        (own, "get", house.oa.get(&format!("{one}?limit=0")).await.unwrap()),
        (own, "get", house.oa.get(&format!("{one}?limit=x")).await.unwrap()),
        (own, "get", house.oa.get(&format!("{MESSAGES}/%ff")).await.unwrap()),
        (own, "patch", house.oa.ask("PATCH", &one, Some(&patch)).await.unwrap()),
        (own, "delete", house.oa.ask("DELETE", &one, None).await.unwrap()),
        (own, "patch", house.oa.ask("PATCH", &one, Some(&patch)).await.unwrap()),
        ("/api/v1/application", "get", house.oa.get("/api/v1/application").await.unwrap()),
    ] {
        let responses = &whole["paths"][described][method]["responses"];
        let schema = &responses[answer.status.to_string()]["content"]["application/json"]["schema"];
        assert!(schema.is_object(), "{method} {described} answers {}: {}", answer.status, answer.text);
        fits(&whole, schema, &answer.body).unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_directory_answers_is_as_described() {
    let house = House::without_gateway().await;
    let whole = description(&house).await;
    let hr = application(&house.server, "hr", &["--directory", "edit"]).await;
    let any = hr.clone().with_header("If-Match", "*");
    let (departments, department) = ("/api/v1/departments", "/api/v1/departments/{department}");
    let (people, person) = ("/api/v1/people", "/api/v1/people/{person}");
    let import = "/api/v1/directory/import";
    let name = json!({"name": "法务部"}).to_string();
    let rows = json!({"rows": [{"id": "sun.li", "name": "孙丽", "department": "法务部"}], "dryRun": true});
    let wrong = json!({"rows": [{"id": "a b"}]});
    for (described, method, answer) in [
        (departments, "post", hr.ask("POST", departments, Some(&name)).await.unwrap()),
        (departments, "post", hr.ask("POST", departments, Some(&name)).await.unwrap()),
        (departments, "get", hr.get(departments).await.unwrap()),
        (department, "get", hr.get("/api/v1/departments/d1").await.unwrap()),
        (department, "get", hr.get("/api/v1/departments/d99").await.unwrap()),
        (department, "patch", hr.ask("PATCH", "/api/v1/departments/d1", Some("{}")).await.unwrap()),
        (department, "patch", any.ask("PATCH", "/api/v1/departments/d1", Some("{}")).await.unwrap()),
        (department, "put", any.ask("PUT", "/api/v1/departments/d1", Some(&name)).await.unwrap()),
        (department, "delete", any.ask("DELETE", "/api/v1/departments/d1", None).await.unwrap()),
        (people, "get", hr.get(people).await.unwrap()),
        (people, "get", hr.get("/api/v1/people?department=none").await.unwrap()),
        (person, "get", hr.get("/api/v1/people/wang.lei").await.unwrap()),
        (person, "put", hr.ask("PUT", "/api/v1/people/zhou.tao", Some(&name)).await.unwrap()),
        (person, "put", hr.ask("PUT", "/api/v1/people/zhou.tao", Some(&name)).await.unwrap()),
        (person, "patch", any.ask("PATCH", "/api/v1/people/wang.lei", Some("{}")).await.unwrap()),
        (import, "post", hr.post(import, &rows).await.unwrap()),
        (import, "post", hr.post(import, &wrong).await.unwrap()),
    ] {
        let responses = &whole["paths"][described][method]["responses"];
        let schema = &responses[answer.status.to_string()]["content"]["application/json"]["schema"];
        assert!(schema.is_object(), "{method} {described} answers {}: {}", answer.status, answer.text);
        fits(&whole, schema, &answer.body).unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_for_people_has_every_call_and_loads_nothing() {
    let house = House::without_gateway().await;
    let whole = description(&house).await;
    let stranger = BusinessSystem::at(&house.server.address_of("http").unwrap());
    let page = stranger.get("/api/").await.unwrap();
    assert_eq!((page.status, page.header("content-type")), (200, Some("text/html; charset=utf-8")));
    assert_eq!(stranger.get("/api/v1/").await.unwrap().text, page.text);
    let policy = page.header("content-security-policy").unwrap();
    assert!(policy.starts_with("default-src 'none'; style-src 'sha256-"), "{policy}");
    for (path, methods) in whole["paths"].as_object().unwrap() {
        for method in methods.as_object().unwrap().keys() {
            let head = format!("<h2><b>{}</b> {path}</h2>", method.to_uppercase());
            assert!(page.text.contains(&head), "{head}");
        }
    }
    for name in whole["components"]["schemas"].as_object().unwrap().keys() {
        assert!(page.text.contains(&format!("<section id=\"{name}\">")), "{name}");
    }
    for word in ["<script", "<link", "<img", "src=", "@import", "url(", "onclick"] {
        assert!(!page.text.contains(word), "{word}");
    }
}
