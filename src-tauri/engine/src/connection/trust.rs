//! Whether a server's certificate is to be trusted: by the authorities of the operating system, or by one that
//! the user (or the organisation's policy) has accepted, known by its fingerprint.

use std::sync::Arc;

use aws_lc_rs::digest;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{verify_server_cert_signed_by_trust_anchor, verify_server_name};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{CertificateError, DigitallySignedStruct, Error, OtherError, RootCertStore, SignatureScheme};

use super::Fingerprint;
use super::fault::Fault;

/// Why a certificate is not trusted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum Distrust {
    #[error("unknown authority {0}")]
    UnknownAuthority(Fingerprint),
    #[error("authority {0} is not the one accepted before")]
    ChangedAuthority(Fingerprint),
    #[error("not valid now: {0}")]
    Expired(String),
    #[error("for other hosts: {0}")]
    WrongHost(String),
    #[error("{0}")]
    Bad(String),
}

impl From<Distrust> for Fault {
    fn from(distrust: Distrust) -> Self {
        match distrust {
            Distrust::UnknownAuthority(fingerprint) => Self::UnknownAuthority { fingerprint },
            Distrust::ChangedAuthority(fingerprint) => Self::ChangedAuthority { fingerprint },
            Distrust::Expired(when) => Self::CertificateExpired(when),
            Distrust::WrongHost(names) => Self::CertificateWrongHost(names),
            Distrust::Bad(why) => Self::Tls(why),
        }
    }
}

/// The fingerprint people compare: SHA-256 of the certificate, lower-case hexadecimal.
pub(super) fn fingerprint(certificate: &CertificateDer<'_>) -> Fingerprint {
    let digest = digest::digest(&digest::SHA256, certificate);
    digest.as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Decides for one connection.
#[derive(Debug)]
pub(super) struct Trust {
    provider: Arc<CryptoProvider>,
    roots: Arc<RootCertStore>,
    accepted: Vec<Fingerprint>,
    names: Vec<ServerName<'static>>,
}

impl Trust {
    /// `accepted`: when not empty, `roots` do not count. `names`: the certificate must be for one of them.
    pub(super) fn new(
        provider: Arc<CryptoProvider>,
        roots: Arc<RootCertStore>,
        accepted: &[Fingerprint],
        names: Vec<ServerName<'static>>,
    ) -> Self {
        let accepted = accepted.iter().map(|fingerprint| fingerprint.to_ascii_lowercase()).collect();
        Self { provider, roots, accepted, names }
    }

    /// Judges a chain as the server sends it.
    pub(super) fn judge(
        &self,
        leaf: &CertificateDer<'_>,
        others: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<(), Distrust> {
        let chain = Chain { trust: self, leaf, others, now, parsed: parse(leaf)? };
        if self.accepted.is_empty() { chain.judge_by_system() } else { chain.judge_by_accepted() }
    }
}

fn parse<'a>(leaf: &'a CertificateDer<'_>) -> Result<ParsedCertificate<'a>, Distrust> {
    ParsedCertificate::try_from(leaf).map_err(|error| Distrust::Bad(error.to_string()))
}

/// What the server has sent.
struct Chain<'a> {
    trust: &'a Trust,
    leaf: &'a CertificateDer<'a>,
    others: &'a [CertificateDer<'a>],
    now: UnixTime,
    parsed: ParsedCertificate<'a>,
}

