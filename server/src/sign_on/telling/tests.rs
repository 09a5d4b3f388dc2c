//! Scenes with systems at loopback that note what they are told.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use posthouse_sign_on::parameters::Parameters;
use posthouse_sign_on::refusal::Refusal;
use posthouse_sign_on::secret::{Digest, Random};
use posthouse_sign_on::session::{Child, Parent, Participation, begin_child};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::sync::mpsc;

use super::Teller;
use crate::clock::Clock;
use crate::organization::directory::{Directory, Stock};
use crate::organization::visibility::VisibilityRules;
use crate::outbound::Outbound;
use crate::sign_on::Provider;
use crate::sign_on::testing::{NOW, provider};
use crate::storage::sign_on::{put_party, refusals};
use crate::storage::{Database, accounts};

/// A business system; what it is told comes out with the head of the request.
struct System {
    address: String,
    told: mpsc::Receiver<String>,
}

impl System {
    /// Answers one request after the other with these statuses, then with silence.
    async fn that_answers(statuses: &'static [u16]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let (sender, told) = mpsc::channel(64);
        tokio::spawn(async move {
            let mut statuses = statuses.iter();
            let mut silent = Vec::new();
            loop {
                let (mut stream, _) = listener.accept().await.unwrap();
                let mut request = [0; 8_192];
                let mut length = 0;
                while !is_whole(&request[..length]) {
                    let count = stream.read(&mut request[length..]).await.unwrap();
                    assert!(count > 0, "the request ends too early");
                    length += count;
                }
                sender.send(String::from_utf8(request[..length].to_vec()).unwrap()).await.unwrap();
                match statuses.next() {
                    Some(status) => {
                        let answer = format!("HTTP/1.1 {status} X\r\ncontent-length: 0\r\n\r\n");
                        stream.write_all(answer.as_bytes()).await.unwrap();
                    }
                    None => silent.push(stream),
                }
            }
        });
        Self { address, told }
    }
}

fn is_whole(request: &[u8]) -> bool {
    let text = String::from_utf8_lossy(request).to_ascii_lowercase();
    let Some((head, body)) = text.split_once("\r\n\r\n") else { return false };
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap();
    body.len() >= length.parse::<usize>().unwrap()
}

struct House {
    folder: tempfile::TempDir,
    database: Database,
    provider: Provider,
}

