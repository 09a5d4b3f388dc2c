//! Whatever a client sends in whatever order: nobody gets in without the password.

use proptest::prelude::*;

use super::super::{Negotiation, Then};
use super::person::{Login, NONCE, keys};
use super::{TRIES, before_tls, client_header, frame, text};
use crate::stream::credentials::AccountState;

/// What a client may do.
#[derive(Debug, Clone)]
enum Act {
    Header,
    StartTls,
    /// A login up to its last message, with this password.
    Login {
        mechanism: &'static str,
        password: &'static str,
        known: bool,
    },
    Element(&'static str),
}

fn act() -> impl Strategy<Value = Act> {
    let mechanism = prop_oneof![Just("SCRAM-SHA-1"), Just("SCRAM-SHA-256-PLUS")];
    let password = prop_oneof![1 => Just("pencil"), 2 => Just("guess")];
    prop_oneof![
        3 => Just(Act::Header),
        3 => Just(Act::StartTls),
        4 => (mechanism, password, any::<bool>())
            .prop_map(|(mechanism, password, known)| Act::Login { mechanism, password, known }),
        5 => prop_oneof![
            Just("<abort xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>"),
            Just("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='SCRAM-SHA-1'/>"),
            Just("<response xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>biwsbj1hLHI9Yg==</response>"),
            Just("<response xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>"),
            Just("<iq type='set' id='1'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>"),
            Just("<resume xmlns='urn:xmpp:sm:3' h='0' previd='x'/>"),
            Just("<message to='bob@example.org'/>"),
            Just("<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>"),
        ].prop_map(Act::Element),
    ]
}

/// A client and what it has earned.
struct Story {
    negotiation: Negotiation,
    is_secure: bool,
    has_proved: bool,
    failures: u32,
}

impl Story {
    /// Whether the stream goes on.
    fn acts(&mut self, act: &Act) -> bool {
        let then = match act {
            Act::Header => self.negotiation.header(&client_header(), "id").then,
            Act::StartTls => self.element("<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"),
            Act::Login { mechanism, password, known } => self.login(mechanism, password, *known),
            Act::Element(element) => self.element(element),
        };
        match then {
            Then::Close => false,
            Then::StartTls => {
                assert!(!self.is_secure, "TLS starts once");
                self.is_secure = true;
                self.negotiation.secured(Some(super::EXPORTER.to_vec()));
                true
            }
            Then::Bind { .. } | Then::Resume { .. } => {
                assert!(self.is_secure && self.has_proved, "a session needs TLS and a password");
                true
            }
            Then::Keys(login, hash) => {
                assert!(self.is_secure, "a login needs TLS");
                let _ = self.negotiation.keys(login, keys(hash, "pencil", true), NONCE);
                true
            }
            Then::Tried { .. } | Then::Restart => panic!("only a whole login comes so far"),
            Then::Read => true,
        }
    }

    fn element(&mut self, element: &str) -> Then {
        let reply = self.negotiation.element(&frame(element));
        self.count_failure(text(&reply));
        reply.then
    }

    fn count_failure(&mut self, said: &str) {
        if said.starts_with("<failure ") {
            self.failures += 1;
            assert_eq!(self.failures >= TRIES, said.contains("policy-violation"), "{said}");
        }
    }

    fn login(&mut self, mechanism: &'static str, password: &'static str, known: bool) -> Then {
        let run = Login::new(mechanism, password).run(&mut self.negotiation, known);
        self.count_failure(text(&run.verdict));
        let Then::Tried { login, is_right: true } = run.verdict.then else { return run.verdict.then };
        assert!(password == "pencil" && known, "only the right password of a known account is right");
        let reply = self.negotiation.approve(&login, AccountState::Live);
        assert_eq!(reply.then, Then::Restart);
        self.has_proved = true;
        Then::Read
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]
    #[test]
    fn nobody_gets_in_without_tls_and_the_password(acts in prop::collection::vec(act(), 1..20)) {
        let mut story = Story { negotiation: before_tls(), is_secure: false, has_proved: false, failures: 0 };
        for act in &acts {
            if !story.acts(act) {
                break;
            }
            prop_assert_eq!(story.negotiation.account().is_some(), story.has_proved);
        }
    }
}
