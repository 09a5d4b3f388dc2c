//! Whom a client trusts, and which TLS it speaks.

use std::path::Path;
use std::sync::Arc;

use anyhow::Context;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore, SupportedProtocolVersion, crypto, version};

/// A certificate authority, and what a client asks of a connection.
#[derive(Debug, Clone)]
pub struct Trust {
    roots: Arc<RootCertStore>,
    name: String,
    alpn: Vec<Vec<u8>>,
    versions: Vec<&'static SupportedProtocolVersion>,
}

impl Trust {
    /// Trusts the authority in this PEM file to name a server `name`.
    ///
    /// # Errors
    /// The file is no certificate.
    pub fn in_authority(file: &Path, name: &str) -> anyhow::Result<Self> {
        let mut roots = RootCertStore::empty();
        let certificate = CertificateDer::from_pem_file(file).with_context(|| file.display().to_string())?;
        roots.add(certificate)?;
        let versions = vec![&version::TLS13, &version::TLS12];
        Ok(Self { roots: Arc::new(roots), name: name.to_owned(), alpn: Vec::new(), versions })
    }

    /// Offers these protocols (ALPN).
    #[must_use]
    pub fn with_alpn(mut self, protocols: &[&str]) -> Self {
        self.alpn = protocols.iter().map(|protocol| protocol.as_bytes().to_vec()).collect();
        self
    }

    /// Speaks TLS 1.2 only.
    #[must_use]
    pub fn with_tls12(mut self) -> Self {
        self.versions = vec![&version::TLS12];
        self
    }

    pub(crate) fn name(&self) -> anyhow::Result<ServerName<'static>> {
        Ok(ServerName::try_from(self.name.clone())?)
    }

    pub(crate) fn connector(&self) -> anyhow::Result<TlsConnector> {
        let provider = Arc::new(crypto::aws_lc_rs::default_provider());
        let mut config = ClientConfig::builder_with_provider(provider)
            .with_protocol_versions(&self.versions)?
            .with_root_certificates(Arc::clone(&self.roots))
            .with_no_client_auth();
        config.alpn_protocols.clone_from(&self.alpn);
        Ok(TlsConnector::from(Arc::new(config)))
    }
}
