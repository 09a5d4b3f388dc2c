use super::*;

fn first(hash: Hash, nonce: &str) -> First {
    First::new(hash, Binding::Impossible, "user", nonce.to_owned()).unwrap()
}

/// RFC 5802 section 5.
#[test]
fn the_exchange_of_rfc_5802_succeeds() {
    let first = first(Hash::Sha1, "fyko+d2lbbFgONRv9qkxdawL");
    assert_eq!(first.message(), "n,,n=user,r=fyko+d2lbbFgONRv9qkxdawL");
    let challenge = b"r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,s=QSXCR+Q6sek8bf92,i=4096";
    let (answer, last) = first.answer(challenge, "pencil").unwrap();
    assert_eq!(answer, "c=biws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=");
    assert_eq!(last.check(b"v=rmF9pqV8S7suAoZWja4dJRkFsKQ="), Ok(()));
}

/// RFC 7677 section 3.
#[test]
fn the_exchange_of_rfc_7677_succeeds() {
    let first = first(Hash::Sha256, "rOprNGfwEbeRWgbNEkqO");
    let challenge = b"r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096";
    let (answer, last) = first.answer(challenge, "pencil").unwrap();
    assert_eq!(
        answer,
        "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,\
         p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ="
    );
    assert_eq!(last.check(b"v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="), Ok(()));
}

#[test]
fn a_server_that_does_not_know_the_password_proves_nothing() {
    let challenge = b"r=abcdef,s=QSXCR+Q6sek8bf92,i=4096";
    let (_, last) = first(Hash::Sha512, "abc").answer(challenge, "pencil").unwrap();
    for message in ["", "v=", "v=AAAA", "e=other-error", "x=1,v=AAAA", "v=%%"] {
        assert!(matches!(last.check(message.as_bytes()), Err(ScramError::Server(_))), "{message}");
    }
}

#[test]
fn challenges_against_the_rules_are_refused() {
    for bad in [
        "",
        "r=abc,s=QSXC,i=4096",
        "r=xyz,s=QSXC,i=4096",
        "r=abcd,s=QSXC,i=4095",
        "r=abcd,s=QSXC,i=4294967295",
        "r=abcd,s=QSXC,i=-1",
        "r=abcd,s=,i=4096",
        "r=abcd,s=%,i=4096",
        "m=x,r=abcd,s=QSXC,i=4096",
        "r=abcd,i=4096",
    ] {
        let outcome = first(Hash::Sha256, "abc").answer(bad.as_bytes(), "pencil");
        assert!(matches!(outcome, Err(ScramError::Server(_))), "{bad}");
    }
    let extended = first(Hash::Sha256, "abc").answer(b"r=abcd,s=QSXC,i=4096,x=1", "pencil");
    assert!(extended.is_ok(), "optional extensions are ignored");
}

#[test]
fn names_are_prepared_and_escaped() {
    let message = |login: &str| {
        First::new(Hash::Sha256, Binding::NotOffered, login, "abc".to_owned()).map(|first| first.message())
    };
    assert_eq!(message("a=b,c").unwrap(), "y,,n=a=3Db=2Cc,r=abc");
    assert_eq!(message("\u{2168}").unwrap(), "y,,n=IX,r=abc", "RFC 4013 section 3");
    assert_eq!(message("\u{7}"), Err(ScramError::Unusable));
    assert_eq!(message(""), Err(ScramError::Unusable));
}

#[test]
fn exporter_data_goes_into_the_proof() {
    let answer = |data: &[u8]| {
        let binding = Binding::Exporter(data.to_vec());
        let first = First::new(Hash::Sha256, binding, "user", "abc".to_owned()).unwrap();
        assert_eq!(first.message(), "p=tls-exporter,,n=user,r=abc");
        first.answer(b"r=abcd,s=QSXC,i=4096", "pencil").unwrap().0
    };
    let bound = BASE64.encode(b"p=tls-exporter,,\x01\x02");
    assert!(answer(b"\x01\x02").starts_with(&format!("c={bound},r=abcd,p=")));
    assert_ne!(answer(b"\x01\x02"), answer(b"\x01\x03"));
}
