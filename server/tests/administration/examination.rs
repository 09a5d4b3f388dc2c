//! `doctor` finds what was broken on purpose, and nothing when all is well.

use rcgen::{CertificateParams, KeyPair};

use super::house::{DOMAIN, Done, House};

fn examine(house: &House) -> Done {
    house.tries(&["doctor"], "")
}

/// The one line that has failed.
fn failure(house: &House) -> String {
    let done = examine(house);
    assert_eq!(done.code, Some(1), "{}", done.output);
    let failed: Vec<&str> = done.output.lines().filter(|line| line.starts_with("FAILED")).collect();
    assert_eq!(failed.len(), 1, "{}", done.output);
    assert!(failed[0].contains(" Next: "), "{}", failed[0]);
    failed[0].to_owned()
}

#[test]
fn a_healthy_folder_is_well_whether_its_server_runs_or_not() {
    let mut house = House::new();
    for _ in 0..2 {
        let done = examine(&house);
        assert!(done.is_success, "{}{}", done.output, done.errors);
        for about in [
            "settings",
            "files",
            "certificate",
            "database",
            "audit log",
            "accounts",
            "disk",
            "clock",
            "ports",
        ] {
            assert!(done.output.contains(&format!("ok       {about}")), "{about} in {}", done.output);
        }
        if !done.output.contains("the server runs") {
            house.start();
        }
    }
    assert!(examine(&house).output.contains("the server runs"));
}

#[test]
fn an_expired_certificate_and_one_for_somebody_else_are_found() {
    let house = House::new();
    let key = KeyPair::generate().expect("a key");
    let write = |name: &str, year: i32| {
        let mut params = CertificateParams::new(vec![name.to_owned()]).expect("a name");
        params.not_before = rcgen::date_time_ymd(2020, 1, 1);
        params.not_after = rcgen::date_time_ymd(year, 1, 2);
        let certificate = params.self_signed(&key).expect("a certificate");
        std::fs::write(house.file("certificate.pem"), certificate.pem()).expect("written");
    };
    std::fs::write(house.file("key.pem"), key.serialize_pem()).expect("written");
    write(DOMAIN, 2021);
    let line = failure(&house);
    assert!(line.contains("certificate") && line.contains("has expired on 2021-01-02"), "{line}");
    write("elsewhere.test", 2200);
    let line = failure(&house);
    assert!(line.contains("is for elsewhere.test, but clients ask for posthouse.test"), "{line}");
    std::fs::write(house.file("key.pem"), KeyPair::generate().expect("a key").serialize_pem())
        .expect("written");
    assert!(failure(&house).contains("certificate and key"));
}

#[test]
fn a_renewed_certificate_heals_an_expired_one() {
    let house = House::new();
    let before = std::fs::read(house.file("certificate.pem")).expect("a certificate");
    let said = house.does(&["renew-certificate", "--also", "chat.posthouse.test", "--also", "192.0.2.77"]);
    assert!(said.contains("chat.posthouse.test") && said.contains("192.0.2.77"), "{said}");
    assert_ne!(std::fs::read(house.file("certificate.pem")).expect("a certificate"), before);
    let again = house.does(&["renew-certificate"]);
    assert!(again.contains("chat.posthouse.test") && again.contains("192.0.2.77"), "names are kept: {again}");
    assert!(examine(&house).is_success);
}

#[test]
fn a_changed_row_of_the_audit_log_is_found() {
    let house = House::new();
    house.add("zhang.san", "张三", "a password");
    house.does(&["user", "disable", "zhang.san"]);
    let database = rusqlite::Connection::open(house.file("posthouse.db")).expect("a database");
    database.execute("UPDATE audit SET actor = 'nobody' WHERE number = 2", []).expect("a change");
    drop(database);
    let line = failure(&house);
    assert!(line.contains("audit log") && line.contains("entry 2 was changed"), "{line}");
}

#[cfg(unix)]
#[test]
fn a_key_that_others_can_read_is_found() {
    use std::os::unix::fs::PermissionsExt;
    let house = House::new();
    let key = house.file("key.pem");
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o644)).expect("permissions");
    let line = failure(&house);
    assert!(line.contains("can be read by others (mode 644). Next: chmod 600"), "{line}");
    let (_, command) = line.split_once("Next: ").expect("what to do");
    let words: Vec<&str> = command.split(' ').collect();
    assert!(std::process::Command::new(words[0]).args(&words[1..]).status().expect("chmod").success());
    assert!(examine(&house).is_success);
}

#[test]
fn a_port_that_another_program_has_is_found() {
    let house = House::new();
    let other = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = other.local_addr().expect("an address");
    house.set("any", &format!("[\"{address}\"]"));
    let line = failure(&house);
    assert!(line.contains(&format!("{address} (any) cannot be listened at")), "{line}");
    assert!(line.contains(&format!("ss -ltnp 'sport = :{}'", address.port())), "{line}");
}

#[test]
fn settings_that_changed_since_the_start_are_found() {
    let house = House::running();
    let free = std::net::TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("an address");
    house.set("any", &format!("[\"{free}\"]"));
    assert!(failure(&house).contains("the running server does not listen there. Next: restart the server"));
}

#[test]
fn a_damaged_database_is_found() {
    let house = House::new();
    let path = house.file("posthouse.db");
    let database = rusqlite::Connection::open(&path).expect("a database");
    database.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).expect("one file");
    drop(database);
    let mut bytes = std::fs::read(&path).expect("a database");
    let end = bytes.len();
    bytes[8_192..end].fill(0xa5);
    std::fs::write(&path, bytes).expect("damaged");
    let done = examine(&house);
    assert_eq!(done.code, Some(1), "{}", done.output);
    assert!(done.output.contains("FAILED   database"), "{}", done.output);
    assert!(done.output.contains("restore the newest backup"), "{}", done.output);
}

#[test]
fn a_rule_about_a_department_that_nobody_has_is_found() {
    let house = House::new();
    let path = house.file("server.toml");
    let text = std::fs::read_to_string(&path).expect("settings");
    let text = text.replace("[visibility]", "[visibility]\nhidden_departments = [\"d77\"]");
    std::fs::write(&path, text).expect("settings");
    assert!(failure(&house).contains("[visibility] names d77, which nobody has"));
}
