//! What the office automation system of the demo does: it writes to people with curl, sees what became of it, and
//! answers questions of phones.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::Context;
use posthouse_tests::business_system::BusinessSystem;
use posthouse_tests::office_automation::{OfficeAutomation, Provider, Task};
use posthouse_tests::raw_client::Trust;
use posthouse_tests::server_process::ServerProcess;
use serde_json::Value;
use tokio::process::Command;

use crate::{Demo, say};

/// The name that the server knows the system by.
pub(crate) const NAME: &str = "oa";
/// How long anything may take until it shows in the timeline.
const PATIENCE: Duration = Duration::from_secs(30);

/// The system, and what it needs to write to people.
#[derive(Debug)]
pub(crate) struct Office {
    pub(crate) system: OfficeAutomation,
    server: String,
    authority: PathBuf,
    key: String,
}

impl Office {
    /// Starts the system, with three tasks for each of the two people.
    pub(crate) async fn start(demo: &Demo) -> anyhow::Result<OfficeAutomation> {
        let titles =
            [(17, "请假申请：王磊，3 天"), (18, "采购申请：服务器 2 台"), (19, "差旅报销：4,320 元")];
        let tasks = [&demo.alice, &demo.bob].into_iter().flat_map(|person| {
            titles.map(|(number, title)| Task {
                number,
                person: person.id.clone(),
                title: title.to_owned(),
                applicant: demo.bob.name.clone(),
            })
        });
        OfficeAutomation::start(tasks.collect()).await
    }

    /// Gets a key from the administrator.
    pub(crate) async fn join(system: OfficeAutomation, server: &ServerProcess) -> anyhow::Result<Self> {
        let icon = project_file("docs/samples/oa.png");
        let words = ["application", "create", NAME, "--title", "办公自动化", "--everyone", "--icon", &icon];
        let printed = server.administer(&words, None).await?;
        let key = printed.lines().next().context("no key")?.to_owned();
        let address = server.address_of("https")?;
        let port = address.rsplit_once(':').context("no port")?.1;
        let office =
            Self { system, server: format!("https://localhost:{port}"), authority: server.authority(), key };
        office.lets_people_in(server, port).await?;
        Ok(office)
    }

    /// Registers the system with the server, so that people come in on the server's word.
    async fn lets_people_in(&self, server: &ServerProcess, port: &str) -> anyhow::Result<()> {
        let (launch, redirect) = (format!("{}/", self.system.address()), self.system.redirect_uri());
        let words = ["relying-party", "add", NAME, "--name", "办公自动化", "--launch", &launch];
        let words = [&words[..], &["--redirect-uri", &redirect]].concat();
        let printed = server.administer(&words, None).await?;
        let trust = Trust::in_authority(&self.authority, "localhost")?;
        self.system.signs_in_with(Provider {
            issuer: self.server.clone(),
            line: BusinessSystem::at(&format!("127.0.0.1:{port}")).inside_tls(trust),
            client_id: NAME.to_owned(),
            secret: printed.lines().next().context("no secret")?.to_owned(),
        });
        Ok(())
    }

    /// What asks the system how many tasks somebody has, for the gateway's settings.
    pub(crate) fn query_code(system: &OfficeAutomation) -> String {
        format!(
            "[[query_codes]]\ncode = \"001\"\nhelp = \"待办任务数\"\nurl = \"{}/todo-count?person={{person}}\"\n\
             reply = \"在办公自动化系统中，您有{{count}}个待办任务。\"\n",
            system.address()
        )
    }

    /// Sends a notice with curl; answers its id.
    pub(crate) async fn writes(&self, notice: &Value) -> anyhow::Result<String> {
        say(&format!("          curl {}/api/v1/messages -d '{notice}'", self.server));
        let answer = self.curl("/api/v1/messages", &["-d", &notice.to_string()]).await?;
        anyhow::ensure!(answer.get("accepted").and_then(Value::as_u64) == Some(1), "not accepted: {answer}");
        Ok(answer.get("id").and_then(Value::as_str).context("no id")?.to_owned())
    }

    /// Says with curl how much waits for somebody.
    pub(crate) async fn waits(&self, person: &str, count: u32) -> anyhow::Result<()> {
        let body = format!("{{\"count\":{count}}}");
        say(&format!("          curl -X PUT {}/api/v1/badges/{person} -d '{body}'", self.server));
        let answer = self.curl(&format!("/api/v1/badges/{person}"), &["-X", "PUT", "-d", &body]).await?;
        anyhow::ensure!(answer.get("count").is_some(), "not taken: {answer}");
        Ok(())
    }

    /// Waits until the only receiver of a notice is that far; answers the timeline in words.
    pub(crate) async fn sees(&self, id: &str, state: &str) -> anyhow::Result<String> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let answer = self.curl(&format!("/api/v1/messages/{id}"), &[]).await?;
            let reached = answer.pointer("/recipients/0/state").and_then(Value::as_str);
            if reached == Some(state) {
                let events = answer.pointer("/recipients/0/events").and_then(Value::as_array);
                let words = events.into_iter().flatten().filter_map(|event| event.get("event")?.as_str());
                return Ok(words.collect::<Vec<_>>().join(" → "));
            }
            anyhow::ensure!(Instant::now() < deadline, "the notice is never {state}: {answer}");
            // The interface has no way to wait.
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    async fn curl(&self, path: &str, more: &[&str]) -> anyhow::Result<Value> {
        let output = Command::new("curl")
            .args(["--silent", "--show-error", "--max-time", "20", "--cacert"])
            .arg(&self.authority)
            .args(["-H", &format!("Authorization: Bearer {}", self.key)])
            .args(more)
            .arg(format!("{}{path}", self.server))
            .output()
            .await
            .context("curl cannot be started")?;
        let said = String::from_utf8_lossy(&output.stdout);
        anyhow::ensure!(output.status.success(), "curl: {}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_str(&said).with_context(|| format!("curl: {said}"))
    }
}

fn project_file(path: &str) -> String {
    format!("{}/../{path}", env!("CARGO_MANIFEST_DIR"))
}
