//! What is announced where.

use super::*;
use crate::modules::testing::{Client, company, jid};
use crate::organization::visibility::VisibilityRules;

fn discovery() -> ServiceDiscovery {
    let discoverable = Discoverable {
        server: ["urn:xmpp:mam:2".to_owned(), "urn:xmpp:ping".to_owned()].into(),
        account: ["urn:xmpp:mam:2".to_owned()].into(),
        items: vec![("sms.example.org".parse().unwrap(), "SMS".to_owned())],
        contacts: vec!["mailto:admin@example.org".to_owned()],
    };
    ServiceDiscovery::new(company(VisibilityRules::default()), discoverable)
}

async fn ask(target: IqTarget, namespace: &str, node: Option<&str>) -> Result<String, StanzaError> {
    let node = node.map(|node| format!(" node='{node}'")).unwrap_or_default();
    let query = format!("<query xmlns='{namespace}'{node}/>");
    Client::new("zhang.san", "pc").ask(&discovery(), target, "get", &query).await
}

#[tokio::test]
async fn server_and_accounts_both_announce_the_archive() {
    let targets = [IqTarget::Server, IqTarget::OwnAccount, IqTarget::Account(jid("li.si"))];
    for target in targets {
        assert!(ask(target, INFO, None).await.unwrap().contains("urn:xmpp:mam:2"));
    }
    let hidden = ask(IqTarget::Account(jid("nobody")), INFO, None).await.unwrap_err();
    assert_eq!(hidden.condition, Condition::ServiceUnavailable);
}

#[tokio::test]
async fn the_announced_caps_are_answered_and_others_are_not() {
    let element = discovery().caps_element().unwrap();
    let ver = element.split("ver='").nth(1).unwrap().split('\'').next().unwrap();
    let node = format!("{CAPS_NODE}#{ver}");
    assert!(ask(IqTarget::Server, INFO, Some(&node)).await.unwrap().contains("urn:xmpp:ping"));
    assert!(ask(IqTarget::Server, INFO, Some("urn:posthouse:server#other")).await.is_err());
}

#[tokio::test]
async fn services_are_items_of_the_server() {
    assert!(ask(IqTarget::Server, ITEMS, None).await.unwrap().contains("sms.example.org"));
    assert!(!ask(IqTarget::OwnAccount, ITEMS, None).await.unwrap().contains("sms.example.org"));
}
