//! A data folder and, when it is started, the server on it: the real program on free ports of this computer.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

/// The program under test.
const PROGRAM: &str = env!("CARGO_BIN_EXE_posthouse-server");

/// The domain of every scene.
pub(crate) const DOMAIN: &str = "posthouse.test";

/// Longer than anything takes.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// A data folder; its server ends and it is removed in the end.
pub(crate) struct House {
    server: Option<Server>,
    _folder: Option<tempfile::TempDir>,
    data: PathBuf,
    /// What `init` has said.
    pub(crate) said_at_first: String,
}

struct Server {
    child: Child,
    log: Arc<Log>,
}

/// The lines of the log so far.
#[derive(Default)]
struct Log {
    lines: Mutex<Vec<String>>,
    changed: Condvar,
}

/// What a command did.
pub(crate) struct Done {
    pub(crate) is_success: bool,
    pub(crate) code: Option<i32>,
    /// Standard output.
    pub(crate) output: String,
    /// Standard error.
    pub(crate) errors: String,
}

impl House {
    /// A new data folder whose server listens at free ports of this computer only.
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let data = folder.path().join("data");
        let mut house = Self { server: None, _folder: Some(folder), data, said_at_first: String::new() };
        house.said_at_first = house.does(&["init", "--domain", DOMAIN]);
        house.listen_at_free_ports();
        house
    }

    /// A new data folder with a running server.
    pub(crate) fn running() -> Self {
        let mut house = Self::new();
        house.start();
        house
    }

    /// Another data folder, which is not made here.
    pub(crate) fn at(data: &Path) -> Self {
        Self { server: None, _folder: None, data: data.to_owned(), said_at_first: String::new() }
    }

    /// The data folder.
    pub(crate) fn data(&self) -> &Path {
        &self.data
    }

    /// A file of the data folder.
    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.data.join(name)
    }

    /// A path beside the data folder.
    pub(crate) fn beside(&self, name: &str) -> PathBuf {
        self.data.parent().expect("the folder lies somewhere").join(name)
    }

    fn listen_at_free_ports(&self) {
        for door in ["starttls", "direct_tls", "any", "https", "metrics"] {
            let free = if door == "starttls" { "[]" } else { "[\"127.0.0.1:0\"]" };
            self.set(door, free);
        }
    }

    /// Gives a key of the settings, whose line is there, another value.
    pub(crate) fn set(&self, key: &str, value: &str) {
        let path = self.file("server.toml");
        let text = std::fs::read_to_string(&path).expect("settings");
        let begin = format!("{key} = ");
        assert!(text.lines().any(|line| line.starts_with(&begin)), "{key} stands in the settings");
        let changed: Vec<String> = text
            .lines()
            .map(|line| if line.starts_with(&begin) { format!("{begin}{value}") } else { line.to_owned() })
            .collect();
        std::fs::write(path, changed.join("\n")).expect("settings");
    }

    /// Starts the server and waits until it is ready.
    pub(crate) fn start(&mut self) {
        let mut child = Command::new(PROGRAM)
            .arg("run")
            .arg("--data")
            .arg(&self.data)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the server starts");
        let errors = child.stderr.take().expect("its log");
        let log = Arc::new(Log::default());
        let written = Arc::clone(&log);
        std::thread::spawn(move || {
            for line in BufReader::new(errors).lines().map_while(Result::ok) {
                written.lines.lock().expect("no panic").push(line);
                written.changed.notify_all();
            }
            written.changed.notify_all();
        });
        self.server = Some(Server { child, log });
        self.wait_for_line("ready");
    }

    /// Waits until the log has a line with that text, and answers it.
    pub(crate) fn wait_for_line(&self, text: &str) -> String {
        let log = &self.server.as_ref().expect("the server runs").log;
        let lines = log.lines.lock().expect("no panic");
        let (lines, _) = log
            .changed
            .wait_timeout_while(lines, PATIENCE, |lines| !lines.iter().any(|line| line.contains(text)))
            .expect("no panic");
        let found = lines.iter().find(|line| line.contains(text)).cloned();
        found.unwrap_or_else(|| panic!("no {text:?} in the log:\n{}", lines.join("\n")))
    }

    /// The log so far.
    pub(crate) fn log(&self) -> Vec<String> {
        self.server.as_ref().expect("the server runs").log.lines.lock().expect("no panic").clone()
    }

    /// Number of the server's process.
    pub(crate) fn process(&self) -> u32 {
        self.server.as_ref().expect("the server runs").child.id()
    }

    /// Sends a signal such as `HUP`.
    pub(crate) fn signal(&self, name: &str) {
        let sent = Command::new("kill").arg(format!("-{name}")).arg(self.process().to_string()).status();
        assert!(sent.expect("kill is there").success());
    }

    /// Waits until the server has ended; answers its exit code.
    pub(crate) fn ended(&mut self) -> Option<i32> {
        let mut server = self.server.take().expect("the server runs");
        let end = Instant::now() + PATIENCE;
        loop {
            if let Some(status) = server.child.try_wait().expect("it can be waited for") {
                return status.code();
            }
            assert!(Instant::now() < end, "the server does not end");
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// Ends the server in good order.
    pub(crate) fn stop(&mut self) {
        self.signal("TERM");
        assert_eq!(self.ended(), Some(0));
    }

    /// First address of a port, such as `any`.
    pub(crate) fn address(&self, door: &str) -> SocketAddr {
        let text = std::fs::read_to_string(self.file("addresses.json")).expect("the server listens");
        let addresses: serde_json::Value = serde_json::from_str(&text).expect("JSON");
        addresses[door][0].as_str().expect("an address").parse().expect("an address")
    }

    /// Head, in lower case, and body of the answer of the port for figures.
    pub(crate) fn get(&self, path: &str) -> (String, String) {
        let mut stream = TcpStream::connect(self.address("metrics")).expect("the port is open");
        write!(stream, "GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").expect("sent");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("an answer");
        let (head, body) = answer.split_once("\r\n\r\n").expect("a head");
        (head.to_lowercase(), body.to_owned())
    }

    /// Waits until the running server knows that many people: it looks for edits many times a second.
    pub(crate) fn knows_people(&self, count: usize) {
        let line = format!("posthouse_organization_people {count}");
        let end = Instant::now() + PATIENCE;
        while !self.get("/metrics").1.lines().any(|found| found == line) {
            assert!(Instant::now() < end, "the server does not learn of {count} people");
        }
    }

    /// Runs a command on the data folder.
    pub(crate) fn tries(&self, words: &[&str], input: &str) -> Done {
        let mut command = Command::new(PROGRAM);
        command.args(words).arg("--data").arg(&self.data);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the program starts");
        // A command that reads nothing may be over already.
        let _ = child.stdin.take().expect("its input").write_all(input.as_bytes());
        Done::of(&child.wait_with_output().expect("it ends"))
    }

    /// Runs a command that must succeed; answers what it says.
    pub(crate) fn does(&self, words: &[&str]) -> String {
        self.does_with(words, "")
    }

    /// Like [`House::does`], with something to read.
    pub(crate) fn does_with(&self, words: &[&str], input: &str) -> String {
        let done = self.tries(words, input);
        assert!(done.is_success, "{words:?} failed:\n{}{}", done.output, done.errors);
        done.output
    }

    /// Runs a command that must be refused; answers why.
    pub(crate) fn refuses(&self, words: &[&str]) -> String {
        let done = self.tries(words, "");
        assert_eq!(done.code, Some(1), "{words:?} is refused:\n{}{}", done.output, done.errors);
        done.errors
    }

    /// Adds a person of the finance department.
    pub(crate) fn add(&self, id: &str, name: &str, password: &str) {
        let words = ["user", "add", id, "--name", name, "--department", "总部/财务部", "--password-stdin"];
        self.does_with(&words, password);
    }

    /// What `user list --json` says about somebody.
    pub(crate) fn person(&self, id: &str) -> Option<serde_json::Value> {
        let list: serde_json::Value =
            serde_json::from_str(&self.does(&["user", "list", "--json"])).expect("JSON");
        list.as_array().expect("a list").iter().find(|person| person["id"] == id).cloned()
    }
}

impl Done {
    fn of(output: &Output) -> Self {
        Self {
            is_success: output.status.success(),
            code: output.status.code(),
            output: String::from_utf8_lossy(&output.stdout).into_owned(),
            errors: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It has ended, or the scene has failed.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
