use std::path::Path;

use super::{Config, EXAMPLE, Limits, Log, Passwords};

fn parse(text: &str) -> Result<Config, String> {
    Config::parse(text, Path::new("server.toml"), Path::new("/data")).map_err(|error| error.to_string())
}

#[test]
fn the_example_shows_every_key_at_its_default() {
    let example = parse(EXAMPLE).unwrap();
    let bare = parse("domain = \"example.org\"").unwrap();
    assert_eq!(example.listen, bare.listen);
    assert_eq!(example.tls, bare.tls);
    assert_eq!(example.limits, Limits::default());
    assert_eq!(example.passwords, Passwords::default());
    assert_eq!(example.log, Log::default());
    let shown: toml::Table = toml::from_str(EXAMPLE).unwrap();
    for section in ["tls", "limits", "passwords", "archive", "log"] {
        let keys: Vec<&str> = shown[section].as_table().unwrap().keys().map(String::as_str).collect();
        let known = known_keys(section);
        let missing: Vec<&String> = known.iter().filter(|key| !keys.contains(&key.as_str())).collect();
        assert!(missing.is_empty() && !known.is_empty(), "[{section}] does not show {missing:?}");
    }
}

#[test]
fn every_key_of_the_example_is_explained() {
    let mut is_explained = false;
    for line in EXAMPLE.lines() {
        let is_key = line.contains(" = ") && !line.starts_with('#');
        assert!(!is_key || is_explained, "nothing explains {line}");
        // A comment is for all keys that follow it without a blank line.
        is_explained = line.starts_with('#') || (is_key && is_explained);
    }
}

/// The keys of a section, as the parser names them when it meets one that it does not know.
fn known_keys(section: &str) -> Vec<String> {
    let text = format!("domain = \"a.org\"\n[{section}]\nno_such_key = 1\n");
    let error = toml::from_str::<super::File>(&text).unwrap_err();
    error.message().split('`').skip(3).step_by(2).map(str::to_owned).collect()
}

#[test]
fn an_unknown_key_is_answered_with_the_nearest_one_and_its_line() {
    let error = parse("domain = \"a.org\"\nstartls = []\n").unwrap_err();
    assert_eq!(error, "server.toml, line 2: unknown key \"startls\"; did you mean \"starttls\"?");
    let error = parse("domain = \"a.org\"\n[limits]\nconections = 5\n").unwrap_err();
    assert!(error.contains("line 3") && error.contains("did you mean \"connections\"?"), "{error}");
}

#[test]
fn listening_lists_may_stand_in_a_table_but_not_twice() {
    let config = parse("domain = \"a.org\"\n[listen]\nany = []\nstarttls = [\"127.0.0.1:0\"]\n").unwrap();
    assert!(config.listen.any.is_empty());
    assert_eq!(config.listen.starttls, ["127.0.0.1:0".parse().unwrap()]);
    let error = parse("domain = \"a.org\"\nany = []\n[listen]\nany = []\n").unwrap_err();
    assert!(error.contains("any stands both"), "{error}");
}

#[test]
fn paths_start_in_the_data_folder() {
    let config = parse("domain = \"a.org\"\n[tls]\nkey = \"/secret/key.pem\"\n").unwrap();
    assert_eq!(config.tls.certificate, Path::new("/data/certificate.pem"));
    assert_eq!(config.tls.key, Path::new("/secret/key.pem"));
}

#[test]
fn senseless_values_are_refused_with_line_key_and_what_to_do() {
    for (text, problem) in [
        ("", "server.toml, domain is missing; write for example"),
        ("domain = \"a b\"", "server.toml, line 1: domain \"a b\" is not a domain name"),
        (
            "domain = \"a.org\"\n[passwords]\niterations = 1000",
            "server.toml, line 3: passwords.iterations is 1000; write at least 4096",
        ),
        (
            "domain = \"a.org\"\n[limits]\nconnections = 0",
            "server.toml, line 3: limits.connections is 0; write at least 1",
        ),
        (
            "domain = \"a.org\"\n\n[[components]]\ndomain = \"sms.a.org\"\nsecret = \"\"",
            "server.toml, line 5: components[0].secret is empty; write a long random text",
        ),
        (
            "domain = \"a.org\"\n[[components]]\ndomain = \"a.org\"\nsecret = \"x\"",
            "server.toml, line 3: components[0].domain is a.org, which is taken",
        ),
        (
            "domain = \"a.org\"\nstarttls = [\"0.0.0.0:10000\"]",
            "any has 0.0.0.0:10000, which stands in starttls already; take another port",
        ),
    ] {
        let error = parse(text).unwrap_err();
        assert!(error.contains(problem), "{error}");
    }
}

#[test]
fn all_senseless_values_are_named_at_once() {
    let text = "domain = \"a.org\"\n[limits]\nconnections = 0\nlogin_seconds = 0\n";
    let error = parse(text).unwrap_err();
    assert_eq!(error.lines().count(), 2, "{error}");
}

#[test]
fn values_of_the_wrong_type_are_named_in_plain_words() {
    for (text, problem) in [
        ("[limits]\nconnections = \"5\"", "line 3: limits.connections is string \"5\"; write a whole number"),
        ("[limits]\nconnections = -1", "line 3: limits.connections is integer -1; write a whole number"),
        ("any = \"0.0.0.0:5222\"", "line 2: any is string \"0.0.0.0:5222\"; write a list such as"),
        ("any = [\"5222\"]", "line 2: any holds something that is not an address; write"),
        ("[log]\nformat = \"xml\"", "line 3: log.format is \"xml\"; write \"text\" or \"json\""),
        ("any = [\"0.0.0.0:1\"", "line 2: "),
    ] {
        let error = parse(&format!("domain = \"a.org\"\n{text}\n")).unwrap_err();
        assert!(error.contains(problem), "{error}");
    }
}

#[test]
fn a_chinese_domain_is_a_domain() {
    assert_eq!(parse("domain = \"驿站.中国\"").unwrap().domain, "驿站.中国");
}

#[test]
fn secrets_do_not_reach_the_log() {
    let config =
        parse("domain = \"a.org\"\n[[components]]\ndomain = \"sms.a.org\"\nsecret = \"geheim\"").unwrap();
    assert!(!format!("{config:?}").contains("geheim"));
}
