use xmpp_parsers::sasl_cb::SaslChannelBinding;

use super::*;

fn offer(mechanisms: &[&str], bindings: Option<&[Type]>) -> StreamFeatures {
    StreamFeatures {
        sasl_mechanisms: mechanisms.iter().map(|name| (*name).to_owned()).collect(),
        sasl_cb: bindings.map(|types| SaslChannelBinding { types: types.to_vec() }),
        ..StreamFeatures::default()
    }
}

fn chosen(features: &StreamFeatures, exporter: Option<&[u8]>) -> (&'static str, Binding) {
    let (mechanism, binding) = choose(features, exporter, false).unwrap();
    (mechanism.name(), binding)
}

const DATA: Option<&[u8]> = Some(b"data");

#[test]
fn binding_counts_for_more_than_the_hash() {
    let bound = || Binding::Exporter(b"data".to_vec());
    let all = offer(&["PLAIN", "SCRAM-SHA-1-PLUS", "SCRAM-SHA-512", "SCRAM-SHA-256-PLUS"], None);
    assert_eq!(chosen(&all, DATA), ("SCRAM-SHA-256-PLUS", bound()));
    let weak = offer(&["SCRAM-SHA-1-PLUS", "SCRAM-SHA-512"], Some(&[Type::TlsExporter]));
    assert_eq!(chosen(&weak, DATA), ("SCRAM-SHA-1-PLUS", bound()));
}

#[test]
fn a_server_without_binding_is_told_that_we_could() {
    let plain = offer(&["SCRAM-SHA-1", "SCRAM-SHA-256"], None);
    assert_eq!(chosen(&plain, DATA), ("SCRAM-SHA-256", Binding::NotOffered));
    assert_eq!(chosen(&plain, None), ("SCRAM-SHA-256", Binding::Impossible), "before TLS 1.3");
}

#[test]
fn without_a_common_kind_of_binding_nothing_is_claimed() {
    let other = offer(&["SCRAM-SHA-1", "SCRAM-SHA-1-PLUS"], Some(&[Type::TlsServerEndPoint]));
    assert_eq!(chosen(&other, DATA), ("SCRAM-SHA-1", Binding::Impossible));
    assert_eq!(chosen(&offer(&["SCRAM-SHA-1", "SCRAM-SHA-1-PLUS"], None), None).1, Binding::Impossible);
}

#[test]
fn the_bare_password_is_never_an_option() {
    for names in
        [&["PLAIN"][..], &["PLAIN", "ANONYMOUS", "DIGEST-MD5", "X-OAUTH2"], &[], &["SCRAM-SHA-1-PLUS"]]
    {
        let exporter = DATA.filter(|_| !names.contains(&"SCRAM-SHA-1-PLUS"));
        let verdict = choose(&offer(names, None), exporter, false);
        assert!(matches!(verdict, Err(Fault::NoSafeLogin(_))), "{names:?}");
    }
}

#[test]
fn who_must_bind_does_or_does_not_sign_in() {
    let plus = offer(&["SCRAM-SHA-512", "SCRAM-SHA-1-PLUS"], None);
    assert_eq!(choose(&plus, DATA, true).unwrap().0.name(), "SCRAM-SHA-1-PLUS");
    let other = offer(&["SCRAM-SHA-1", "SCRAM-SHA-1-PLUS"], Some(&[Type::TlsServerEndPoint]));
    for (features, exporter) in
        [(offer(&["SCRAM-SHA-512", "SCRAM-SHA-1"], None), DATA), (plus, None), (other, DATA)]
    {
        let verdict = choose(&features, exporter, true);
        assert!(matches!(verdict, Err(Fault::BindingGone(_))), "{features:?}");
    }
}
