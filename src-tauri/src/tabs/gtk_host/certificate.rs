//! Certificates that the system does not trust: taken when the authority that the person has accepted has signed them.

use std::cell::RefCell;

use gtk::gio::prelude::*;
use gtk::gio::{NetworkAddress, SocketConnectable, TlsCertificate, TlsCertificateFlags};
use tauri::Url;
use webkit2gtk::{WebContextExt, WebViewExt};

/// Most certificates of a chain.
const LONGEST_CHAIN: usize = 8;

/// The authority that the person has accepted.
#[derive(Debug)]
pub(super) struct Accepted {
    /// Its SHA-256.
    fingerprint: Option<String>,
    /// The authority itself, once a server has shown it: the sign-on, which is the first that every tab visits, does.
    /// Servers may leave it out of what they send (RFC 8446, section 4.4.2).
    seen: RefCell<Option<TlsCertificate>>,
}

impl Accepted {
    pub(super) const fn new(fingerprint: Option<String>) -> Self {
        Self { fingerprint, seen: RefCell::new(None) }
    }

    /// Looks at a certificate; when it is good, this host may show it and the page is loaded again.
    pub(super) fn lets_in(
        &self,
        view: &webkit2gtk::WebView,
        url: &str,
        certificate: &TlsCertificate,
    ) -> bool {
        let (Some(fingerprint), Ok(address)) = (self.fingerprint.as_deref(), Url::parse(url)) else {
            return false;
        };
        let (Some(host), Some(context)) = (address.host_str(), view.context()) else { return false };
        let shown = signer(certificate, fingerprint);
        let Some(signer) = shown.clone().or_else(|| self.seen.borrow().clone()) else { return false };
        let port = address.port_or_known_default().unwrap_or(443);
        let name: SocketConnectable = NetworkAddress::new(host, port).upcast();
        if certificate.verify(Some(&name), Some(&signer)) != TlsCertificateFlags::empty() {
            return false;
        }
        if shown.is_some() {
            self.seen.replace(shown);
        }
        context.allow_tls_certificate_for_host(certificate, host);
        view.load_uri(url);
        true
    }
}

/// The certificate of the chain with this SHA-256.
fn signer(certificate: &TlsCertificate, authority: &str) -> Option<TlsCertificate> {
    let mut next = Some(certificate.clone());
    for _ in 0..LONGEST_CHAIN {
        let current = next?;
        if fingerprint(&current).as_deref() == Some(authority) {
            return Some(current);
        }
        next = current.issuer();
    }
    None
}

fn fingerprint(certificate: &TlsCertificate) -> Option<String> {
    let der = certificate.certificate()?;
    let hash = gtk::glib::compute_checksum_for_data(gtk::glib::ChecksumType::Sha256, &der)?;
    Some(hash.to_ascii_lowercase())
}
