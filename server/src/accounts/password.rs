//! From a password to the keys that are stored: SASLprep (RFC 4013), PBKDF2 and the keys of RFC 5802.

use std::num::NonZeroU32;

use aws_lc_rs::{constant_time, digest, hmac, pbkdf2};

use super::ScramCredentials;
use crate::storage::accounts::CredentialRow;

/// Bytes of a salt.
pub const SALT: usize = 16;
/// Most bytes of a password.
const LONGEST: usize = 1_024;

/// Hash functions that SCRAM is offered with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Hash {
    /// SCRAM-SHA-1 (RFC 5802), for old clients.
    Sha1,
    /// SCRAM-SHA-256 (RFC 7677).
    Sha256,
    /// SCRAM-SHA-512.
    Sha512,
}

impl Hash {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Sha1, Self::Sha256, Self::Sha512];

    /// Its number in the database.
    pub fn number(self) -> u8 {
        match self {
            Self::Sha1 => 1,
            Self::Sha256 => 2,
            Self::Sha512 => 3,
        }
    }

    /// Bytes of its result.
    pub fn length(self) -> usize {
        match self {
            Self::Sha1 => 20,
            Self::Sha256 => 32,
            Self::Sha512 => 64,
        }
    }

    pub(crate) fn hmac(self) -> hmac::Algorithm {
        match self {
            Self::Sha1 => hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY,
            Self::Sha256 => hmac::HMAC_SHA256,
            Self::Sha512 => hmac::HMAC_SHA512,
        }
    }

    pub(crate) fn digest(self) -> &'static digest::Algorithm {
        match self {
            Self::Sha1 => &digest::SHA1_FOR_LEGACY_USE_ONLY,
            Self::Sha256 => &digest::SHA256,
            Self::Sha512 => &digest::SHA512,
        }
    }

    fn pbkdf2(self) -> pbkdf2::Algorithm {
        match self {
            Self::Sha1 => pbkdf2::PBKDF2_HMAC_SHA1,
            Self::Sha256 => pbkdf2::PBKDF2_HMAC_SHA256,
            Self::Sha512 => pbkdf2::PBKDF2_HMAC_SHA512,
        }
    }
}

/// Why a password cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PasswordError {
    /// Nothing is left of it after SASLprep.
    #[error("the password is empty")]
    Empty,
    /// SASLprep forbids a character of it.
    #[error("the password contains a character that cannot be typed everywhere, such as a control character")]
    Forbidden,
    /// It is longer than any client sends.
    #[error("the password is longer than {LONGEST} bytes")]
    TooLong,
    /// The system gives no random bytes.
    #[error("the system gives no random bytes")]
    NoRandomness,
}

/// Keys of one password under every hash.
#[derive(Clone, PartialEq, Eq)]
pub struct PasswordKeys(Vec<CredentialRow>);

impl std::fmt::Debug for PasswordKeys {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("PasswordKeys").finish_non_exhaustive()
    }
}

impl PasswordKeys {
    /// Derives the keys with fresh salts. Takes milliseconds of CPU: not for an async task.
    ///
    /// # Errors
    /// The password cannot be used.
    pub fn derive(password: &str, iterations: u32) -> Result<Self, PasswordError> {
        let prepared = prepare(password)?;
        let mut rows = Vec::with_capacity(Hash::ALL.len());
        for hash in Hash::ALL {
            let salt = random::<SALT>()?;
            let (stored_key, server_key) = keys(&prepared, hash, &salt, iterations);
            rows.push(CredentialRow {
                hash: hash.number(),
                salt: salt.to_vec(),
                iterations,
                stored_key,
                server_key,
            });
        }
        Ok(Self(rows))
    }

    /// As rows of the database.
    pub(crate) fn rows(&self) -> Vec<CredentialRow> {
        self.0.clone()
    }
}

/// Whether a password can be used at all; costs nothing beside [`PasswordKeys::derive`].
///
/// # Errors
/// Why not.
pub fn check(password: &str) -> Result<(), PasswordError> {
    prepare(password).map(|_| ())
}

