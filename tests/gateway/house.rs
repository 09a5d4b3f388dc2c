//! A house with everything: a real server, colleagues with bare clients, a gateway, simulated modems.

use posthouse_gateway::outbox::Policy;
use posthouse_gateway::pool::Limits;
use posthouse_gateway::query_codes::QueryCode;
use posthouse_gateway::quotas::Rules;
use posthouse_tests::element::Element;
use posthouse_tests::modem_simulator::Habits;
use posthouse_tests::raw_client::{Login, Mechanism, Person, RawClient, Trust, Verdict};
use posthouse_tests::server_process::{DOMAIN, ServerProcess};

use crate::office::{Office, PHONE, SECRET, SMS, Yard};
use crate::world::PATIENCE;

const PASSWORD: &str = "Zhengque-2026!";
/// 王磊.
pub(crate) const WANG: &str = "wang.lei@posthouse.test";
pub(crate) const SPACE: &str = "urn:posthouse:sms:1";

/// The house; its gateway may be missing.
pub(crate) struct House {
    pub(crate) server: ServerProcess,
    pub(crate) yard: Yard,
    pub(crate) gateway: Option<Office>,
    trust: Trust,
    _folder: tempfile::TempDir,
}

/// A server with 陈静, 王磊 who has a phone, and 赵敏 who has none.
pub(crate) async fn server(rules: &str) -> ServerProcess {
    let component = format!("[[components]]\ndomain = \"{SMS}\"\nsecret = \"{SECRET}\"\n");
    let server = ServerProcess::start_with(&(component + rules)).await.unwrap();
    for (login, name, department) in [
        ("chen.jing", "陈静", "总部/财务部"),
        ("wang.lei", "王磊", "总部/财务部"),
        ("zhao.min", "赵敏", "总部/技术部"),
    ] {
        server.add_person(login, name, department, PASSWORD).await.unwrap();
    }
    server.administer(&["user", "set", "wang.lei", "--mobile", PHONE], None).await.unwrap();
    server
}

impl House {
    pub(crate) async fn open() -> Self {
        Self::open_with("", Vec::new()).await
    }

    pub(crate) async fn open_with(rules: &str, codes: Vec<QueryCode>) -> Self {
        let mut house = Self::without_gateway(rules).await;
        house.start_gateway(codes).await;
        house
    }

    /// The gateway is switched on.
    pub(crate) async fn start_gateway(&mut self, codes: Vec<QueryCode>) {
        self.start_gateway_under(Rules::default(), codes).await;
    }

    /// The same under rules about what senders may text.
    pub(crate) async fn start_gateway_under(&mut self, rules: Rules, codes: Vec<QueryCode>) {
        let (limits, policy) = (Limits::default(), Policy::default());
        let mut office = Office::open_under(self._folder.path(), &self.yard, policy, limits, rules).await;
        let link = office.connect_with_codes(self.server.component_address().unwrap(), codes);
        let mut connected = link.connected();
        tokio::time::timeout(PATIENCE, connected.wait_for(|is| *is)).await.unwrap().unwrap();
        tokio::time::timeout(PATIENCE, office.route.all_ready()).await.unwrap();
        self.gateway = Some(office);
    }

    pub(crate) async fn without_gateway(rules: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let server = server(rules).await;
        let trust = Trust::in_authority(&server.authority(), DOMAIN).unwrap();
        let yard = Yard::with(2, Habits::default()).await;
        let house = Self { server, yard, gateway: None, trust, _folder: folder };
        // Whoever signs in finds everybody known who was added before.
        house.signed_in("chen.jing").await;
        house
    }

    /// Somebody who is there; what waited was read.
    pub(crate) async fn person(&self, login: &str) -> Person {
        let mut person = self.person_before_messages(login).await;
        person.everything().await.unwrap();
        person
    }

    /// Somebody who is there and has read nothing.
    pub(crate) async fn person_before_messages(&self, login: &str) -> Person {
        let mut client = self.signed_in(login).await;
        let jid = client.bind(Some("pc")).await.unwrap();
        let mut person = Person::new(client, jid);
        person.come().await.unwrap();
        person
    }

    /// A stream whose login succeeded.
    async fn signed_in(&self, login: &str) -> RawClient {
        let address = self.server.address_of("direct_tls").unwrap();
        let mut client = RawClient::connect_tls(&address, &self.trust).await.unwrap();
        client.open_stream(DOMAIN).await.unwrap();
        let verdict = client.sign_in(&Login::new(login, PASSWORD, Mechanism::USUAL)).await.unwrap();
        assert_eq!(verdict, Verdict::Success);
        client.open_stream(DOMAIN).await.unwrap();
        client
    }

    /// The texts that phones have, once there are so many.
    pub(crate) async fn texts(&self, count: usize) -> Vec<String> {
        let sent = self.yard.network.wait_for(count, PATIENCE).await.unwrap();
        assert!(sent.iter().all(|text| text.number == PHONE), "{sent:?}");
        sent.into_iter().map(|text| text.text).collect()
    }
}

/// A chat message with a wish, as a client writes it.
pub(crate) fn message(to: &str, id: &str, body: &str, wish: &str) -> String {
    let wish =
        if wish.is_empty() { String::new() } else { format!("<delivery xmlns='{SPACE}' wish='{wish}'/>") };
    format!(
        "<message type='chat' to='{to}' id='{id}'><body>{body}</body>{wish}\
         <origin-id xmlns='urn:xmpp:sid:0' id='{id}'/></message>"
    )
}

/// The states a message goes through until this one, each with its sender.
pub(crate) async fn states(person: &mut Person, id: &str, last: &str) -> Vec<(String, String)> {
    let mut states = Vec::new();
    loop {
        let is_state = |stanza: &Element| {
            let state = stanza.child("state", SPACE);
            state.is_some_and(|state| state.attribute("id") == Some(id))
        };
        let stanza = person.next_where(is_state).await.unwrap();
        let value = stanza.child("state", SPACE).unwrap().attribute("value").unwrap().to_owned();
        let from = stanza.attribute("from").unwrap().to_owned();
        let is_last = value == last;
        states.push((from, value));
        if is_last {
            return states;
        }
    }
}

/// The condition and our own reason of the error that answers a message.
pub(crate) async fn refused(person: &mut Person, id: &str) -> (String, String) {
    let is_error =
        |stanza: &Element| stanza.attribute("type") == Some("error") && stanza.attribute("id") == Some(id);
    let stanza = person.next_where(is_error).await.unwrap();
    let error = stanza.child("error", "jabber:client").unwrap();
    let own = error.children.iter().find(|child| child.namespace == "urn:posthouse:errors:1");
    (stanza.condition().to_owned(), own.map(|own| own.name.clone()).unwrap_or_default())
}

/// What stands in the archive of the chat with somebody.
pub(crate) async fn history(person: &mut Person, with: &str) -> Vec<String> {
    let field = |name: &str, value: &str| format!("<field var='{name}'><value>{value}</value></field>");
    let form = field("FORM_TYPE", "urn:xmpp:mam:2") + &field("with", with);
    let query =
        format!("<query xmlns='urn:xmpp:mam:2'><x xmlns='jabber:x:data' type='submit'>{form}</x></query>");
    let answer = person.ask("set", &query).await.unwrap();
    assert_eq!(answer.attribute("type"), Some("result"));
    let results = person.all_messages().await.unwrap();
    let results = results.iter().filter(|it| it.has("result", "urn:xmpp:mam:2"));
    let bodies = results.filter_map(|it| it.find("body", "jabber:client"));
    bodies.map(|body| body.text.clone()).collect()
}
