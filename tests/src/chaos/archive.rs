//! Reads everybody's archive in the end and compares it with what was written.

use std::collections::BTreeMap;

use super::ledger::{Key, Ledger};
use super::{PASSWORD, PEOPLE, Report};
use crate::raw_client::{Login, Mechanism, Person, RawClient, Trust};
use crate::server_process::{DOMAIN, ServerProcess};

const ARCHIVE: &str = "urn:xmpp:mam:2";
const PAGES: &str = "http://jabber.org/protocol/rsm";

/// Counts what is missing, double or out of order in the archives.
pub(super) async fn check(
    server: &ServerProcess,
    ledger: &Ledger,
    report: &mut Report,
) -> anyhow::Result<()> {
    let trust = Trust::in_authority(&server.data().join("ca.pem"), DOMAIN)?;
    for (id, _, _) in PEOPLE {
        let mut client = RawClient::connect_tls(&server.address()?, &trust).await?;
        client.open_stream(DOMAIN).await?;
        client.sign_in(&Login::new(id, PASSWORD, Mechanism::USUAL)).await?;
        client.open_stream(DOMAIN).await?;
        let jid = client.bind(Some("reader")).await?;
        let archived = read(&mut Person::new(client, jid)).await?;
        compare(&archived, &ledger.written_with(id), ledger, report);
    }
    Ok(())
}

/// Everything in one archive, oldest first.
async fn read(person: &mut Person) -> anyhow::Result<Vec<Key>> {
    let mut archived = Vec::new();
    let mut place = String::new();
    loop {
        let query =
            format!("<query xmlns='{ARCHIVE}'><set xmlns='{PAGES}'><max>250</max>{place}</set></query>");
        let answer = person.ask("set", &query).await?;
        let end = answer.child("fin", ARCHIVE).ok_or_else(|| anyhow::anyhow!("no end: {answer:?}"))?;
        for message in person.all_messages().await? {
            let text = message.find("body", "jabber:client").map(|body| body.text.as_str());
            archived.extend(text.and_then(Key::read));
        }
        let Some(last) = end.find("last", PAGES) else { return Ok(archived) };
        place = format!("<after>{}</after>", last.text);
        if end.attribute("complete") == Some("true") {
            return Ok(archived);
        }
    }
}

fn compare(archived: &[Key], written: &[Key], ledger: &Ledger, report: &mut Report) {
    let mut counts: BTreeMap<&Key, usize> = BTreeMap::new();
    let mut highest: BTreeMap<(&str, &str), u32> = BTreeMap::new();
    for key in archived {
        let count = counts.entry(key).or_default();
        *count = count.saturating_add(1);
        let before = highest.insert((&key.from, &key.to), key.number);
        if before.is_some_and(|before| before > key.number) {
            report.disordered = report.disordered.saturating_add(1);
        }
    }
    let doubled = counts.values().filter(|count| **count > 1).count();
    report.doubled_in_archive = report.doubled_in_archive.saturating_add(doubled);
    let is_lost = |key: &&Key| ledger.is_acknowledged(key) && !counts.contains_key(*key);
    let lost = written.iter().filter(is_lost).count();
    report.lost_in_archive = report.lost_in_archive.saturating_add(lost);
}
