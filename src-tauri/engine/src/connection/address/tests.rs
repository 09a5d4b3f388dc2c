use super::*;

fn read(typed: &str) -> (String, Option<u16>) {
    let address = Address::read(typed).unwrap();
    (address.host.as_domain(), address.port)
}

#[test]
fn addresses_are_understood_as_people_type_them() {
    for (typed, host, port) in [
        ("192.0.2.1", "192.0.2.1", None),
        ("192.0.2.1:10000", "192.0.2.1", Some(10_000)),
        ("2001:db8::1", "[2001:db8::1]", None),
        ("[2001:db8::1]", "[2001:db8::1]", None),
        ("[2001:db8::1]:5223", "[2001:db8::1]", Some(5223)),
        ("im.example.org", "im.example.org", None),
        (" IM.Example.ORG.:5222 ", "im.example.org", Some(5222)),
        ("server", "server", None),
        ("im_1.example.org", "im_1.example.org", None),
        ("驿站.example：10000", "xn--5tz216d.example", Some(10_000)),
        ("im。example。org", "im.example.org", None),
        ("１９２.0.2.1", "192.0.2.1", None),
    ] {
        assert_eq!(read(typed), (host.to_owned(), port), "{typed}");
    }
}

#[test]
fn nonsense_is_no_address() {
    for typed in [
        "",
        "  ",
        "a b",
        "a..b",
        "host:",
        "host:0",
        "host:65536",
        "host:x",
        "[1.2.3.4]",
        "[::1",
        "https://x",
        "a/b",
    ] {
        assert!(matches!(Address::read(typed), Err(Fault::BadAddress(_))), "{typed}");
    }
}

#[test]
fn the_domain_comes_from_the_login_or_from_the_server_typed() {
    let domain =
        |server, login| Destination::read(server, login).unwrap().domain.map(|host| host.as_domain());
    assert_eq!(domain("192.0.2.1", "zhang.san"), None);
    assert_eq!(domain("server", "zhang.san"), None);
    assert_eq!(domain("example.org", "zhang.san").as_deref(), Some("example.org"));
    assert_eq!(domain("192.0.2.1", "zhang.san@example.org").as_deref(), Some("example.org"));
    let elsewhere = Destination::read("im.example.com:10000", " Zhang.San@Example.ORG ").unwrap();
    assert_eq!(elsewhere.login, "zhang.san");
    assert_eq!(elsewhere.asked(), "example.org");
    let names = ["example.org", "im.example.com"].map(|name| Host::Name(name.to_owned()));
    assert_eq!(elsewhere.names(), names);
}

#[test]
fn without_a_server_the_domain_of_the_login_is_the_server() {
    let destination = Destination::read("", "li.si@example.org").unwrap();
    assert_eq!(destination.address, Address { host: Host::Name("example.org".to_owned()), port: None });
    assert!(Destination::read("", "li.si").is_err());
    assert!(matches!(Destination::read("server", "@example.org"), Err(Fault::NotAuthorized)));
}

#[test]
fn the_server_says_its_domain_and_nonsense_is_ignored() {
    assert_eq!(domain_of_header(Some("example.org"), "192.0.2.1"), "example.org");
    assert_eq!(domain_of_header(None, "192.0.2.1"), "192.0.2.1");
    assert_eq!(domain_of_header(Some("no domain"), "example.org"), "example.org");
}
