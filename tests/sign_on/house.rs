//! A server with single sign-on, and colleagues of whom some may open business systems.

use std::time::Duration;

use aws_lc_rs::digest;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use posthouse_protocol::sign_on::BIND_COOKIE;
use posthouse_tests::browser::{Browser, Page};
use posthouse_tests::business_system::BusinessSystem;
use posthouse_tests::element::Element;
use posthouse_tests::office_automation::{OfficeAutomation, Provider, Task};
use posthouse_tests::raw_client::{Login, Mechanism, Person, RawClient, Trust, Verdict};
use posthouse_tests::server_process::{DOMAIN, ServerProcess};

pub(crate) const PASSWORD: &str = "Zhengque-2026!";
pub(crate) const ZHANG: &str = "zhang.aili";
/// Nothing in a scene may take longer.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);
const NAMESPACE: &str = "urn:posthouse:sso:0";

pub(crate) struct House {
    pub(crate) server: ServerProcess,
    pub(crate) issuer: String,
}

impl House {
    /// A server with 张爱丽 in 总部/财务部 and 李四 in 总部/技术部.
    pub(crate) async fn open() -> Self {
        Self::with(&[]).await
    }

    /// The same with more settings.
    pub(crate) async fn with(settings: &[(&str, &str)]) -> Self {
        let mut server = ServerProcess::prepare().await.unwrap();
        let port = server.take_port().unwrap();
        let issuer = format!("https://localhost:{port}");
        server
            .configure(&[
                ("https", &format!("[\"127.0.0.1:{port}\"]")),
                ("http", "[\"127.0.0.1:0\"]"),
                ("issuer", &format!("\"{issuer}\"")),
            ])
            .unwrap();
        server.configure(settings).unwrap();
        server.run().await.unwrap();
        server.add_person(ZHANG, "张爱丽", "总部/财务部", PASSWORD).await.unwrap();
        server.add_person("li.si", "李四", "总部/技术部", PASSWORD).await.unwrap();
        let house = Self { server, issuer };
        // Whoever signs in finds everybody known who was added before.
        house.person("li.si").await;
        house
    }

    /// Registers a system of a kind that the server knows; answers its whole configuration.
    pub(crate) async fn configuration(&self, id: &str, words: &[&str]) -> String {
        self.server.administer(&[&["relying-party", "add", id], words].concat(), None).await.unwrap()
    }

    /// Registers a system; answers its secret.
    pub(crate) async fn register(&self, id: &str, words: &[&str]) -> String {
        let said =
            self.server.administer(&[&["relying-party", "add", id], words].concat(), None).await.unwrap();
        said.lines().next().unwrap_or_default().to_owned()
    }

    /// The office automation system, registered for the finance department.
    pub(crate) async fn office(&self) -> OfficeAutomation {
        let task = |number, title: &str| Task {
            number,
            person: ZHANG.to_owned(),
            title: title.to_owned(),
            applicant: "李四".to_owned(),
        };
        let office = OfficeAutomation::start(vec![task(42, "请假申请"), task(43, "采购申请")]).await.unwrap();
        let (launch, redirect) = (format!("{}/", office.address()), office.redirect_uri());
        let words = [
            "--name",
            "办公自动化",
            "--launch",
            &launch,
            "--redirect-uri",
            &redirect,
            "--department",
            "总部/财务部",
        ];
        let secret = self.register("oa", &words).await;
        office.signs_in_with(Provider {
            issuer: self.issuer.clone(),
            line: self.line(),
            client_id: "oa".to_owned(),
            secret,
        });
        office
    }

    /// Asks the server as a business system does.
    pub(crate) fn line(&self) -> BusinessSystem {
        let trust = Trust::in_authority(&self.server.authority(), "localhost").unwrap();
        BusinessSystem::at(self.issuer.strip_prefix("https://").unwrap()).inside_tls(trust)
    }

    pub(crate) fn browser(&self) -> Browser {
        Browser::trusting(self.server.authority())
    }

    pub(crate) async fn person(&self, login: &str) -> Person {
        self.person_at(login, "pc").await
    }

    /// Somebody at that client.
    pub(crate) async fn person_at(&self, login: &str, client_name: &str) -> Person {
        let trust = Trust::in_authority(&self.server.authority(), DOMAIN).unwrap();
        let address = self.server.address_of("direct_tls").unwrap();
        let mut client = RawClient::connect_tls(&address, &trust).await.unwrap();
        client.open_stream(DOMAIN).await.unwrap();
        let verdict = client.sign_in(&Login::new(login, PASSWORD, Mechanism::USUAL)).await.unwrap();
        assert_eq!(verdict, Verdict::Success);
        client.open_stream(DOMAIN).await.unwrap();
        let jid = client.bind(Some(client_name)).await.unwrap();
        Person::new(client, jid)
    }

    /// A tab of the app: fetches a ticket, puts the cookie it is bound to into the tab's store, and goes there.
    pub(crate) async fn tab(&self, person: &mut Person, app: &str, path: &str) -> (Browser, Page) {
        let (verifier, url) = ticket(person, app, path).await;
        let mut browser = self.browser();
        browser.put_cookie("localhost", BIND_COOKIE, &verifier);
        let page = browser.open(&url).await.unwrap();
        (browser, page)
    }

    /// Why people were refused, newest first.
    pub(crate) async fn refusals(&self) -> String {
        self.server.administer(&["relying-party", "refusals"], None).await.unwrap()
    }
}

impl House {
    /// Waits until a refusal stands in the administrator's list: it is written with whatever is written next.
    pub(crate) async fn notes_refusal(&self, words: &str) {
        let end = tokio::time::Instant::now() + PATIENCE;
        loop {
            let refusals = self.refusals().await;
            if refusals.contains(words) {
                return;
            }
            assert!(tokio::time::Instant::now() < end, "{refusals}");
            // It is a file that another process writes.
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}

/// Asks for an entrance; the answer as it came.
pub(crate) async fn asks(person: &mut Person, app: &str, bind: &str, path: &str) -> Element {
    let path = if path.is_empty() { String::new() } else { format!(" path='{path}'") };
    let payload = format!("<open xmlns='{NAMESPACE}' app='{app}' bind='{bind}'{path}/>");
    person.ask_at(DOMAIN, "set", &payload).await.unwrap()
}

/// The verifier of the cookie, and the link.
pub(crate) async fn ticket(person: &mut Person, app: &str, path: &str) -> (String, String) {
    let mut bytes = [0; 32];
    aws_lc_rs::rand::fill(&mut bytes).unwrap();
    let verifier = URL_SAFE_NO_PAD.encode(bytes);
    let bind = URL_SAFE_NO_PAD.encode(digest::digest(&digest::SHA256, verifier.as_bytes()));
    let answer = asks(person, app, &bind, path).await;
    let open = answer.child("open", NAMESPACE).unwrap_or_else(|| panic!("no entrance: {answer:?}"));
    assert_eq!(open.attribute("expires"), Some("30"));
    (verifier, open.attribute("url").unwrap().to_owned())
}
