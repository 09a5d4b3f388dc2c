//! Who may send whom what.

use super::*;
use crate::modules::testing::{Client, DOMAIN, company};
use crate::organization::visibility::{NoChat, VisibilityRules};

async fn rule(rules: VisibilityRules) -> (Visibility, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let database = Database::open(&folder.path().join("posthouse.db")).unwrap();
    (Visibility::open(DOMAIN, company(rules), database).await.unwrap(), folder)
}

async fn verdict(rules: VisibilityRules, to: &str) -> Accept {
    let (step, _folder) = rule(rules).await;
    let client = Client::new("zhang.san", "pc");
    let stanza = format!("<message to='{to}' type='chat'><body>你好</body></message>");
    step.accept(&mut client.passage(&stanza)).await.unwrap()
}

fn apart() -> VisibilityRules {
    let rule = NoChat { between: "2".to_owned(), and: "3".to_owned() };
    VisibilityRules { no_chat: vec![rule], ..VisibilityRules::default() }
}

#[tokio::test]
async fn colleagues_write_to_each_other() {
    assert_eq!(verdict(VisibilityRules::default(), "wang.wu@example.org").await, Accept::Continue);
}

#[tokio::test]
async fn departments_that_are_kept_apart_are_told_so() {
    let Accept::Reject(error) = verdict(apart(), "wang.wu@example.org/phone").await else { panic!() };
    assert_eq!(error.condition, Condition::Forbidden);
    assert_eq!(error.application, Some(("chat-not-allowed", "urn:posthouse:errors:1")));
}

#[tokio::test]
async fn who_is_seen_can_be_asked_about_but_not_asked() {
    let (step, _folder) = rule(apart()).await;
    let client = Client::new("zhang.san", "pc");
    let ask = async |to: &str| {
        let stanza = format!("<iq type='get' id='1' to='{to}'><vCard xmlns='vcard-temp'/></iq>");
        step.accept(&mut client.passage(&stanza)).await.unwrap()
    };
    assert_eq!(ask("wang.wu@example.org").await, Accept::Continue);
    assert!(matches!(ask("wang.wu@example.org/phone").await, Accept::Reject(_)));
}

#[tokio::test]
async fn who_is_hidden_looks_like_nobody() {
    for rules in [hiding(), VisibilityRules { hidden_people: hiding().hidden_people, ..apart() }] {
        for to in ["wang.wu@example.org", "wang.wu@example.org/phone"] {
            let Accept::Reject(error) = verdict(rules.clone(), to).await else { panic!("{to}") };
            assert_eq!(error, StanzaError::new(Condition::ServiceUnavailable), "{to}");
        }
    }
}

fn hiding() -> VisibilityRules {
    VisibilityRules { hidden_people: ["wang.wu".to_owned()].into(), ..VisibilityRules::default() }
}

#[tokio::test]
async fn whom_somebody_hidden_writes_to_may_answer_also_after_a_restart() {
    let (step, folder) = rule(hiding()).await;
    let (hidden, receiver) = (Client::new("wang.wu", "pc"), Client::new("zhang.san", "pc"));
    let other = Client::new("li.si", "pc");
    let writes = async |step: &Visibility, client: &Client, to: &str| {
        let stanza = format!("<message to='{to}@example.org' type='chat'><body>你好</body></message>");
        step.accept(&mut client.passage(&stanza)).await.unwrap() == Accept::Continue
    };
    assert!(!writes(&step, &receiver, "wang.wu").await);
    assert!(writes(&step, &hidden, "zhang.san").await);
    assert!(writes(&step, &receiver, "wang.wu").await);
    assert!(!writes(&step, &other, "wang.wu").await, "nobody else learns of it");
    let database = Database::open(&folder.path().join("posthouse.db")).unwrap();
    let again = Visibility::open(DOMAIN, company(hiding()), database).await.unwrap();
    assert!(writes(&again, &receiver, "wang.wu").await && !writes(&again, &other, "wang.wu").await);
}

#[tokio::test]
async fn rooms_and_components_have_rules_of_their_own() {
    assert_eq!(verdict(apart(), "plan@rooms.example.org").await, Accept::Continue);
    assert_eq!(verdict(apart(), "example.org").await, Accept::Continue);
}
