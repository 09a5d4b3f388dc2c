//! Who may send whom what.

use super::*;
use crate::modules::testing::{Client, DOMAIN, company};
use crate::organization::visibility::{NoChat, VisibilityRules};

async fn verdict(rules: VisibilityRules, to: &str) -> Accept {
    let step = Visibility::new(DOMAIN, company(rules));
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
async fn who_is_hidden_looks_like_nobody() {
    let rules = VisibilityRules { hidden_people: ["wang.wu".to_owned()].into(), ..apart() };
    let Accept::Reject(error) = verdict(rules, "wang.wu@example.org").await else { panic!() };
    assert_eq!(error, StanzaError::new(Condition::ServiceUnavailable));
}

#[tokio::test]
async fn rooms_and_components_have_rules_of_their_own() {
    assert_eq!(verdict(apart(), "plan@rooms.example.org").await, Accept::Continue);
    assert_eq!(verdict(apart(), "example.org").await, Accept::Continue);
}
