//! Kills the real gateway again and again while colleagues and phones write to each other through a real server,
//! and compares what was said with what arrived.

use std::collections::BTreeMap;
use std::fmt;
use std::time::{Duration, Instant};

use anyhow::Context;
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use crate::element::Element;
use crate::gateway_process::{self, GatewayProcess};
use crate::modem_simulator::{Habits, SentText};
use crate::random_input::Randomness;
use crate::raw_client::{Login, Mechanism, Person, RawClient, Trust, Verdict};
use crate::server_process::{DOMAIN, ServerProcess};

const PASSWORD: &str = "Zhengque-2026!";
/// Who writes.
const WRITERS: [(&str, &str); 2] = [("chen.jing", "陈静"), ("zhao.min", "赵敏")];
/// Whose phones are written to.
const PHONES: [(&str, &str, &str); 2] =
    [("wang.lei", "王磊", "+8613800000001"), ("li.na", "李娜", "+8613800000002")];
const SPACE: &str = "urn:posthouse:sms:1";
/// How long everything may take to arrive in the end.
const PATIENCE: Duration = Duration::from_secs(240);

/// What came of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// How often the gateway was killed.
    pub kills: u32,
    /// Messages from colleagues to phones.
    pub out: usize,
    /// Of these: reached no phone and were not said to have failed.
    pub lost_out: usize,
    /// Reached a phone more than once, and nobody was told so.
    pub doubled_silently: usize,
    /// Reached a phone more than once, and the sender was told that they were sent again.
    pub sent_again: usize,
    /// Were said to have failed.
    pub failed: usize,
    /// Texts from phones to colleagues.
    pub into: usize,
    /// Of these: reached nobody.
    pub lost_in: usize,
    /// Came more than once.
    pub doubled_in: usize,
    /// Came to somebody else, or out of order; counted by conversations.
    pub disordered: usize,
    /// How long it took.
    pub seconds: u64,
    /// What was wrong, one by one; the first few.
    pub complaints: Vec<String>,
}

impl Report {
    /// Nothing lost, nothing silently doubled, conversations in order.
    #[must_use]
    pub fn is_good(&self) -> bool {
        let wrong = self.lost_out + self.doubled_silently + self.lost_in + self.doubled_in + self.disordered;
        wrong == 0 && self.out > 0 && self.into > 0
    }

    fn complain(&mut self, words: String) {
        if self.complaints.len() < 20 {
            self.complaints.push(words);
        }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "{} kills; {} messages to phones, {} texts from phones\n\
             lost: {} out, {} in; doubled: {} out silently, {} in; conversations in disorder: {}\n\
             sent again and said so: {}, said to have failed: {}; {} s",
            self.kills,
            self.out,
            self.into,
            self.lost_out,
            self.lost_in,
            self.doubled_silently,
            self.doubled_in,
            self.disordered,
            self.sent_again,
            self.failed,
            self.seconds
        )?;
        self.complaints.iter().try_for_each(|complaint| write!(formatter, "\n{complaint}"))
    }
}

/// Something a writer's client got.
#[derive(Debug)]
struct Heard {
    writer: usize,
    stanza: Element,
}

/// All that was said and heard.
#[derive(Debug, Default)]
struct Ledger {
    /// Messages by id: conversation and number.
    out: BTreeMap<String, (usize, usize)>,
    /// What the gateway said of them last, and whether it sent them again.
    states: BTreeMap<String, (String, bool)>,
    /// Texts that phones wrote, by conversation.
    written: BTreeMap<(usize, usize), Vec<String>>,
    /// Texts that came, by conversation.
    came: BTreeMap<(usize, usize), Vec<String>>,
}

impl Ledger {
    fn hear(&mut self, heard: &Heard) {
        let stanza = &heard.stanza;
        if let Some(state) = stanza.child("state", SPACE) {
            let id = state.attribute("id").unwrap_or_default().to_owned();
            let known = self.states.entry(id).or_default();
            known.0 = state.attribute("value").unwrap_or_default().to_owned();
            known.1 |= state.attribute("again") == Some("true");
        }
        let from = stanza.attribute("from").unwrap_or_default();
        let phone = PHONES.iter().position(|(login, _, _)| from.starts_with(&format!("{login}@")));
        if let (true, Some(phone)) =
            (stanza.has("sms", SPACE) && stanza.attribute("type") != Some("error"), phone)
        {
            self.came.entry((heard.writer, phone)).or_default().push(stanza.body().to_owned());
        }
    }

