//! Kills a process of the store's steps again and again (SIGKILL) while three senders write, resends what was
//! not acknowledged, and compares what was acknowledged with what is archived and what the receiver got.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use super::house::{Client, House, stanza_id, text};
use super::run;

const SENDERS: usize = 3;
/// Messages a sender has sent and not seen acknowledged.
const WINDOW: usize = 20;
const NAMES: [&str; SENDERS] = ["alice", "carol", "dave"];

#[test]
fn nothing_acknowledged_is_lost_or_doubled_in_five_kills() {
    kill(5);
}

/// `cargo test -p posthouse-server --test messages -- --ignored two_hundred --nocapture`
#[test]
#[ignore = "takes minutes"]
fn nothing_acknowledged_is_lost_or_doubled_in_two_hundred_kills() {
    kill(200);
}

fn say(line: &str) {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{line}").and_then(|()| out.flush()).expect("the parent listens");
}

// ---- the process that is killed ----

/// Not a test: the process that the scenes kill. Its first line says where the database is.
#[test]
#[ignore = "is started by the scenes"]
fn process_that_is_killed() {
    let mut folder = String::new();
    std::io::stdin().read_line(&mut folder).expect("a folder");
    if !folder.trim().is_empty() {
        run(serve(folder.trim().into()));
    }
}

async fn serve(folder: std::path::PathBuf) {
    let house = Arc::new(House::open(folder, u64::MAX).await);
    let settling = Arc::clone(&house);
    tokio::spawn(async move {
        loop {
            settling.settle().await;
            tokio::time::sleep(Duration::from_millis(40)).await;
        }
    });
    tokio::spawn(receive(Arc::clone(&house)));
    let (lines, mut received) = tokio::sync::mpsc::channel::<String>(1_000);
    std::thread::spawn(move || {
        for line in std::io::stdin().lock().lines().map_while(Result::ok) {
            if lines.blocking_send(line).is_err() {
                return;
            }
        }
    });
    let senders = NAMES.map(|name| house.client(name, "pc"));
    say("ready");
    while let Some(line) = received.recv().await {
        match line.split_whitespace().collect::<Vec<_>>().as_slice() {
            ["send", by, number] => send(&house, &senders, by.parse().expect("a sender"), number).await,
            ["archive", name] => list_archive(&house, name).await,
            _ => return,
        }
    }
}

async fn send(house: &Arc<House>, senders: &[Client], by: usize, number: &str) {
    let stanza = format!(
        "<message to='bob@example.org' type='chat'><body>{by} {number}</body>\
         <origin-id xmlns='urn:xmpp:sid:0' id='{by}-{number}'/></message>"
    );
    let (_, ticket) = house.route(&senders[by], &stanza).await;
    let (house, number) = (Arc::clone(house), number.to_owned());
    tokio::spawn(async move {
        house.store().database().writer().wait_for(ticket).await.expect("the writer runs");
        say(&format!("ack {by} {number}"));
    });
}

/// The receiver comes and goes; each time it leaves it has been handed messages that it never took.
async fn receive(house: Arc<House>) {
    for resource in 0.. {
        let mut bob = house.client("bob", &format!("r{resource}"));
        house.becomes_available(&bob).await;
        for _ in 0..40 {
            let outgoing = bob.next_outgoing_ever().await;
            let message = bob.take(&house, outgoing);
            say(&format!("got {} {}", stanza_id(&message).expect("an archive id"), text(&message)));
        }
        house.leaves(&mut bob).await;
    }
}

async fn list_archive(house: &House, name: &str) {
    let mut reader = house.client(name, "reader");
    let mut place = String::new();
    loop {
        let query = format!("<set xmlns='http://jabber.org/protocol/rsm'><max>200</max>{place}</set>");
        let page = house.archive_of(&mut reader, &query).await;
        let Some((last, _)) = page.last() else { break };
        place = format!("<after>{last}</after>");
        for (id, text) in page {
            say(&format!("entry {id} {text}"));
        }
    }
    say("end");
}

