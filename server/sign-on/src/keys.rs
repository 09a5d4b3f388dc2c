//! The keys that sign tokens. A new key is published a day before it is used, and an old one stays published until
//! nothing it has signed is valid any more.

use std::fmt;

use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair,
    RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256, RsaKeyPair, UnparsedPublicKey,
};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::moment::Moment;
use crate::relying_party::Algorithm;
use crate::secret::Digest;

/// A key is published so long before it is used: clients fetch the keys anew within a day.
const PUBLISHED_BEFORE: i64 = 86_400;
/// A key is used so long.
const USED_FOR: i64 = 90 * 86_400;
/// A key stays published so long after the next one has taken over.
const KEPT_FOR: i64 = 2 * 86_400;

/// A private key as it is kept in its file.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeyRecord {
    /// Its name (`kid`).
    pub id: String,
    /// The one way it signs.
    pub algorithm: Algorithm,
    /// From when on it signs.
    pub from: Moment,
    /// PKCS#8 in base64url.
    pub pkcs8: String,
}

impl fmt::Debug for KeyRecord {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("KeyRecord").field("id", &self.id).finish_non_exhaustive()
    }
}

/// The library has not made or not taken a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a signing key cannot be made or read")]
pub struct KeyProblem;

impl KeyRecord {
    /// Makes a key; the crypto library draws its randomness itself.
    ///
    /// # Errors
    /// The library does not.
    pub fn generate(algorithm: Algorithm, from: Moment) -> Result<Self, KeyProblem> {
        let der: Vec<u8> = match algorithm {
            Algorithm::Rs256 => {
                let pair = RsaKeyPair::generate(KeySize::Rsa2048).map_err(|_| KeyProblem)?;
                AsDer::<aws_lc_rs::encoding::Pkcs8V1Der<'_>>::as_der(&pair)
                    .map_err(|_| KeyProblem)?
                    .as_ref()
                    .to_vec()
            }
            Algorithm::Es256 => {
                let made =
                    EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new());
                made.map_err(|_| KeyProblem)?.as_ref().to_vec()
            }
        };
        let pkcs8 = URL_SAFE_NO_PAD.encode(&der);
        let pair = Pair::read(algorithm, &der)?;
        let id: String =
            Digest::of(&URL_SAFE_NO_PAD.encode(pair.public())).to_text().chars().take(16).collect();
        Ok(Self { id, algorithm, from, pkcs8 })
    }
}

enum Pair {
    Rsa(Box<RsaKeyPair>),
    Ecdsa(Box<EcdsaKeyPair>),
}

impl Pair {
    fn read(algorithm: Algorithm, der: &[u8]) -> Result<Self, KeyProblem> {
        match algorithm {
            Algorithm::Rs256 => RsaKeyPair::from_pkcs8(der).map(|pair| Self::Rsa(Box::new(pair))),
            Algorithm::Es256 => EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, der)
                .map(|pair| Self::Ecdsa(Box::new(pair))),
        }
        .map_err(|_| KeyProblem)
    }

    fn public(&self) -> &[u8] {
        match self {
            Self::Rsa(pair) => pair.public_key().as_ref(),
            Self::Ecdsa(pair) => pair.public_key().as_ref(),
        }
    }

    fn sign(&self, text: &[u8]) -> Result<Vec<u8>, KeyProblem> {
        match self {
            Self::Rsa(pair) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), text, &mut signature)
                    .map_err(|_| KeyProblem)?;
                Ok(signature)
            }
            Self::Ecdsa(pair) => pair
                .sign(&SystemRandom::new(), text)
                .map(|signature| signature.as_ref().to_vec())
                .map_err(|_| KeyProblem),
        }
    }

    fn verify(&self, text: &[u8], signature: &[u8]) -> bool {
        let public = self.public();
        match self {
            Self::Rsa(_) => {
                UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, public).verify(text, signature)
            }
            Self::Ecdsa(_) => {
                UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, public).verify(text, signature)
            }
        }
        .is_ok()
    }

    /// The public half (RFC 7518 section 6).
    fn to_jwk(&self) -> Option<Value> {
        let public = self.public();
        match self {
            Self::Rsa(_) => {
                let (modulus, exponent) = rsa_numbers(public)?;
                Some(
                    json!({ "kty": "RSA", "n": URL_SAFE_NO_PAD.encode(modulus), "e": URL_SAFE_NO_PAD.encode(exponent) }),
                )
            }
            Self::Ecdsa(_) => {
                let (x, y) = public.strip_prefix(&[4])?.split_at_checked(32)?;
                Some(json!({
                    "kty": "EC", "crv": "P-256", "x": URL_SAFE_NO_PAD.encode(x), "y": URL_SAFE_NO_PAD.encode(y)
                }))
            }
        }
    }
}

/// Modulus and exponent of an `RSAPublicKey` (RFC 8017 appendix A.1.1) without leading zeros.
fn rsa_numbers(der: &[u8]) -> Option<(&[u8], &[u8])> {
    let (sequence, _) = element(der, 0x30)?;
    let (modulus, rest) = element(sequence, 0x02)?;
    let (exponent, _) = element(rest, 0x02)?;
    let bare = |number: &'_ [u8]| number.iter().position(|byte| *byte != 0).unwrap_or_default();
    Some((modulus.get(bare(modulus)..)?, exponent.get(bare(exponent)..)?))
}

