use std::num::NonZeroU32;

use aws_lc_rs::pbkdf2;

use super::*;

const UNBOUND: Binding<'static> =
    Binding { is_plus: false, exporter: None, end_point: None, was_tried: false };

fn keys(hash: Hash, password: &str, salt: &str, iterations: u32) -> ScramCredentials {
    let salt = BASE64.decode(salt).unwrap();
    let (algorithm, length) = match hash {
        Hash::Sha1 => (pbkdf2::PBKDF2_HMAC_SHA1, 20),
        Hash::Sha256 => (pbkdf2::PBKDF2_HMAC_SHA256, 32),
        Hash::Sha512 => (pbkdf2::PBKDF2_HMAC_SHA512, 64),
    };
    let mut salted = vec![0; length];
    pbkdf2::derive(algorithm, NonZeroU32::new(iterations).unwrap(), &salt, password.as_bytes(), &mut salted);
    let key = hmac::Key::new(hash.hmac(), &salted);
    let client_key = hmac::sign(&key, b"Client Key");
    let stored_key = digest::digest(hash.digest(), client_key.as_ref()).as_ref().to_vec();
    let server_key = hmac::sign(&key, b"Server Key").as_ref().to_vec();
    ScramCredentials { salt, iterations, stored_key, server_key, known: true }
}

fn first(message: &str) -> ClientFirst {
    ClientFirst::read(message, UNBOUND).unwrap()
}

/// RFC 5802 section 5.
#[test]
fn the_exchange_of_rfc_5802_succeeds() {
    let credentials = keys(Hash::Sha1, "pencil", "QSXCR+Q6sek8bf92", 4096);
    let first = first("n,,n=user,r=fyko+d2lbbFgONRv9qkxdawL");
    assert_eq!(first.login, "user");
    let (message, exchange) = first.answer(Hash::Sha1, credentials, UNBOUND, "3rfcNHYJY1ZVvWVs7j");
    assert_eq!(message, "r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,s=QSXCR+Q6sek8bf92,i=4096");
    let last = exchange
        .finish("c=biws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=")
        .unwrap();
    assert_eq!(last, "v=rmF9pqV8S7suAoZWja4dJRkFsKQ=");
}

/// RFC 7677 section 3.
#[test]
fn the_exchange_of_rfc_7677_succeeds() {
    let credentials = keys(Hash::Sha256, "pencil", "W22ZaJ0SNY7soEsUEjb6gQ==", 4096);
    let first = first("n,,n=user,r=rOprNGfwEbeRWgbNEkqO");
    let (message, exchange) =
        first.answer(Hash::Sha256, credentials, UNBOUND, "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0");
    assert_eq!(
        message,
        "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096"
    );
    let last = exchange
        .finish(
            "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,\
             p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=",
        )
        .unwrap();
    assert_eq!(last, "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=");
}

#[test]
fn an_account_nobody_has_fails_even_with_the_right_proof() {
    let mut credentials = keys(Hash::Sha1, "pencil", "QSXCR+Q6sek8bf92", 4096);
    credentials.known = false;
    let (_, exchange) = first("n,,n=user,r=fyko+d2lbbFgONRv9qkxdawL").answer(
        Hash::Sha1,
        credentials,
        UNBOUND,
        "3rfcNHYJY1ZVvWVs7j",
    );
    let last = "c=biws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=";
    assert_eq!(exchange.finish(last), Err(ScramError::NotAuthorized));
}

#[test]
fn a_changed_nonce_or_binding_proves_nothing() {
    let credentials = keys(Hash::Sha1, "pencil", "QSXCR+Q6sek8bf92", 4096);
    let (_, exchange) = first("n,,n=user,r=fyko+d2lbbFgONRv9qkxdawL").answer(
        Hash::Sha1,
        credentials,
        UNBOUND,
        "3rfcNHYJY1ZVvWVs7j",
    );
    let proof = "p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=";
    let other_nonce = format!("c=biws,r=fyko+d2lbbFgONRv9qkxdawL,{proof}");
    assert_eq!(exchange.finish(&other_nonce), Err(ScramError::NotAuthorized));
    let other_binding = format!("c=eSws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,{proof}");
    assert_eq!(exchange.finish(&other_binding), Err(ScramError::NotAuthorized));
    assert_eq!(exchange.finish("c=biws"), Err(ScramError::Malformed));
}

#[test]
fn the_binding_flag_has_to_fit_the_mechanism() {
    let offered = Binding { is_plus: false, exporter: Some(b"x"), end_point: None, was_tried: false };
    let plus = Binding { is_plus: true, ..offered };
    let read = |flag: &str, binding| ClientFirst::read(&format!("{flag},,n=u,r=n"), binding).map(|_| ());
    assert_eq!(read("n", offered), Ok(()));
    assert_eq!(read("y", UNBOUND), Ok(()));
    assert_eq!(read("y", offered), Err(ScramError::NotAuthorized), "the offer was taken away");
    assert_eq!(read("p=tls-exporter", plus), Ok(()));
    let certified = Binding { end_point: Some(b"y"), ..plus };
    assert_eq!(read("p=tls-server-end-point", certified), Ok(()));
    assert_eq!(read("p=tls-server-end-point", plus), Err(ScramError::NotAuthorized));
    let only_certified = Binding { is_plus: false, exporter: None, ..certified };
    assert_eq!(read("y", only_certified), Err(ScramError::NotAuthorized), "the offer was taken away");
    assert_eq!(read("p=tls-unique", plus), Err(ScramError::NoTlsUnique));
    assert_eq!(read("p=tls-unheard-of", plus), Err(ScramError::NotAuthorized));
    assert_eq!(read("p=tls-unique", offered), Err(ScramError::NotAuthorized));
    assert_eq!(read("p=tls-exporter", offered), Err(ScramError::NotAuthorized));
    assert_eq!(read("n", plus), Err(ScramError::Malformed));
    assert_eq!(read("x", UNBOUND), Err(ScramError::Malformed));
}

#[test]
fn names_are_unescaped_and_extensions_refused() {
    assert_eq!(first("n,a=b=2Cc,n=a=3Db,r=n").login, "a=b");
    assert_eq!(first("n,a=b=2Cc,n=a=3Db,r=n").authorization_identity, "b,c");
    for bad in ["n,,n=a=41,r=n", "n,,m=x,n=a,r=n", "n,,n=,r=n", "n,,n=a,r=", "n,,r=n", "", "n", "n,x,n=a,r=n"]
    {
        assert_eq!(ClientFirst::read(bad, UNBOUND), Err(ScramError::Malformed), "{bad}");
    }
}

mod any {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn text_never_panics_and_never_passes(first in ".{0,80}", last in ".{0,80}") {
            let credentials = ScramCredentials {
                salt: vec![1], iterations: 1, stored_key: vec![0; 32], server_key: vec![0; 32], known: true,
            };
            if let Ok(first) = ClientFirst::read(&format!("n,,n=u,r={first}"), UNBOUND) {
                let (_, exchange) = first.answer(Hash::Sha256, credentials, UNBOUND, "abc");
                prop_assert!(exchange.finish(&last).is_err());
                let forged = format!("c=biws,r={last},p=AAAA");
                prop_assert!(exchange.finish(&forged).is_err());
            }
        }
    }
}