impl Chain<'_> {
    fn judge_by_system(&self) -> Result<(), Distrust> {
        match self.verify(&self.trust.roots) {
            Ok(()) => self.check_name(),
            Err(error) if is_unknown(&error) => Err(self.stranger(Distrust::UnknownAuthority)),
            Err(error) => Err(explain(&error)),
        }
    }

    fn judge_by_accepted(&self) -> Result<(), Distrust> {
        let is_accepted = |certificate: &CertificateDer<'_>| {
            let fingerprint = fingerprint(certificate);
            self.trust.accepted.contains(&fingerprint)
        };
        if is_accepted(self.leaf) {
            self.check_validity()?;
            return self.check_name();
        }
        for authority in self.others.iter().filter(|one| is_accepted(one)) {
            match self.verify(&store_of(authority)) {
                Ok(()) => return self.check_name(),
                // Whoever shows the accepted authority without being signed by it is somebody else.
                Err(error) if is_unknown(&error) => {}
                Err(error) => return Err(explain(&error)),
            }
        }
        Err(self.stranger(Distrust::ChangedAuthority))
    }

    fn verify(&self, roots: &RootCertStore) -> Result<(), Error> {
        let algorithms = self.trust.provider.signature_verification_algorithms.all;
        verify_server_cert_signed_by_trust_anchor(&self.parsed, roots, self.others, self.now, algorithms)
    }

    /// A chain without a known end: what else is wrong with it, else the fingerprint of its top. Only what the
    /// leaf is really signed by counts as the top.
    fn stranger(&self, verdict: fn(Fingerprint) -> Distrust) -> Distrust {
        for authority in self.others.iter().rev() {
            match self.verify(&store_of(authority)) {
                Ok(()) => return self.check_name().err().unwrap_or_else(|| verdict(fingerprint(authority))),
                Err(error) if is_unknown(&error) => {}
                Err(error) => return explain(&error),
            }
        }
        let problem = self.check_validity().and_then(|()| self.check_name());
        problem.err().unwrap_or_else(|| verdict(fingerprint(self.leaf)))
    }

    fn check_name(&self) -> Result<(), Distrust> {
        let mut problem = Distrust::Bad("no name to compare with".to_owned());
        for name in &self.trust.names {
            match verify_server_name(&self.parsed, name) {
                Ok(()) => return Ok(()),
                Err(error) => problem = explain(&error),
            }
        }
        Err(problem)
    }

    /// The validity period of a certificate that is trusted by itself.
    fn check_validity(&self) -> Result<(), Distrust> {
        let (_, certificate) = x509_parser::parse_x509_certificate(self.leaf)
            .map_err(|error| Distrust::Bad(error.to_string()))?;
        let validity = certificate.validity();
        let now = i64::try_from(self.now.as_secs()).unwrap_or(i64::MAX);
        if (validity.not_before.timestamp()..=validity.not_after.timestamp()).contains(&now) {
            Ok(())
        } else {
            Err(Distrust::Expired(format!("{} – {}", validity.not_before, validity.not_after)))
        }
    }
}

fn store_of(authority: &CertificateDer<'_>) -> RootCertStore {
    let mut store = RootCertStore::empty();
    // One that cannot be read verifies nothing, which is right.
    let _ = store.add(authority.clone().into_owned());
    store
}

/// The chain does not end at the given authorities.
fn is_unknown(error: &Error) -> bool {
    matches!(
        error,
        Error::InvalidCertificate(CertificateError::UnknownIssuer | CertificateError::BadSignature)
    )
}

fn explain(error: &Error) -> Distrust {
    let Error::InvalidCertificate(problem) = error else { return Distrust::Bad(error.to_string()) };
    match problem {
        CertificateError::Expired
        | CertificateError::ExpiredContext { .. }
        | CertificateError::NotValidYet
        | CertificateError::NotValidYetContext { .. } => Distrust::Expired(problem.to_string()),
        CertificateError::NotValidForName => Distrust::WrongHost(String::new()),
        CertificateError::NotValidForNameContext { presented, .. } => {
            Distrust::WrongHost(presented.join(", "))
        }
        other => Distrust::Bad(other.to_string()),
    }
}

impl ServerCertVerifier for Trust {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        self.judge(end_entity, intermediates, now)
            .map(|()| ServerCertVerified::assertion())
            .map_err(|distrust| CertificateError::Other(OtherError(Arc::new(distrust))).into())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls12_signature(message, certificate, signature, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signature, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

/// What a failed handshake was about.
pub(super) fn fault_of(error: &std::io::Error) -> Fault {
    let inner = error.get_ref().and_then(|inner| inner.downcast_ref::<Error>());
    match inner {
        Some(Error::InvalidCertificate(CertificateError::Other(OtherError(cause)))) => {
            match cause.downcast_ref::<Distrust>() {
                Some(distrust) => distrust.clone().into(),
                None => Fault::Tls(cause.to_string()),
            }
        }
        Some(other) => Fault::Tls(other.to_string()),
        None => Fault::Tls(error.to_string()),
    }
}

#[cfg(test)]
mod tests;