/// Random bytes of the system.
///
/// # Errors
/// The system gives none.
pub fn random<const LENGTH: usize>() -> Result<[u8; LENGTH], PasswordError> {
    let mut bytes = [0; LENGTH];
    // Straight from the system: the generator of the TLS library gathers entropy of its own when it is first
    // asked, which takes several times as long as a whole command.
    getrandom::fill(&mut bytes).map_err(|_| PasswordError::NoRandomness)?;
    Ok(bytes)
}

/// A one-time password that is easy to read out: 20 letters and digits that do not look alike.
///
/// # Errors
/// The system gives no random bytes.
pub fn one_time_password() -> Result<String, PasswordError> {
    // 32 letters, so that five bits of every byte choose one without a bias.
    const LETTERS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
    let mut text = String::new();
    for (index, byte) in random::<20>()?.iter().enumerate() {
        if index > 0 && index.is_multiple_of(5) {
            text.push('-');
        }
        if let Some(letter) = LETTERS.get(usize::from(byte & 31)) {
            text.push(char::from(*letter));
        }
    }
    Ok(text)
}

/// Whether the password fits the stored keys.
pub fn check_password(password: &str, hash: Hash, stored: &ScramCredentials) -> bool {
    prepare(password).is_ok_and(|prepared| {
        let (stored_key, _) = keys(&prepared, hash, &stored.salt, stored.iterations);
        constant_time::verify_slices_are_equal(&stored_key, &stored.stored_key).is_ok()
    })
}

fn prepare(password: &str) -> Result<String, PasswordError> {
    if password.len() > LONGEST {
        return Err(PasswordError::TooLong);
    }
    let prepared = stringprep::saslprep(password).map_err(|_| PasswordError::Forbidden)?;
    if prepared.is_empty() { Err(PasswordError::Empty) } else { Ok(prepared.into_owned()) }
}

/// StoredKey and ServerKey (RFC 5802 section 3).
fn keys(prepared: &str, hash: Hash, salt: &[u8], iterations: u32) -> (Vec<u8>, Vec<u8>) {
    let mut salted = vec![0; hash.length()];
    let iterations = NonZeroU32::new(iterations).unwrap_or(NonZeroU32::MIN);
    pbkdf2::derive(hash.pbkdf2(), iterations, salt, prepared.as_bytes(), &mut salted);
    let key = hmac::Key::new(hash.hmac(), &salted);
    let client_key = hmac::sign(&key, b"Client Key");
    let stored_key = digest::digest(hash.digest(), client_key.as_ref());
    (stored_key.as_ref().to_vec(), hmac::sign(&key, b"Server Key").as_ref().to_vec())
}

#[cfg(test)]
mod tests {
    use super::{Hash, PasswordError, PasswordKeys, keys, one_time_password, prepare};

    #[test]
    fn the_keys_are_those_of_rfc_5802() {
        // Salt and iterations of the example in section 5; the keys as computed from its proof.
        let salt = [0x41, 0x25, 0xc2, 0x47, 0xe4, 0x3a, 0xb1, 0xe9, 0x3c, 0x6d, 0xff, 0x76];
        let (stored, server) = keys("pencil", Hash::Sha1, &salt, 4_096);
        let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
        assert_eq!(hex(&stored), "e9d94660c39d65c38fbad91c358f14da0eef2bd6");
        assert_eq!(hex(&server), "0fe09258b3ac852ba502cc62ba903eaacdbf7d31");
    }

    #[test]
    fn saslprep_makes_typed_forms_alike() {
        assert_eq!(prepare("I\u{ad}X").unwrap(), "IX");
        assert_eq!(prepare("a\u{3000}b").unwrap(), "a b");
        assert_eq!(prepare("密码").unwrap(), "密码");
        assert_eq!(prepare("\u{7}"), Err(PasswordError::Forbidden));
        assert_eq!(prepare(""), Err(PasswordError::Empty));
        assert_eq!(prepare(&"x".repeat(2_000)), Err(PasswordError::TooLong));
    }

    #[test]
    fn one_password_never_makes_the_same_keys_twice() {
        assert_ne!(PasswordKeys::derive("a", 1).unwrap(), PasswordKeys::derive("a", 1).unwrap());
        assert_ne!(one_time_password().unwrap(), one_time_password().unwrap());
        assert_eq!(one_time_password().unwrap().len(), 23);
    }
}
