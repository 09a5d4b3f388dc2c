//! TLS to other computers: trusted is what an authority of the settings has signed, or what has the fingerprint
//! of the settings, else what the operating system trusts.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use ::aws_lc_rs::digest::{SHA256, digest};
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, aws_lc_rs, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

/// How long a connection may take.
const PATIENCE: Duration = Duration::from_secs(15);

/// Whom to trust.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Trust {
    /// A file with the certificate of the authority (PEM).
    pub authority: Option<PathBuf>,
    /// SHA-256 of the server's certificate or its authority's, hexadecimal.
    pub fingerprint: Option<String>,
}

/// A connection, with TLS or without.
pub(crate) trait Duplex: AsyncRead + AsyncWrite + Send + Sync + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Sync + Unpin> Duplex for T {}

/// Connects to host and port; `trust`: over TLS, to a server with this name.
///
/// # Errors
/// The system's, or the server is not to be trusted.
pub(crate) async fn connect(address: &str, name: &str, trust: Option<&Trust>) -> io::Result<Box<dyn Duplex>> {
    let connecting = tokio::time::timeout(PATIENCE, TcpStream::connect(address));
    let stream = connecting.await.map_err(|_| io::Error::from(io::ErrorKind::TimedOut))??;
    stream.set_nodelay(true)?;
    let Some(trust) = trust else { return Ok(Box::new(stream)) };
    let name = ServerName::try_from(name.to_owned()).map_err(io::Error::other)?;
    let connector = TlsConnector::from(Arc::new(client(trust)?));
    let securing = tokio::time::timeout(PATIENCE, connector.connect(name, stream));
    let secured = securing.await.map_err(|_| io::Error::from(io::ErrorKind::TimedOut))??;
    Ok(Box::new(secured))
}

/// A fingerprint as people write it: with colons, in capitals.
pub(crate) fn fingerprint_of(text: &str) -> Option<String> {
    let digits: String = text.chars().filter(|digit| *digit != ':').collect::<String>().to_ascii_lowercase();
    let is_one = digits.len() == 64 && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_one.then_some(digits)
}

/// How TLS is spoken with those.
///
/// # Errors
/// The authority's file cannot be used.
pub(crate) fn client(trust: &Trust) -> io::Result<ClientConfig> {
    let provider = Arc::new(aws_lc_rs::default_provider());
    let building = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .map_err(io::Error::other)?;
    if let Some(fingerprint) = &trust.fingerprint {
        let verifier = Pinned { fingerprint: fingerprint.clone(), provider };
        return Ok(building
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(verifier))
            .with_no_client_auth());
    }
    let mut roots = RootCertStore::empty();
    match &trust.authority {
        Some(file) => {
            for certificate in CertificateDer::pem_file_iter(file).map_err(io::Error::other)? {
                roots.add(certificate.map_err(io::Error::other)?).map_err(io::Error::other)?;
            }
        }
        None => {
            roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        }
    }
    Ok(building.with_root_certificates(roots).with_no_client_auth())
}

/// Knows one certificate: the server's own, or that of its authority.
#[derive(Debug)]
struct Pinned {
    fingerprint: String,
    provider: Arc<CryptoProvider>,
}

impl Pinned {
    fn knows(&self, certificate: &CertificateDer<'_>) -> bool {
        let hash = digest(&SHA256, certificate);
        let shown: String = hash.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
        shown == self.fingerprint
    }
}

impl ServerCertVerifier for Pinned {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        if self.knows(end_entity) {
            return Ok(ServerCertVerified::assertion());
        }
        let known = intermediates.iter().find(|certificate| self.knows(certificate));
        let known = known.ok_or(Error::InvalidCertificate(CertificateError::UnknownIssuer))?;
        let mut roots = RootCertStore::empty();
        roots.add(known.clone().into_owned())?;
        // Whoever shows the known authority without being signed by it is somebody else.
        WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&self.provider))
            .build()
            .map_err(|error| Error::General(error.to_string()))?
            .verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls12_signature(message, certificate, signed, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signed, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

#[cfg(test)]
mod tests {
    use super::fingerprint_of;

    #[test]
    fn a_fingerprint_is_read_as_people_write_it() {
        let plain = "ab".repeat(32);
        let written: Vec<String> = (0..32).map(|_| "AB".to_owned()).collect();
        assert_eq!(fingerprint_of(&written.join(":")), Some(plain.clone()));
        assert_eq!(fingerprint_of(&plain), Some(plain));
        assert_eq!(fingerprint_of("ab:cd"), None);
    }
}
