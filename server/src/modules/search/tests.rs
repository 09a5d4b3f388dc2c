//! What is found.

use super::*;
use crate::modules::testing::{Client, company};
use crate::organization::visibility::VisibilityRules;

async fn search(keyword: &str) -> String {
    let search = Search::new(company(VisibilityRules::default()));
    let form = format!(
        "<query xmlns='{NAMESPACE}'><x xmlns='{DATA}' type='submit'>\
         <field var='FORM_TYPE'><value>{NAMESPACE}</value></field>\
         <field var='keyword'><value>{keyword}</value></field></x></query>"
    );
    Client::new("zhang.san", "pc").ask(&search, IqTarget::Server, "set", &form).await.unwrap()
}

#[tokio::test]
async fn one_character_pinyin_initials_and_phone_find_a_person() {
    for keyword in ["五", "wangwu", "wang wu", "ww", "WANG.WU"] {
        let found = search(keyword).await;
        assert!(found.contains("<value>wang.wu@example.org</value>"), "{keyword}: {found}");
        assert!(!found.contains("li.si@example.org"), "{keyword}: {found}");
    }
    assert_eq!(search("1234").await.matches("<item>").count(), 3);
    assert_eq!(search("zz").await.matches("<item>").count(), 0);
}

#[tokio::test]
async fn the_address_is_the_first_column() {
    let found = search("wangwu").await;
    assert!(found.contains("<reported><field var='jid'"));
    assert!(found.contains("<item><field var='jid'>"));
    assert!(found.contains("总部 / 技术部"));
}

#[tokio::test]
async fn clients_without_forms_search_too() {
    let search = Search::new(company(VisibilityRules::default()));
    let client = Client::new("zhang.san", "pc");
    let query = format!("<query xmlns='{NAMESPACE}'><nick>李</nick></query>");
    let found = client.ask(&search, IqTarget::Server, "set", &query).await.unwrap();
    assert!(found.contains("<item jid='li.si@example.org'><nick>李四</nick>"));
    let empty = format!("<query xmlns='{NAMESPACE}'/>");
    assert!(client.ask(&search, IqTarget::Server, "set", &empty).await.is_err());
    assert!(client.ask(&search, IqTarget::Server, "get", &empty).await.unwrap().contains("keyword"));
}
