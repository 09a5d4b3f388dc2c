//! A private certificate authority and the server's certificate (ECDSA P-256).

use std::collections::HashSet;
use std::net::IpAddr;

use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, PKCS_ECDSA_P256_SHA256, SanType, SigningKey,
};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use time::{Duration, OffsetDateTime};
use x509_parser::extensions::GeneralName;

use super::{CommandError, host};

/// Days that the authority is valid.
const CA_DAYS: i64 = 3_652;
/// Days that the server's certificate is valid: Apple's systems refuse more than 825.
const SERVER_DAYS: i64 = 824;

/// Whom a certificate is for.
#[derive(Debug, Clone)]
pub(crate) struct Names {
    /// The domain first.
    pub(crate) names: Vec<String>,
    pub(crate) addresses: Vec<IpAddr>,
}

/// What `init` writes into the data folder, all PEM.
pub(crate) struct Certificates {
    pub(crate) ca_certificate: String,
    pub(crate) ca_key: String,
    pub(crate) server: ServerCertificate,
}

/// The server's own part, PEM.
pub(crate) struct ServerCertificate {
    /// The server's certificate followed by the authority's.
    pub(crate) chain: String,
    pub(crate) key: String,
}

/// The domain, this computer's names and addresses, and what else is given.
pub(crate) fn names(domain: &str, also: &[String]) -> Result<Names, CommandError> {
    let mut names = vec![ascii(domain)?];
    let mut addresses: Vec<IpAddr> = host::addresses().into_iter().collect();
    for name in also {
        match name.parse() {
            Ok(address) => addresses.push(address),
            Err(_) => names.push(ascii(name)?),
        }
    }
    names.extend(host::name());
    names.push("localhost".to_owned());
    let mut seen = HashSet::new();
    names.retain(|name| seen.insert(name.clone()));
    let mut seen = HashSet::new();
    addresses.retain(|address| seen.insert(*address));
    Ok(Names { names, addresses })
}

/// Whom a certificate is for that is there already, as `--also` would name them; nobody when it cannot be read.
pub(crate) fn names_of(chain: &str) -> Vec<String> {
    let Ok(der) = CertificateDer::from_pem_slice(chain.as_bytes()) else { return Vec::new() };
    let Ok((_, certificate)) = x509_parser::parse_x509_certificate(&der) else { return Vec::new() };
    let Ok(Some(names)) = certificate.subject_alternative_name() else { return Vec::new() };
    let text = |name: &GeneralName<'_>| match name {
        GeneralName::DNSName(name) => Some((*name).to_owned()),
        GeneralName::IPAddress(bytes) => ip_address(bytes).map(|address| address.to_string()),
        _ => None,
    };
    names.value.general_names.iter().filter_map(text).collect()
}

/// An address as a certificate holds it.
pub(crate) fn ip_address(bytes: &[u8]) -> Option<IpAddr> {
    match <[u8; 4]>::try_from(bytes) {
        Ok(four) => Some(four.into()),
        Err(_) => <[u8; 16]>::try_from(bytes).ok().map(IpAddr::from),
    }
}

/// A name as certificates hold it: those that are not ASCII in the form of RFC 5891.
fn ascii(name: &str) -> Result<String, CommandError> {
    idna::domain_to_ascii(name)
        .map_err(|_| CommandError::Refused(format!("{name:?} is not a name or an address")))
}

/// Makes an authority and a certificate.
pub(crate) fn make(domain: &str, names: &Names, now: OffsetDateTime) -> Result<Certificates, CommandError> {
    let ca_key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).map_err(failed)?;
    let ca = authority(domain, now);
    let ca_certificate = ca.self_signed(&ca_key).map_err(failed)?.pem();
    let server = signed(&Issuer::from_params(&ca, &ca_key), &ca_certificate, names, now)?;
    Ok(Certificates { ca_certificate, ca_key: ca_key.serialize_pem(), server })
}

/// Makes another certificate by an authority that is there.
pub(crate) fn renew(
    ca_certificate: &str,
    ca_key: &str,
    names: &Names,
    now: OffsetDateTime,
) -> Result<ServerCertificate, CommandError> {
    let key = KeyPair::from_pem(ca_key).map_err(failed)?;
    let issuer = Issuer::from_ca_cert_pem(ca_certificate, key).map_err(failed)?;
    signed(&issuer, ca_certificate, names, now)
}

fn signed<S: SigningKey>(
    issuer: &Issuer<'_, S>,
    ca_certificate: &str,
    names: &Names,
    now: OffsetDateTime,
) -> Result<ServerCertificate, CommandError> {
    let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).map_err(failed)?;
    let certificate = server(names, now).and_then(|server| server.signed_by(&key, issuer)).map_err(failed)?;
    Ok(ServerCertificate {
        chain: format!("{}{ca_certificate}", certificate.pem()),
        key: key.serialize_pem(),
    })
}

fn failed(error: rcgen::Error) -> CommandError {
    CommandError::Refused(format!("the certificate cannot be made: {error}"))
}

fn authority(domain: &str, now: OffsetDateTime) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, format!("Posthouse CA of {domain}"));
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    // A day early, so that clients whose clock is behind accept it.
    params.not_before = now.saturating_sub(Duration::DAY);
    params.not_after = now.saturating_add(Duration::days(CA_DAYS));
    params
}

fn server(names: &Names, now: OffsetDateTime) -> Result<CertificateParams, rcgen::Error> {
    let mut params = CertificateParams::default();
    for (place, name) in names.names.iter().enumerate() {
        if place == 0 {
            params.distinguished_name.push(DnType::CommonName, name.as_str());
        }
        params.subject_alt_names.push(SanType::DnsName(name.as_str().try_into()?));
    }
    params.subject_alt_names.extend(names.addresses.iter().map(|address| SanType::IpAddress(*address)));
    params.is_ca = IsCa::ExplicitNoCa;
    params.use_authority_key_identifier_extension = true;
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    params.not_before = now.saturating_sub(Duration::DAY);
    params.not_after = now.saturating_add(Duration::days(SERVER_DAYS));
    Ok(params)
}
