//! The description that machines read: it names what there is, and what is answered is as it says.

use serde_json::{Value, json};

use crate::house::{House, MESSAGES};
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
