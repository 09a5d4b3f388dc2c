//! Whether clients will accept the certificate: key, dates, names, addresses.

use std::net::IpAddr;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use time::OffsetDateTime;
use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::GeneralName;

use super::super::certificates::ip_address;
use super::super::folder::{CA_CERTIFICATE, CERTIFICATE};
use super::super::{DataFolder, host};
use super::files::has_own_authority;
use crate::config::Config;
use crate::findings::Finding;
use crate::stream::tls::Tls;

/// Days before the end when warnings begin.
const WARNING: i64 = 30;

/// What is wrong with the certificate, or one line when all is well.
pub(super) fn check(config: &Config, folder: &DataFolder, now: OffsetDateTime) -> Vec<Finding> {
    if let Err(error) = Tls::load(&config.tls.certificate, &config.tls.key) {
        let next = "put a PEM chain and its key where [tls] in the settings says, or restore a backup";
        return vec![Finding::failed(error.to_string(), next)];
    }
    let is_ours = has_own_authority(folder) && config.tls.certificate == folder.file(CERTIFICATE);
    let renew = if is_ours {
        format!("posthouse-server renew-certificate --data {}", folder.data.display())
    } else {
        "get a new certificate from where this one came from; the server loads it by the hour".to_owned()
    };
    let mut findings = Vec::new();
    let chain = match CertificateDer::pem_file_iter(&config.tls.certificate)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
    {
        Ok(chain) => chain,
        Err(error) => return vec![Finding::failed(error.to_string(), renew)],
    };
    for (place, der) in chain.iter().enumerate() {
        let what = if place == 0 { "the certificate" } else { "a certificate of its chain" };
        match x509_parser::parse_x509_certificate(der) {
            Ok((_, certificate)) => {
                findings.extend(dates(what, &certificate, now, &renew));
                if place == 0 {
                    findings.extend(names(&certificate, &config.domain, &renew));
                    findings
                        .extend(Some(()).filter(|()| is_ours).and_then(|()| addresses(&certificate, &renew)));
                }
            }
            Err(error) => {
                findings.push(Finding::failed(format!("{what} is damaged: {error}"), renew.clone()))
            }
        }
    }
    if is_ours {
        findings.extend(authority(folder, now));
    }
    if findings.is_empty() {
        findings.push(Finding::ok(summary(&chain, config)));
    }
    findings
}

fn summary(chain: &[CertificateDer<'static>], config: &Config) -> String {
    let end = chain
        .first()
        .and_then(|der| x509_parser::parse_x509_certificate(der).ok())
        .and_then(|(_, certificate)| day(certificate.validity().not_after.timestamp()))
        .unwrap_or_default();
    format!("for {}, valid until {end}, fits its key", config.domain)
}

fn dates(what: &str, certificate: &X509Certificate<'_>, now: OffsetDateTime, next: &str) -> Option<Finding> {
    let (begin, end) =
        (certificate.validity().not_before.timestamp(), certificate.validity().not_after.timestamp());
    let now = now.unix_timestamp();
    let shown = |time| day(time).unwrap_or_else(|| "an unknown day".to_owned());
    if now < begin {
        let next = "set the computer's clock, or wait";
        return Some(Finding::failed(format!("{what} is not valid before {}", shown(begin)), next));
    }
    if now >= end {
        return Some(Finding::failed(format!("{what} has expired on {}", shown(end)), next));
    }
    let days = end.saturating_sub(now).div_euclid(86_400);
    (days < WARNING)
        .then(|| Finding::warning(format!("{what} expires on {}, in {days} days", shown(end)), next))
}

fn day(time: i64) -> Option<String> {
    let moment = OffsetDateTime::from_unix_timestamp(time).ok()?;
    moment.format(time::macros::format_description!("[year]-[month]-[day]")).ok()
}

fn names(certificate: &X509Certificate<'_>, domain: &str, next: &str) -> Option<Finding> {
    let wanted = idna::domain_to_ascii(domain).unwrap_or_else(|_| domain.to_owned());
    let names = dns_names(certificate);
    let fits = |name: &String| match name.strip_prefix("*.") {
        Some(above) => wanted.split_once('.').is_some_and(|(_, rest)| rest.eq_ignore_ascii_case(above)),
        None => name.eq_ignore_ascii_case(&wanted),
    };
    (!names.iter().any(fits)).then(|| {
        let names = names.join(", ");
        Finding::failed(format!("the certificate is for {names}, but clients ask for {wanted}"), next)
    })
}

fn dns_names(certificate: &X509Certificate<'_>) -> Vec<String> {
    alternative_names(certificate, |name| match name {
        GeneralName::DNSName(name) => Some((*name).to_owned()),
        _ => None,
    })
}

fn alternative_names<T>(
    certificate: &X509Certificate<'_>,
    read: impl Fn(&GeneralName<'_>) -> Option<T>,
) -> Vec<T> {
    let Ok(Some(names)) = certificate.subject_alternative_name() else { return Vec::new() };
    names.value.general_names.iter().filter_map(read).collect()
}

/// People without a name service type an address.
fn addresses(certificate: &X509Certificate<'_>, next: &str) -> Option<Finding> {
    let known: Vec<IpAddr> = alternative_names(certificate, |name| match name {
        GeneralName::IPAddress(bytes) => ip_address(bytes),
        _ => None,
    });
    let missing: Vec<String> =
        host::addresses().iter().filter(|address| !known.contains(address)).map(IpAddr::to_string).collect();
    (!missing.is_empty()).then(|| {
        let missing = missing.join(", ");
        Finding::warning(format!("this computer's address {missing} is not in the certificate"), next)
    })
}

fn authority(folder: &DataFolder, now: OffsetDateTime) -> Option<Finding> {
    let next = "every client must be given a new CA: plan it, and begin with `init` in another folder";
    let der = match CertificateDer::from_pem_file(folder.file(CA_CERTIFICATE)) {
        Ok(der) => der,
        Err(error) => return Some(Finding::failed(format!("{CA_CERTIFICATE}: {error}"), next)),
    };
    match x509_parser::parse_x509_certificate(&der) {
        Ok((_, certificate)) => dates("the CA", &certificate, now, next),
        Err(error) => Some(Finding::failed(format!("{CA_CERTIFICATE} is damaged: {error}"), next)),
    }
}
