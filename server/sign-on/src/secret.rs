//! Secrets of more than 250 random bits, and the hashes by which they are known afterwards.

use std::fmt;

use aws_lc_rs::{constant_time, digest};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

/// Source of randomness of one request: begins with 32 bytes of the system's, never runs out.
pub struct Random {
    seed: [u8; 32],
    drawn: u64,
}

impl fmt::Debug for Random {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Random").field("drawn", &self.drawn).finish_non_exhaustive()
    }
}

impl Random {
    /// Begins with random bytes of the system.
    pub fn new(seed: [u8; 32]) -> Self {
        Self { seed, drawn: 0 }
    }

    /// The next secret.
    pub fn secret(&mut self) -> Secret {
        self.drawn = self.drawn.saturating_add(1);
        let mut context = digest::Context::new(&digest::SHA256);
        context.update(&self.seed);
        context.update(&self.drawn.to_be_bytes());
        Secret(URL_SAFE_NO_PAD.encode(context.finish()).replace('_', "-"))
    }

    /// A number below a small limit.
    pub fn below(&mut self, limit: u32) -> u32 {
        let digest = self.secret().digest();
        let number =
            digest.0.iter().take(4).fold(0_u32, |number, byte| number.wrapping_shl(8) | u32::from(*byte));
        number.checked_rem(limit).unwrap_or_default()
    }
}

/// 43 characters of `[A-Za-z0-9-]`, the only ones that tickets and cookies of CAS may have (CAS Protocol 3.0 section
/// 3.7); since two of 64 are the same, some 254 random bits. Goes to its owner and is kept by nobody else.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// The text for its owner.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What is stored.
    pub fn digest(&self) -> Digest {
        Digest::of(&self.0)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Secret")
    }
}

/// SHA-256 of a secret. Compared in constant time.
#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Digest([u8; 32]);

impl Digest {
    /// Of a text as it came in.
    pub fn of(text: &str) -> Self {
        let mut bytes = [0_u8; 32];
        bytes.copy_from_slice(digest::digest(&digest::SHA256, text.as_bytes()).as_ref());
        Self(bytes)
    }

    /// Reads 43 characters of base64url.
    pub fn parse(text: &str) -> Option<Self> {
        Self::from_bytes(&URL_SAFE_NO_PAD.decode(text).ok()?)
    }

    /// Of 32 stored bytes.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    /// For the store.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// As base64url: also the `S256` of RFC 7636.
    pub fn to_text(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.0)
    }
}

impl PartialEq for Digest {
    fn eq(&self, other: &Self) -> bool {
        constant_time::verify_slices_are_equal(&self.0, &other.0).is_ok()
    }
}

impl Eq for Digest {}

impl fmt::Debug for Digest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Digest")
    }
}

impl From<Digest> for String {
    fn from(digest: Digest) -> Self {
        digest.to_text()
    }
}

impl TryFrom<String> for Digest {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text).ok_or("not a SHA-256 in base64url")
    }
}

#[cfg(test)]
mod tests {
    use super::{Digest, Random};

    #[test]
    fn secrets_differ_and_have_43_harmless_characters() {
        let mut random = Random::new([7; 32]);
        let (one, other) = (random.secret(), random.secret());
        assert_ne!(one, other);
        assert_eq!(one.as_str().len(), 43);
        for _ in 0..100 {
            let text = random.secret();
            assert!(
                text.as_str().bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-'),
                "{}",
                text.0
            );
        }
        assert_ne!(one, Random::new([8; 32]).secret());
    }

    #[test]
    fn neither_a_secret_nor_its_hash_shows_in_a_log() {
        let secret = Random::new([7; 32]).secret();
        let text = format!("{secret:?} {:?}", secret.digest());
        assert_eq!(text, "Secret Digest");
    }

    #[test]
    fn the_hash_is_the_challenge_of_rfc_7636_appendix_b() {
        let verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
        assert_eq!(Digest::of(verifier).to_text(), "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
    }
}
