//! The signing algorithms by name, and how the signed texts differ between them. [`super::key`] has the
//! computations. A new algorithm is a new variant with its match arms in both files.

use super::hex;
use sha2::{Digest as _, Sha256};
use sm3::Sm3;

/// How a request is signed. The SDKs use the first one unless their `signing_algorithm` selects another one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Algorithm {
    /// `SDK-HMAC-SHA256`, what every official SDK uses unless told otherwise. The key is the secret key's
    /// bytes.
    SdkHmacSha256,
    /// `SDK-HMAC-SM3`: the same with SM3 instead of SHA-256.
    SdkHmacSm3,
    /// `V11-HMAC-SHA256`: the key is derived for one day, region and service.
    V11HmacSha256,
    /// `SDK-ECDSA-P256-SHA256`: ECDSA with a private key derived from the secret key.
    SdkEcdsaP256Sha256,
    /// `SDK-SM2-SM3`: SM2 with a private key derived from the secret key.
    SdkSm2Sm3,
}

impl Algorithm {
    /// Every algorithm that is verified.
    pub const ALL: &[Self] = &[
        Self::SdkHmacSha256,
        Self::SdkHmacSm3,
        Self::V11HmacSha256,
        Self::SdkEcdsaP256Sha256,
        Self::SdkSm2Sm3,
    ];

    /// The name, first word of the Authorization header and first line of the string to sign.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::SdkHmacSha256 => "SDK-HMAC-SHA256",
            Self::SdkHmacSm3 => "SDK-HMAC-SM3",
            Self::V11HmacSha256 => "V11-HMAC-SHA256",
            Self::SdkEcdsaP256Sha256 => "SDK-ECDSA-P256-SHA256",
            Self::SdkSm2Sm3 => "SDK-SM2-SM3",
        }
    }

    /// The algorithm whose name is the first word of this Authorization header. Distinguishes a signed
    /// request, well-formed or not, from `Bearer` and other schemes.
    #[must_use]
    pub fn of_authorization(value: &[u8]) -> Option<Self> {
        let name = value.split(|byte| *byte == b' ').next()?;
        Self::ALL.iter().copied().find(|algorithm| algorithm.name().as_bytes() == name)
    }

    /// Whether one verification takes up to a millisecond; the others take microseconds.
    #[must_use]
    pub const fn is_slow(self) -> bool {
        matches!(self, Self::SdkEcdsaP256Sha256 | Self::SdkSm2Sm3)
    }

    /// Whether the key is derived for one day, region and service, which the Authorization header names.
    pub(super) const fn is_scoped(self) -> bool {
        matches!(self, Self::V11HmacSha256)
    }

    const fn uses_sm3(self) -> bool {
        matches!(self, Self::SdkHmacSm3 | Self::SdkSm2Sm3)
    }

    /// Lower-case name of the header that may state the payload hash.
    pub(super) const fn content_header(self) -> &'static str {
        if self.uses_sm3() { "x-sdk-content-sm3" } else { "x-sdk-content-sha256" }
    }

    /// Lower-case hexadecimal digits of the hash of `data`, as the canonical request has it of the body.
    #[must_use]
    pub fn hash_hex(self, data: &[u8]) -> String {
        if self.uses_sm3() { hex::encode(&Sm3::digest(data)) } else { hex::encode(&Sha256::digest(data)) }
    }

    /// Reads the value of `Signature=`; `None` if it cannot be a signature of this algorithm. A MAC has 32
    /// bytes; the others are a DER sequence of two integers.
    pub(super) fn parse_signature(self, digits: &[u8]) -> Option<Vec<u8>> {
        let bytes = hex::decode(digits)?;
        let is_valid = match self {
            Self::SdkHmacSha256 | Self::SdkHmacSm3 | Self::V11HmacSha256 => bytes.len() == 32,
            Self::SdkEcdsaP256Sha256 => p256::ecdsa::Signature::from_der(&bytes).is_ok(),
            Self::SdkSm2Sm3 => sm2::dsa::Signature::from_der(&bytes).is_ok(),
        };
        is_valid.then_some(bytes)
    }

    /// The text that is signed. `scope` is `YYYYMMDD/region/service` for a scoped key, else empty.
    pub(super) fn string_to_sign(self, date: &[u8], scope: &str, canonical_request: &[u8]) -> Vec<u8> {
        let hash = self.hash_hex(canonical_request);
        let (name, scope, hash) = (self.name().as_bytes(), scope.as_bytes(), hash.as_bytes());
        if self.is_scoped() {
            [name, date, scope, hash].join(&b'\n')
        } else {
            [name, date, hash].join(&b'\n')
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Algorithm;

    #[test]
    fn the_first_word_names_the_algorithm() {
        for &algorithm in Algorithm::ALL {
            let of = |rest: &str| Algorithm::of_authorization([algorithm.name(), rest].concat().as_bytes());
            assert_eq!((of(" Access=x"), of("")), (Some(algorithm), Some(algorithm)));
            assert_eq!((of("x y"), of("-")), (None, None));
        }
        for other in [&b""[..], b"Bearer x", b"sdk-hmac-sha256 x", b" SDK-HMAC-SHA256", b"SDK-HMAC"] {
            assert_eq!(Algorithm::of_authorization(other), None);
        }
    }

    /// GB/T 32905-2016, example 1; and the hash of the empty text, as in the wire facts.
    #[test]
    fn hashes_are_the_standards_ones() {
        let of = |data: &[u8]| Algorithm::SdkHmacSm3.hash_hex(data);
        assert_eq!(of(b"abc"), "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0");
        assert_eq!(of(b""), "1ab21d8355cfa17f8e61194831e81a8f22bec8c728fefb747ed035eb5082aa2b");
        assert_eq!(
            Algorithm::SdkEcdsaP256Sha256.hash_hex(b""),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
        );
    }

    #[test]
    fn a_signature_has_the_form_of_its_algorithm() {
        let mac = "0f".repeat(32);
        // SEQUENCE { INTEGER 1, INTEGER 2 }
        let pair = "3006020101020102";
        for &algorithm in Algorithm::ALL {
            let takes = |text: &str| algorithm.parse_signature(text.as_bytes()).is_some();
            let asymmetric = matches!(algorithm, Algorithm::SdkEcdsaP256Sha256 | Algorithm::SdkSm2Sm3);
            assert_eq!((takes(&mac), takes(pair)), (!asymmetric, asymmetric), "{algorithm:?}");
            for bad in [
                "",
                "30",
                "3006020101020102ff",
                "300702010102020002",
                "3006020100020102",
                "3006020101020182",
                "308106020101020102",
                &mac.to_uppercase(),
                &mac[2..],
            ] {
                assert!(!takes(bad), "{algorithm:?} {bad}");
            }
        }
    }
}