impl House {
    /// A provider with these systems.
    async fn with(systems: &[(&str, serde_json::Value)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let database = Database::open(&folder.path().join("posthouse.db")).unwrap();
        database.write(|connection| accounts::insert_account(connection, "zhang", "", false)).await.unwrap();
        for (id, way) in systems {
            let mut body = serde_json::json!({ "id": id, "name": id, "launch": "https://oa.example.org/" });
            body.as_object_mut().unwrap().extend(way.as_object().unwrap().clone());
            let (id, body) = ((*id).to_owned(), body.to_string());
            database.write(move |connection| put_party(connection, &id, &body)).await.unwrap();
        }
        let provider = open(folder.path(), &database);
        Self { folder, database, provider }
    }

    /// Somebody signs in to these systems and then ends it.
    async fn signs_out_of(&self, participations: Vec<Participation>) {
        let mut random = Random::new([3; 32]);
        let parent = Parent {
            id: "parent".to_owned(),
            login: "zhang".to_owned(),
            instance: "zhang@example.org/desk".to_owned(),
            created: NOW,
            auth_time: NOW,
            last_seen: NOW,
            gone_since: None,
        };
        let (_, child): (_, Child) = begin_child(&parent, NOW, &mut random);
        let store = self.provider.store();
        store.begin(parent, child.clone()).await.unwrap();
        for participation in participations {
            store.join(child.cookie, participation).await.unwrap();
        }
        let ended = store.end_child(child.cookie, "signed-out").await.unwrap();
        self.provider.tell(&ended);
    }

    fn teller(&self) -> Teller {
        let pauses = |failures| (failures < 3).then_some(Duration::ZERO);
        Teller::new(self.provider.clone(), Outbound::new(Path::new("nowhere")).unwrap(), pauses)
    }
}

fn open(folder: &Path, database: &Database) -> Provider {
    let directory = Arc::new(Directory::new(Stock::default(), VisibilityRules::default()));
    provider(folder, database, directory, Arc::new(Clock::Fixed((NOW.0 * 1_000_000).into())))
}

fn open_id(back_channel: &str) -> serde_json::Value {
    serde_json::json!({ "open_id": {
        "redirect_uris": ["https://oa.example.org/cb"], "back_channel_logout": back_channel, "algorithm": "ES256",
    } })
}

fn part(party: &str) -> Participation {
    Participation {
        party: party.to_owned(),
        user: "p7".to_owned(),
        sid: format!("sid of {party}"),
        service_ticket: None,
        service: None,
    }
}

#[tokio::test]
async fn a_system_is_told_by_a_form_with_a_signed_token_that_names_session_and_person() {
    let mut oa = System::that_answers(&[200]).await;
    let house = House::with(&[("oa", open_id(&format!("{}/bye", oa.address)))]).await;
    let _telling = tokio::spawn(house.teller().run());
    house.signs_out_of(vec![part("oa")]).await;
    let request = oa.told.recv().await.unwrap();
    assert!(request.starts_with("POST /bye HTTP/1.1\r\n"), "{request}");
    let (head, body) = request.split_once("\r\n\r\n").unwrap();
    // Without it mod_auth_openidc finds no parameter.
    let kind = "content-type: application/x-www-form-urlencoded";
    assert!(head.to_ascii_lowercase().lines().any(|line| line == kind), "{head}");
    let token = body.strip_prefix("logout_token=").unwrap();
    let claims = house.provider.ring().verify("logout+jwt", token).unwrap();
    assert_eq!((claims["sid"].as_str(), claims["sub"].as_str()), (Some("sid of oa"), Some("p7")));
    assert_eq!(
        (claims["aud"].as_str(), claims["iss"].as_str()),
        (Some("oa"), Some("https://im.example.org"))
    );
}

#[tokio::test]
async fn a_cas_system_is_told_at_its_service_with_its_own_ticket() {
    let mut erp = System::that_answers(&[200]).await;
    let service = format!("{}/app/", erp.address);
    let house = House::with(&[("erp", serde_json::json!({ "cas": { "services": [service] } }))]).await;
    let _telling = tokio::spawn(house.teller().run());
    let service = format!("{service}start?x=1");
    let part =
        Participation { service_ticket: Some("ST-1".to_owned()), service: Some(service), ..part("erp") };
    house.signs_out_of(vec![part]).await;
    let request = erp.told.recv().await.unwrap();
    assert!(request.starts_with("POST /app/start?x=1 HTTP/1.1\r\n"), "{request}");
    let form = Parameters::parse(request.split_once("\r\n\r\n").unwrap().1).unwrap();
    let logout = form.value("logoutRequest").unwrap();
    assert!(logout.contains("<samlp:SessionIndex>ST-1</samlp:SessionIndex>"), "{logout}");
    assert!(logout.contains("<saml:NameID>p7</saml:NameID>"), "{logout}");
}

#[tokio::test]
async fn a_system_that_fails_is_told_three_times_and_then_the_administrator_is() {
    let mut oa = System::that_answers(&[500, 302, 503, 200]).await;
    let house = House::with(&[("oa", open_id(&oa.address))]).await;
    house.signs_out_of(vec![part("oa")]).await;
    let farewell = house.provider.store().farewells().await.unwrap().remove(0);
    house.teller().tell(farewell).await;
    let tokens: Vec<String> = std::iter::from_fn(|| oa.told.try_recv().ok()).collect();
    assert_eq!(tokens.len(), 3);
    assert_ne!(tokens[0], tokens[1], "a number that was heard before is no replay");
    assert_eq!(house.provider.store().farewells().await.unwrap(), []);
    let noted = house.database.read_now(|connection| refusals(connection, Some("oa"), 10)).unwrap();
    assert_eq!(noted[0].login, "zhang");
    assert_eq!(
        noted[0].reason,
        "the system was not told that a session is over: it answered with the status 503"
    );
}

#[tokio::test]
async fn a_second_try_that_is_heard_is_the_last() {
    let mut oa = System::that_answers(&[500, 200, 200]).await;
    let house = House::with(&[("oa", open_id(&oa.address))]).await;
    house.signs_out_of(vec![part("oa")]).await;
    let farewell = house.provider.store().farewells().await.unwrap().remove(0);
    house.teller().tell(farewell).await;
    assert_eq!(std::iter::from_fn(|| oa.told.try_recv().ok()).count(), 2);
    assert_eq!(house.database.read_now(|connection| refusals(connection, None, 10)).unwrap(), []);
}

#[tokio::test]
async fn a_system_that_hangs_holds_up_no_other() {
    let (hanging, mut oa) = (System::that_answers(&[]).await, System::that_answers(&[200]).await);
    let mut systems: Vec<(String, serde_json::Value)> =
        (0..20).map(|number| (format!("hanging{number}"), open_id(&hanging.address))).collect();
    systems.push(("oa".to_owned(), open_id(&oa.address)));
    let named: Vec<(&str, serde_json::Value)> =
        systems.iter().map(|(id, way)| (id.as_str(), way.clone())).collect();
    let house = House::with(&named).await;
    let _telling = tokio::spawn(house.teller().run());
    house.signs_out_of(systems.iter().map(|(id, _)| part(id)).collect()).await;
    let told = tokio::time::timeout(Duration::from_secs(4), oa.told.recv()).await;
    assert!(told.unwrap().is_some(), "before any other was given up");
}

#[tokio::test]
async fn what_was_not_told_before_a_stop_is_told_after_the_next_start() {
    let mut oa = System::that_answers(&[200]).await;
    let house = House::with(&[("oa", open_id(&oa.address))]).await;
    // Nobody tells anything: the program ends here.
    house.signs_out_of(vec![part("oa")]).await;
    let again = House { provider: open(house.folder.path(), &house.database), ..house };
    let _telling = tokio::spawn(again.teller().run());
    assert!(oa.told.recv().await.unwrap().contains("logout_token="));
}

#[tokio::test]
async fn a_system_that_is_registered_no_more_is_told_nothing() {
    let house = House::with(&[]).await;
    house.signs_out_of(vec![part("oa")]).await;
    let farewell = house.provider.store().farewells().await.unwrap().remove(0);
    house.teller().tell(farewell).await;
    assert_eq!(house.provider.store().farewells().await.unwrap(), []);
    assert_eq!(house.database.read_now(|connection| refusals(connection, None, 10)).unwrap(), []);
}

#[tokio::test]
async fn threat_20_a_flood_of_requests_in_nobodys_name_does_not_push_out_what_people_met() {
    let house = House::with(&[]).await;
    house.provider.note_refusal(Refusal::NotForThisPerson, "oa", "zhang").await;
    for _ in 0..1_000 {
        house.provider.note_refusal(Refusal::UnknownTicket, "", "").await;
    }
    house.provider.note_refusal(Refusal::TooMany, "oa", "zhang").await;
    house.provider.store().forget(Digest::of("what is written after it")).await.unwrap();
    let noted = house.database.read_now(|connection| refusals(connection, None, 1_000)).unwrap();
    assert_eq!(noted.len(), 32);
    assert_eq!(noted.iter().filter(|row| row.login == "zhang").count(), 2);
}
