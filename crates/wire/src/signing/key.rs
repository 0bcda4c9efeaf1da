//! A secret key in the form in which one algorithm signs and verifies.

use super::sm2_key::Sm2Key;
use super::{Algorithm, hex};
use hkdf::Hkdf;
use hmac::{Hmac, KeyInit as _, Mac as _};
use p256::ecdsa::signature::{Signer as _, Verifier as _};
use sha2::Sha256;
use sm3::Sm3;
use subtle::{Choice, ConstantTimeEq as _};

/// The order of each curve less 2: the greatest candidate for a private key (wire fact 5.2).
const P256_MAX: [u8; 32] = [
    0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xbc, 0xe6, 0xfa,
    0xad, 0xa7, 0x17, 0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x4f,
];
const SM2_MAX: [u8; 32] = [
    0xff, 0xff, 0xff, 0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x72,
    0x03, 0xdf, 0x6b, 0x21, 0xc6, 0x05, 0x2b, 0x53, 0xbb, 0xf4, 0x09, 0x39, 0xd5, 0x41, 0x21,
];

/// A secret key as its algorithm uses it. Created once for a request, because deriving it costs as much as
/// using it.
pub(super) struct Key {
    algorithm: Algorithm,
    scope: String,
    material: Material,
}

enum Material {
    Sha256(Vec<u8>),
    Sm3(Vec<u8>),
    P256(Box<p256::ecdsa::SigningKey>),
    Sm2(Box<Sm2Key>),
    /// None of the 256 candidates for a private key is in range. The probability is negligible.
    Unusable,
}

impl Key {
    /// Derives the key. Takes the same time for every secret. `scope` is `YYYYMMDD/region/service` for a
    /// scoped algorithm.
    pub(super) fn new(algorithm: Algorithm, access_key: &str, secret: &[u8], scope: &str) -> Self {
        let material = match algorithm {
            Algorithm::SdkHmacSha256 => Material::Sha256(secret.to_vec()),
            Algorithm::SdkHmacSm3 => Material::Sm3(secret.to_vec()),
            Algorithm::V11HmacSha256 => Material::Sha256(derived(access_key, secret, scope)),
            Algorithm::SdkEcdsaP256Sha256 => scalar(algorithm, access_key, secret, &P256_MAX)
                .and_then(|d| p256::ecdsa::SigningKey::from_slice(&d).ok())
                .map_or(Material::Unusable, |key| Material::P256(Box::new(key))),
            Algorithm::SdkSm2Sm3 => scalar(algorithm, access_key, secret, &SM2_MAX)
                .and_then(|d| Sm2Key::new(&d))
                .map_or(Material::Unusable, |key| Material::Sm2(Box::new(key))),
        };
        Self { algorithm, scope: scope.to_owned(), material }
    }

    /// The signature of a canonical request, as the value of `Signature=`. `None` for a key that cannot sign.
    pub(super) fn signature(&self, date: &[u8], canonical_request: &[u8]) -> Option<String> {
        let text = self.algorithm.string_to_sign(date, &self.scope, canonical_request);
        Some(match &self.material {
            Material::Sha256(key) => hex::encode(&hmac_sha256(key, &[&text])),
            Material::Sm3(key) => hex::encode(&hmac_sm3(key, &[&text])),
            Material::P256(key) => {
                let signature: p256::ecdsa::Signature = key.try_sign(&text).ok()?;
                hex::encode(signature.to_der().as_bytes())
            }
            Material::Sm2(key) => hex::encode(&key.sign(&text)?),
            Material::Unusable => return None,
        })
    }

    /// Whether `signature` signs the canonical request. Takes constant time for a MAC.
    pub(super) fn matches(&self, date: &[u8], canonical_request: &[u8], signature: &[u8]) -> Choice {
        self.verify(&self.algorithm.string_to_sign(date, &self.scope, canonical_request), signature)
    }

    /// Whether `signature` signs a string to sign. Takes constant time for a MAC.
    pub(super) fn verify(&self, text: &[u8], signature: &[u8]) -> Choice {
        let choice = |matches: bool| Choice::from(u8::from(matches));
        match &self.material {
            Material::Sha256(key) => hmac_sha256(key, &[text]).ct_eq(signature),
            Material::Sm3(key) => hmac_sm3(key, &[text]).ct_eq(signature),
            Material::P256(key) => {
                let signature = p256::ecdsa::Signature::from_der(signature);
                choice(signature.is_ok_and(|signature| key.verifying_key().verify(text, &signature).is_ok()))
            }
            Material::Sm2(key) => choice(key.verify(text, signature)),
            Material::Unusable => choice(false),
        }
    }
}

