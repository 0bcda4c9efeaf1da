//! The last line of the canonical request: the hash of the body, or the statement that it is not covered.
//!
//! What the SDKs do: with a Content-Type other than JSON or BSON they add `X-Sdk-Content-Sha256:
//! UNSIGNED-PAYLOAD`, sign that header and use its value for the hash. Python uses the hash of the empty body
//! nevertheless when there is no body.

use super::{Algorithm, SignedRequest, verify::Payload};

/// The part of a body that a canonical request needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Body {
    /// Its hash by the algorithm, in hexadecimal digits.
    pub(super) hash: String,
    /// Whether it is empty.
    pub(super) is_empty: bool,
}

impl Body {
    pub(super) fn of(algorithm: Algorithm, bytes: &[u8]) -> Self {
        Self { hash: algorithm.hash_hex(bytes), is_empty: bytes.is_empty() }
    }
}

/// The value of the content header, and the last line of the canonical request, when the body is not covered.
pub const UNSIGNED_PAYLOAD: &str = "UNSIGNED-PAYLOAD";

/// The possible payload hashes of a request, the usual one first.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct PayloadHashes {
    pub(super) hashes: Vec<(Payload, String)>,
    /// The content header contradicts the request: it is repeated, or states another hash than the body has.
    pub(super) contradicted: bool,
}

/// The possible payload hashes. A stated hash must be the hash of the body. A content header that is not
/// signed is ignored, because anyone could have added it.
pub(super) fn hashes<'n>(
    algorithm: Algorithm,
    request: &SignedRequest<'_>,
    body: &Body,
    mut signed_headers: impl Iterator<Item = &'n str>,
) -> PayloadHashes {
    let real = body.hash.clone();
    let stated: Vec<&[u8]> = request.header(algorithm.content_header()).map(super::trim).collect();
    let stated = match stated[..] {
        [] => None,
        _ if !signed_headers.any(|name| name == algorithm.content_header()) => None,
        [stated] => Some(stated),
        _ => return PayloadHashes { hashes: vec![(Payload::Signed, real)], contradicted: true },
    };
    let is_unsigned = stated == Some(UNSIGNED_PAYLOAD.as_bytes());
    if is_unsigned && may_be_unsigned(request) {
        let mut hashes = vec![(Payload::Unsigned, UNSIGNED_PAYLOAD.to_owned())];
        if body.is_empty {
            hashes.push((Payload::Signed, real));
        }
        return PayloadHashes { hashes, contradicted: false };
    }
    let contradicted = !is_unsigned && stated.is_some_and(|stated| stated != real.as_bytes());
    PayloadHashes { hashes: vec![(Payload::Signed, real)], contradicted }
}

/// Whether the content type is one for which the SDKs leave the body unsigned. For others an attacker could
/// replace the JSON body under a valid signature. Go and Java do not sign the Content-Type, so this checks
/// the header as a handler reads it: exactly one, in any letter case.
fn may_be_unsigned(request: &SignedRequest<'_>) -> bool {
    let Some(content_type) = request.single_header("content-type") else { return false };
    let starts_with = |prefix: &str| {
        content_type.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix.as_bytes()))
    };
    !content_type.is_empty() && !starts_with("application/json") && !starts_with("application/bson")
}

#[cfg(test)]
mod tests {
    use super::{Body, Payload, PayloadHashes, UNSIGNED_PAYLOAD, hashes};
    use crate::signing::{Algorithm, Header, SignedRequest};

    const ABC: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    const EMPTY: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    fn of(headers: &[Header<'_>], body: &[u8], signed: &[&str]) -> PayloadHashes {
        let request = SignedRequest { method: "POST", target: b"/", headers, body };
        let body = Body::of(Algorithm::SdkHmacSha256, body);
        hashes(Algorithm::SdkHmacSha256, &request, &body, signed.iter().copied())
    }

    fn real(hash: &str) -> PayloadHashes {
        PayloadHashes { hashes: vec![(Payload::Signed, hash.to_owned())], contradicted: false }
    }

    const SIGNED: &[&str] = &["x-sdk-content-sha256", "x-sdk-date"];
    const STATED: Header<'_> = ("X-Sdk-Content-Sha256", b"UNSIGNED-PAYLOAD");
    const BINARY: Header<'_> = ("Content-Type", b"application/octet-stream");

    #[test]
    fn the_body_is_hashed_by_default() {
        assert_eq!(of(&[], b"", &["x-sdk-date"]), real(EMPTY));
        assert_eq!(of(&[BINARY], b"abc", &["x-sdk-date"]), real(ABC));
    }

    #[test]
    fn unsigned_payload_needs_a_signed_header_and_a_binary_type() {
        let unsigned = (Payload::Unsigned, UNSIGNED_PAYLOAD.to_owned());
        assert_eq!(of(&[STATED, BINARY], b"abc", SIGNED).hashes, std::slice::from_ref(&unsigned));
        assert_eq!(
            of(&[STATED, BINARY], b"", SIGNED).hashes,
            [unsigned, (Payload::Signed, EMPTY.to_owned())]
        );
        // Not signed: ignored.
        assert_eq!(of(&[STATED, BINARY], b"abc", &["x-sdk-date"]), real(ABC));
        // No content type, two, or one whose body decides what happens: the body is covered.
        assert_eq!(of(&[STATED], b"abc", SIGNED), real(ABC));
        assert_eq!(of(&[STATED, BINARY, BINARY], b"abc", SIGNED), real(ABC));
        for json in ["application/json", "Application/JSON;charset=utf8", " application/bson", ""] {
            assert_eq!(of(&[STATED, ("content-type", json.as_bytes())], b"abc", SIGNED), real(ABC), "{json}");
        }
    }

    #[test]
    fn a_stated_hash_must_be_true() {
        let header = "x-sdk-content-sha256";
        assert_eq!(of(&[(header, ABC.as_bytes())], b"abc", SIGNED), real(ABC));
        assert!(of(&[(header, EMPTY.as_bytes())], b"abc", SIGNED).contradicted);
        assert!(of(&[(header, b"")], b"abc", SIGNED).contradicted);
        assert!(of(&[(header, ABC.to_uppercase().as_bytes())], b"abc", SIGNED).contradicted);
        assert!(of(&[STATED, STATED, BINARY], b"abc", SIGNED).contradicted);
    }
}
