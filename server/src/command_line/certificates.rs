//! A private certificate authority and the server's certificate (ECDSA P-256).

use std::net::IpAddr;

use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, PKCS_ECDSA_P256_SHA256, SanType,
};
use time::{Duration, OffsetDateTime};

use super::CommandError;

/// Days that the authority is valid.
const CA_DAYS: i64 = 3_652;
/// Days that the server's certificate is valid: Apple's systems refuse more than 825.
const SERVER_DAYS: i64 = 824;

/// What `init` writes into the data folder, all PEM.
pub(crate) struct Certificates {
    pub(crate) ca_certificate: String,
    pub(crate) ca_key: String,
    /// The server's certificate followed by the authority's.
    pub(crate) chain: String,
    pub(crate) key: String,
}

/// Makes both.
pub(crate) fn make(
    domain: &str,
    names: &[String],
    addresses: &[IpAddr],
    now: OffsetDateTime,
) -> Result<Certificates, CommandError> {
    let failed =
        |error: rcgen::Error| CommandError::Refused(format!("the certificate cannot be made: {error}"));
    let ca_key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).map_err(failed)?;
    let ca = authority(domain, now);
    let ca_certificate = ca.self_signed(&ca_key).map_err(failed)?;
    let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).map_err(failed)?;
    let server = server(domain, names, addresses, now).map_err(failed)?;
    let ca_pem = ca_certificate.pem();
    let issuer = Issuer::from_params(&ca, &ca_key);
    let certificate = server.signed_by(&key, &issuer).map_err(failed)?;
    Ok(Certificates {
        chain: format!("{}{ca_pem}", certificate.pem()),
        key: key.serialize_pem(),
        ca_key: ca_key.serialize_pem(),
        ca_certificate: ca_pem,
    })
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

fn server(
    domain: &str,
    names: &[String],
    addresses: &[IpAddr],
    now: OffsetDateTime,
) -> Result<CertificateParams, rcgen::Error> {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, domain);
    for name in names {
        params.subject_alt_names.push(SanType::DnsName(name.as_str().try_into()?));
    }
    params.subject_alt_names.extend(addresses.iter().map(|address| SanType::IpAddress(*address)));
    params.is_ca = IsCa::ExplicitNoCa;
    params.use_authority_key_identifier_extension = true;
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    params.not_before = now.saturating_sub(Duration::DAY);
    params.not_after = now.saturating_add(Duration::days(SERVER_DAYS));
    Ok(params)
}
