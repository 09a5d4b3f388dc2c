//! The ports for clients: plain first, TLS first, and both at once.

use posthouse_tests::raw_client::{Login, Mechanism, RawClient, Trust, Verdict, header};
use posthouse_tests::server_process::{DOMAIN, ServerProcess};

use crate::office::{Office, PASSWORD};

const TLS: &str = "urn:ietf:params:xml:ns:xmpp-tls";
const SASL: &str = "urn:ietf:params:xml:ns:xmpp-sasl";

/// Signs in on an open stream inside TLS.
async fn signs_in(client: &mut RawClient) -> anyhow::Result<()> {
    client.open_stream(DOMAIN).await?;
    let verdict = client.sign_in(&Login::new("alice", PASSWORD, Mechanism::USUAL)).await?;
    anyhow::ensure!(verdict == Verdict::Success, "{verdict:?}");
    client.open_stream(DOMAIN).await?;
    client.bind(None).await?;
    Ok(())
}

#[tokio::test]
async fn the_starttls_port_offers_nothing_but_tls_until_it_is_on() {
    let office = Office::open().await.unwrap();
    for door in ["starttls", "any"] {
        let mut client = office.connect(door).await.unwrap();
        let (header, features) = client.open_stream(DOMAIN).await.unwrap();
        assert_eq!(header.attribute("from"), Some(DOMAIN));
        assert!(features.child("starttls", TLS).is_some_and(|tls| tls.has("required", TLS)));
        assert!(!features.has("mechanisms", SASL), "{features:?}");
        client.start_tls(&office.trust).await.unwrap();
        signs_in(&mut client).await.unwrap();
    }
}

#[tokio::test]
async fn without_tls_nobody_signs_in() {
    let office = Office::open().await.unwrap();
    for door in ["starttls", "any"] {
        let mut client = office.connect(door).await.unwrap();
        client.open_stream(DOMAIN).await.unwrap();
        client.send(&format!("<auth xmlns='{SASL}' mechanism='SCRAM-SHA-1'>bixh</auth>")).await.unwrap();
        assert_eq!(client.stream_error().await.unwrap(), "policy-violation");
    }
}

#[tokio::test]
async fn direct_tls_works_at_its_own_port_and_at_the_one_for_both() {
    let office = Office::open().await.unwrap();
    for door in ["direct_tls", "any"] {
        for (offered, agreed) in [(&["xmpp-client"][..], Some(b"xmpp-client".to_vec())), (&[], None)] {
            let trust = office.trust.clone().with_alpn(offered);
            let address = office.server.address_of(door).unwrap();
            let mut client = RawClient::connect_tls(&address, &trust).await.unwrap();
            assert_eq!(client.alpn(), agreed, "{door}");
            signs_in(&mut client).await.unwrap();
        }
    }
}

#[tokio::test]
async fn who_asks_for_another_protocol_gets_no_tls() {
    let office = Office::open().await.unwrap();
    let trust = office.trust.clone().with_alpn(&["h2"]);
    let address = office.server.address_of("direct_tls").unwrap();
    assert!(RawClient::connect_tls(&address, &trust).await.is_err());
}

#[tokio::test]
async fn plain_words_at_the_tls_port_end_the_connection() {
    let office = Office::open().await.unwrap();
    let mut client = office.connect("direct_tls").await.unwrap();
    client.send(&header(" to='posthouse.test' version='1.0'")).await.unwrap();
    // An alert of TLS may come; no stream does.
    assert!(!matches!(client.next_piece().await, Ok(Some(_))));
}

#[tokio::test]
async fn every_port_listens_on_ipv6_as_well() {
    let both = "[\"127.0.0.1:0\", \"[::1]:0\"]";
    let only_six = "[\"[::1]:0\"]";
    let settings = [("starttls", only_six), ("direct_tls", only_six), ("any", only_six)];
    let office = Office::open_with(&settings, "").await.unwrap();
    for door in ["starttls", "direct_tls", "any"] {
        let address = office.server.address_of(door).unwrap();
        assert!(address.starts_with("[::1]:"), "{address}");
        let mut client = office.connect(door).await.unwrap();
        if door == "direct_tls" {
            client.begin_tls(&office.trust).await.unwrap();
        } else {
            client.open_stream(DOMAIN).await.unwrap();
            client.start_tls(&office.trust).await.unwrap();
        }
        signs_in(&mut client).await.unwrap();
    }
    drop(office);
    let office = Office::open_with(&[("any", both)], "").await.unwrap();
    let addresses = office.server.addresses_of("any").unwrap();
    assert!(addresses.len() == 2 && addresses[1].starts_with("[::1]:"), "{addresses:?}");
    for address in addresses {
        let mut client = RawClient::connect_tls(&address, &office.trust).await.unwrap();
        signs_in(&mut client).await.unwrap();
    }
}

#[tokio::test]
async fn tls_1_2_is_enough_and_logins_can_be_bound_to_it() {
    let office = Office::open().await.unwrap();
    let trust = office.trust.clone().with_tls12();
    let address = office.server.address_of("any").unwrap();
    let mut client = RawClient::connect_tls(&address, &trust).await.unwrap();
    signs_in(&mut client).await.unwrap();
}

#[tokio::test]
async fn words_in_the_clear_do_not_slip_into_the_secured_stream() {
    let office = Office::open().await.unwrap();
    let mut client = office.connect("starttls").await.unwrap();
    client.open_stream(DOMAIN).await.unwrap();
    client
        .send(&format!("<starttls xmlns='{TLS}'/><auth xmlns='{SASL}' mechanism='SCRAM-SHA-1'/>"))
        .await
        .unwrap();
    let is_refused = client.stream_error().await.is_ok();
    assert!(is_refused || client.begin_tls(&office.trust).await.is_err());
}

#[tokio::test]
async fn asking_for_a_foreign_host_is_answered_by_name() {
    let office = Office::open().await.unwrap();
    let mut client = office.connect("any").await.unwrap();
    client.send(&header(" to='other.example' version='1.0'")).await.unwrap();
    let header = client.next_header().await.unwrap();
    assert_eq!(header.attribute("from"), Some(DOMAIN));
    assert_eq!(client.stream_error().await.unwrap(), "host-unknown");
}

#[tokio::test]
async fn a_new_certificate_comes_into_force_by_a_signal() {
    let office = Office::open().await.unwrap();
    let mut old_client = office.person("alice", "pc").await.unwrap();
    // Certificates of another server stand in for renewed ones.
    let other = ServerProcess::prepare().await.unwrap();
    for file in ["certificate.pem", "key.pem"] {
        std::fs::copy(other.data().join(file), office.server.data().join(file)).unwrap();
    }
    office.signal("-HUP").await.unwrap();
    let trust = Trust::in_authority(&other.data().join("ca.pem"), DOMAIN).unwrap();
    let address = office.server.address_of("any").unwrap();
    let renewed = async {
        while RawClient::connect_tls(&address, &trust).await.is_err() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(posthouse_tests::raw_client::PATIENCE, renewed).await.unwrap();
    assert!(RawClient::connect_tls(&address, &office.trust).await.is_err());
    assert!(old_client.everything().await.is_ok(), "connections keep the certificate they began with");
}
