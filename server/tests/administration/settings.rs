//! `check-config`.

use super::house::House;

#[test]
fn good_settings_are_shown() {
    let house = House::new();
    let said = house.does(&["check-config"]);
    assert!(said.contains("server.toml is in order"), "{said}");
    assert!(said.contains("any         127.0.0.1:0") && said.contains("component   off"), "{said}");
}

#[test]
fn a_mistake_is_named_with_line_key_and_what_to_do() {
    for (key, value, problem) in [
        ("any", "[\"5222\"]", "any holds something that is not an address; write"),
        ("login_seconds", "0", "limits.login_seconds is 0; write at least 1"),
        ("stanza_bytes", "\"much\"", "limits.stanza_bytes is string \"much\"; write a whole number"),
        ("format", "\"xml\"", "log.format is \"xml\"; write \"text\" or \"json\""),
        ("level", "\"a=b=c\"", "log.level in the settings is \"a=b=c\""),
        ("key", "\"nothing.pem\"", "[tls] cannot be used"),
    ] {
        let house = House::new();
        house.set(key, value);
        let refusal = house.refuses(&["check-config"]);
        assert!(refusal.contains(problem), "{problem} in {refusal}");
        let line = std::fs::read_to_string(house.file("server.toml"))
            .expect("settings")
            .lines()
            .position(|line| line.starts_with(&format!("{key} = ")))
            .expect("the line is there");
        let has_line = refusal.contains(&format!("line {}:", line + 1));
        assert!(has_line || problem.starts_with("log.level") || problem.starts_with("[tls]"), "{refusal}");
        // The server says the same and does not start.
        assert_eq!(house.tries(&["run"], "").code, Some(1));
    }
}

#[test]
fn what_is_hardly_meant_is_said_and_no_mistake() {
    let house = House::new();
    house.set("metrics", "[\"0.0.0.0:0\"]");
    let done = house.tries(&["check-config"], "");
    assert!(done.is_success, "{}", done.errors);
    assert!(
        done.errors.contains("metrics at 0.0.0.0:0 is not encrypted and others reach it"),
        "{}",
        done.errors
    );
}
