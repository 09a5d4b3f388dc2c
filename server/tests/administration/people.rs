//! `init` and `user` while the server runs.

use super::client::Client;
use super::house::House;

fn one_time_password(house: &House) -> String {
    let line = house.said_at_first.lines().find(|line| line.starts_with("One-time password:"));
    line.and_then(|line| line.split_whitespace().last()).expect("a password").to_owned()
}

#[test]
fn init_prints_a_one_time_password_that_signs_in_and_does_not_run_twice() {
    let house = House::running();
    let mut admin = Client::sign_in(&house, "admin", &one_time_password(&house));
    admin.ping();
    let refusal = house.refuses(&["init", "--domain", "other.test"]);
    assert!(refusal.contains("has a server.toml already; choose another folder"), "{refusal}");
}

#[cfg(unix)]
#[test]
fn what_init_makes_can_be_read_by_its_owner_only() {
    use std::os::unix::fs::PermissionsExt;
    let house = House::new();
    let mode = |path: &std::path::Path| path.metadata().expect("it is there").permissions().mode() & 0o777;
    assert_eq!(mode(house.data()), 0o700);
    for name in ["server.toml", "posthouse.db", "key.pem", "ca-key.pem"] {
        assert_eq!(mode(&house.file(name)), 0o600, "{name}");
    }
}

#[test]
fn people_are_added_changed_listed_and_removed_while_the_server_runs() {
    let house = House::running();
    house.add("zhang.san", "张三", "a password");
    Client::sign_in(&house, "zhang.san", "a password").ping();
    let set =
        ["user", "set", "zhang.san", "--name", "张三丰", "--mobile", "138 0000 0001", "--title", "会计"];
    house.does(&set);
    let person = house.person("zhang.san").expect("he is listed");
    assert_eq!(person["name"], "张三丰");
    assert_eq!(person["mobile"], "+8613800000001");
    assert_eq!(person["posts"][0]["department"], "总部/财务部");
    assert_eq!(person["posts"][0]["title"], "会计");
    let refusal = house.refuses(&["user", "add", "zhang.san", "--name", "x", "--department", "总部"]);
    assert!(refusal.contains("the ID \"zhang.san\" is taken"), "{refusal}");
    let refusal = house.refuses(&["user", "set", "li.si", "--name", "x"]);
    assert!(refusal.contains("nobody has the ID \"li.si\""), "{refusal}");
    house.does(&["user", "remove", "zhang.san"]);
    assert!(house.person("zhang.san").is_none());
    let failure = Client::try_sign_in(&house, "zhang.san", "a password").err();
    assert_eq!(failure.as_deref(), Some("not-authorized"));
}

#[test]
fn a_disabled_person_is_signed_out_and_stays_out_until_enabled() {
    let house = House::running();
    house.add("zhang.san", "张三", "a password");
    let mut client = Client::sign_in(&house, "zhang.san", "a password");
    client.ping();
    house.does(&["user", "disable", "zhang.san"]);
    client.wait_for("<not-authorized");
    house.wait_for_line("signed out");
    let failure = Client::try_sign_in(&house, "zhang.san", "a password").err();
    assert_eq!(failure.as_deref(), Some("account-disabled"));
    assert_eq!(house.person("zhang.san").expect("still listed")["status"], "disabled");
    house.does(&["user", "enable", "zhang.san"]);
    Client::sign_in(&house, "zhang.san", "a password").ping();
}

#[test]
fn a_removed_person_is_signed_out() {
    let house = House::running();
    house.add("zhang.san", "张三", "a password");
    let mut client = Client::sign_in(&house, "zhang.san", "a password");
    house.does(&["user", "remove", "zhang.san"]);
    client.wait_for("<not-authorized");
}

#[test]
fn a_new_password_ends_the_sessions_of_the_old_one() {
    let house = House::running();
    house.add("zhang.san", "张三", "old password");
    let mut client = Client::sign_in(&house, "zhang.san", "old password");
    house.does_with(&["user", "password", "zhang.san", "--password-stdin"], "new password");
    client.wait_for("<not-authorized");
    let failure = Client::try_sign_in(&house, "zhang.san", "old password").err();
    assert_eq!(failure.as_deref(), Some("not-authorized"));
    Client::sign_in(&house, "zhang.san", "new password").ping();
}

#[test]
fn departments_are_added_moved_and_removed_while_the_server_runs() {
    let house = House::running();
    house.does(&["department", "add", "总部/研发部", "--priority", "5"]);
    house.does(&["department", "move", "总部/研发部", "--to", "/"]);
    house.does(&["department", "set", "研发部", "--name", "研究院"]);
    assert!(house.does(&["department", "list"]).contains("研究院\t5\t0"));
    let refusal = house.refuses(&["department", "remove", "研发部"]);
    assert!(refusal.contains("there is no department"), "{refusal}");
    house.does(&["department", "remove", "研究院"]);
    assert!(!house.does(&["department", "list"]).contains("研究院"));
}

#[test]
fn the_audit_log_says_who_did_what_newest_last() {
    let house = House::new();
    for id in ["zhang.san", "li.si"] {
        house.add(id, "张三", "Zhengque-2026!");
    }
    house.does(&["user", "disable", "zhang.san"]);
    let log = house.does(&["audit"]);
    let lines: Vec<&str> = log.lines().collect();
    let last = lines.last().copied().unwrap_or_default();
    assert!(
        last.contains("\tuser set\tzhang.san\t") || last.contains("\tuser disable\tzhang.san\t"),
        "{log}"
    );
    let added = house.does(&["audit", "--action", "user add", "--last", "1", "--json"]);
    assert!(added.contains("\"li.si\"") && !added.contains("zhang.san"), "{added}");
    assert!(!log.contains("Zhengque"), "no password");
    assert_eq!(house.does(&["audit", "--action", "user eat"]).trim(), "");
}
