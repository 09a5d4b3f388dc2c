//! What an application is told, and how it is signed (Standard Webhooks 1.0.0).

use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hyper::Uri;
use serde::Serialize;

use crate::clock::Timestamp;
use crate::storage::notices::{Delivery, EventKind};

/// What every secret begins with.
const PREFIX: &str = "whsec_";

/// What deliveries to one application are signed with.
pub struct WebhookSecret(Vec<u8>);

impl std::fmt::Debug for WebhookSecret {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("WebhookSecret")
    }
}

impl WebhookSecret {
    /// Of these random bytes.
    pub fn new(random: Vec<u8>) -> Self {
        Self(random)
    }

    /// As the application is given it.
    pub fn shown(&self) -> String {
        format!("{PREFIX}{}", STANDARD.encode(&self.0))
    }

    /// The header `webhook-signature`.
    pub(super) fn signature(&self, id: &str, seconds: i64, body: &str) -> String {
        let key = hmac::Key::new(hmac::HMAC_SHA256, &self.0);
        let signed = hmac::sign(&key, format!("{id}.{seconds}.{body}").as_bytes());
        format!("v1,{}", STANDARD.encode(signed.as_ref()))
    }
}

/// Whether deliveries may go there: inside TLS, or to this computer where that is allowed.
pub fn is_good_address(url: &str, may_be_plain: bool) -> bool {
    let Ok(uri) = url.parse::<Uri>() else { return false };
    // A fragment is nothing a server could be sent, and passwords have no place in lists.
    let is_whole = uri.host().is_some() && !url.contains(['#', '@']);
    match uri.scheme_str() {
        Some("https") => is_whole,
        Some("http") => is_whole && may_be_plain && uri.host().is_some_and(is_this_computer),
        _ => false,
    }
}

fn is_this_computer(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || bare.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// The body.
#[derive(Debug, Serialize)]
struct Letter<'a> {
    r#type: &'static str,
    timestamp: String,
    data: Data<'a>,
}

#[derive(Debug, Serialize)]
struct Data<'a> {
    message: &'a str,
    events: Vec<Told<'a>>,
}

#[derive(Debug, Serialize)]
struct Told<'a> {
    id: String,
    person: &'a str,
    login: &'a str,
    event: EventKind,
    time: String,
    #[serde(skip_serializing_if = "str::is_empty")]
    detail: &'a str,
}

/// The header `webhook-id`: the same whenever this is sent again.
pub(super) fn id(delivery: &Delivery) -> String {
    format!("msg_{}", delivery.id)
}

/// The body as text.
pub(super) fn body(delivery: &Delivery, now: Timestamp) -> String {
    let events = delivery.events.iter().map(|told| Told {
        id: format!("e{}", told.id),
        person: &told.person,
        login: told.address.split('@').next().unwrap_or_default(),
        event: told.event.kind,
        time: told.event.time.to_xmpp(),
        detail: &told.event.detail,
    });
    let letter = Letter {
        r#type: "message.progress",
        timestamp: now.to_xmpp(),
        data: Data { message: &delivery.notice, events: events.collect() },
    };
    serde_json::to_string(&letter).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_is_that_of_the_specification() {
        // The example of https://github.com/standard-webhooks/standard-webhooks, spec "Signature scheme".
        let secret = STANDARD.decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
        let signature = WebhookSecret::new(secret).signature(
            "msg_p5jXN8AQM9LWM0D4loKWxJek",
            1_614_265_330,
            r#"{"test": 2432232314}"#,
        );
        assert_eq!(signature, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    #[test]
    fn deliveries_go_inside_tls_or_to_this_computer_where_that_is_allowed() {
        for (url, may_be_plain, is_good) in [
            ("https://oa.example.org/hook", false, true),
            ("http://oa.example.org/hook", true, false),
            ("http://127.0.0.1:8080/hook", false, false),
            ("http://127.0.0.1:8080/hook", true, true),
            ("http://[::1]:8080/hook", true, true),
            ("http://localhost/hook", true, true),
            ("http://127.0.0.1.evil.test/", true, false),
            ("https://user:password@oa.example.org/", false, false),
            ("ftp://oa.example.org/", true, false),
            ("/hook", true, false),
        ] {
            assert_eq!(is_good_address(url, may_be_plain), is_good, "{url}");
        }
    }
}
