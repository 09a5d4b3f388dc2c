//! The simulator is a modem for programs nobody here wrote: gammu and smstools from packages.

use std::fs;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use posthouse_tests::modem_simulator::{Habits, ModemSimulator, Network, Sim};
use tokio::process::Command;

const PHONE: &str = "+8613800000001";
const PATIENCE: Duration = Duration::from_secs(60);

fn plugged_in(folder: &Path) -> (Network, ModemSimulator, String) {
    let network = Network::default();
    let link = folder.join("ttyUSB0");
    let simulator = ModemSimulator::pty("one", &link, &network, Sim::default(), Habits::default()).unwrap();
    (network, simulator, link.display().to_string())
}

async fn gammu(folder: &Path, words: &[&str]) -> String {
    let mut command = Command::new("gammu");
    command.arg("-c").arg(folder.join("gammurc")).args(words).stdin(Stdio::null()).kill_on_drop(true);
    let output =
        tokio::time::timeout(PATIENCE, command.output()).await.expect("in time").expect("gammu runs");
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
    said
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs gammu from packages"]
async fn gammu_sends_and_reads_texts() {
    let folder = tempfile::tempdir().unwrap();
    let (network, _simulator, device) = plugged_in(folder.path());
    fs::write(folder.path().join("gammurc"), format!("[gammu]\ndevice = {device}\nconnection = at115200\n"))
        .unwrap();
    assert!(gammu(folder.path(), &["identify"]).await.contains("SIMULATOR"));
    gammu(folder.path(), &["sendsms", "TEXT", PHONE, "-text", "hello from gammu"]).await;
    gammu(folder.path(), &["sendsms", "TEXT", PHONE, "-unicode", "-text", "会议改到下午3点"]).await;
    let sent = network.wait_for(2, PATIENCE).await.unwrap();
    assert_eq!((sent[0].number.as_str(), sent[0].text.as_str()), (PHONE, "hello from gammu"));
    assert_eq!(sent[1].text, "会议改到下午3点");
    network.write("+8613900000009", "one", "你好 gammu 😀");
    let read = gammu(folder.path(), &["getallsms"]).await;
    assert!(read.contains("你好 gammu 😀") && read.contains("+8613900000009"), "{read}");
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs smstools from packages"]
async fn smstools_sends_and_receives_texts() {
    let folder = tempfile::tempdir().unwrap();
    let (network, simulator, device) = plugged_in(folder.path());
    let path = |name: &str| folder.path().join(name).display().to_string();
    for spool in ["outgoing", "checked", "incoming", "sent", "failed"] {
        fs::create_dir(folder.path().join(spool)).unwrap();
    }
    let mut settings = format!(
        "devices = GSM1\ndelaytime = 1\nloglevel = 7\nlogfile = {}\ninfofile = {}\npidfile = {}\n",
        path("log"),
        path("info"),
        path("pid")
    );
    for spool in ["outgoing", "checked", "incoming", "sent", "failed"] {
        settings += &format!("{spool} = {}\n", path(spool));
    }
    settings += &format!("[GSM1]\ndevice = {device}\nincoming = yes\nbaudrate = 115200\n");
    fs::write(folder.path().join("smsd.conf"), settings).unwrap();
    fs::write(folder.path().join("outgoing/one"), "To: 8613800000001\n\nhello from smstools\n").unwrap();
    network.write("+8613900000009", "one", "你好");
    let mut smsd = Command::new("smsd")
        .arg(format!("-c{}", path("smsd.conf")))
        .arg("-t")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .expect("smsd runs");
    let sent = network.wait_for(1, PATIENCE).await;
    let log = || fs::read_to_string(folder.path().join("log")).unwrap_or_default();
    let sent = sent.unwrap_or_else(|error| panic!("{error}\n{}", log()));
    assert_eq!((sent[0].number.as_str(), sent[0].text.trim()), (PHONE, "hello from smstools"));
    // It writes a text into its folder before it removes it from the modem.
    let came = simulator.until(PATIENCE, |modem| modem.stored() == 0).await;
    came.unwrap_or_else(|error| panic!("nothing came in: {error}\n{}", log()));
    smsd.start_kill().unwrap();
    let file = fs::read_dir(path("incoming")).unwrap().next().unwrap().unwrap().path();
    let received = fs::read(file).unwrap();
    let you = [0x4f, 0x60, 0x59, 0x7d];
    assert!(received.windows(4).any(|window| window == you), "{}", String::from_utf8_lossy(&received));
}
