//! Texts over a line to a carrier (SMPP), between colleagues and phones, with a server and a gateway in processes of
//! their own. `cargo xtask interop` plays these scenes.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use posthouse_tests::element::Element;
use posthouse_tests::gateway_process::GatewayProcess;
use posthouse_tests::modem_simulator::Habits;
use posthouse_tests::program;
use posthouse_tests::raw_client::Person;
use tokio::process::Command;

use crate::house::{House, SPACE, WANG, message, states};
use crate::office::{PHONE, SMS};
use crate::smsc::{Smsc, Submitted};

const LATE: Duration = Duration::from_secs(40);

/// Everything but modems.
struct Scene {
    house: House,
    gateway: GatewayProcess,
    smsc: Smsc,
}

fn line(port: u16, more: &str) -> String {
    format!(
        "[[smpp]]\nname = \"carrier\"\naddress = \"127.0.0.1:{port}\"\nsystem_id = \"posthouse\"\n\
         password = \"geheim\"\nsender = \"10690001\"\n{more}"
    )
}

impl Scene {
    async fn open(more: &str) -> Self {
        Self::open_beside(0, more).await
    }

    /// Beside so many modems.
    async fn open_beside(modems: usize, more: &str) -> Self {
        let house = House::without_gateway("[visibility.texts]\nstrangers = true\n").await;
        let address = house.server.component_address().unwrap();
        let mut gateway = GatewayProcess::prepare(modems, Habits::default(), Some(&address)).await.unwrap();
        let mut smsc = Smsc::start(0, "first-").await;
        gateway.add_settings(&line(smsc.port, more)).unwrap();
        gateway.run().unwrap();
        gateway.is_connected().await.unwrap();
        assert_eq!(smsc.says("bound").await, 0x34);
        Self { house, gateway, smsc }
    }

    async fn next(&mut self, count: usize) -> Vec<Submitted> {
        let mut messages = Vec::new();
        while messages.len() < count {
            messages.push(self.smsc.submitted().await);
        }
        messages
    }
}

