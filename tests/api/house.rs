//! A server with both ports for HTTP, colleagues, a business system, and a real gateway with a simulated modem.

use std::time::Duration;

use posthouse_tests::business_system::{Answer, BusinessSystem};
use posthouse_tests::gateway_process::{self, GatewayProcess};
use posthouse_tests::modem_simulator::Habits;
use posthouse_tests::raw_client::{Login, Mechanism, Person, RawClient, Trust, Verdict};
use posthouse_tests::server_process::{DOMAIN, ServerProcess};
use serde_json::Value;

/// Nothing in a scene may take longer.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);
pub(crate) const PHONE: &str = "+8613800000001";
pub(crate) const MESSAGES: &str = "/api/v1/messages";
/// Where the business system writes from.
pub(crate) const OA: &str = "oa@notices.posthouse.test";
pub(crate) const PASSWORD: &str = "Zhengque-2026!";
/// A component that may connect, and its secret.
pub(crate) const COMPONENT: &str = "oa.posthouse.test";
pub(crate) const SECRET: &str = "geheim";

pub(crate) async fn server(settings: &[(&str, &str)]) -> ServerProcess {
    server_with("", settings).await
}

async fn server_with(more: &str, settings: &[(&str, &str)]) -> ServerProcess {
    let mut server = ServerProcess::prepare().await.unwrap();
    server.configure(&[("http", "[\"127.0.0.1:0\"]"), ("https", "[\"127.0.0.1:0\"]")]).unwrap();
    server.configure(settings).unwrap();
    let file = server.data().join("server.toml");
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, text + more).unwrap();
    server.run().await.unwrap();
    server
}

/// The house; its gateway may be missing.
pub(crate) struct House {
    pub(crate) server: ServerProcess,
    pub(crate) gateway: Option<GatewayProcess>,
    pub(crate) oa: BusinessSystem,
}

impl House {
    /// A server with 陈静, 王磊 who has a phone, and 赵敏 in 总部/技术部 who has none; a business system that may do
    /// all.
    pub(crate) async fn without_gateway() -> Self {
        let component = format!("[[components]]\ndomain = \"{COMPONENT}\"\nsecret = \"{SECRET}\"\n");
        let server = server_with(&(gateway_process::server_settings() + &component), &[]).await;
        for (login, name, department) in [
            ("chen.jing", "陈静", "总部/财务部"),
            ("wang.lei", "王磊", "总部/财务部"),
            ("zhao.min", "赵敏", "总部/技术部"),
        ] {
            server.add_person(login, name, department, PASSWORD).await.unwrap();
        }
        server.administer(&["user", "set", "wang.lei", "--mobile", PHONE], None).await.unwrap();
        let oa = application(&server, "oa", &["--title", "办公自动化", "--everyone"]).await;
        let house = Self { server, gateway: None, oa };
        // Whoever signs in finds everybody known who was added before.
        house.signed_in("chen.jing").await;
        house
    }

    pub(crate) async fn open() -> Self {
        let mut house = Self::without_gateway().await;
        house.start_gateway().await;
        house
    }

    pub(crate) async fn start_gateway(&mut self) {
        let address = self.server.component_address().unwrap();
        let mut gateway = GatewayProcess::prepare(1, Habits::default(), Some(&address)).await.unwrap();
        gateway.run().unwrap();
        gateway.is_connected().await.unwrap();
        self.gateway = Some(gateway);
    }

    /// What reached phones, when there are so many.
    pub(crate) async fn texts(&self, count: usize) -> Vec<String> {
        let network = &self.gateway.as_ref().unwrap().network;
        let sent = network.wait_for(count, PATIENCE).await.unwrap();
        sent.into_iter().map(|text| text.text).collect()
    }

    async fn signed_in(&self, login: &str) -> RawClient {
        let trust = Trust::in_authority(&self.server.authority(), DOMAIN).unwrap();
        let address = self.server.address_of("direct_tls").unwrap();
        let mut client = RawClient::connect_tls(&address, &trust).await.unwrap();
        client.open_stream(DOMAIN).await.unwrap();
        let verdict = client.sign_in(&Login::new(login, PASSWORD, Mechanism::USUAL)).await.unwrap();
        assert_eq!(verdict, Verdict::Success);
        client.open_stream(DOMAIN).await.unwrap();
        client
    }

    /// Somebody who is there and takes messages.
    pub(crate) async fn person(&self, login: &str) -> Person {
        let mut person = self.person_before_messages(login).await;
        person.receives().await.unwrap();
        person
    }

    /// Somebody who is there and has read nothing.
    pub(crate) async fn person_before_messages(&self, login: &str) -> Person {
        self.person_at(login, "pc").await
    }

    /// The same at a client of another name.
    pub(crate) async fn person_at(&self, login: &str, resource: &str) -> Person {
        let mut client = self.signed_in(login).await;
        let jid = client.bind(Some(resource)).await.unwrap();
        let mut person = Person::new(client, jid);
        person.come().await.unwrap();
        person
    }

    /// Sends a notice that is accepted; answers its id.
    pub(crate) async fn send(&self, notice: Value) -> String {
        let answer = self.oa.post(MESSAGES, &notice).await.unwrap();
        assert_eq!(answer.status, 202, "{}", answer.text);
        answer.body["id"].as_str().unwrap().to_owned()
    }

    /// What the server says about a notice, once its only receiver is that far.
    pub(crate) async fn becomes(&self, id: &str, state: &str) -> Answer {
        let end = tokio::time::Instant::now() + PATIENCE;
        loop {
            let answer = self.oa.get(&format!("{MESSAGES}/{id}")).await.unwrap();
            if answer.body["recipients"][0]["state"] == state {
                return answer;
            }
            assert!(tokio::time::Instant::now() < end, "not {state}: {}\n{}", answer.text, self.server.log());
            // The interface has no way to wait.
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}

impl House {
    /// Waits until every receiver is as far as one of these.
    pub(crate) async fn all_are(&self, id: &str, states: &[&str]) {
        let end = tokio::time::Instant::now() + PATIENCE;
        loop {
            let answer = self.oa.get(&format!("{MESSAGES}/{id}")).await.unwrap();
            let counts = answer.body["counts"].as_object().unwrap();
            if counts.keys().all(|state| states.contains(&state.as_str())) {
                return;
            }
            assert!(tokio::time::Instant::now() < end, "{}\n{}", answer.text, self.server.log());
            // The interface has no way to wait.
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}

/// Words of the events of the first receiver.
pub(crate) fn events(answer: &Answer) -> Vec<String> {
    let events = answer.body["recipients"][0]["events"].as_array().unwrap();
    events.iter().map(|event| event["event"].as_str().unwrap().to_owned()).collect()
}

/// A business system with a key of its own.
pub(crate) async fn application(server: &ServerProcess, name: &str, more: &[&str]) -> BusinessSystem {
    let address = server.address_of("http").unwrap();
    BusinessSystem::at(&address).with_key(&application_key(server, name, more).await)
}

/// Its key alone.
pub(crate) async fn application_key(server: &ServerProcess, name: &str, more: &[&str]) -> String {
    let words = [&["application", "create", name], more].concat();
    let key = server.administer(&words, None).await.unwrap();
    key.lines().next().unwrap().to_owned()
}
