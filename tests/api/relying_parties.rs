//! Systems of single sign-on, registered and kept over HTTP: the same rules as on the command line.

use posthouse_tests::business_system::{Answer, BusinessSystem};
use posthouse_tests::server_process::ServerProcess;
use serde_json::{Value, json};

use crate::house::{application, server};

const PARTIES: &str = "/api/v1/relying-parties";
const SECRET: &str = "THE-SECRET-OF-THIS-SYSTEM";

/// A server with single sign-on, and an application that may register systems.
async fn office() -> (ServerProcess, BusinessSystem) {
    let server = server(&[("issuer", "\"https://chat.example.org:5281\"")]).await;
    let admin = application(&server, "admin", &["--relying-parties", "edit"]).await;
    (server, admin)
}

async fn registers(admin: &BusinessSystem, party: Value) -> Answer {
    let answer = admin.post(PARTIES, &party).await.unwrap();
    assert_eq!(answer.status, 201, "{}", answer.text);
    answer
}

async fn change(admin: &BusinessSystem, id: &str, tag: &str, change: &Value) -> Answer {
    let admin = admin.clone().with_header("If-Match", tag);
    admin.ask("PATCH", &format!("{PARTIES}/{id}"), Some(&change.to_string())).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_preset_registers_a_system_and_prints_its_whole_configuration_with_the_secret_once() {
    let (server, admin) = office().await;
    let wanted = json!({"id": "oa", "name": "办公自动化", "launch": "https://oa.example.org/", "preset": "mod_auth_openidc"});
    let added = registers(&admin, wanted).await;
    assert_eq!(added.header("location"), Some("/api/v1/relying-parties/oa"));
    assert_eq!(added.header("cache-control"), Some("no-store"));
    let secret = added.body["secret"].as_str().unwrap();
    assert_eq!(secret.len(), 43);
    let configuration = added.body["configuration"].as_str().unwrap();
    assert!(configuration.contains(&format!("OIDCClientSecret {secret}")), "{configuration}");
    let party = &added.body["relyingParty"];
    assert_eq!(party["openId"]["redirectUris"], json!(["https://oa.example.org/oidc-callback"]));
    assert_eq!(party["openId"]["requiresPkce"], true);

    let shown = admin.get(&format!("{PARTIES}/oa")).await.unwrap();
    assert_eq!(&shown.body, party);
    assert_eq!(shown.header("etag").unwrap().trim_matches('"'), party["etag"]);
    assert_eq!(admin.get(PARTIES).await.unwrap().body, json!({"relyingParties": [party]}));
    let again = admin.get(&format!("{PARTIES}/oa/configuration?preset=mod_auth_openidc")).await.unwrap();
    assert_eq!((again.status, again.header("content-type")), (200, Some("text/plain; charset=utf-8")));
    let steady = |text: &str| {
        let lines: Vec<String> = text
            .lines()
            .filter(|line| !line.starts_with("OIDCCryptoPassphrase"))
            .map(|line| line.replace(secret, SECRET))
            .collect();
        lines
    };
    assert_eq!(steady(&again.text), steady(configuration));
    let words = ["relying-party", "configuration", "oa", "--preset", "mod_auth_openidc"];
    let said = server.administer(&words, None).await.unwrap();
    assert_eq!(steady(said.trim_end()), steady(configuration));

    let told = server.administer(&["relying-party", "show", "oa"], None).await.unwrap();
    assert!(told.contains("办公自动化") && !told.contains(secret), "{told}");
    let audit = server.administer(&["audit", "--action", "relying-party add"], None).await.unwrap();
    assert!(audit.contains("application admin") && !audit.contains(secret), "{audit}");
    assert!(!server.log().contains(secret));
    let database = std::fs::read(server.data().join("posthouse.db")).unwrap();
    let journal = std::fs::read(server.data().join("posthouse.db-wal")).unwrap_or_default();
    for bytes in [database, journal] {
        assert!(
            !bytes.windows(secret.len()).any(|window| window == secret.as_bytes()),
            "the hash alone is kept"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mistake_is_refused_with_the_name_of_its_field() {
    let (server, admin) = office().await;
    let launch = "https://oa.example.org/";
    for (wrong, field) in [
        (json!({"id": "办公", "launch": launch, "preset": "json"}), "id"),
        (json!({"id": "oa", "launch": "oa", "preset": "json"}), "launch"),
        (
            json!({"id": "oa", "launch": launch, "openId": {"redirectUris": ["http://oa.example.org/cb"]}}),
            "openId.redirectUris[0]",
        ),
        (json!({"id": "oa", "launch": launch, "openId": {}}), "openId.redirectUris"),
        (
            json!({"id": "oa", "launch": launch, "cas": {"services": ["https://a.example.org/?x=1"]}}),
            "cas.services[0]",
        ),
        (
            json!({"id": "oa", "launch": launch, "forwardAuth": {"sites": ["https://a.example.org/"]}}),
            "forwardAuth.sites[0]",
        ),
        (
            json!({"id": "oa", "launch": launch, "preset": "json", "audience": {"departments": ["没有"]}}),
            "audience.departments[0]",
        ),
        (
            json!({"id": "oa", "launch": launch, "preset": "json", "audience": {"people": ["nobody"]}}),
            "audience.people[0]",
        ),
        (
            json!({"id": "oa", "launch": launch, "preset": "json", "audience": {"tags": ["司机", "a,b"]}}),
            "audience.tags[1]",
        ),
        (json!({"id": "oa", "launch": launch, "preset": "jason"}), "preset"),
        (json!({"id": "oa", "launch": launch, "openId": {"redirectUri": []}}), "openId.redirectUri"),
    ] {
        let refused = admin.post(PARTIES, &wrong).await.unwrap();
        assert_eq!(
            (refused.status, refused.body["field"].as_str()),
            (400, Some(field)),
            "{wrong}: {}",
            refused.text
        );
    }
    let refused = admin.post(PARTIES, &json!({"id": "oa", "launch": launch})).await.unwrap();
    assert_eq!((refused.status, refused.code()), (400, "bad_request"), "{}", refused.text);
    assert_eq!(admin.get(PARTIES).await.unwrap().body, json!({"relyingParties": []}));
    registers(&admin, json!({"id": "oa", "launch": launch, "preset": "json"})).await;
    let twice = admin.post(PARTIES, &json!({"id": "oa", "launch": launch, "preset": "json"})).await.unwrap();
    assert_eq!((twice.status, twice.code()), (409, "conflict"));
    let words = ["relying-party", "add", "oa", "--launch", launch, "--launch-ticket"];
    let on_the_line = server.administer(&words, None).await.unwrap_err().to_string();
    assert!(on_the_line.contains("registered already"), "{on_the_line}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dry_run_shows_what_would_be_and_registers_nothing() {
    let (_server, admin) = office().await;
    let mut wanted =
        json!({"id": "oa", "launch": "https://oa.example.org/", "preset": "gitlab", "dryRun": true});
    let dry = admin.post(PARTIES, &wanted).await.unwrap();
    assert_eq!((dry.status, dry.body.get("secret")), (200, None), "{}", dry.text);
    assert_eq!(admin.get(&format!("{PARTIES}/oa")).await.unwrap().status, 404);
    wanted["dryRun"] = json!(false);
    let added = registers(&admin, wanted).await;
    assert_eq!(added.body["relyingParty"]["openId"], dry.body["relyingParty"]["openId"]);
    let dry = change(&admin, "oa", "*", &json!({"enabled": false, "dryRun": true})).await;
    assert_eq!((dry.status, &dry.body["relyingParty"]["enabled"]), (200, &json!(false)));
    assert_eq!(admin.get(&format!("{PARTIES}/oa")).await.unwrap().body["enabled"], true);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_administrators_do_not_overwrite_each_others_registration_unseen() {
    let (server, admin) = office().await;
    let wanted = json!({"id": "oa", "launch": "https://oa.example.org/", "preset": "mod_auth_cas"});
    let tag = registers(&admin, wanted).await.header("etag").unwrap().to_owned();
    let renamed = |name: &str| json!({"name": name});
    let without =
        admin.ask("PATCH", &format!("{PARTIES}/oa"), Some(&renamed("一").to_string())).await.unwrap();
    assert_eq!((without.status, without.code()), (428, "precondition_required"));
    let wrong = change(&admin, "oa", "\"old\"", &renamed("")).await;
    assert_eq!(
        (wrong.status, wrong.body["field"].as_str()),
        (400, Some("name")),
        "never possible: {}",
        wrong.text
    );
    server.administer(&["relying-party", "set", "oa", "--name", "二"], None).await.unwrap();
    assert_eq!(change(&admin, "oa", &tag, &renamed("三")).await.status, 412);
    let gone = admin
        .clone()
        .with_header("If-Match", &tag)
        .ask("DELETE", &format!("{PARTIES}/oa"), None)
        .await
        .unwrap();
    assert_eq!(gone.status, 412);
    let read = admin.get(&format!("{PARTIES}/oa")).await.unwrap();
    assert_eq!(read.body["name"], "二");
    let tag = read.header("etag").unwrap();
    let changed = change(
        &admin,
        "oa",
        tag,
        &json!({"cas": {"services": ["https://oa.example.org/new"]}, "confirm": true}),
    )
    .await;
    let party = &changed.body["relyingParty"];
    assert_eq!((changed.status, &party["cas"]["services"]), (200, &json!(["https://oa.example.org/new"])));
    assert_eq!((&party["name"], &party["confirm"]), (&json!("二"), &json!(true)), "what is not named stays");
    let last = change(&admin, "oa", "*", &json!({"cas": null})).await;
    assert_eq!(last.status, 400, "a system keeps one way at least: {}", last.text);
    let tag = changed.header("etag").unwrap();
    let gone = admin
        .clone()
        .with_header("If-Match", tag)
        .ask("DELETE", &format!("{PARTIES}/oa"), None)
        .await
        .unwrap();
    assert_eq!(gone.status, 204);
    assert_eq!(admin.get(&format!("{PARTIES}/oa")).await.unwrap().status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_does_with_registrations_what_it_may_and_no_more() {
    let (server, admin) = office().await;
    registers(&admin, json!({"id": "oa", "launch": "https://oa.example.org/", "preset": "grafana"})).await;
    let personnel = application(&server, "hr", &["--directory", "edit", "--everyone"]).await;
    let reader = application(&server, "reader", &["--relying-parties", "read"]).await;
    let one = format!("{PARTIES}/oa");
    let erp = json!({"id": "erp", "launch": "https://erp.example.org/", "preset": "json"}).to_string();
    for (method, path, body) in [
        ("GET", PARTIES.to_owned(), None),
        ("GET", one.clone(), None),
        ("GET", format!("{one}/configuration?preset=grafana"), None),
    ] {
        assert_eq!(personnel.ask(method, &path, body).await.unwrap().status, 403, "{method} {path}");
        assert_eq!(reader.ask(method, &path, body).await.unwrap().status, 200, "{method} {path}");
    }
    for (method, path, body) in [
        ("POST", PARTIES.to_owned(), Some(erp.as_str())),
        ("PATCH", one.clone(), Some("{}")),
        ("DELETE", one.clone(), None),
        ("POST", format!("{one}/secret"), None),
        ("POST", format!("{one}/test"), None),
    ] {
        for system in [&personnel, &reader] {
            let answer = system.clone().with_header("If-Match", "*").ask(method, &path, body).await.unwrap();
            assert_eq!(
                (answer.status, answer.code()),
                (403, "forbidden"),
                "{method} {path}: {}",
                answer.text
            );
        }
    }
    let own = reader.get("/api/v1/application").await.unwrap();
    assert_eq!(own.body["relyingParties"], "read");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_secret_comes_with_the_configuration_for_it_and_only_for_systems_that_have_one() {
    let (_server, admin) = office().await;
    let old =
        registers(&admin, json!({"id": "oa", "launch": "https://oa.example.org/", "preset": "grafana"}))
            .await;
    registers(&admin, json!({"id": "erp", "launch": "https://erp.example.org/", "preset": "mod_auth_cas"}))
        .await;
    let ask = async |path: &str| admin.ask("POST", &format!("{PARTIES}/{path}"), None).await.unwrap();
    let new = ask("oa/secret?preset=grafana").await;
    let secret = new.body["secret"].as_str().unwrap();
    assert!(new.body["configuration"].as_str().unwrap().contains(&format!("client_secret = {secret}")));
    assert_ne!(&new.body["secret"], &old.body["secret"]);
    assert_ne!(new.header("etag"), old.header("etag"));
    let wrong = ask("oa/secret?preset=nginx").await;
    assert_eq!((wrong.status, wrong.body["field"].as_str()), (400, Some("preset")), "{}", wrong.text);
    assert_eq!(ask("erp/secret").await.status, 409);
    assert_eq!(ask("nobody/secret").await.status, 404);
    let wrong = admin.get(&format!("{PARTIES}/erp/configuration?preset=grafana")).await.unwrap();
    assert_eq!((wrong.status, wrong.body["field"].as_str()), (400, Some("preset")), "{}", wrong.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_test_of_a_system_says_what_is_wrong_in_plain_words() {
    let (_server, admin) = office().await;
    registers(&admin, json!({"id": "gone", "launch": "http://127.0.0.1:9/", "launchTicket": true})).await;
    let tested = admin.ask("POST", &format!("{PARTIES}/gone/test"), None).await.unwrap();
    assert_eq!((tested.status, &tested.body["ok"]), (200, &json!(false)), "{}", tested.text);
    let findings = tested.body["findings"].as_array().unwrap();
    let launch = findings.iter().find(|finding| finding["about"] == "launch").unwrap();
    assert_eq!(launch["result"], "failed");
    assert!(launch["message"].as_str().unwrap().contains("it cannot be reached"), "{launch}");
    assert!(launch["next"].as_str().unwrap().contains("firewall"), "{launch}");
    assert!(tested.body["endings"][0].as_str().unwrap().starts_with("Launch ticket:"));
    assert_eq!(tested.body["refusals"], json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_registered_while_single_sign_on_is_switched_off() {
    let server = server(&[]).await;
    let admin = application(&server, "admin", &["--relying-parties", "edit"]).await;
    let wanted = json!({"id": "oa", "launch": "https://oa.example.org/", "preset": "json"});
    let refused = admin.post(PARTIES, &wanted).await.unwrap();
    assert_eq!((refused.status, refused.code()), (409, "conflict"));
    assert!(refused.body["message"].as_str().unwrap().contains("issuer"), "{}", refused.text);
}
