//! A server with a large organisation, a gateway with modems, and a business system that may write to everybody.

use std::fmt::Write;
use std::time::Duration;

use anyhow::Context;

use crate::business_system::BusinessSystem;
use crate::gateway_process::{self, GatewayProcess};
use crate::modem_simulator::Habits;
use crate::raw_client::{Login, Mechanism, RawClient, Trust, Verdict};
use crate::server_process::{DOMAIN, ServerProcess};

pub(super) const MESSAGES: &str = "/api/v1/messages";
/// Where the business system writes from.
pub(super) const SENDER: &str = "oa@notices.posthouse.test";
const PASSWORD: &str = "Zhengque-2026!";
/// People who hear of each other's presence.
const DEPARTMENT: usize = 10;
const MODEMS: usize = 8;

/// What runs.
pub(super) struct House {
    server: ServerProcess,
    pub(super) gateway: GatewayProcess,
    pub(super) system: BusinessSystem,
}

/// The way in for clients. Cheap to clone.
#[derive(Debug, Clone)]
pub(super) struct Entrance {
    address: String,
    trust: Trust,
}

pub(super) fn login(person: usize) -> String {
    format!("p{person:04}")
}

pub(super) fn number(person: usize) -> String {
    format!("+861380000{person:04}")
}

impl House {
    pub(super) async fn open(people: usize) -> anyhow::Result<Self> {
        let mut server = ServerProcess::prepare().await?;
        // How fast a system may ask is not the matter here.
        server.configure(&[("http", "[\"127.0.0.1:0\"]"), ("http_requests_per_second", "100000")])?;
        let file = server.data().join("server.toml");
        let text = std::fs::read_to_string(&file).context("server.toml")?;
        std::fs::write(&file, text + "\n" + &gateway_process::server_settings()).context("server.toml")?;
        let sheet = server.data().join("people.csv");
        std::fs::write(&sheet, sheet_of(people)?).context("people.csv")?;
        server.import(&sheet).await?;
        server.run().await?;
        let words =
            ["application", "create", "oa", "--title", "OA", "--everyone", "--texts-a-day", "1000000"];
        let key = server.administer(&words, None).await?;
        let key = key.lines().next().context("no key")?;
        let system = BusinessSystem::at(&server.address_of("http")?).with_key(key);
        let habits = Habits {
            network_time: Duration::from_millis(5),
            report_time: Duration::from_millis(20),
            ..Habits::default()
        };
        let address = server.component_address()?;
        let mut gateway = GatewayProcess::prepare(MODEMS, habits, Some(&address)).await?;
        gateway.add_settings("[texts]\nreport_minutes = 1\n")?;
        gateway.run()?;
        gateway.is_connected().await?;
        Ok(Self { server, gateway, system })
    }

    pub(super) fn entrance(&self) -> anyhow::Result<Entrance> {
        let trust = Trust::in_authority(&self.server.authority(), DOMAIN)?;
        Ok(Entrance { address: self.server.address_of("direct_tls")?, trust })
    }

    pub(super) async fn restart_server(&mut self) -> anyhow::Result<()> {
        self.server.kill().await?;
        self.server.run().await
    }

    pub(super) async fn restart_gateway(&mut self) -> anyhow::Result<()> {
        self.gateway.kill().await?;
        self.gateway.run()
    }
}

impl Entrance {
    /// Somebody who is signed in and has bound nothing.
    pub(super) async fn sign_in(&self, person: usize) -> anyhow::Result<RawClient> {
        let mut client = RawClient::connect_tls(&self.address, &self.trust).await?;
        client.open_stream(DOMAIN).await?;
        let verdict = client.sign_in(&Login::new(&login(person), PASSWORD, Mechanism::USUAL)).await?;
        anyhow::ensure!(verdict == Verdict::Success, "{verdict:?}");
        client.open_stream(DOMAIN).await?;
        Ok(client)
    }
}

fn sheet_of(people: usize) -> anyhow::Result<String> {
    let mut sheet = String::from("id,name,department,mobile,password\n");
    for person in 0..people {
        let (login, number, department) = (login(person), number(person), person / DEPARTMENT);
        writeln!(sheet, "{login},Person {person},Company/Team {department},{number},{PASSWORD}")?;
    }
    Ok(sheet)
}