async fn failure(person: &mut Person, id: &str) -> String {
    let notice =
        person.next_where(|it| it.child("failure", SPACE).is_some_and(|it| it.attribute("id") == Some(id)));
    let notice = notice.await.unwrap();
    notice.child("failure", SPACE).unwrap().attribute("class").unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the npm package smpp: cargo xtask interop"]
async fn a_long_chinese_text_goes_out_in_parts_and_is_reported() {
    let mut scene = Scene::open("").await;
    let mut chen = scene.house.person("chen.jing").await;
    let text = "会议改到下午3点，请带上报表😀👨‍👩‍👧。".repeat(5);
    chen.send(&message(WANG, "m1", &text, "phone")).await.unwrap();
    let parts = scene.next(3).await;
    let whole: String = parts.iter().map(|part| part.text.as_str()).collect();
    assert_eq!(whole, format!("陈静：{text}\n（直接回复即可）"));
    for (part, number) in parts.iter().zip(1..) {
        assert_eq!((part.to.as_str(), part.coding), ("8613800000001", 8));
        let header = part.udh.as_str();
        assert!(header.contains("0003") && header.ends_with(&format!("030{number}")), "{header}");
        assert!(part.text.encode_utf16().count() <= 67 && !part.text.contains('\u{fffd}'), "{part:?}");
    }
    let states: Vec<String> = states(&mut chen, "m1", "delivered").await.into_iter().map(|it| it.1).collect();
    assert_eq!(states.last().unwrap(), "delivered");
    chen.send(&message(WANG, "m2", "plain [letters] @ 5 €", "phone")).await.unwrap();
    let plain = scene.next(1).await.remove(0);
    assert_eq!((plain.text.as_str(), plain.coding), ("陈静：plain [letters] @ 5 €", 8));
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the npm package smpp: cargo xtask interop"]
async fn latin_letters_go_in_the_carriers_alphabet() {
    let mut scene = Scene::open("").await;
    let send = |text: &'static str| {
        let data = scene.gateway.data().to_owned();
        async move {
            let program = program::built("posthouse-gateway").unwrap();
            let mut command = Command::new(program);
            command.args(["send", "--to", PHONE, "--text", text, "--data"]).arg(data);
            let output = command.output().await.unwrap();
            assert!(output.status.success(), "{output:?}");
            String::from_utf8(output.stdout).unwrap()
        }
    };
    let said = send("plain [letters] @ 5 € Ä").await;
    let plain = scene.next(1).await.remove(0);
    assert_eq!((plain.text.as_str(), plain.coding), ("plain [letters] @ 5 € Ä", 0));
    assert!(said.ends_with("delivered\n"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the npm package smpp: cargo xtask interop"]
async fn what_the_carrier_reports_or_refuses_is_told() {
    let mut scene = Scene::open("").await;
    let mut chen = scene.house.person("chen.jing").await;
    scene.smsc.receipts("UNDELIV").await;
    chen.send(&message(WANG, "m1", "off", "phone")).await.unwrap();
    assert_eq!(failure(&mut chen, "m1").await, "reported");
    scene.smsc.receipts("DELIVRD").await;
    // Destination, then a carrier that wants fewer messages and takes the second try.
    scene.smsc.refuse(&[0x0b]).await;
    chen.send(&message(WANG, "m2", "nowhere", "phone")).await.unwrap();
    assert_eq!(failure(&mut chen, "m2").await, "destination");
    scene.smsc.refuse(&[0x58]).await;
    chen.send(&message(WANG, "m3", "again", "phone")).await.unwrap();
    states(&mut chen, "m3", "delivered").await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the npm package smpp: cargo xtask interop"]
async fn a_message_without_answer_is_unconfirmed_and_not_sent_again() {
    let mut scene = Scene::open("answer_seconds = 2\n").await;
    let mut chen = scene.house.person("chen.jing").await;
    scene.smsc.keep_silent(1).await;
    scene.smsc.receipts("").await;
    chen.send(&message(WANG, "m1", "maybe", "phone")).await.unwrap();
    let seen = states(&mut chen, "m1", "unconfirmed").await;
    assert_eq!(seen.last().unwrap().1, "unconfirmed");
    chen.send(&message(WANG, "m2", "after", "phone")).await.unwrap();
    states(&mut chen, "m2", "sent").await;
    let texts: Vec<String> = scene.next(2).await.into_iter().map(|it| it.text).collect();
    assert!(texts[0].contains("maybe") && texts[1].contains("after"), "{texts:?}");
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the npm package smpp: cargo xtask interop"]
async fn a_phone_answers_into_the_same_chat_also_in_parts_out_of_order() {
    let mut scene = Scene::open("").await;
    let mut chen = scene.house.person("chen.jing").await;
    chen.send(&message(WANG, "m1", "在吗", "phone")).await.unwrap();
    states(&mut chen, "m1", "delivered").await;
    scene.smsc.write(PHONE, "收到😀").await;
    let answer = chen.next_where(|it| it.body() == "收到😀").await.unwrap();
    assert_eq!(answer.attribute("from"), Some(WANG));
    let parts = [("050003070202", "在会议室"), ("050003070201", "我马上到，")];
    scene.smsc.write_parts(PHONE, &parts).await;
    chen.next_where(|it| it.body() == "我马上到，在会议室").await.unwrap();
    // The same words twice are two texts.
    for _ in 0..2 {
        scene.smsc.write(PHONE, "好的").await;
        chen.next_where(|it| it.body() == "好的").await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the npm package smpp: cargo xtask interop"]
async fn a_carrier_that_goes_and_comes_back_gets_what_waited() {
    let mut scene = Scene::open("").await;
    let mut chen = scene.house.person("chen.jing").await;
    let port = scene.smsc.port;
    let gone = std::mem::replace(&mut scene.smsc, Smsc::start(0, "unused-").await);
    drop(gone);
    chen.send(&message(WANG, "m1", "waits", "phone")).await.unwrap();
    states(&mut chen, "m1", "queued").await;
    scene.smsc = Smsc::start(port, "second-").await;
    states(&mut chen, "m1", "delivered").await;
    let sent = scene.next(1).await.remove(0);
    assert!(sent.text.contains("waits") && sent.id.starts_with("second-"), "{sent:?}");
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the npm package smpp: cargo xtask interop"]
async fn a_gateway_killed_at_any_moment_loses_nothing_and_doubles_nothing() {
    const KILLS: usize = 12;
    let mut scene = Scene::open("").await;
    let mut chen = scene.house.person("chen.jing").await;
    let mut wanted = Vec::new();
    for kill in 0..KILLS {
        for number in 0..3 {
            let name = format!("{kill}-{number}");
            chen.send(&message(WANG, &name, &format!("out {name}"), "phone")).await.unwrap();
            scene.smsc.write(PHONE, &format!("@陈静 in {name}")).await;
            wanted.push(name);
        }
        tokio::time::sleep(Duration::from_millis(u64::try_from(kill * 61 % 500).unwrap())).await;
        scene.gateway.kill().await.unwrap();
        scene.gateway.run().unwrap();
        scene.smsc.says("bound").await;
    }
    let mut came: BTreeMap<String, usize> = BTreeMap::new();
    let mut states: BTreeMap<String, String> = BTreeMap::new();
    let is_settled = |state: &String| state == "delivered" || state == "unconfirmed";
    let all = async {
        while came.len() < wanted.len() || states.len() < wanted.len() || !states.values().all(is_settled) {
            let is_news = |it: &Element| it.body().starts_with("in ") || it.child("state", SPACE).is_some();
            let Ok(stanza) = chen.next_where(is_news).await else { continue };
            if let Some(name) = stanza.body().strip_prefix("in ") {
                *came.entry(name.to_owned()).or_default() += 1;
            }
            if let Some(state) = stanza.child("state", SPACE) {
                let value = |name| state.attribute(name).unwrap().to_owned();
                states.insert(value("id"), value("value"));
            }
        }
    };
    let in_time = tokio::time::timeout(LATE, all).await.is_ok();
    assert!(in_time, "came {came:?}\nstates {states:?}\n{}", scene.gateway.log());
    assert!(came.values().all(|count| *count == 1), "{came:?}");
    scene.smsc.everything().await;
    for name in &wanted {
        let sent = scene
            .smsc
            .texts
            .iter()
            .filter(|text| text.lines().next().unwrap().ends_with(&format!("out {name}")));
        // What nobody knows of is sent once more only after its time, which this scene does not wait for.
        let (count, state) = (sent.count(), states[name].as_str());
        assert!(count == 1 || (count == 0 && state == "unconfirmed"), "{name}: {count} times, {state}");
    }
    assert!(states.values().filter(|state| *state == "unconfirmed").count() <= KILLS, "{states:?}");
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the npm package smpp: cargo xtask interop"]
async fn a_line_has_its_numbers_and_modems_the_others_and_its_own_when_it_rests() {
    let mut scene = Scene::open_beside(1, "prefixes = [\"+86\"]\n").await;
    let mut chen = scene.house.person("chen.jing").await;
    chen.send(&message(WANG, "m1", "by the line", "phone")).await.unwrap();
    assert!(scene.smsc.submitted().await.text.contains("by the line"));
    states(&mut chen, "m1", "delivered").await;
    let abroad = format!("+4917000000001@{SMS}");
    chen.send(&message(&abroad, "m2", "by the modem", "")).await.unwrap();
    states(&mut chen, "m2", "delivered").await;
    // The carrier does not accept the sender: that is no fault of the text.
    scene.smsc.refuse(&[0x0a]).await;
    chen.send(&message(WANG, "m3", "all the same", "phone")).await.unwrap();
    states(&mut chen, "m3", "delivered").await;
    let sent: Vec<String> = scene.gateway.network.sent().into_iter().map(|sent| sent.text).collect();
    assert!(
        sent.len() == 2 && sent[0].contains("by the modem") && sent[1].contains("all the same"),
        "{sent:?}"
    );
    scene.smsc.everything().await;
    assert_eq!(scene.smsc.texts.len(), 1);
}

/// A key and a certificate for this computer.
async fn secret(folder: &Path) -> (std::path::PathBuf, std::path::PathBuf) {
    let (key, certificate) = (folder.join("key.pem"), folder.join("cert.pem"));
    let settings = folder.join("openssl.cnf");
    let text = "[req]\ndistinguished_name = dn\nx509_extensions = ext\n[dn]\n[ext]\n\
                basicConstraints = critical,CA:FALSE\nsubjectAltName = IP:127.0.0.1\n";
    std::fs::write(&settings, text).unwrap();
    let mut command = Command::new("openssl");
    command.args(["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]);
    command.args(["-days", "2", "-subj", "/CN=carrier", "-config"]).arg(&settings).arg("-keyout").arg(&key);
    let output = command.arg("-out").arg(&certificate).output().await.expect("openssl runs");
    assert!(output.status.success(), "{output:?}");
    (key, certificate)
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the npm package smpp: cargo xtask interop"]
async fn over_tls_only_the_carrier_that_is_set_is_trusted() {
    let folder = tempfile::tempdir().unwrap();
    let (key, certificate) = secret(folder.path()).await;
    let mut smsc = Smsc::start_with(0, "tls-", Some((&key, &certificate))).await;
    let port = smsc.port;
    let doctor = async |more: &str| {
        let gateway = GatewayProcess::prepare(0, Habits::default(), None).await.unwrap();
        gateway.add_settings(&line(port, &format!("tls = true\n{more}"))).unwrap();
        let program = program::built("posthouse-gateway").unwrap();
        let output =
            Command::new(program).args(["doctor", "--data"]).arg(gateway.data()).output().await.unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    let wrong = format!("fingerprint = \"{}\"\n", "ab".repeat(32));
    assert!(doctor(&wrong).await.contains("does not take us"));
    assert!(doctor("").await.contains("does not take us"), "the system does not know it");
    let print = Command::new("openssl")
        .args(["x509", "-noout", "-fingerprint", "-sha256", "-in"])
        .arg(&certificate)
        .output()
        .await
        .unwrap();
    let print = String::from_utf8(print.stdout).unwrap();
    let print = print.trim().split_once('=').unwrap().1.to_owned();
    let said = doctor(&format!("fingerprint = \"{print}\"\n")).await;
    assert!(said.contains("takes us."), "{said}");
    smsc.says("bound").await;
    let said = doctor(&format!("authority = \"{}\"\n", certificate.display())).await;
    assert!(said.contains("takes us."), "{said}");
}
