//! TLS for all doors: loads the certificate, reloads it while running, and hands out what each port needs.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use arc_swap::ArcSwap;
use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

mod end_point;

/// Why there is no TLS.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file cannot be read or is no PEM file.
    #[error("{path}: {source}")]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: rustls::pki_types::pem::Error,
    },
    /// Certificate and key do not fit together, or are of no use.
    #[error("certificate and key: {0}")]
    Certificate(#[from] rustls::Error),
}

/// How the TLS of a connection begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Beginning {
    /// After STARTTLS.
    StartTls,
    /// With the first byte (XEP-0368).
    Direct,
}

/// The certificate in force. Connections keep the one they started with.
#[derive(Debug)]
pub struct Tls {
    certificate: PathBuf,
    key: PathBuf,
    current: ArcSwap<Current>,
}

#[derive(Debug)]
struct Current {
    start_tls: Arc<ServerConfig>,
    direct: Arc<ServerConfig>,
    https: Arc<ServerConfig>,
    leaf: Option<CertificateDer<'static>>,
    end_point: Option<Vec<u8>>,
}

impl Tls {
    /// Loads certificate chain and key, PEM files.
    ///
    /// # Errors
    /// A file cannot be read, or the two do not fit.
    pub fn load(certificate: &Path, key: &Path) -> Result<Self, TlsError> {
        let current = ArcSwap::from_pointee(Current::load(certificate, key)?);
        Ok(Self { certificate: certificate.to_owned(), key: key.to_owned(), current })
    }

    /// Loads the files again and answers whether the certificate is another one; the old one stays in force
    /// when that fails.
    ///
    /// # Errors
    /// A file cannot be read, or the two do not fit.
    pub fn reload(&self) -> Result<bool, TlsError> {
        let fresh = Current::load(&self.certificate, &self.key)?;
        let is_new = fresh.leaf != self.current.load().leaf;
        if is_new {
            self.current.store(Arc::new(fresh));
        }
        Ok(is_new)
    }

    /// When the certificate ends, in seconds since 1970.
    pub fn not_after(&self) -> Option<i64> {
        let current = self.current.load();
        let (_, certificate) = x509_parser::parse_x509_certificate(current.leaf.as_ref()?).ok()?;
        Some(certificate.validity().not_after.timestamp())
    }

    /// The names in the certificate.
    pub fn names(&self) -> Vec<String> {
        self.current.load().leaf.as_ref().map(names_of).unwrap_or_default()
    }

    /// Begins TLS, and `tls-server-end-point` data of the certificate that it shows.
    pub(crate) fn acceptor(&self, beginning: Beginning) -> (TlsAcceptor, Option<Vec<u8>>) {
        let current = self.current.load();
        let config = match beginning {
            Beginning::StartTls => &current.start_tls,
            Beginning::Direct => &current.direct,
        };
        (TlsAcceptor::from(Arc::clone(config)), current.end_point.clone())
    }
}

impl Tls {
    /// Begins TLS for HTTP, with the certificate in force.
    pub fn https(&self) -> TlsAcceptor {
        TlsAcceptor::from(Arc::clone(&self.current.load().https))
    }
}

impl Current {
    fn load(certificate: &Path, key: &Path) -> Result<Self, TlsError> {
        let chain = CertificateDer::pem_file_iter(certificate)
            .and_then(Iterator::collect::<Result<Vec<_>, _>>)
            .map_err(|source| TlsError::File { path: certificate.to_owned(), source })?;
        let secret = PrivateKeyDer::from_pem_file(key)
            .map_err(|source| TlsError::File { path: key.to_owned(), source })?;
        let leaf = chain.first().cloned();
        let start_tls = configuration(chain, secret)?;
        let mut direct = start_tls.clone();
        direct.alpn_protocols = vec![b"xmpp-client".to_vec()];
        let mut https = start_tls.clone();
        https.alpn_protocols = vec![b"http/1.1".to_vec()];
        let end_point = leaf.as_ref().and_then(end_point::of);
        let [start_tls, direct, https] = [start_tls, direct, https].map(Arc::new);
        Ok(Self { start_tls, direct, https, leaf, end_point })
    }
}

fn configuration(
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
) -> Result<ServerConfig, TlsError> {
    let mut config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(chain, key)?;
    // Tickets need no memory of ours; one is enough for one reconnect.
    config.ticketer = aws_lc_rs::Ticketer::new()?;
    config.session_storage = Arc::new(rustls::server::NoServerSessionStorage {});
    config.send_tls13_tickets = 1;
    // Exporter data of TLS 1.2 binds nothing without it (RFC 9266 section 4.2).
    config.require_ems = true;
    Ok(config)
}

fn names_of(leaf: &CertificateDer<'static>) -> Vec<String> {
    let Ok((_, certificate)) = x509_parser::parse_x509_certificate(leaf) else { return Vec::new() };
    let Ok(Some(names)) = certificate.subject_alternative_name() else { return Vec::new() };
    names
        .value
        .general_names
        .iter()
        .filter_map(|name| match name {
            x509_parser::extensions::GeneralName::DNSName(name) => Some((*name).to_owned()),
            _ => None,
        })
        .collect()
}

/// `tls-exporter` channel binding data (RFC 9266).
pub(crate) fn exporter<S: AsyncRead + AsyncWrite>(stream: &TlsStream<S>) -> Option<Vec<u8>> {
    let (_, connection) = stream.get_ref();
    connection.export_keying_material(vec![0_u8; 32], b"EXPORTER-Channel-Binding", Some(b"")).ok()
}