// ---- the scenes ----

#[derive(Default)]
struct Seen {
    /// How often the process was killed.
    round: u32,
    /// Sender and number, and the round.
    acknowledged: BTreeMap<(usize, usize), u32>,
    /// What the receiver got: text by archive id.
    got: BTreeMap<i64, String>,
    /// The same the other way round, with the round of the first arrival.
    texts: BTreeMap<String, (i64, u32)>,
    /// Acknowledged, and yet came once more under another id.
    doubled: usize,
    /// Delivered, but neither durable nor acknowledged when the process died: sent again by its sender, it has
    /// another archive id. Its receiver knows it by its origin-id.
    resent: usize,
}

impl Seen {
    fn note(&mut self, line: &str) {
        match line.split_whitespace().collect::<Vec<_>>().as_slice() {
            ["ack", by, number] => {
                let key = (by.parse().expect("a sender"), number.parse().expect("a number"));
                self.acknowledged.entry(key).or_insert(self.round);
            }
            ["got", id, by, number] => {
                let key = (by.parse().expect("a sender"), number.parse().expect("a number"));
                self.note_arrival(id.parse().expect("an id"), key);
            }
            _ => {}
        }
    }

    fn note_arrival(&mut self, id: i64, key: (usize, usize)) {
        let text = format!("{} {}", key.0, key.1);
        self.got.insert(id, text.clone());
        let (known, first) = *self.texts.entry(text).or_insert((id, self.round));
        if known == id {
            return;
        }
        let was_acknowledged = self.acknowledged.get(&key).is_some_and(|round| *round <= first);
        if was_acknowledged { self.doubled += 1 } else { self.resent += 1 }
    }
}

struct Running {
    child: Child,
    input: ChildStdin,
    lines: Receiver<String>,
}

