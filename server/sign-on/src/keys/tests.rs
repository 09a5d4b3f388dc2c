//! Scenes of keys: made, published, used, retired.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::{KeyRecord, KeyRing};
use crate::moment::Moment;
use crate::relying_party::Algorithm;
use crate::testing::{NOW, ring};

const DAY: i64 = 86_400;

fn elliptic(from: Moment) -> KeyRecord {
    KeyRecord::generate(Algorithm::Es256, from).unwrap()
}

fn header(token: &str) -> Value {
    let text = token.split('.').next().unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(text).unwrap()).unwrap()
}

#[test]
fn both_algorithms_sign_what_their_published_keys_verify() {
    let ring = ring();
    for algorithm in [Algorithm::Rs256, Algorithm::Es256] {
        let token = ring.sign("JWT", algorithm, &json!({ "name": "张爱丽" }), NOW).unwrap();
        assert_eq!(header(&token)["alg"], algorithm.name());
        assert_eq!(ring.verify("JWT", &token).unwrap()["name"], "张爱丽");
        let published = ring.jwks();
        let keys = published["keys"].as_array().unwrap();
        let key = keys.iter().find(|key| key["kid"] == header(&token)["kid"]).unwrap();
        assert_eq!((&key["use"], &key["alg"]), (&json!("sig"), &json!(algorithm.name())));
        assert!(key.get("d").is_none() && key.get("p").is_none(), "only the public half");
    }
    let published = ring.jwks();
    assert_eq!(published["keys"][0]["e"], "AQAB");
    let modulus = URL_SAFE_NO_PAD.decode(published["keys"][0]["n"].as_str().unwrap()).unwrap();
    assert_eq!(modulus.len(), 256);
    assert_ne!(modulus[0], 0, "no leading zero (RFC 7518 section 2)");
}

#[test]
fn changed_tokens_and_tokens_of_another_kind_are_none() {
    let ring = ring();
    let token = ring.sign("logout+jwt", Algorithm::Es256, &json!({ "sub": "p1" }), NOW).unwrap();
    assert!(ring.verify("JWT", &token).is_none());
    let parts: Vec<&str> = token.split('.').collect();
    let forged = URL_SAFE_NO_PAD.encode(r#"{"sub":"p2"}"#);
    assert!(ring.verify("logout+jwt", &format!("{}.{forged}.{}", parts[0], parts[2])).is_none());
    assert!(ring.verify("logout+jwt", "a.b").is_none());
    assert!(ring.verify("logout+jwt", "").is_none());
}

#[test]
fn a_key_is_published_a_day_before_it_signs_and_two_days_after() {
    let mut ring = KeyRing::open(vec![elliptic(NOW)]).unwrap();
    let quiet = |rotation: super::Rotation| {
        rotation.make.iter().all(|(algorithm, _)| *algorithm == Algorithm::Rs256)
            && rotation.forget.is_empty()
    };
    assert!(quiet(ring.rotation(NOW.plus(88 * DAY))));
    let due = ring.rotation(NOW.plus(89 * DAY));
    assert!(due.make.contains(&(Algorithm::Es256, NOW.plus(90 * DAY))), "{due:?}");

    let old = ring.records().next().unwrap().clone();
    let new = elliptic(NOW.plus(90 * DAY));
    ring = KeyRing::open(vec![old.clone(), new.clone()]).unwrap();
    let signed_at =
        |now| header(&ring.sign("JWT", Algorithm::Es256, &json!({}), now).unwrap())["kid"].clone();
    assert_eq!(signed_at(NOW.plus(90 * DAY - 1)), json!(old.id));
    assert_eq!(signed_at(NOW.plus(90 * DAY)), json!(new.id));
    assert_eq!(ring.jwks()["keys"].as_array().unwrap().len(), 2);
    assert!(quiet(ring.rotation(NOW.plus(92 * DAY))));
    assert_eq!(ring.rotation(NOW.plus(92 * DAY + 1)).forget, [old.id]);
}

#[test]
fn a_server_that_was_off_for_a_year_publishes_before_it_signs() {
    let ring = KeyRing::open(vec![elliptic(NOW)]).unwrap();
    let due = ring.rotation(NOW.plus(365 * DAY));
    assert!(due.make.contains(&(Algorithm::Es256, NOW.plus(366 * DAY))), "{due:?}");
}

#[test]
fn an_empty_ring_asks_for_one_key_of_each_kind_at_once() {
    let ring = KeyRing::open(Vec::new()).unwrap();
    assert_eq!(ring.rotation(NOW).make, [(Algorithm::Rs256, NOW), (Algorithm::Es256, NOW)]);
    assert!(ring.sign("JWT", Algorithm::Rs256, &json!({}), NOW).is_err());
}

#[test]
fn a_private_key_does_not_show_in_a_log() {
    let record = elliptic(NOW);
    let text = format!("{record:?} {:?}", KeyRing::open(vec![record.clone()]).unwrap());
    assert!(!text.contains(&record.pkcs8));
}
