use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair, SanType, date_time_ymd};
use rustls::crypto::aws_lc_rs;

use super::*;

/// 2026-06-01
const NOW: u64 = 1_780_272_000;

struct Authority {
    params: CertificateParams,
    key: KeyPair,
    der: CertificateDer<'static>,
}

impl Authority {
    fn new(name: &str) -> Self {
        let mut params = CertificateParams::default();
        params.distinguished_name.push(rcgen::DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.not_before = date_time_ymd(2020, 1, 1);
        params.not_after = date_time_ymd(2040, 1, 1);
        let key = KeyPair::generate().unwrap();
        let der = params.self_signed(&key).unwrap().der().clone();
        Self { params, key, der }
    }

    fn sign(&self, leaf: &CertificateParams) -> CertificateDer<'static> {
        let issuer = Issuer::from_params(&self.params, &self.key);
        leaf.signed_by(&KeyPair::generate().unwrap(), &issuer).unwrap().der().clone()
    }

    fn store(&self) -> Arc<RootCertStore> {
        Arc::new(store_of(&self.der))
    }
}

fn leaf() -> CertificateParams {
    let mut params = CertificateParams::new(["example.org".to_owned()]).unwrap();
    params.subject_alt_names.push(SanType::IpAddress([192, 0, 2, 1].into()));
    params.not_before = date_time_ymd(2026, 1, 1);
    params.not_after = date_time_ymd(2027, 1, 1);
    params
}

fn judge(
    roots: Arc<RootCertStore>,
    accepted: &[&str],
    names: &[&str],
    chain: &[&CertificateDer<'static>],
) -> Result<(), Distrust> {
    let provider = Arc::new(aws_lc_rs::default_provider());
    let accepted: Vec<Fingerprint> = accepted.iter().map(|one| (*one).to_owned()).collect();
    let names = names.iter().map(|name| ServerName::try_from((*name).to_owned()).unwrap()).collect();
    let others: Vec<_> = chain[1..].iter().map(|one| (*one).clone()).collect();
    let now = UnixTime::since_unix_epoch(std::time::Duration::from_secs(NOW));
    Trust::new(provider, roots, &accepted, names).judge(chain[0], &others, now)
}

fn nobody() -> Arc<RootCertStore> {
    Arc::new(RootCertStore::empty())
}

#[test]
fn an_authority_of_the_system_is_trusted_for_its_hosts_only() {
    let authority = Authority::new("Good CA");
    let certificate = authority.sign(&leaf());
    let judge = |names: &[&str]| judge(authority.store(), &[], names, &[&certificate]);
    assert_eq!(judge(&["example.org"]), Ok(()));
    assert_eq!(judge(&["other.example", "192.0.2.1"]), Ok(()), "one of the names is enough");
    assert!(
        matches!(judge(&["other.example"]), Err(Distrust::WrongHost(names)) if names.contains("example.org"))
    );
    assert!(judge(&[]).is_err());
}

#[test]
fn an_unknown_authority_is_told_by_the_fingerprint_of_what_the_server_sends() {
    let authority = Authority::new("Company CA");
    let certificate = authority.sign(&leaf());
    let unknown = |one: &CertificateDer<'_>| Err(Distrust::UnknownAuthority(fingerprint(one)));
    let judge = |chain: &[&CertificateDer<'static>]| judge(nobody(), &[], &["example.org"], chain);
    assert_eq!(judge(&[&certificate, &authority.der]), unknown(&authority.der));
    assert_eq!(judge(&[&certificate]), unknown(&certificate), "alone");
    let stranger = Authority::new("Famous CA");
    assert_eq!(judge(&[&certificate, &stranger.der]), unknown(&certificate), "decoration does not count");
}

#[test]
fn an_accepted_authority_is_pinned() {
    let authority = Authority::new("Company CA");
    let certificate = authority.sign(&leaf());
    let pin = fingerprint(&authority.der);
    let judge = |names: &[&str], chain: &[&CertificateDer<'static>]| judge(nobody(), &[&pin], names, chain);
    assert_eq!(judge(&["example.org"], &[&certificate, &authority.der]), Ok(()));
    let renewed = authority.sign(&leaf());
    assert_eq!(judge(&["example.org"], &[&renewed, &authority.der]), Ok(()), "a renewed certificate");
    assert!(matches!(
        judge(&["other.example"], &[&certificate, &authority.der]),
        Err(Distrust::WrongHost(_))
    ));
}

#[test]
fn another_authority_than_the_pinned_one_is_a_change_even_if_the_system_trusts_it() {
    let (pinned, other) = (Authority::new("Company CA"), Authority::new("Other CA"));
    let certificate = other.sign(&leaf());
    let pin = fingerprint(&pinned.der);
    let changed = |one: &CertificateDer<'_>| Err(Distrust::ChangedAuthority(fingerprint(one)));
    let judge = |chain: &[&CertificateDer<'static>]| judge(other.store(), &[&pin], &["example.org"], chain);
    assert_eq!(judge(&[&certificate, &other.der]), changed(&other.der));
    assert_eq!(judge(&[&certificate, &pinned.der]), changed(&certificate), "shown, but not the signer");
}

#[test]
fn a_lone_certificate_can_be_accepted_by_itself() {
    let key = KeyPair::generate().unwrap();
    let certificate = leaf().self_signed(&key).unwrap().der().clone();
    let pin = fingerprint(&certificate);
    let judge = |accepted: &[&str], names: &[&str]| judge(nobody(), accepted, names, &[&certificate]);
    assert_eq!(judge(&[], &["example.org"]), Err(Distrust::UnknownAuthority(pin.clone())));
    assert_eq!(judge(&[&pin.to_uppercase()], &["example.org"]), Ok(()));
    assert!(matches!(judge(&[&pin], &["other.example"]), Err(Distrust::WrongHost(_))));
}

#[test]
fn an_expired_certificate_is_told_as_such_whoever_signed_it() {
    let authority = Authority::new("Company CA");
    let mut old = leaf();
    old.not_after = date_time_ymd(2026, 5, 31);
    let certificate = authority.sign(&old);
    let pin = fingerprint(&authority.der);
    let chain = [&certificate, &authority.der];
    for (roots, accepted) in [(authority.store(), vec![]), (nobody(), vec![pin.as_str()]), (nobody(), vec![])]
    {
        let verdict = judge(roots, &accepted, &["example.org"], &chain);
        assert!(matches!(verdict, Err(Distrust::Expired(_))), "{verdict:?}");
    }
    let mut early = leaf();
    early.not_before = date_time_ymd(2026, 6, 2);
    let lone = early.self_signed(&KeyPair::generate().unwrap()).unwrap().der().clone();
    let verdict = judge(nobody(), &[&fingerprint(&lone)], &["example.org"], &[&lone]);
    assert!(matches!(verdict, Err(Distrust::Expired(_))), "{verdict:?}");
}
