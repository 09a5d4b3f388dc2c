//! What is announced where.

use super::*;
use crate::modules::testing::{Client, company, jid};
use crate::organization::visibility::VisibilityRules;

#[derive(Debug)]
struct OneNode;

#[async_trait]
impl PersonalNodes for OneNode {
    async fn nodes(&self, _owner: &BareJid, _viewer: &BareJid) -> Vec<(String, String)> {
        vec![("urn:xmpp:avatar:metadata".to_owned(), String::new())]
    }
}

fn discovery() -> ServiceDiscovery {
    let discoverable = Discoverable {
        server: ["urn:xmpp:mam:2".to_owned(), "urn:xmpp:ping".to_owned()].into(),
        account: ["urn:xmpp:mam:2".to_owned()].into(),
        items: vec![("sms.example.org".parse().unwrap(), "SMS".to_owned())],
        contacts: vec!["mailto:admin@example.org".to_owned()],
    };
    ServiceDiscovery::new(company(VisibilityRules::default()), Arc::new(OneNode), discoverable)
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
    let discovery = discovery();
    let (node, ver) = discovery.caps().unwrap();
    let node = format!("{node}#{ver}");
    assert!(ask(IqTarget::Server, INFO, Some(&node)).await.unwrap().contains("urn:xmpp:ping"));
    assert!(ask(IqTarget::Server, INFO, Some("urn:posthouse:server#other")).await.is_err());
}

#[tokio::test]
async fn services_are_items_of_the_server() {
    assert!(ask(IqTarget::Server, ITEMS, None).await.unwrap().contains("sms.example.org"));
    let own = ask(IqTarget::OwnAccount, ITEMS, None).await.unwrap();
    assert!(own.contains("urn:xmpp:avatar:metadata") && !own.contains("sms.example.org"));
}