/// The key for one scope: the *hexadecimal digits* of HKDF-SHA256 with the access key as salt (wire fact
/// 5.2).
fn derived(access_key: &str, secret: &[u8], scope: &str) -> Vec<u8> {
    let mut key = [0; 32];
    // RFC 5869 allows up to 255 times 32 bytes, so this cannot fail.
    Hkdf::<Sha256>::new(Some(access_key.as_bytes()), secret)
        .expand(scope.as_bytes(), &mut key)
        .expect("HKDF gives 32 bytes");
    hex::encode(&key).into_bytes()
}

/// The private key: the first candidate not above `max`, plus 1 (wire fact 5.2).
fn scalar(algorithm: Algorithm, access_key: &str, secret: &[u8], max: &[u8; 32]) -> Option<[u8; 32]> {
    let hmac = if algorithm == Algorithm::SdkSm2Sm3 { hmac_sm3 } else { hmac_sha256 };
    let parts = |counter: &[u8; 1]| {
        let (name, access) = (algorithm.name().as_bytes(), access_key.as_bytes());
        hmac(secret, &[&[0, 0, 0, 1], name, &[0], access, counter, &[0, 0, 1, 0]])
    };
    let mut scalar = (0..=u8::MAX).map(|counter| parts(&[counter])).find(|candidate| candidate <= max)?;
    for byte in scalar.iter_mut().rev() {
        let carry;
        (*byte, carry) = byte.overflowing_add(1);
        if !carry {
            break;
        }
    }
    Some(scalar)
}

macro_rules! hmac_with {
    ($name:ident, $hash:ty) => {
        fn $name(key: &[u8], parts: &[&[u8]]) -> [u8; 32] {
            // RFC 2104 allows keys of any length, so this cannot fail.
            let mut mac = Hmac::<$hash>::new_from_slice(key).expect("HMAC takes a key of any length");
            parts.iter().for_each(|part| mac.update(part));
            mac.finalize().into_bytes().into()
        }
    };
}
hmac_with!(hmac_sha256, Sha256);
hmac_with!(hmac_sm3, Sm3);

#[cfg(test)]
mod tests {
    use super::{P256_MAX, SM2_MAX, derived, hmac_sha256, scalar};
    use crate::signing::{Algorithm, hex};

    const AK: &str = "AKEXAMPLE0000000001";
    const SK: &[u8] = b"SKexample000000000000000000000000000000001";

    /// RFC 4231 test cases 2 and 6 (a key longer than a block).
    #[test]
    fn hmac_takes_keys_of_any_length() {
        assert_eq!(
            hex::encode(&hmac_sha256(b"Jefe", &[b"what do ya want ", b"for nothing?"])),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        );
        let data = b"Test Using Larger Than Block-Size Key - Hash Key First";
        assert_eq!(
            hex::encode(&hmac_sha256(&[0xaa; 131], &[data])),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
        );
        let _ = hmac_sha256(b"", &[]);
    }

    /// The keys that the official signer derives, from the fixture's vectors v11-derived-1, p256-1 and sm2-1.
    #[test]
    fn keys_are_derived_as_the_official_signer_does() {
        assert_eq!(
            String::from_utf8(derived(AK, SK, "20261123/cn-north-4/codehub")).unwrap(),
            "39e9056fdc8f0a2100f633c58f27e327921050703cbeaa27a78a954db5f0de44"
        );
        let of = |algorithm, max| hex::encode(&scalar(algorithm, AK, SK, max).unwrap());
        assert_eq!(
            of(Algorithm::SdkEcdsaP256Sha256, &P256_MAX),
            "2eddf9d282d367308796a46bb42ed65b4689ccf87d78c879d6c0639001144fac"
        );
        assert_eq!(
            of(Algorithm::SdkSm2Sm3, &SM2_MAX),
            "f614f874236e1cb460fda08070d67680073ff5305fb3ef6352b110c3949114fb"
        );
    }

    #[test]
    fn a_candidate_above_the_maximum_is_skipped() {
        let first = scalar(Algorithm::SdkSm2Sm3, AK, SK, &[0xff; 32]).unwrap();
        let mut below = first;
        *below.last_mut().unwrap() -= 2;
        let second = scalar(Algorithm::SdkSm2Sm3, AK, SK, &below).unwrap();
        assert!(second < first, "{second:?}");
        assert_eq!(scalar(Algorithm::SdkSm2Sm3, AK, SK, &[0; 32]), None);
    }
}
