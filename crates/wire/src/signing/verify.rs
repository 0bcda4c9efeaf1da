//! The server's side: was this request signed with this secret?

use super::key::Key;
use super::payload::Body;
use super::shape::Shape;
use super::{Authorization, SdkDate, SignedRequest, canonical};
use subtle::Choice;

/// Whether the signature covers the body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use = "a handler that acts on the body must refuse an unsigned one"]
pub enum Payload {
    /// Every byte of the body is as signed.
    Signed,
    /// The client signed `UNSIGNED-PAYLOAD`, as the SDKs do for bodies that are neither JSON nor BSON: the body
    /// may be anybody's.
    Unsigned,
}

/// Why a request is not as signed. For logs; answers should not tell these apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// Another secret, or another request, than was signed.
    Signature,
    /// A header named in SignedHeaders is not in the request.
    HeaderMissing,
    /// A signed header has a line end or a NUL in its value.
    HeaderIllegal,
    /// Not exactly one valid `X-Sdk-Date`.
    Date,
    /// The key is derived for another day than `X-Sdk-Date`'s.
    Scope,
    /// The stated hash of the body is not the body's.
    PayloadHash,
}

/// The request is not as signed with this secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mismatch {
    /// What was wrong first.
    pub reason: Reason,
    /// The canonical request as the server sees it, to compare with what the client signed.
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

/// Whether `request` is as signed by the holder of `secret`.
///
/// Does the same work whatever the secret and the signature are, so call it with some dummy secret for an
/// unknown access key. Does not look at the clock ([`super::check_window`]) nor for replays.
///
/// # Errors
/// [`Mismatch`] unless one of the canonical requests of `request` has this signature.
pub fn verify(
    authorization: &Authorization,
    request: &SignedRequest<'_>,
    secret: &[u8],
) -> Result<Payload, Mismatch> {
    Claim::new(authorization, request).verify(secret)
}

/// What [`verify`] needs of a request, apart from it: the rest can be done elsewhere, which an algorithm that
/// [`is_slow`](super::Algorithm::is_slow) is worth.
#[derive(Debug)]
pub struct Claim {
    authorization: Authorization,
    /// What is wrong whatever the secret is.
    wrong: Option<Reason>,
    /// Every string to sign, and whether it covers the body.
    texts: Vec<(Payload, Vec<u8>)>,
    /// The most widely understood one.
    canonical_request: Vec<u8>,
}

impl Claim {
    /// Reads the request.
    #[must_use]
    pub fn new(authorization: &Authorization, request: &SignedRequest<'_>) -> Self {
        let algorithm = authorization.algorithm();
        let date = request.single_header(super::DATE_HEADER).unwrap_or_default();
        let body = Body::of(algorithm, request.body);
        let shape = Shape::of(algorithm, authorization.signed_headers_text(), request, &body);
        let wrong = if shape.missing {
            Some(Reason::HeaderMissing)
        } else if shape.illegal {
            Some(Reason::HeaderIllegal)
        } else if SdkDate::parse(date).is_err() {
            Some(Reason::Date)
        } else if !authorization.is_of_day(date) {
            Some(Reason::Scope)
        } else {
            shape.contradicted.then_some(Reason::PayloadHash)
        };
        let mut canonical_request = None;
        let texts = shape.texts().map(|(coverage, text)| {
            let to_sign = algorithm.string_to_sign(date, authorization.scope(), &text);
            canonical_request.get_or_insert(text);
            (coverage, to_sign)
        });
        Self {
            authorization: authorization.clone(),
            wrong,
            texts: texts.collect(),
            canonical_request: canonical_request.unwrap_or_default(),
        }
    }

    /// Whether the rest takes long.
    #[must_use]
    pub fn is_slow(&self) -> bool {
        self.wrong.is_none() && self.authorization.algorithm().is_slow()
    }

    /// The rest of [`verify`].
    ///
    /// # Errors
    /// As [`verify`].
    pub fn verify(self, secret: &[u8]) -> Result<Payload, Mismatch> {
        let Self { authorization, wrong, texts, canonical_request } = self;
        let refuse = |reason| Err(Mismatch { reason, canonical_request });
        // The request alone says so, whatever the secret is.
        if let Some(reason) = wrong {
            return refuse(reason);
        }
        let key =
            Key::new(authorization.algorithm(), authorization.access_key(), secret, authorization.scope());
        let (mut signed, mut unsigned) = (Choice::from(0), Choice::from(0));
        // No early exit: the time depends on the request alone.
        for (coverage, text) in &texts {
            let matches = key.signs(text, authorization.signature());
            match coverage {
                Payload::Signed => signed |= matches,
                Payload::Unsigned => unsigned |= matches,
            }
        }
        if bool::from(signed) {
            Ok(Payload::Signed)
        } else if bool::from(unsigned) {
            Ok(Payload::Unsigned)
        } else {
            refuse(Reason::Signature)
        }
    }
}
