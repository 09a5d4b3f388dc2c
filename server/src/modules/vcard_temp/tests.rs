//! What a card says, and who may change it.

use super::*;
use crate::clock::Clock;
use crate::modules::testing::{Client, company, jid};
use crate::organization::visibility::{Audience, FieldAudiences, VisibilityRules};
use crate::storage::Database;

fn cards(rules: VisibilityRules) -> (Cards, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let database = Database::open(&folder.path().join("posthouse.db")).unwrap();
    let pictures = Pictures::new(database, Arc::new(Clock::System));
    (Cards::new(company(rules), Arc::new(pictures), Arc::default()), folder)
}

const GET: &str = "<vCard xmlns='vcard-temp'/>";
const PNG: &str = "<PHOTO><TYPE>image/png</TYPE><BINVAL>iVBORw0KGgo=</BINVAL></PHOTO>";

#[tokio::test]
async fn a_colleagues_card_comes_from_the_directory() {
    let (cards, _folder) = cards(VisibilityRules::default());
    let client = Client::new("zhang.san", "pc");
    let card = client.ask(&cards, IqTarget::Account(jid("wang.wu")), "get", GET).await.unwrap();
    for part in [
        "<FN>王五</FN>",
        "<ORGNAME>总部</ORGNAME><ORGUNIT>技术部</ORGUNIT>",
        "<TITLE>会计</TITLE>",
        "<NUMBER>+8613800001234</NUMBER>",
        "<USERID>wang.wu@mail.example.org</USERID>",
    ] {
        assert!(card.contains(part), "{part} in {card}");
    }
    assert!(client.ask(&cards, IqTarget::Account(jid("stranger")), "get", GET).await.is_err());
}

#[tokio::test]
async fn a_field_that_is_not_for_everybody_is_left_out() {
    let fields = FieldAudiences { mobile: Audience::Nobody, ..FieldAudiences::default() };
    let (cards, _folder) = cards(VisibilityRules { fields, ..VisibilityRules::default() });
    let client = Client::new("zhang.san", "pc");
    let card = client.ask(&cards, IqTarget::Account(jid("wang.wu")), "get", GET).await.unwrap();
    assert!(!card.contains("CELL"));
    let own = client.ask(&cards, IqTarget::OwnAccount, "get", GET).await.unwrap();
    assert!(own.contains("CELL"));
}

#[tokio::test]
async fn the_own_picture_may_be_set_and_nothing_else() {
    let (cards, _folder) = cards(VisibilityRules::default());
    let client = Client::new("zhang.san", "pc");
    let card = client.ask(&cards, IqTarget::OwnAccount, "get", GET).await.unwrap();
    let with_picture = card.replace("</vCard>", &format!("{PNG}</vCard>"));
    client.ask(&cards, IqTarget::OwnAccount, "set", &with_picture).await.unwrap();
    let other = Client::new("wang.wu", "pc");
    let seen = other.ask(&cards, IqTarget::Account(jid("zhang.san")), "get", GET).await.unwrap();
    assert!(seen.contains("<BINVAL>iVBORw0KGgo=</BINVAL>"));
    let renamed = with_picture.replace("张三", "老板");
    let error = client.ask(&cards, IqTarget::OwnAccount, "set", &renamed).await.unwrap_err();
    assert_eq!(error.condition, Condition::NotAllowed);
    let error = other.ask(&cards, IqTarget::Account(jid("zhang.san")), "set", GET).await.unwrap_err();
    assert_eq!(error.condition, Condition::Forbidden);
}