fn start(folder: &Path) -> Running {
    let program = std::env::current_exe().expect("this program");
    let mut child = Command::new(program)
        .args(["--exact", "kills::process_that_is_killed", "--ignored", "--nocapture"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the process starts");
    let mut input = child.stdin.take().expect("its input");
    writeln!(input, "{}", folder.display()).expect("it listens");
    let output = child.stdout.take().expect("its output");
    let (sender, lines) = channel();
    std::thread::spawn(move || {
        let mut output = BufReader::new(output);
        let mut line = String::new();
        // What ends without a line feed was cut off by the kill.
        while output.read_line(&mut line).is_ok() && line.ends_with('\n') {
            if sender.send(line.trim_end().to_owned()).is_err() {
                return;
            }
            line.clear();
        }
    });
    Running { child, input, lines }
}

impl Running {
    /// Handles what comes until `until` says so or time is up.
    fn listen(&self, seen: &Mutex<Seen>, longest: Duration, mut until: impl FnMut(&str) -> bool) -> bool {
        let end = Instant::now() + longest;
        while let Some(left) = end.checked_duration_since(Instant::now()) {
            let Ok(line) = self.lines.recv_timeout(left) else { return false };
            seen.lock().expect("no panic").note(&line);
            if until(&line) {
                return true;
            }
        }
        false
    }

    fn archive(&mut self, seen: &Mutex<Seen>, name: &str) -> Vec<String> {
        writeln!(self.input, "archive {name}").expect("it listens");
        let mut entries = Vec::new();
        let is_complete = self.listen(seen, Duration::from_secs(60), |line| {
            if let Some(entry) = line.strip_prefix("entry ") {
                entries.push(entry.split_once(' ').expect("id and text").1.to_owned());
            }
            line == "end"
        });
        assert!(is_complete, "the archive of {name} is listed");
        entries
    }
}

/// What a sender does: keeps a window full, and after a restart sends again what was not acknowledged.
#[derive(Clone, Copy)]
struct Sender {
    by: usize,
    next: usize,
}

impl Sender {
    fn unacknowledged(&self, seen: &Mutex<Seen>) -> Vec<usize> {
        let seen = seen.lock().expect("no panic");
        (0..self.next).filter(|number| !seen.acknowledged.contains_key(&(self.by, *number))).collect()
    }

    fn fill(&mut self, input: &mut ChildStdin, seen: &Mutex<Seen>) {
        let open = self.unacknowledged(seen).len();
        for _ in open..WINDOW {
            // The process may be dead already; the message is then sent again.
            let _ = writeln!(input, "send {} {}", self.by, self.next);
            self.next += 1;
        }
    }
}

fn kill(times: u32) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let seen = Mutex::new(Seen::default());
    let mut senders: [Sender; SENDERS] = std::array::from_fn(|by| Sender { by, next: 0 });
    let began = Instant::now();
    for round in 0..=times {
        seen.lock().expect("no panic").round = round;
        let mut running = start(folder.path());
        assert!(running.listen(&seen, Duration::from_secs(30), |line| line.ends_with("ready")), "it starts");
        for sender in &senders {
            for number in sender.unacknowledged(&seen) {
                writeln!(running.input, "send {} {number}", sender.by).expect("it listens");
            }
        }
        if round == times {
            finish(running, &senders, &seen, times, began);
            return;
        }
        // Any moment will do, as long as they differ.
        let life = Duration::from_millis(u64::from((round * 7_919) % 180 + 5));
        let end = Instant::now() + life;
        while let Some(left) = end.checked_duration_since(Instant::now()) {
            for sender in &mut senders {
                sender.fill(&mut running.input, &seen);
            }
            running.listen(&seen, left.min(Duration::from_millis(3)), |_| false);
        }
        running.child.kill().expect("it is killed");
        running.child.wait().expect("it is gone");
        // All that it has said, up to the end of its output.
        for line in running.lines {
            seen.lock().expect("no panic").note(&line);
        }
    }
}

fn finish(mut running: Running, senders: &[Sender], seen: &Mutex<Seen>, times: u32, began: Instant) {
    let total: usize = senders.iter().map(|sender| sender.next).sum();
    let is_done = |seen: &Mutex<Seen>| {
        let seen = seen.lock().expect("no panic");
        seen.acknowledged.len() == total && seen.texts.len() == total
    };
    let end = Instant::now() + Duration::from_secs(60);
    while !is_done(seen) && Instant::now() < end {
        running.listen(seen, Duration::from_millis(50), |_| false);
    }
    let archived = running.archive(seen, "bob");
    let expected: BTreeSet<String> = senders
        .iter()
        .flat_map(|sender| (0..sender.next).map(move |number| format!("{} {number}", sender.by)))
        .collect();
    let unique: BTreeSet<String> = archived.iter().cloned().collect();
    let lost_in_archive = expected.difference(&unique).count();
    let doubled_in_archive = archived.len() - unique.len();
    for sender in senders {
        let sent = running.archive(seen, NAMES[sender.by]);
        assert_eq!(sent.len(), sender.next, "{} has every message in the archive once", NAMES[sender.by]);
    }
    let seen = seen.lock().expect("no panic");
    let got: BTreeSet<&String> = seen.got.values().collect();
    let lost = expected.iter().filter(|text| !got.contains(text)).count();
    let _ = running.child.kill();
    say(&format!(
        "kills {times}, messages {total}, acknowledged {}, lost {lost} + {lost_in_archive}, doubled {} + \
         {doubled_in_archive}, known by origin-id {}, {:.1} s",
        seen.acknowledged.len(),
        seen.doubled,
        seen.resent,
        began.elapsed().as_secs_f64(),
    ));
    assert_eq!(seen.acknowledged.len(), total, "everything is acknowledged in the end");
    assert_eq!((lost, lost_in_archive, seen.doubled, doubled_in_archive), (0, 0, 0, 0));
    for sender in senders {
        let prefix = format!("{} ", sender.by);
        let numbers: Vec<usize> = archived
            .iter()
            .filter_map(|text| text.strip_prefix(&prefix))
            .map(|number| number.parse().expect("a number"))
            .collect();
        assert!(numbers.is_sorted(), "the archive keeps the order of each sender");
    }
}
