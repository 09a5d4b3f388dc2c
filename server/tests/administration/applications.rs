//! `application`.

use super::house::House;

fn key_of(said: &str) -> &str {
    said.lines().next().expect("a key")
}

#[test]
fn a_key_is_shown_once_and_kept_nowhere() {
    let house = House::new();
    let said = house.does(&["application", "create", "oa", "--title", "办公自动化", "--everyone"]);
    let key = key_of(&said);
    assert!(key.starts_with("ph_1_") && key.len() == 48, "{key}");
    let listed = house.does(&["application", "list"]);
    assert!(listed.contains("oa\t办公自动化\tph_1_…"), "{listed}");
    let secret = key.rsplit('_').next().expect("a secret");
    let database = std::fs::read(house.file("posthouse.db")).expect("the database");
    let journal = std::fs::read(house.file("posthouse.db-wal")).unwrap_or_default();
    for bytes in [database, journal] {
        assert!(!String::from_utf8_lossy(&bytes).contains(secret));
    }
}

#[test]
fn what_makes_no_sense_is_refused_with_what_to_do() {
    let house = House::new();
    for (words, problem) in [
        (vec!["create", "OA", "--everyone"], "is no short name"),
        (vec!["create", "oa"], "what may it do?"),
        (vec!["create", "oa", "--department", "无"], "there is no department"),
        (vec!["create", "oa", "--everyone", "--network", "10.0.0.0/99"], "is no network"),
        (vec!["create", "oa", "--everyone", "--delivery", "pigeon"], "is no way"),
        (vec!["rotate", "oa"], "no business system is called"),
        (vec!["set", "oa"], "nothing to change was given"),
    ] {
        let refusal = house.refuses(&[&["application"], words.as_slice()].concat());
        assert!(refusal.contains(problem), "{refusal}");
    }
}

#[test]
fn a_name_is_taken_once_and_free_again_when_removed_but_never_its_number() {
    let house = House::new();
    house.does(&["application", "create", "oa", "--everyone"]);
    assert!(house.refuses(&["application", "create", "oa", "--everyone"]).contains("is taken"));
    house.does(&["application", "remove", "oa"]);
    let said = house.does(&["application", "create", "oa", "--everyone"]);
    assert!(key_of(&said).starts_with("ph_2_"), "{said}");
}