    fn is_settled(&self) -> bool {
        let is_final = |id: &String| {
            self.states.get(id).is_some_and(|(state, _)| state == "delivered" || state == "failed")
        };
        self.out.keys().all(is_final) && self.missing() == 0
    }

    fn missing(&self) -> usize {
        let came = |key| self.came.get(key).map_or(0, Vec::len);
        self.written.iter().map(|(key, texts)| texts.len().saturating_sub(came(key))).sum()
    }
}

/// Kills the gateway `kills` times; `say` is told how it goes.
///
/// # Errors
/// Server or gateway do not start, or a client meets something that no kill explains.
pub async fn run(kills: u32, seed: u64, say: &(dyn Fn(&str) + Sync)) -> anyhow::Result<Report> {
    let start = Instant::now();
    let mut randomness = Randomness::new(seed);
    let server = server().await?;
    let habits = Habits {
        network_time: Duration::from_millis(40),
        report_time: Duration::from_millis(60),
        ..Habits::default()
    };
    let mut gateway = GatewayProcess::prepare(4, habits, Some(&server.component_address()?)).await?;
    gateway.add_settings("[texts]\nreport_minutes = 1\n")?;
    gateway.run()?;
    gateway.is_connected().await?;
    let (orders, mut heard, _clients) = clients(&server).await?;
    let mut ledger = Ledger::default();
    for kill in 0..kills {
        speak(kill, &orders, &gateway, &mut ledger).await?;
        let moment = Duration::from_millis(u64::try_from(randomness.below(1_200))?);
        let until = tokio::time::Instant::now() + moment;
        listen(&mut heard, &mut ledger, until).await;
        gateway.kill().await?;
        gateway.run()?;
        if kill % 20 == 19 {
            say(&format!("{} kills; {} texts still on their way", kill + 1, ledger.missing()));
        }
    }
    let last = tokio::time::Instant::now() + PATIENCE;
    while !ledger.is_settled() && tokio::time::Instant::now() < last {
        listen(&mut heard, &mut ledger, tokio::time::Instant::now() + Duration::from_secs(1)).await;
    }
    // What comes twice comes late.
    listen(&mut heard, &mut ledger, tokio::time::Instant::now() + Duration::from_secs(3)).await;
    let mut report = judge(&ledger, &gateway.network.sent());
    report.kills = kills;
    report.seconds = start.elapsed().as_secs();
    Ok(report)
}

async fn server() -> anyhow::Result<ServerProcess> {
    let server = ServerProcess::start_with(&gateway_process::server_settings()).await?;
    for (login, name) in WRITERS {
        server.add_person(login, name, "总部/财务部", PASSWORD).await?;
    }
    for (login, name, number) in PHONES {
        server.add_person(login, name, "总部/车队", PASSWORD).await?;
        server.administer(&["user", "set", login, "--mobile", number], None).await?;
    }
    Ok(server)
}

type Clients = (Vec<mpsc::Sender<String>>, mpsc::Receiver<Heard>, JoinSet<()>);

/// Everybody who writes, each with a task that reads all that comes.
async fn clients(server: &ServerProcess) -> anyhow::Result<Clients> {
    let trust = Trust::in_authority(&server.authority(), DOMAIN)?;
    let (tell, heard) = mpsc::channel(10_000);
    let (mut orders, mut tasks) = (Vec::new(), JoinSet::new());
    for (writer, (login, _)) in WRITERS.iter().enumerate() {
        let mut client = RawClient::connect_tls(&server.address_of("direct_tls")?, &trust).await?;
        client.open_stream(DOMAIN).await?;
        let verdict = client.sign_in(&Login::new(login, PASSWORD, Mechanism::USUAL)).await?;
        anyhow::ensure!(verdict == Verdict::Success, "{verdict:?}");
        client.open_stream(DOMAIN).await?;
        let jid = client.bind(Some("pc")).await?;
        let mut person = Person::new(client, jid);
        person.come().await?;
        let (order, mut ordered) = mpsc::channel::<String>(1_000);
        let tell = tell.clone();
        orders.push(order);
        tasks.spawn(async move {
            loop {
                tokio::select! {
                    stanza = ordered.recv() => {
                        let Some(stanza) = stanza else { return };
                        if person.send(&stanza).await.is_err() {
                            return;
                        }
                    }
                    stanza = person.receive_ever() => {
                        let Ok(Some(stanza)) = stanza else { return };
                        if tell.send(Heard { writer, stanza }).await.is_err() {
                            return;
                        }
                    }
                }
            }
        });
    }
    Ok((orders, heard, tasks))
}

