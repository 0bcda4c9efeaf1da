//! An SM2 key as the SDKs use it. The signed text is hashed together with a hash of the public key (GB/T
//! 32918.2-2016, 5.5). The SDKs compute that hash in two ways: Go and Java write both coordinates in 32
//! bytes, according to the standard; Python omits leading zero bytes.

use sm2::dsa::signature::hazmat::PrehashVerifier as _;
use sm2::dsa::signature::{Signer as _, Verifier as _};
use sm2::dsa::{Signature, SigningKey};
use sm2::elliptic_curve::sec1::ToSec1Point as _;
use sm3::{Digest as _, Sm3};

/// The identity in the hash of the public key: the default of the standard (GB/T 35276-2017, chapter 10).
const IDENTITY: &str = "1234567812345678";

/// The curve's a and b and its base point, concatenated (GB/T 32918.5-2017, chapter 3).
const CURVE: [u8; 128] = [
    0xff, 0xff, 0xff, 0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
    0xff, 0xff, 0xff, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfc, 0x28, 0xe9, 0xfa, 0x9e,
    0x9d, 0x9f, 0x5e, 0x34, 0x4d, 0x5a, 0x9e, 0x4b, 0xcf, 0x65, 0x09, 0xa7, 0xf3, 0x97, 0x89, 0xf5, 0x15,
    0xab, 0x8f, 0x92, 0xdd, 0xbc, 0xbd, 0x41, 0x4d, 0x94, 0x0e, 0x93, 0x32, 0xc4, 0xae, 0x2c, 0x1f, 0x19,
    0x81, 0x19, 0x5f, 0x99, 0x04, 0x46, 0x6a, 0x39, 0xc9, 0x94, 0x8f, 0xe3, 0x0b, 0xbf, 0xf2, 0x66, 0x0b,
    0xe1, 0x71, 0x5a, 0x45, 0x89, 0x33, 0x4c, 0x74, 0xc7, 0xbc, 0x37, 0x36, 0xa2, 0xf4, 0xf6, 0x77, 0x9c,
    0x59, 0xbd, 0xce, 0xe3, 0x6b, 0x69, 0x21, 0x53, 0xd0, 0xa9, 0x87, 0x7c, 0xc6, 0x2a, 0x47, 0x40, 0x02,
    0xdf, 0x32, 0xe5, 0x21, 0x39, 0xf0, 0xa0,
];

/// A key.
pub(super) struct Sm2Key {
    key: SigningKey,
    /// Python's hash of the public key if it differs from the standard's, which it does for one key in 128.
    short: Option<[u8; 32]>,
}

impl Sm2Key {
    /// `None` if the number is not a private key.
    pub(super) fn new(scalar: &[u8; 32]) -> Option<Self> {
        let key = SigningKey::from_slice(IDENTITY, scalar).ok()?;
        let point = key.verifying_key().to_sec1_point(false);
        // 04, then the coordinates.
        let (x, y) = point.as_bytes().get(1..)?.split_at(32);
        let short = (x[0] == 0 || y[0] == 0).then(|| key_hash(stripped(x), stripped(y)));
        Some(Self { key, short })
    }

    pub(super) fn sign(&self, text: &[u8]) -> Option<Vec<u8>> {
        Some(self.key.try_sign(text).ok()?.to_der().as_bytes().to_vec())
    }

    pub(super) fn verify(&self, text: &[u8], signature: &[u8]) -> bool {
        let Ok(signature) = Signature::from_der(signature) else { return false };
        let key = self.key.verifying_key();
        let short = |hash: &[u8; 32]| key.verify_prehash(&text_hash(hash, text), &signature).is_ok();
        key.verify(text, &signature).is_ok() || self.short.as_ref().is_some_and(short)
    }
}

fn stripped(number: &[u8]) -> &[u8] {
    &number[number.iter().take_while(|byte| **byte == 0).count()..]
}

/// The hash of a public key with these coordinates.
fn key_hash(x: &[u8], y: &[u8]) -> [u8; 32] {
    // The length of the identity, in bits.
    let length = u16::try_from(IDENTITY.len() * 8).unwrap_or_default().to_be_bytes();
    let mut hash = Sm3::new();
    [&length[..], IDENTITY.as_bytes(), &CURVE, x, y].into_iter().for_each(|part| hash.update(part));
    hash.finalize().into()
}

fn text_hash(key_hash: &[u8; 32], text: &[u8]) -> [u8; 32] {
    Sm3::new_with_prefix(key_hash).chain_update(text).finalize().into()
}

#[cfg(test)]
mod tests {
    use super::{IDENTITY, Sm2Key, key_hash, stripped, text_hash};
    use sm2::dsa::signature::hazmat::PrehashSigner as _;
    use sm2::dsa::{Signature, SigningKey};
    use sm2::elliptic_curve::sec1::ToSec1Point as _;

    fn scalar(number: u32) -> [u8; 32] {
        let mut scalar = [0; 32];
        scalar[28..].copy_from_slice(&number.to_be_bytes());
        scalar
    }

    /// The signature of a text under some hash of the public key.
    fn signed(number: u32, hash: impl Fn(&[u8], &[u8]) -> [u8; 32]) -> Vec<u8> {
        let key = SigningKey::from_slice(IDENTITY, &scalar(number)).unwrap();
        let point = key.verifying_key().to_sec1_point(false);
        let (x, y) = point.as_bytes()[1..].split_at(32);
        let signature: Signature = key.sign_prehash(&text_hash(&hash(x, y), b"text")).unwrap();
        signature.to_der().as_bytes().to_vec()
    }

    #[test]
    fn the_hash_of_a_key_follows_the_standard() {
        for number in [1, 2, 77] {
            let key = Sm2Key::new(&scalar(number)).unwrap();
            assert!(key.verify(b"text", &signed(number, key_hash)), "{number}");
            assert!(key.verify(b"text", &key.sign(b"text").unwrap()));
        }
    }

    #[test]
    fn a_key_with_a_short_coordinate_has_two_spellings_and_others_have_one() {
        let is_short = |number: &u32| Sm2Key::new(&scalar(*number)).unwrap().short.is_some();
        let python = |number| signed(number, |x, y| key_hash(stripped(x), stripped(y)));
        let short = (1..).find(is_short).unwrap();
        let key = Sm2Key::new(&scalar(short)).unwrap();
        assert!(key.verify(b"text", &python(short)), "Python");
        assert!(key.verify(b"text", &signed(short, key_hash)), "Go, Java");
        for (text, signature) in [(b"texu", python(short)), (b"text", python(short + 1))] {
            assert!(!key.verify(text, &signature));
        }
        let long = (1..).find(|number| !is_short(number)).unwrap();
        let cut = signed(long, |x, y| key_hash(&x[1..], y));
        assert!(!Sm2Key::new(&scalar(long)).unwrap().verify(b"text", &cut));
    }
}
