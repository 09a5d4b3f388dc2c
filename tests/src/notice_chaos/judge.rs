//! Compares what was sent with what arrived, and with what the server says.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context;
use serde_json::Value;
use tokio::task::JoinSet;

use super::house::{Entrance, MESSAGES, number};
use super::ledger::{Entry, Ledger, number_in};
use super::report::Report;
use crate::business_system::BusinessSystem;
use crate::element::Element;
use crate::modem_simulator::SentText;
use crate::raw_client::Person;

/// What has to stand there, in this order.
const AT_CLIENT: [&str; 4] = ["accepted", "pushed", "delivered", "read"];
const ON_PHONE: [&str; 4] = ["accepted", "smsQueued", "smsSent", "smsReported"];
/// What may stand there besides: the gateway was killed when it knew no more.
const UNCONFIRMED: &str = "smsUnconfirmed";
/// How many ask at the same time.
const READERS: usize = 8;
/// How long a reader waits for something that is on its way.
const AGAIN: Duration = Duration::from_millis(200);

/// Asks the server about every notice until it is through, or for long enough.
pub(super) async fn timelines(
    system: &BusinessSystem,
    ledger: &Arc<Ledger>,
    patience: Duration,
) -> anyhow::Result<Report> {
    let mut report = Report { notices: ledger.size().notices, ..Report::default() };
    let ids: Arc<Vec<String>> = Arc::new(ledger.entries().into_iter().map(|entry| entry.id).collect());
    let deadline = Instant::now() + patience;
    let mut readers = JoinSet::new();
    for first in 0..READERS {
        let (system, ids) = (system.clone(), Arc::clone(&ids));
        readers.spawn(async move {
            let mut holes = Vec::new();
            for (notice, id) in ids.iter().enumerate().skip(first).step_by(READERS) {
                if let Some(events) = hole(&system, id, deadline).await? {
                    holes.push(format!("n{notice} has this timeline: {events:?}"));
                }
            }
            anyhow::Ok(holes)
        });
    }
    while let Some(holes) = readers.join_next().await {
        for hole in holes?? {
            report.holes += 1;
            report.complain(hole);
        }
    }
    Ok(report)
}

/// The events of a notice that is not complete by then.
async fn hole(system: &BusinessSystem, id: &str, deadline: Instant) -> anyhow::Result<Option<Vec<String>>> {
    loop {
        let answer = system.get(&format!("{MESSAGES}/{id}")).await?;
        let events = answer.body.pointer("/recipients/0/events").and_then(Value::as_array);
        let events = events.with_context(|| answer.text.clone())?;
        let events: Vec<String> = events
            .iter()
            .filter_map(|event| event.get("event").and_then(Value::as_str).map(str::to_owned))
            .collect();
        let known: Vec<&str> = events.iter().map(String::as_str).filter(|it| *it != UNCONFIRMED).collect();
        if known == AT_CLIENT || known == ON_PHONE {
            return Ok(None);
        }
        if Instant::now() >= deadline {
            return Ok(Some(events));
        }
        tokio::time::sleep(AGAIN).await;
    }
}

/// Every notice once: at the client or on the phone.
pub(super) fn arrivals(ledger: &Ledger, sent: &[SentText], report: &mut Report) {
    let mut texts: BTreeMap<usize, usize> = BTreeMap::new();
    for text in sent {
        match number_in(&text.text) {
            Some(notice) if number(ledger.receiver(notice)) == text.number => {
                *texts.entry(notice).or_default() += 1;
            }
            Some(_) | None => {
                report.doubled += 1;
                report.complain(format!("{} got {:?}", text.number, text.text));
            }
        }
    }
    for (notice, entry) in ledger.entries().into_iter().enumerate() {
        let on_phone = texts.get(&notice).copied().unwrap_or_default();
        let at_client = entry.messages.len();
        report.at_clients += usize::from(at_client > 0);
        report.on_phones += usize::from(on_phone > 0);
        report.sent_again += entry.copies.saturating_sub(at_client);
        if at_client + on_phone == 0 {
            report.lost += 1;
            report.complain(format!("n{notice} ({}) reached nobody", entry.id));
        }
        if at_client + on_phone > 1 || entry.is_astray {
            report.doubled += 1;
            let words = format!("n{notice} ({}) came {at_client} times, texted {on_phone} times", entry.id);
            report.complain(words);
        }
    }
}

/// Everybody signs in once more: nothing may be left over, and the history has every notice once.
pub(super) async fn histories(
    entrance: Entrance,
    ledger: &Arc<Ledger>,
    report: &mut Report,
) -> anyhow::Result<()> {
    let entries = ledger.entries();
    let mut readers = JoinSet::new();
    for first in 0..READERS {
        let (entrance, ledger) = (entrance.clone(), Arc::clone(ledger));
        readers.spawn(async move {
            let (mut missing, mut left) = (Vec::new(), Vec::new());
            for person in (first..ledger.size().people).step_by(READERS) {
                let found = history(&entrance, person, &mut left).await?;
                for notice in (0..ledger.size().notices).filter(|it| ledger.receiver(*it) == person) {
                    let times = found.get(&notice).copied().unwrap_or_default();
                    if times != 1 {
                        missing.push(format!("n{notice} stands {times} times in the history of {person}"));
                    }
                }
            }
            anyhow::Ok((missing, left))
        });
    }
    while let Some(read) = readers.join_next().await {
        let (missing, left) = read??;
        report.not_in_history += missing.len();
        missing.into_iter().for_each(|words| report.complain(words));
        left.iter().for_each(|stanza| judge_late(&entries, stanza, report));
    }
    Ok(())
}

/// What still waited after all: a client shows it when its id is a new one.
fn judge_late(entries: &[Entry], stanza: &Element, report: &mut Report) {
    let known = number_in(stanza.body()).and_then(|notice| entries.get(notice));
    let id = stanza.attribute("id").unwrap_or_default();
    match known.filter(|entry| entry.messages.contains(id)) {
        Some(entry) => {
            report.sent_again += 1;
            report.late += 1;
            if entry.copies == 1 {
                report.complain(format!("{:?} still waited though it was shown", stanza.body()));
            }
        }
        None => {
            report.doubled += 1;
            report.complain(format!("{:?} came in the end", stanza.body()));
        }
    }
}

/// How often each notice stands in somebody's history; what waits besides goes to `left`.
async fn history(
    entrance: &Entrance,
    person: usize,
    left: &mut Vec<Element>,
) -> anyhow::Result<BTreeMap<usize, usize>> {
    let mut client = entrance.sign_in(person).await?;
    let jid = client.bind(Some("pc")).await?;
    let mut client = Person::new(client, jid);
    client.come().await?;
    client.receives().await?;
    left.extend(client.all_messages().await?);
    let (mut found, mut after) = (BTreeMap::new(), String::new());
    loop {
        let page = format!(
            "<query xmlns='urn:xmpp:mam:2'><set xmlns='http://jabber.org/protocol/rsm'><max>50</max>{after}</set></query>"
        );
        let end = client.ask("set", &page).await?;
        for message in client.all_messages().await? {
            let body = message.find("body", "jabber:client").map(|body| body.text.clone());
            if let Some(notice) = body.as_deref().and_then(number_in) {
                *found.entry(notice).or_default() += 1;
            }
        }
        let fin = end.child("fin", "urn:xmpp:mam:2").context("no end of the history")?;
        if fin.attribute("complete") == Some("true") {
            return Ok(found);
        }
        let last = fin.find("last", "http://jabber.org/protocol/rsm").context("no last id")?;
        after = format!("<after>{}</after>", last.text);
    }
}
