//! Our server, our gateway with its durable queue, and a colleague at a client.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use posthouse_tests::program;
use posthouse_tests::raw_client::{Login, Mechanism, Person, RawClient, Trust, Verdict};
use posthouse_tests::server_process::{DOMAIN, ServerProcess};
use tokio::process::{Child, Command};

use crate::yard::Yard;

const COMPONENT: &str = "sms.posthouse.test";
const SECRET: &str = "geheim";
const PASSWORD: &str = "Zhengque-2026!";

/// The phone of 王磊, which writes.
pub(crate) const PHONE: &str = "+8613800000001";

pub(crate) struct Ours {
    /// Ends with this.
    _server: ServerProcess,
    gateway: Child,
    chen: Person,
    ordered: usize,
}

impl Ours {
    pub(crate) async fn start(yard: &Yard) -> anyhow::Result<Self> {
        let rules = "[visibility.texts]\nstrangers = true\n";
        let component = format!("[[components]]\ndomain = \"{COMPONENT}\"\nsecret = \"{SECRET}\"\n{rules}");
        let server = ServerProcess::start_with(&component).await?;
        for (login, name) in [("chen.jing", "陈静"), ("wang.lei", "王磊")] {
            server.add_person(login, name, "总部/财务部", PASSWORD).await?;
        }
        server.administer(&["user", "set", "wang.lei", "--mobile", PHONE], None).await?;
        let folder = yard.folder().join("gateway");
        std::fs::create_dir(&folder)?;
        std::fs::write(folder.join("gateway.toml"), settings(yard, &server.component_address()?))?;
        let gateway = start(&folder)?;
        let chen = sign_in(&server).await?;
        Ok(Self { _server: server, gateway, chen, ordered: 0 })
    }

    pub(crate) async fn order(&mut self, count: usize) -> anyhow::Result<()> {
        for _ in 0..count {
            self.ordered = self.ordered.saturating_add(1);
            let number = self.ordered;
            let stanza = format!(
                "<message type='chat' id='m{number}' to='+8613{number:09}@{COMPONENT}'>\
                 <body>text {number}</body><origin-id xmlns='urn:xmpp:sid:0' id='m{number}'/></message>"
            );
            self.chen.send(&stanza).await?;
        }
        Ok(())
    }

    pub(crate) async fn until_arrived(&mut self, number: usize) -> anyhow::Result<()> {
        let text = format!("in {number}");
        self.chen.next_where(|stanza| stanza.body() == text).await.map(|_| ())
    }

    pub(crate) fn processes(&self) -> Vec<u32> {
        self.gateway.id().into_iter().collect()
    }
}

fn settings(yard: &Yard, server: &str) -> String {
    let mut text = format!(
        "country = \"+86\"\n[server]\naddress = \"{server}\"\ndomain = \"{DOMAIN}\"\n\
         component = \"{COMPONENT}\"\nsecret = \"{SECRET}\"\n"
    );
    for modem in &yard.modems {
        text.push_str(&format!("[[modems]]\nname = \"{}\"\nport = \"{}\"\n", modem.name(), modem.port()));
    }
    text
}

fn start(folder: &Path) -> anyhow::Result<Child> {
    let log = std::fs::File::create(folder.join("log"))?;
    let mut command = Command::new(program::built("posthouse-gateway")?);
    command.args(["run", "--data"]).arg(folder).stdin(Stdio::null()).stdout(Stdio::null()).stderr(log);
    Ok(command.kill_on_drop(true).spawn()?)
}

async fn sign_in(server: &ServerProcess) -> anyhow::Result<Person> {
    let trust = Trust::in_authority(&server.authority(), DOMAIN)?;
    let mut client = RawClient::connect_tls(&server.address_of("direct_tls")?, &trust).await?;
    client.open_stream(DOMAIN).await?;
    let verdict = client.sign_in(&Login::new("chen.jing", PASSWORD, Mechanism::USUAL)).await?;
    anyhow::ensure!(verdict == Verdict::Success, "{verdict:?}");
    client.open_stream(DOMAIN).await?;
    let jid = client.bind(Some("pc")).await?;
    let mut person = Person::new(client, jid);
    person.come().await?;
    // Time for the gateway's link, which is not seen from here.
    tokio::time::sleep(Duration::from_secs(1)).await;
    Ok(person)
}