/// Every writer writes to every phone, and every phone answers whoever wrote to it.
async fn speak(
    kill: u32,
    orders: &[mpsc::Sender<String>],
    gateway: &GatewayProcess,
    ledger: &mut Ledger,
) -> anyhow::Result<()> {
    for (writer, order) in orders.iter().enumerate() {
        for (phone, (login, _, number)) in PHONES.iter().enumerate() {
            let id = format!("m-{writer}-{phone}-{kill}");
            let stanza = format!(
                "<message type='chat' to='{login}@{DOMAIN}' id='{id}'><body>{id}.</body>\
                 <delivery xmlns='{SPACE}' wish='both'/><origin-id xmlns='urn:xmpp:sid:0' id='{id}'/></message>"
            );
            ledger.out.insert(id, (writer, phone));
            order.send(stanza).await.context("a client has gone")?;
            let prefix = format!("m-{writer}-{phone}-");
            let sent = gateway.network.sent();
            let last = sent.iter().rev().find(|it| it.number == *number && it.text.contains(&prefix));
            if let Some(last) = last {
                let text = format!("a-{writer}-{phone}-{kill}.");
                gateway.network.write(number, &last.modem, &text);
                ledger.written.entry((writer, phone)).or_default().push(text);
            }
        }
    }
    Ok(())
}

async fn listen(heard: &mut mpsc::Receiver<Heard>, ledger: &mut Ledger, until: tokio::time::Instant) {
    while let Ok(Some(heard)) = tokio::time::timeout_at(until, heard.recv()).await {
        ledger.hear(&heard);
    }
}

fn judge(ledger: &Ledger, sent: &[SentText]) -> Report {
    let mut report = Report { out: ledger.out.len(), ..Report::default() };
    for id in ledger.out.keys() {
        let (state, again) = ledger.states.get(id).cloned().unwrap_or_default();
        let times = sent.iter().filter(|text| text.text.contains(&format!("{id}."))).count();
        report.failed += usize::from(state == "failed");
        report.sent_again += usize::from(times > 1 && again);
        if times == 0 && state != "failed" {
            report.lost_out += 1;
            report.complain(format!("{id} reached no phone; its sender thinks it is {state:?}"));
        }
        if times > 1 && !again {
            report.doubled_silently += 1;
            report
                .complain(format!("{id} reached the phone {times} times; its sender thinks it is {state:?}"));
        }
    }
    for (writer, _) in WRITERS.iter().enumerate() {
        for (phone, _) in PHONES.iter().enumerate() {
            judge_conversation(ledger, sent, (writer, phone), &mut report);
        }
    }
    report
}

fn judge_conversation(ledger: &Ledger, sent: &[SentText], key: (usize, usize), report: &mut Report) {
    let prefix = format!("m-{}-{}-", key.0, key.1);
    // What was sent again stands where it is.
    let is_again = |id: &str| ledger.states.get(id).is_some_and(|(_, again)| *again);
    let numbers: Vec<u32> = sent
        .iter()
        .filter_map(|text| text.text.split_once(&prefix)?.1.split_once('.')?.0.parse().ok())
        .filter(|number| !is_again(&format!("{prefix}{number}")))
        .collect();
    if !numbers.is_sorted() {
        report.disordered += 1;
        report.complain(format!("to the phone, out of order: {}", around_disorder(&numbers)));
    }
    let nothing = Vec::new();
    let written = ledger.written.get(&key).unwrap_or(&nothing);
    let came = ledger.came.get(&key).unwrap_or(&nothing);
    report.into += written.len();
    for text in written {
        match came.iter().filter(|it| *it == text).count() {
            0 => {
                report.lost_in += 1;
                report.complain(format!("{text} did not come"));
            }
            1 => {}
            times => {
                report.doubled_in += 1;
                report.complain(format!("{text} came {times} times"));
            }
        }
    }
    let in_order: Vec<&String> = written.iter().filter(|text| came.contains(text)).collect();
    if !came.iter().eq(in_order) {
        report.disordered += 1;
        let tail: Vec<&String> =
            came.iter().zip(written).filter(|(one, other)| one != other).take(4).map(|it| it.0).collect();
        report
            .complain(format!("from phone {} to writer {}, out of order or foreign: {tail:?}", key.1, key.0));
    }
}

fn around_disorder(numbers: &[u32]) -> String {
    let place = numbers.windows(2).position(|pair| pair.first() > pair.last()).unwrap_or(0);
    format!("{:?}", numbers.iter().skip(place.saturating_sub(2)).take(6).collect::<Vec<_>>())
}
