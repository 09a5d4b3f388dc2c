//! The office of these scenes: a server, and colleagues who sign in with bare clients.

use std::io::Write;

use anyhow::Context;
use posthouse_tests::raw_client::{Login, Mechanism, Person, RawClient, Trust, Verdict};
use posthouse_tests::server_process::{DOMAIN, ServerProcess};
use serde_json::Value;

/// Everybody's password.
pub(crate) const PASSWORD: &str = "Zhengque-2026!";

/// Who works here: ID, name and department.
const PEOPLE: [(&str, &str, &str); 4] = [
    ("alice", "陈静", "总部/财务部"),
    ("bob", "王磊", "总部/财务部"),
    ("carol", "李娜", "总部/技术部"),
    ("dave", "赵敏", "总部/技术部"),
];

/// A server that runs.
pub(crate) struct Office {
    pub(crate) server: ServerProcess,
    pub(crate) trust: Trust,
}

/// The bare address of somebody.
pub(crate) fn address(id: &str) -> String {
    format!("{id}@{DOMAIN}")
}

impl Office {
    /// An office with the usual settings.
    pub(crate) async fn open() -> anyhow::Result<Self> {
        Self::open_with(&[], "").await
    }

    /// An office with these settings changed, and these rules of who sees whom; `{总部/技术部}` stands for the
    /// department.
    pub(crate) async fn open_with(settings: &[(&str, &str)], rules: &str) -> anyhow::Result<Self> {
        let mut server = ServerProcess::prepare().await?;
        server.configure(settings)?;
        let mut sheet = tempfile::Builder::new().suffix(".csv").tempfile()?;
        writeln!(sheet, "id,name,department,password")?;
        for (id, name, department) in PEOPLE {
            writeln!(sheet, "{id},{name},{department},{PASSWORD}")?;
        }
        server.import(sheet.path()).await?;
        let rules = with_entries(&server, rules).await?;
        server.add_visibility(&rules)?;
        server.run().await?;
        let trust = Trust::in_authority(&server.data().join("ca.pem"), DOMAIN)?;
        Ok(Self { server, trust })
    }

    /// A connection to a listener, with nothing said.
    pub(crate) async fn connect(&self, door: &str) -> anyhow::Result<RawClient> {
        RawClient::connect(&self.server.address_of(door)?).await
    }

    /// A stream inside TLS, ready for a login.
    pub(crate) async fn secured(&self) -> anyhow::Result<RawClient> {
        let mut client = RawClient::connect_tls(&self.server.address_of("direct_tls")?, &self.trust).await?;
        client.open_stream(DOMAIN).await?;
        Ok(client)
    }

    /// A stream whose login succeeded, ready for binding or resumption.
    pub(crate) async fn signed_in(&self, id: &str) -> anyhow::Result<RawClient> {
        let mut client = self.secured().await?;
        let verdict = client.sign_in(&Login::new(id, PASSWORD, Mechanism::USUAL)).await?;
        anyhow::ensure!(verdict == Verdict::Success, "{verdict:?}");
        client.open_stream(DOMAIN).await?;
        Ok(client)
    }

    /// A session that has said nothing yet.
    pub(crate) async fn bound(&self, id: &str, resource: &str) -> anyhow::Result<Person> {
        let mut client = self.signed_in(id).await?;
        let jid = client.bind(Some(resource)).await?;
        Ok(Person::new(client, jid))
    }

    /// Somebody who is available at this resource.
    pub(crate) async fn person(&self, id: &str, resource: &str) -> anyhow::Result<Person> {
        let mut person = self.bound(id, resource).await?;
        person.come().await?;
        person.receives().await?;
        // What came in the meantime is of no interest.
        person.everything().await?;
        Ok(person)
    }

    /// Tells the server something by signal.
    pub(crate) async fn signal(&self, signal: &str) -> anyhow::Result<()> {
        let process = self.server.process().context("the server does not run")?;
        let sent = tokio::process::Command::new("kill").args([signal, &process.to_string()]).status().await?;
        anyhow::ensure!(sent.success(), "no signal {signal}");
        Ok(())
    }
}

/// Rules name departments by their entries in the directory.
async fn with_entries(server: &ServerProcess, rules: &str) -> anyhow::Result<String> {
    let mut rules = rules.to_owned();
    if !rules.contains('{') {
        return Ok(rules);
    }
    let departments = server.administer(&["department", "list", "--json"], None).await?;
    let departments: Vec<Value> = serde_json::from_str(&departments)?;
    for department in departments {
        let of = |key: &str| department.get(key).and_then(Value::as_str).context("no such field");
        rules = rules.replace(&format!("{{{}}}", of("path")?), of("entry")?);
    }
    Ok(rules)
}