/// The content of a DER element with this tag, and what follows it.
fn element(der: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let (first, rest) = der.split_first()?;
    let (length, rest) = rest.split_first()?;
    let (length, rest) = if *length < 0x80 {
        (usize::from(*length), rest)
    } else {
        let (bytes, rest) = rest.split_at_checked(usize::from(*length & 0x7F))?;
        let add = |sum: usize, byte: &u8| sum.checked_mul(256)?.checked_add(usize::from(*byte));
        (bytes.iter().try_fold(0_usize, add)?, rest)
    };
    let (content, rest) = rest.split_at_checked(length)?;
    (*first == tag).then_some((content, rest))
}

struct Key {
    record: KeyRecord,
    pair: Pair,
}

/// All keys.
pub struct KeyRing(Vec<Key>);

impl fmt::Debug for KeyRing {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_list().entries(self.0.iter().map(|key| &key.record)).finish()
    }
}

/// What has to be done with the keys now.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Rotation {
    /// Make these, to be used from then on.
    pub make: Vec<(Algorithm, Moment)>,
    /// Forget these.
    pub forget: Vec<String>,
}

impl KeyRing {
    /// Reads the keys.
    ///
    /// # Errors
    /// One of them is none.
    pub fn open(records: Vec<KeyRecord>) -> Result<Self, KeyProblem> {
        let open = |record: KeyRecord| {
            let der = URL_SAFE_NO_PAD.decode(&record.pkcs8).map_err(|_| KeyProblem)?;
            let pair = Pair::read(record.algorithm, &der)?;
            Ok(Key { record, pair })
        };
        records.into_iter().map(open).collect::<Result<Vec<_>, _>>().map(Self)
    }

    /// As they are kept.
    pub fn records(&self) -> impl Iterator<Item = &KeyRecord> {
        self.0.iter().map(|key| &key.record)
    }

    /// Which keys to make and which to forget.
    pub fn rotation(&self, now: Moment) -> Rotation {
        let mut rotation = Rotation::default();
        for algorithm in [Algorithm::Rs256, Algorithm::Es256] {
            let of_it = || self.records().filter(|record| record.algorithm == algorithm);
            match of_it().map(|record| record.from).max() {
                None => rotation.make.push((algorithm, now)),
                Some(newest) if now >= newest.plus(USED_FOR - PUBLISHED_BEFORE) => {
                    let next = newest.plus(USED_FOR).max(now.plus(PUBLISHED_BEFORE));
                    rotation.make.push((algorithm, next));
                }
                Some(_) => {}
            }
            for record in of_it() {
                let is_over = |next: &KeyRecord| next.from > record.from && now > next.from.plus(KEPT_FOR);
                if of_it().any(is_over) {
                    rotation.forget.push(record.id.clone());
                }
            }
        }
        rotation
    }

    fn signer(&self, algorithm: Algorithm, now: Moment) -> Option<&Key> {
        let of_it = || self.0.iter().filter(|key| key.record.algorithm == algorithm);
        let in_use = of_it().filter(|key| key.record.from <= now).max_by_key(|key| key.record.from);
        in_use.or_else(|| of_it().min_by_key(|key| key.record.from))
    }

    /// The public halves (RFC 7517).
    pub fn jwks(&self) -> Value {
        let publish = |key: &Key| {
            let mut jwk = key.pair.to_jwk()?;
            let fields = jwk.as_object_mut()?;
            fields.insert("kid".to_owned(), json!(key.record.id));
            fields.insert("alg".to_owned(), json!(key.record.algorithm.name()));
            fields.insert("use".to_owned(), json!("sig"));
            Some(jwk)
        };
        json!({ "keys": self.0.iter().filter_map(publish).collect::<Vec<_>>() })
    }

    /// Signs claims as a compact JWS (RFC 7515); `kind` is the `typ` of the header.
    ///
    /// # Errors
    /// There is no key.
    pub fn sign(
        &self,
        kind: &str,
        algorithm: Algorithm,
        claims: &Value,
        now: Moment,
    ) -> Result<String, KeyProblem> {
        let key = self.signer(algorithm, now).ok_or(KeyProblem)?;
        let header = json!({ "alg": algorithm.name(), "kid": key.record.id, "typ": kind });
        let text = format!(
            "{}.{}",
            URL_SAFE_NO_PAD.encode(header.to_string()),
            URL_SAFE_NO_PAD.encode(claims.to_string())
        );
        let signature = key.pair.sign(text.as_bytes())?;
        Ok(format!("{text}.{}", URL_SAFE_NO_PAD.encode(signature)))
    }

    /// The claims of a token that one of these keys has signed in its own way; what the header says about the
    /// algorithm must be that, and chooses nothing.
    pub fn verify(&self, kind: &str, token: &str) -> Option<Value> {
        let (text, signature) = token.rsplit_once('.')?;
        let (header, claims) = text.split_once('.')?;
        let header: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(header).ok()?).ok()?;
        let says = |name: &str| header.get(name).and_then(Value::as_str);
        let is_named = |key: &&Key| says("kid") == Some(&key.record.id);
        let key = self.0.iter().find(is_named)?;
        if says("alg") != Some(key.record.algorithm.name()) || says("typ") != Some(kind) {
            return None;
        }
        let signature = URL_SAFE_NO_PAD.decode(signature).ok()?;
        if !key.pair.verify(text.as_bytes(), &signature) {
            return None;
        }
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).ok()?).ok()
    }
}

#[cfg(test)]
mod tests;
