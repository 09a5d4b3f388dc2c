//! `backup` while messages are written, and `restore`.

use std::path::Path;

use super::client::{Client, inside};
use super::house::{DOMAIN, House};

/// Messages that are sent while the backups are made.
const MESSAGES: usize = 400;

fn text(path: &Path) -> &str {
    path.to_str().expect("a name")
}

/// Sends messages to somebody who is away, and waits until all of them are on the server's disk (XEP-0198).
fn write_all(house: &House, from: usize, to: usize) {
    let mut alice = Client::sign_in(house, "alice", "a password");
    alice.send("<enable xmlns='urn:xmpp:sm:3'/>");
    alice.wait_for("<enabled");
    for number in from..to {
        alice.send(&format!("<message to='bob@{DOMAIN}' type='chat'><body>text {number}</body></message>"));
    }
    alice.send("<r xmlns='urn:xmpp:sm:3'/>");
    let answer = format!("h='{}'", to - from);
    alice.wait_for(&answer);
}

/// The texts that wait for somebody, in order.
fn read_all(house: &House, count: usize) -> Vec<String> {
    let mut bob = Client::sign_in(house, "bob", "a password");
    bob.send("<presence/>");
    (0..count)
        .map(|_| {
            let received = bob.wait_for("</body>");
            inside(&received, "body").expect("a text").to_owned()
        })
        .collect()
}

fn two_people(house: &House) {
    house.add("alice", "Alice", "a password");
    house.add("bob", "Bob", "a password");
    house.knows_people(2);
}

#[test]
fn what_was_acknowledged_before_a_backup_is_there_after_restoring_it() {
    let house = House::running();
    two_people(&house);
    write_all(&house, 0, 50);
    let backups: Vec<_> = (0..3).map(|number| house.beside(&format!("{number}.zip"))).collect();
    std::thread::scope(|scope| {
        let writer = scope.spawn(|| write_all(&house, 50, MESSAGES));
        for backup in &backups {
            let said = house.does(&["backup", text(backup)]);
            assert!(said.contains("3 accounts") && said.contains("verified"), "{said}");
        }
        writer.join().expect("it writes");
    });
    let last = house.beside("last.zip");
    house.does(&["backup", text(&last)]);
    for (backup, least) in [(&backups[0], 50), (&last, MESSAGES)] {
        let mut restored = House::at(&house.beside(&format!("restored-{least}")));
        let said = restored.does(&["restore", text(backup)]);
        assert!(said.contains("2 people, 3 accounts"), "{said}");
        restored.does(&["doctor"]);
        restored.start();
        let expected: Vec<String> = (0..least).map(|number| format!("text {number}")).collect();
        assert_eq!(read_all(&restored, least), expected);
        assert_eq!(Client::connect(&restored).certificate(), Client::connect(&house).certificate());
        restored.stop();
    }
}

#[test]
fn a_backup_into_a_folder_gets_a_name_of_its_own_and_is_for_its_owner_only() {
    let house = House::new();
    let folder = house.beside("backups");
    std::fs::create_dir(&folder).expect("a folder");
    house.does(&["backup", text(&folder)]);
    let files: Vec<_> =
        std::fs::read_dir(&folder).expect("a folder").map(|file| file.expect("a file")).collect();
    let name = files[0].file_name().into_string().expect("a name");
    assert_eq!(files.len(), 1, "nothing is left beside the backup");
    assert!(name.starts_with("posthouse-posthouse.test-") && name.ends_with(".zip"), "{name}");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(files[0].metadata().expect("it is there").permissions().mode() & 0o777, 0o600);
    }
    let refusal = house.refuses(&["backup", text(&files[0].path())]);
    assert!(refusal.contains("is there already"), "{refusal}");
}

#[test]
fn restore_refuses_a_folder_in_use_and_a_running_server() {
    let house = House::running();
    let backup = house.beside("backup.zip");
    house.does(&["backup", text(&backup)]);
    let refusal = house.refuses(&["restore", text(&backup)]);
    assert!(refusal.contains("a server runs on"), "{refusal}");
    let other = House::new();
    let refusal = other.refuses(&["restore", text(&backup)]);
    assert!(refusal.contains("is not empty; restore into a new folder"), "{refusal}");
}

#[test]
fn a_damaged_backup_is_refused_and_leaves_nothing_behind() {
    let house = House::new();
    let backup = house.beside("backup.zip");
    house.does(&["backup", text(&backup)]);
    let whole = std::fs::read(&backup).expect("a backup");
    // The database comes first: this bit lies within it.
    let mut flipped = whole.clone();
    flipped[2_000] ^= 1;
    let cut = whole[..whole.len() / 2].to_vec();
    for (bytes, what) in [(flipped, "a flipped bit"), (cut, "a cut end")] {
        std::fs::write(&backup, bytes).expect("a damaged backup");
        let other = House::at(&house.beside("restored"));
        let refusal = other.refuses(&["restore", text(&backup)]);
        assert!(refusal.contains("is damaged") || refusal.contains("is no backup"), "{what}: {refusal}");
        assert!(!other.data().exists(), "{what}");
    }
}

#[test]
fn clients_learn_the_organisation_anew_after_a_restore() {
    let house = House::new();
    let backup = house.beside("backup.zip");
    house.does(&["backup", text(&backup)]);
    let restored = House::at(&house.beside("restored"));
    restored.does(&["restore", text(&backup)]);
    let epoch = |house: &House| {
        let database = rusqlite::Connection::open(house.file("posthouse.db")).expect("a database");
        let read = |row: &rusqlite::Row<'_>| row.get::<_, String>(0);
        database.query_row("SELECT epoch FROM organization_state", [], read).expect("an epoch")
    };
    assert_ne!(epoch(&house), epoch(&restored));
}
