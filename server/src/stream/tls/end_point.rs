//! `tls-server-end-point` channel binding data (RFC 5929 section 4): a hash of the server's certificate.

use aws_lc_rs::digest;
use rustls::pki_types::CertificateDer;
use x509_parser::certificate::X509Certificate;
use x509_parser::oid_registry::{
    OID_HASH_SHA1, OID_NIST_HASH_SHA256, OID_NIST_HASH_SHA384, OID_NIST_HASH_SHA512, OID_PKCS1_SHA1WITHRSA,
    OID_PKCS1_SHA256WITHRSA, OID_PKCS1_SHA384WITHRSA, OID_PKCS1_SHA512WITHRSA, OID_SIG_ECDSA_WITH_SHA256,
    OID_SIG_ECDSA_WITH_SHA384, OID_SIG_ECDSA_WITH_SHA512, Oid,
};
use x509_parser::signature_algorithm::SignatureAlgorithm;

/// `None` for certificates whose signature names no hash of its own, such as Ed25519: nothing is defined there.
pub(super) fn of(leaf: &CertificateDer<'static>) -> Option<Vec<u8>> {
    let (_, certificate) = x509_parser::parse_x509_certificate(leaf).ok()?;
    let algorithm = hash_of(&certificate)?;
    Some(digest::digest(algorithm, leaf).as_ref().to_vec())
}

fn hash_of(certificate: &X509Certificate<'_>) -> Option<&'static digest::Algorithm> {
    let signature = &certificate.signature_algorithm;
    if let Ok(SignatureAlgorithm::RSASSA_PSS(parameters)) = SignatureAlgorithm::try_from(signature) {
        return hash_named(parameters.hash_algorithm_oid());
    }
    hash_named(&signature.algorithm)
}

fn hash_named(oid: &Oid<'_>) -> Option<&'static digest::Algorithm> {
    // SHA-1 is replaced by SHA-256.
    if *oid == OID_HASH_SHA1 || *oid == OID_PKCS1_SHA1WITHRSA {
        return Some(&digest::SHA256);
    }
    let known = [
        ([OID_NIST_HASH_SHA256, OID_PKCS1_SHA256WITHRSA, OID_SIG_ECDSA_WITH_SHA256], &digest::SHA256),
        ([OID_NIST_HASH_SHA384, OID_PKCS1_SHA384WITHRSA, OID_SIG_ECDSA_WITH_SHA384], &digest::SHA384),
        ([OID_NIST_HASH_SHA512, OID_PKCS1_SHA512WITHRSA, OID_SIG_ECDSA_WITH_SHA512], &digest::SHA512),
    ];
    known.into_iter().find(|(names, _)| names.contains(oid)).map(|(_, hash)| hash)
}

#[cfg(test)]
mod tests {
    use rcgen::{
        CertificateParams, KeyPair, PKCS_ECDSA_P256_SHA256, PKCS_ECDSA_P384_SHA384, PKCS_ED25519,
        SignatureAlgorithm,
    };

    use super::*;

    fn certificate(algorithm: &'static SignatureAlgorithm) -> CertificateDer<'static> {
        let key = KeyPair::generate_for(algorithm).unwrap();
        let params = CertificateParams::new(vec!["example.org".to_owned()]).unwrap();
        params.self_signed(&key).unwrap().der().clone()
    }

    #[test]
    fn the_hash_is_that_of_the_signature() {
        let small = certificate(&PKCS_ECDSA_P256_SHA256);
        assert_eq!(of(&small).unwrap(), digest::digest(&digest::SHA256, &small).as_ref());
        let large = certificate(&PKCS_ECDSA_P384_SHA384);
        assert_eq!(of(&large).unwrap(), digest::digest(&digest::SHA384, &large).as_ref());
        assert_eq!(of(&certificate(&PKCS_ED25519)), None, "its signature names no hash");
    }
}
