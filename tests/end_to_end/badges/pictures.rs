//! Pictures of business systems.

use std::path::PathBuf;

use posthouse_engine::model::NoticeFilter;
use posthouse_tests::people::Computer;
use serde_json::json;

use super::{foreign_client, house, waits};
use crate::office::ALICE;

fn picture() -> String {
    let file = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../icons/128x128.png");
    file.to_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_picture_is_told_with_systems_and_notices_and_stays_on_the_computer() {
    let (mut server, oa) = house().await;
    server.administer(&["application", "set", "oa", "--icon", &picture()], None).await.unwrap();
    let computer = Computer::new().unwrap();
    let mut alice = computer.signed_in(&server, ALICE).await.unwrap();
    let systems = alice.engine().business_systems().await.unwrap();
    assert_eq!((systems[0].id.as_str(), systems[0].icon.as_ref()), ("erp", None), "the letter");
    let hash = systems[1].icon.clone().unwrap();
    let notice = json!({"to": {"people": [ALICE]}, "delivery": "client", "title": "t"});
    assert_eq!(oa.post("/api/v1/messages", &notice).await.unwrap().status, 202);
    let told = alice.until("the notice", async |engine: &posthouse_engine::engine::Engine| {
        let page = engine.notices("", NoticeFilter::All, None, 9).await?;
        Ok(page.notices.into_iter().next().and_then(|message| message.notice))
    });
    assert_eq!(told.await.unwrap().icon.as_ref(), Some(&hash));
    let shown = alice.engine().system_picture("oa", &hash).await.unwrap().unwrap();
    assert_eq!(shown.media_type, "image/png");
    assert!(shown.bytes.starts_with(b"\x89PNG"));

    server.stop().await.unwrap();
    alice.is_cut_off().await.unwrap();
    assert_eq!(alice.engine().system_picture("oa", &hash).await.unwrap(), Some(shown), "it is on the disk");
    server.run().await.unwrap();

    server.administer(&["application", "set", "oa", "--icon", ""], None).await.unwrap();
    let other = Computer::new().unwrap().signed_in(&server, ALICE).await.unwrap();
    assert_eq!(other.engine().business_systems().await.unwrap()[1].icon, None);
    assert_eq!(other.engine().system_picture("oa", &hash).await.unwrap(), None);
    waits(&oa, ALICE, 1).await;
}

#[tokio::test]
async fn every_client_may_look_at_the_card_of_a_system() {
    let (server, _oa) = house().await;
    let mut foreign = foreign_client(&server).await;
    let card = "<vCard xmlns='vcard-temp'/>";
    let before = foreign.ask_at("oa@notices.posthouse.test", "get", card).await.unwrap();
    assert_eq!(before.find("FN", "vcard-temp").unwrap().text, "办公自动化");
    assert!(before.find("PHOTO", "vcard-temp").is_none());
    server.administer(&["application", "set", "oa", "--icon", &picture()], None).await.unwrap();
    let after = foreign.ask_at("oa@notices.posthouse.test", "get", card).await.unwrap();
    assert_eq!(after.find("TYPE", "vcard-temp").unwrap().text, "image/png");
    assert!(after.find("BINVAL", "vcard-temp").unwrap().text.starts_with("iVBORw0KGgo"));
    let nobody = foreign.ask_at("crm@notices.posthouse.test", "get", card).await.unwrap();
    assert_eq!(nobody.condition(), "item-not-found");
    let written = foreign.ask_at("oa@notices.posthouse.test", "set", card).await.unwrap();
    assert_eq!(written.condition(), "service-unavailable");
}

#[tokio::test]
async fn only_a_picture_of_a_sensible_size_is_taken() {
    let (server, _oa) = house().await;
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, bytes: &[u8]| {
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let drawing = file("a.svg", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>");
    let broken = file("b.png", b"\x89PNG\r\n\x1a\nand so on");
    for (path, why) in [(drawing, "no PNG"), (broken, "no PNG"), ("/nowhere.png".to_owned(), "No such file")]
    {
        let said = server.administer(&["application", "set", "oa", "--icon", &path], None).await.unwrap_err();
        assert!(format!("{said:#}").contains(why), "{said:#}");
    }
}
