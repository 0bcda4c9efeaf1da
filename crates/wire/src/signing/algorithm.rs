//! The signing algorithms. Another one is another variant with its arms here (and its primitives in its own
//! file); nothing else in the module names a hash or a MAC.

use super::hex;
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use subtle::{Choice, ConstantTimeEq};

/// How a request is signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Algorithm {
    /// `SDK-HMAC-SHA256`, what every official SDK uses unless told otherwise. The key is the secret key's bytes.
    SdkHmacSha256,
}

impl Algorithm {
    const ALL: &[Self] = &[Self::SdkHmacSha256];

    /// The name, first word of the Authorization header and first line of the string to sign.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::SdkHmacSha256 => "SDK-HMAC-SHA256",
        }
    }

    /// The algorithm whose name is the first word of this Authorization header, if it is one of ours. Tells a
    /// signed request (well-formed or not) from `Bearer` and the like.
    #[must_use]
    pub fn of_authorization(value: &[u8]) -> Option<Self> {
        let name = value.split(|byte| *byte == b' ').next()?;
        Self::ALL.iter().copied().find(|algorithm| algorithm.name().as_bytes() == name)
    }

    /// Lower-case name of the header that may state the payload hash.
    pub(super) const fn content_header(self) -> &'static str {
        match self {
            Self::SdkHmacSha256 => "x-sdk-content-sha256",
        }
    }

    /// Lower-case hexadecimal digits of the hash of `data`.
    pub(super) fn hash_hex(self, data: &[u8]) -> String {
        match self {
            Self::SdkHmacSha256 => hex::encode(&Sha256::digest(data)),
        }
    }

    /// Reads the value of `Signature=`; `None` if it cannot be a signature of this algorithm.
    pub(super) fn parse_signature(self, digits: &[u8]) -> Option<Vec<u8>> {
        match self {
            Self::SdkHmacSha256 => hex::decode(digits).filter(|bytes| bytes.len() == 32),
        }
    }

    /// The signature of a canonical request, as it stands behind `Signature=`.
    pub(super) fn signature(self, secret: &[u8], date: &[u8], canonical_request: &[u8]) -> String {
        let string_to_sign = self.string_to_sign(date, canonical_request);
        match self {
            Self::SdkHmacSha256 => hex::encode(&hmac_sha256(secret, &string_to_sign)),
        }
    }

    /// Whether `signature` signs the canonical request, in a time that does not depend on where they differ.
    pub(super) fn matches(
        self,
        secret: &[u8],
        date: &[u8],
        canonical_request: &[u8],
        signature: &[u8],
    ) -> Choice {
        let string_to_sign = self.string_to_sign(date, canonical_request);
        match self {
            Self::SdkHmacSha256 => hmac_sha256(secret, &string_to_sign).ct_eq(signature),
        }
    }

    fn string_to_sign(self, date: &[u8], canonical_request: &[u8]) -> Vec<u8> {
        let hash = self.hash_hex(canonical_request);
        [self.name().as_bytes(), date, hash.as_bytes()].join(&b'\n')
    }
}

fn hmac_sha256(key: &[u8], data: &[u8]) -> [u8; 32] {
    // RFC 2104 takes keys of any length, so this cannot fail whatever the key is.
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes a key of any length");
    mac.update(data);
    mac.finalize().into_bytes().into()
}

#[cfg(test)]
mod tests {
    use super::{Algorithm, hmac_sha256};
    use crate::signing::hex;

    #[test]
    fn the_first_word_names_the_algorithm() {
        let ours = Some(Algorithm::SdkHmacSha256);
        assert_eq!(Algorithm::of_authorization(b"SDK-HMAC-SHA256 Access=x"), ours);
        assert_eq!(Algorithm::of_authorization(b"SDK-HMAC-SHA256"), ours);
        for other in [&b""[..], b"Bearer x", b"sdk-hmac-sha256 x", b"SDK-HMAC-SHA256x y", b" SDK-HMAC-SHA256"]
        {
            assert_eq!(Algorithm::of_authorization(other), None);
        }
    }

    /// RFC 4231 test cases 2 and 6 (a key longer than a block).
    #[test]
    fn hmac_takes_keys_of_any_length() {
        let data = b"what do ya want for nothing?";
        assert_eq!(
            hex::encode(&hmac_sha256(b"Jefe", data)),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        );
        let data = b"Test Using Larger Than Block-Size Key - Hash Key First";
        assert_eq!(
            hex::encode(&hmac_sha256(&[0xaa; 131], data)),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
        );
        let _ = hmac_sha256(b"", b"");
    }
}
