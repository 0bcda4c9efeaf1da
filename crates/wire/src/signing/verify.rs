//! Verification on the server: whether a request was signed with a secret.

use super::key::Key;
use super::parts::RequestParts;
use super::payload::Body;
use super::{Authorization, SdkDate, SignedRequest, canonical};
use sha2::{Digest as _, Sha256};
use subtle::{Choice, ConditionallySelectable as _};

/// Whether the signature covers the body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use = "a handler that acts on the body must refuse an unsigned one"]
pub enum Payload {
    /// Every byte of the body is as signed.
    Signed,
    /// The client signed `UNSIGNED-PAYLOAD`, as the SDKs do for bodies that are neither JSON nor BSON. The
    /// body may have been changed by anyone.
    Unsigned,
}

/// A request whose signature matches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verified {
    /// Whether the signature covers the body.
    pub payload: Payload,
    /// Identifies what was signed: the SHA-256 digest of the access key and the string to sign. It is equal for
    /// every signature of the same text, because some algorithms have several valid signatures of one text, and
    /// a header or the order of parameters may be changed without invalidating a signature.
    pub digest: [u8; 32],
}

/// Why a request does not match its signature. For logs; responses should not distinguish these.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// The secret or the request differs from what was signed.
    Signature,
    /// A header named in SignedHeaders is not in the request.
    HeaderMissing,
    /// A signed header has a line end or a NUL in its value.
    HeaderIllegal,
    /// Not exactly one valid `X-Sdk-Date`.
    Date,
    /// The key is derived for another day than `X-Sdk-Date`'s.
    Scope,
    /// The stated hash is not the hash of the body.
    PayloadHash,
}

/// The request does not match its signature with this secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mismatch {
    /// The first reason.
    pub reason: Reason,
    /// The server's canonical request, to compare with what the client signed.
    canonical_request: Vec<u8>,
}

impl Mismatch {
    /// The canonical request in the one-line form of the gateway's message `verify aksk signature
    /// fail,canonicalRequest:...`; see [`canonical::printable`] for its bounds.
    #[must_use]
    pub fn canonical_request(&self) -> String {
        canonical::printable(&self.canonical_request)
    }
}

impl std::fmt::Display for Mismatch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self.reason {
            Reason::Signature => "the signature is of another secret key or another request",
            Reason::HeaderMissing => "a signed header is missing",
            Reason::HeaderIllegal => "a signed header has an illegal value",
            Reason::Date => "exactly one valid X-Sdk-Date header is required",
            Reason::Scope => "the key is derived for another day than X-Sdk-Date's",
            Reason::PayloadHash => "the stated hash of the body is wrong",
        })
    }
}

impl std::error::Error for Mismatch {}

/// Verifies that `request` was signed with `secret`.
///
/// Does the same work for every secret and signature, so call it with a dummy secret for an unknown access
/// key. Checks neither the time ([`super::check_window`]) nor for replays.
///
/// # Errors
/// [`Mismatch`] unless one of the canonical requests of `request` has this signature.
pub fn verify(
    authorization: &Authorization,
    request: &SignedRequest<'_>,
    secret: &[u8],
) -> Result<Payload, Mismatch> {
    Claim::new(authorization, request).verify(secret).map(|verified| verified.payload)
}

/// The parts of a request that [`verify`] needs, without a borrow of it, so that the verification can run on another
/// thread if the algorithm [`is_slow`](super::Algorithm::is_slow).
#[derive(Debug)]
pub struct Claim {
    authorization: Authorization,
    /// Why the request is refused for every secret.
    refusal: Option<Reason>,
    /// Every string to sign, and whether it covers the body.
    texts: Vec<(Payload, Vec<u8>)>,
    /// The most widely used canonical request.
    canonical_request: Vec<u8>,
}

impl Claim {
    /// Reads the request.
    #[must_use]
    pub fn new(authorization: &Authorization, request: &SignedRequest<'_>) -> Self {
        let algorithm = authorization.algorithm();
        let date = request.single_header(super::DATE_HEADER).unwrap_or_default();
        let body = Body::of(algorithm, request.body);
        let parts = RequestParts::new(algorithm, authorization.signed_headers_text(), request, &body);
        let refusal = if parts.missing {
            Some(Reason::HeaderMissing)
        } else if parts.illegal {
            Some(Reason::HeaderIllegal)
        } else if SdkDate::parse(date).is_err() {
            Some(Reason::Date)
        } else if !authorization.is_valid_on(date) {
            Some(Reason::Scope)
        } else {
            parts.contradicted.then_some(Reason::PayloadHash)
        };
        let mut canonical_request = None;
        let texts = parts.texts().map(|(coverage, text)| {
            let to_sign = algorithm.string_to_sign(date, authorization.scope(), &text);
            canonical_request.get_or_insert(text);
            (coverage, to_sign)
        });
        Self {
            authorization: authorization.clone(),
            refusal,
            texts: texts.collect(),
            canonical_request: canonical_request.unwrap_or_default(),
        }
    }

    /// Whether [`Claim::verify`] is slow.
    #[must_use]
    pub fn is_slow(&self) -> bool {
        self.refusal.is_none() && self.authorization.algorithm().is_slow()
    }

    /// Verifies the signature with `secret`.
    ///
    /// # Errors
    /// As [`verify`].
    pub fn verify(self, secret: &[u8]) -> Result<Verified, Mismatch> {
        let Self { authorization, refusal, texts, canonical_request } = self;
        let refuse = |reason| Err(Mismatch { reason, canonical_request });
        if let Some(reason) = refusal {
            return refuse(reason);
        }
        let key =
            Key::new(authorization.algorithm(), authorization.access_key(), secret, authorization.scope());
        let (mut any, mut matching) = (Choice::from(0), 0_u64);
        // No early exit: the time depends on the request alone.
        for ((_, text), index) in texts.iter().zip(0_u64..) {
            let matches = key.verify(text, authorization.signature());
            any |= matches;
            matching.conditional_assign(&index, matches);
        }
        let matching = usize::try_from(matching).ok().and_then(|index| texts.get(index));
        match matching {
            Some((payload, text)) if bool::from(any) => {
                let mut digest = Sha256::new();
                digest.update(authorization.access_key());
                digest.update([0]);
                digest.update(text);
                Ok(Verified { payload: *payload, digest: digest.finalize().into() })
            }
            _ => refuse(Reason::Signature),
        }
    }
}
