//! Keys of business systems: `ph_<number of the application>_<256 random bits>`. Only their hashes are kept.

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use subtle::ConstantTimeEq;

/// Bytes of the secret.
const LENGTH: usize = 32;

/// What every key begins with, so that programs that look for lost secrets find it.
const PREFIX: &str = "ph_";

/// A new secret. It is shown once and never written down.
pub struct ApplicationSecret([u8; LENGTH]);

impl std::fmt::Debug for ApplicationSecret {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("ApplicationSecret")
    }
}

impl ApplicationSecret {
    /// Of these random bytes.
    pub fn new(random: [u8; LENGTH]) -> Self {
        Self(random)
    }

    /// The whole key of that application.
    pub fn key_of(&self, application: i64) -> String {
        format!("{PREFIX}{application}_{}", URL_SAFE_NO_PAD.encode(self.0))
    }

    /// What is kept.
    pub fn hash(&self) -> Vec<u8> {
        digest(&SHA256, &self.0).as_ref().to_vec()
    }
}

/// A key that somebody shows.
pub struct ShownKey {
    /// Whose it says it is.
    pub application: i64,
    hash: Vec<u8>,
}

impl std::fmt::Debug for ShownKey {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("ShownKey").field("application", &self.application).finish_non_exhaustive()
    }
}

impl ShownKey {
    /// Reads a key; `None` when it is none.
    pub fn parse(text: &str) -> Option<Self> {
        let (application, secret) = text.strip_prefix(PREFIX)?.split_once('_')?;
        let secret = URL_SAFE_NO_PAD.decode(secret).ok().filter(|secret| secret.len() == LENGTH)?;
        Some(Self {
            application: application.parse().ok()?,
            hash: digest(&SHA256, &secret).as_ref().to_vec(),
        })
    }

    /// Whether it is the key with this hash; takes as long whatever the answer.
    pub fn is(&self, hash: &[u8]) -> bool {
        self.hash.as_slice().ct_eq(hash).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_known_by_its_hash() {
        let secret = ApplicationSecret::new([7; LENGTH]);
        let key = secret.key_of(12);
        assert!(key.starts_with("ph_12_") && key.len() == 6 + 43);
        let shown = ShownKey::parse(&key).unwrap();
        assert_eq!(shown.application, 12);
        assert!(shown.is(&secret.hash()) && !shown.is(&ApplicationSecret::new([8; LENGTH]).hash()));
        assert!(!shown.is(&[]), "no key is the key of an application that has none");
    }

    #[test]
    fn what_is_no_key_is_none() {
        for text in ["", "ph_", "ph_1", "ph_1_", "ph_x_AAAA", "ph_1_AAAA", "Bearer ph_1_x"] {
            assert!(ShownKey::parse(text).is_none(), "{text}");
        }
    }
}
