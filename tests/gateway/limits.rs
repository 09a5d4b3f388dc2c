//! What senders may text and when, messages that wait too long for a gateway, and what administrators see.

use posthouse_gateway::clock::Clock;
use posthouse_gateway::quotas::{Allowance, Price, QuietHours, Rules};
use posthouse_tests::element::Element;
use posthouse_tests::gateway_process::{GatewayProcess, SECRET, SMS_DOMAIN};
use posthouse_tests::modem_simulator::{Fault, Habits};
use posthouse_tests::port::Port;
use posthouse_tests::program;
use posthouse_tests::raw_client::Person;
use posthouse_tests::server_process::DOMAIN;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::process::Command;

use crate::house::{House, SPACE, WANG, message, states};
use crate::office::{PHONE, SMS};

async fn under(rules: Rules) -> House {
    let mut house = House::without_gateway("[visibility.texts]\nstrangers = true\n").await;
    house.start_gateway_under(rules, Vec::new()).await;
    house
}

async fn error_of(person: &mut Person, id: &str) -> Element {
    let is_error = |it: &Element| it.attribute("type") == Some("error") && it.attribute("id") == Some(id);
    person.next_where(is_error).await.unwrap()
}

async fn failure(person: &mut Person, id: &str) -> Element {
    let is_it = |it: &Element| it.child("failure", SPACE).is_some_and(|it| it.attribute("id") == Some(id));
    person.next_where(is_it).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_text_over_the_days_limit_comes_back_and_says_when_the_next_may_go() {
    let usual = Allowance { per_day: Some(2), per_month: None };
    let prices = vec![Price { prefix: "+86".to_owned(), millionths: 50_000 }];
    let house = under(Rules { usual, prices, ..Rules::default() }).await;
    let mut chen = house.person("chen.jing").await;
    for id in ["m1", "m2"] {
        chen.send(&message(WANG, id, "hello", "phone")).await.unwrap();
        states(&mut chen, id, "delivered").await;
    }
    chen.send(&message(WANG, "m3", "one too many", "phone")).await.unwrap();
    let error = error_of(&mut chen, "m3").await;
    assert_eq!((error.condition(), error.attribute("from")), ("resource-constraint", Some(WANG)));
    let text = error.find("text", "urn:ietf:params:xml:ns:xmpp-stanzas").unwrap().text.clone();
    assert!(text.contains("Your 2 text messages of today are used up. The next may go on"), "{text}");
    let notice = failure(&mut chen, "m3").await;
    let failure = notice.child("failure", SPACE).unwrap();
    assert_eq!((failure.attribute("class"), notice.attribute("from")), (Some("limit"), Some(WANG)));
    assert!(failure.attribute("until").unwrap().ends_with('Z'));
    assert_eq!(house.texts(2).await.len(), 2);
    let office = house.gateway.as_ref().unwrap();
    let today = office.outbox.rules().day(Clock::System.now());
    let usage = office.store.usage(today, today).await.unwrap().remove(0);
    assert_eq!((usage.origin.as_str(), usage.texts, usage.refused), ("chen.jing@posthouse.test", 2, 1));
    assert_eq!((usage.sent, usage.cost), (2, 100_000));
}

#[tokio::test(flavor = "multi_thread")]
async fn in_quiet_hours_texts_wait_until_they_end_and_urgent_ones_pass() {
    let hour = Clock::System.now().0 / 3_600_000 % 24;
    let clock = |hour: i64| QuietHours::time(&format!("{:02}:00", hour % 24)).unwrap();
    let quiet = QuietHours { from: clock(hour), to: clock(hour + 2), zones: Vec::new() };
    let house = under(Rules { quiet: Some(quiet), ..Rules::default() }).await;
    let mut chen = house.person("chen.jing").await;
    chen.send(&message(WANG, "m1", "can wait", "phone")).await.unwrap();
    let is_state = |it: &Element| it.child("state", SPACE).is_some();
    let queued = chen.next_where(is_state).await.unwrap();
    let state = queued.child("state", SPACE).unwrap();
    assert_eq!(state.attribute("value"), Some("queued"));
    let until = state.attribute("until").expect("until when it waits");
    assert!(until.ends_with(&format!("{:02}:00:00Z", (hour + 2) % 24)), "{until}");
    let urgent = format!(
        "<message type='chat' to='{WANG}' id='m2'><body>fire</body>\
         <delivery xmlns='{SPACE}' wish='phone' urgent='true'/></message>"
    );
    chen.send(&urgent).await.unwrap();
    states(&mut chen, "m2", "delivered").await;
    let texts = house.texts(1).await;
    assert!(texts.len() == 1 && texts[0].contains("fire"), "{texts:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_waits_too_long_for_the_gateway_comes_back_as_failed() {
    let mut house = House::without_gateway("").await;
    let mut chen = house.person("chen.jing").await;
    for (id, more) in [("m1", " seconds='1'"), ("m2", "")] {
        let text = format!(
            "<message type='chat' to='{WANG}' id='{id}'><body>{id}</body>\
             <delivery xmlns='{SPACE}' wish='phone'{more}/></message>"
        );
        chen.send(&text).await.unwrap();
    }
    let notice = failure(&mut chen, "m1").await;
    let failure = notice.child("failure", SPACE).unwrap();
    assert_eq!((failure.attribute("class"), notice.attribute("from")), (Some("expired"), Some(WANG)));
    assert!(failure.text.contains("away for too long"), "{}", failure.text);
    assert_eq!(notice.child("state", SPACE).unwrap().attribute("value"), Some("failed"));
    house.start_gateway(Vec::new()).await;
    states(&mut chen, "m2", "delivered").await;
    let texts = house.texts(1).await;
    assert!(texts.len() == 1 && texts[0].contains("m2"), "{texts:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn phones_can_be_written_to_only_where_there_is_a_gateway() {
    const INFO: &str = "<query xmlns='http://jabber.org/protocol/disco#info'/>";
    let house = House::without_gateway("").await;
    let mut chen = house.person("chen.jing").await;
    let said = chen.ask_at(DOMAIN, "get", INFO).await.unwrap();
    assert!(format!("{said:?}").contains("urn:posthouse:sms:1#phones"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_phone_nobody_knows_stands_in_the_servers_audit_log_without_its_number() {
    let house = House::open().await;
    let mut chen = house.person("chen.jing").await;
    house.yard.network.write("+8613700000007", "modem1", "who are you");
    house.yard.network.write(PHONE, "modem1", "@陈静 behind");
    chen.next_where(|it| it.body() == "behind").await.unwrap();
    let database = rusqlite::Connection::open(house.server.data().join("posthouse.db")).unwrap();
    let (actor, subject): (String, String) = database
        .query_row("SELECT actor, subject FROM audit WHERE action = 'text ignored'", [], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })
        .unwrap();
    assert_eq!((actor.as_str(), subject.as_str()), (SMS, "+86*******0007"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_gateway_says_what_it_is_and_how_many_modems_are_ready() {
    let house = House::open().await;
    let mut chen = house.person("chen.jing").await;
    let info = "<query xmlns='http://jabber.org/protocol/disco#info'/>";
    let said = chen.ask_at(SMS, "get", info).await.unwrap();
    let identity = said.find("identity", "http://jabber.org/protocol/disco#info").unwrap();
    assert_eq!((identity.attribute("category"), identity.attribute("type")), (Some("gateway"), Some("sms")));
    chen.send(&format!("<presence to='{SMS}'/>")).await.unwrap();
    let is_gateway = |it: &Element| it.name == "presence" && it.attribute("from") == Some(SMS);
    let status = |it: &Element| it.child("status", "jabber:client").map(|it| it.text.clone());
    let there = chen.next_where(is_gateway).await.unwrap();
    assert_eq!(status(&there).as_deref(), Some("2 of 2 modems and lines are ready."));
    house.yard.modems[0].fail(Fault::Unplug(Duration::from_secs(3)));
    let less = chen.next_where(is_gateway).await.unwrap();
    assert_eq!(status(&less).as_deref(), Some("1 of 2 modems and lines are ready."));
}

#[tokio::test(flavor = "multi_thread")]
async fn administrators_see_how_the_gateway_is_and_others_do_not() {
    let house = House::open().await;
    let mut chen = house.person("chen.jing").await;
    let mut zhao = house.person("zhao.min").await;
    chen.send(&message(WANG, "m1", "hello", "phone")).await.unwrap();
    states(&mut chen, "m1", "delivered").await;
    let question = format!("<status xmlns='{SPACE}'/>");
    let answer = chen.ask_at(SMS, "get", &question).await.unwrap();
    let status = answer.child("status", SPACE).unwrap();
    assert_eq!(status.attribute("waiting"), Some("0"));
    let ready =
        status.children.iter().filter(|it| it.name == "modem" && it.attribute("ready") == Some("true"));
    assert_eq!(ready.count(), 2);
    let texts = status.children.iter().find(|it| it.name == "texts").unwrap();
    assert_eq!((texts.attribute("state"), texts.attribute("count")), (Some("delivered"), Some("1")));
    assert_eq!(zhao.ask_at(SMS, "get", &question).await.unwrap().condition(), "forbidden");
}

async fn command(gateway: &GatewayProcess, name: &str) -> String {
    let program = program::built("posthouse-gateway").unwrap();
    let output = Command::new(program).args([name, "--data"]).arg(gateway.data()).output().await.unwrap();
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn over_tls_the_gateway_trusts_its_own_server_only_and_the_command_line_shows_its_status() {
    let house = House::without_gateway("").await;
    let address = house.server.component_address().unwrap();
    let server = |more: &str| {
        format!(
            "[server]\naddress = \"{address}\"\ndomain = \"{DOMAIN}\"\ncomponent = \"{SMS_DOMAIN}\"\n\
             secret = \"{SECRET}\"\ntls = true\n{more}\n"
        )
    };
    let stranger = GatewayProcess::prepare(0, Habits::default(), None).await.unwrap();
    stranger.add_settings(&server(&format!("fingerprint = \"{}\"", "ab".repeat(32)))).unwrap();
    let program = program::built("posthouse-gateway").unwrap();
    let doctor =
        Command::new(program).args(["doctor", "--data"]).arg(stranger.data()).output().await.unwrap();
    let said = String::from_utf8(doctor.stdout).unwrap();
    assert!(!doctor.status.success() && said.contains("does not take us"), "{said}");

    let port = Port::take().unwrap();
    let mut gateway = GatewayProcess::prepare(1, Habits::default(), None).await.unwrap();
    let authority = format!("authority = \"{}\"", house.server.authority().display());
    gateway.add_settings(&server(&authority)).unwrap();
    gateway.add_settings(&format!("[status]\nmetrics = \"{}\"\n", port.address())).unwrap();
    gateway
        .add_settings("[costs]\ncurrency = \"CNY\"\n[[costs.prices]]\nprefix = \"\"\nprice = \"0.05\"\n")
        .unwrap();
    gateway.run().unwrap();
    gateway.is_connected().await.unwrap();
    let mut chen = house.person("chen.jing").await;
    chen.send(&message(WANG, "m1", "hello", "phone")).await.unwrap();
    states(&mut chen, "m1", "delivered").await;
    assert!(
        command(&gateway, "costs")
            .await
            .contains("chen.jing@posthouse.test: 1 texts of 1 messages, 0 refused, 1 sent, 0.05 CNY")
    );
    let shown = async {
        loop {
            let status = command(&gateway, "status").await;
            if status.contains("texts of today: 1 delivered") {
                return status;
            }
            // The file is written anew every few seconds by another process.
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    };
    let status = tokio::time::timeout(Duration::from_secs(20), shown).await.unwrap();
    assert!(status.starts_with("server: connected\nmodem modem1: ready"), "{status}");
    let mut stream = tokio::net::TcpStream::connect(port.address()).await.unwrap();
    stream.write_all(b"GET /metrics HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
    let mut figures = String::new();
    stream.read_to_string(&mut figures).await.unwrap();
    assert!(figures.contains("posthouse_gateway_ready{kind=\"modem\",name=\"modem1\"} 1"), "{figures}");
    assert!(figures.contains("posthouse_gateway_texts_today{state=\"delivered\"} 1"), "{figures}");
}
