//! Why a signature does not fit, in findings that a person can act on. Never on the way of a request: it tries what could have
//! happened between the signer and us, one change at a time, and sees whether the signature fits then.
//!
//! Nothing here gives a signature away; the answer to each try is yes or no. Only for whom the secret key belongs to.

mod changes;
mod difference;

pub use difference::{Difference, Part, difference};

use super::key::Key;
use super::payload::Body;
use super::shape::Shape;
use super::{Authorization, Header, SdkDate, SignedRequest, WINDOW_SECONDS};
use std::cell::Cell;

/// Verifications that are made for one explanation at most: whoever sends a request must not make it dear.
const TRIED_MAX: usize = 600;
/// Other access keys of the user that are tried; of more, the rest is not.
const OTHERS_MAX: usize = 16;

/// A request as it arrived, or as somebody captured it; of its body only the hashes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReceivedRequest {
    method: String,
    target: Vec<u8>,
    headers: Vec<(String, Vec<u8>)>,
    body: Body,
    /// Its body's hash is known.
    body_known: bool,
    /// The hashes of the body with one line end more and less, where it is short enough to try.
    line_ends: Option<[String; 2]>,
}

/// The longest body whose line ends are tried, in bytes.
const LINE_ENDS_MAX: usize = 64 << 10;

impl ReceivedRequest {
    /// Keeps what an explanation needs. `authorization` names the headers that count; others are kept where they tell what a proxy
    /// made of a signed one.
    #[must_use]
    pub fn new(authorization: &Authorization, request: &SignedRequest<'_>) -> Self {
        let algorithm = authorization.algorithm();
        let counts = |name: &str| {
            let name = name.to_ascii_lowercase();
            name == algorithm.content_header()
                || name == super::SECURITY_TOKEN_HEADER
                || name == "content-type"
                || changes::FORWARDED.contains(&name.as_str())
                || authorization.signed_headers().any(|signed| signed == name)
        };
        let kept = request.headers.iter().filter(|(name, _)| counts(name));
        let line_ends = (request.body.len() <= LINE_ENDS_MAX && !request.body.is_empty()).then(|| {
            let longer = algorithm.hash_hex(&[request.body, b"\n"].concat());
            let shorter = request.body.strip_suffix(b"\n").unwrap_or(request.body);
            [longer, algorithm.hash_hex(shorter)]
        });
        Self {
            method: request.method.to_owned(),
            target: request.target.to_vec(),
            headers: kept.map(|(name, value)| ((*name).to_owned(), value.to_vec())).collect(),
            body: Body::of(algorithm, request.body),
            body_known: true,
            line_ends,
        }
    }

    /// With a body of this hash (digits as [`Algorithm::hash_hex`](super::Algorithm::hash_hex) gives them), where the body itself is not at
    /// hand.
    #[must_use]
    pub fn with_body_hash(mut self, hash: String) -> Self {
        (self.body, self.line_ends) = (Body { hash, is_empty: false }, None);
        self
    }

    /// With a body that is not at hand, nor its hash.
    #[must_use]
    pub fn with_body_unknown(mut self) -> Self {
        self.body_known = false;
        self.with_body_hash(String::new())
    }

    /// With the body of another, where its own is not known: what went out, for what arrived of it.
    #[must_use]
    pub fn with_body_of(mut self, other: &Self) -> Self {
        if !self.body_known {
            (self.body, self.body_known) = (other.body.clone(), other.body_known);
        }
        self
    }

    /// The value of a header that is there once and was kept, by its lower-case name.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&[u8]> {
        let mut values = self.headers.iter().filter(|(other, _)| other.eq_ignore_ascii_case(name));
        let (_, value) = values.next()?;
        values.next().is_none().then(|| super::trim(value))
    }

    /// Its method.
    #[must_use]
    pub fn method(&self) -> &str {
        &self.method
    }

    /// Its target, `/path?query` as it stood on the request line.
    #[must_use]
    pub fn target(&self) -> &[u8] {
        &self.target
    }

    /// What it takes to keep, about, in bytes of method, target and the headers kept.
    #[must_use]
    pub fn size(&self) -> usize {
        const EACH: usize = size_of::<(String, Vec<u8>)>();
        let headers = self.headers.iter().map(|(name, value)| EACH + name.len() + value.len());
        self.method.len() + self.target.len() + headers.sum::<usize>()
    }

    fn headers(&self) -> Vec<Header<'_>> {
        self.headers.iter().map(|(name, value)| (name.as_str(), value.as_slice())).collect()
    }
}

/// What is wrong, or would make it right.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Finding {
    /// The signature fits.
    Fits,
    /// It fits, but does not cover the body, which is not empty.
    BodyNotCovered,
    /// `X-Sdk-Date` is off by more than the window.
    ClockOff {
        /// As the request says.
        signed: SdkDate,
        /// By how many seconds the signer's clock is ahead; negative: behind.
        ahead: i64,
    },
    /// There is not exactly one valid `X-Sdk-Date`.
    DateInvalid,
    /// The key is derived for another day than `X-Sdk-Date`'s.
    OtherDay,
    /// A signed header is not there.
    HeaderMissing {
        /// Its name, lower case.
        name: String,
    },
    /// A signed header has a line end or a NUL in its value.
    HeaderIllegal,
    /// The request states another hash than its body has.
    StatedHash,
    /// A header that may be there once is there several times.
    HeaderRepeated {
        /// Its name, lower case.
        name: String,
    },
    /// It does not fit without its body, which was not captured.
    BodyUnknown,
    /// It fits with another method.
    Method {
        /// The one that was signed.
        signed: String,
    },
    /// It fits with another path.
    Path {
        /// Its canonical form as it was signed.
        signed: String,
    },
    /// It fits with another query.
    Query {
        /// Its canonical form as it was signed.
        signed: String,
    },
    /// It fits with another value of a header.
    Header {
        /// Its name, lower case.
        name: String,
        /// The value that was signed.
        signed: String,
    },
    /// It fits with another body.
    Body(BodyChange),
    /// It is the signature of another access key of the same user.
    OtherKey {
        /// Its access key.
        access_key: String,
    },
    /// It fits when white space stands around the secret key, as of a file that ends in a line break.
    SecretPadded,
    /// The signer's own canonical request has this signature: so the secret key is the right one, and the request was changed.
    SignerTextFits,
    /// The signer's own canonical request does not have this signature by the secret key that we know: it has another one.
    SignerTextDoesNotFit,
    /// No single change that we know explains it.
    Unexplained,
}

/// What became of a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BodyChange {
    /// An empty one was signed.
    WasEmpty,
    /// It was not signed at all (`UNSIGNED-PAYLOAD`).
    WasUnsigned,
    /// It lost the line end at its end.
    LostLineEnd,
    /// It gained a line end at its end.
    GainedLineEnd,
}

/// What was found, and the two texts to compare with the signer's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation {
    /// Our canonical request; the most usual one where the SDKs differ.
    pub canonical_request: Vec<u8>,
    /// Our string to sign.
    pub string_to_sign: Vec<u8>,
    /// What was found, the most likely cause first. Never empty.
    pub findings: Vec<Finding>,
}

/// What is known of the key.
#[derive(Clone, Copy)]
pub struct KnownKey<'a> {
    /// Its secret.
    pub secret: &'a [u8],
    /// Access keys of the same user, with their secrets.
    pub others: &'a [(&'a str, &'a [u8])],
}

/// Explains why `seen` is refused. `now` are the seconds at which it arrived, where that matters; `signer_text` is the canonical
/// request that the signer made, where it is known. Without a key the texts are made, and what shows without one is found.
#[must_use]
pub fn explain(
    authorization: &Authorization,
    seen: &ReceivedRequest,
    key: Option<KnownKey<'_>>,
    now: Option<i64>,
    signer_text: Option<&[u8]>,
) -> Explanation {
    let headers = seen.headers();
    let request = SignedRequest { method: &seen.method, target: &seen.target, headers: &headers, body: b"" };
    let (date, shape) = (
        request.single_header(super::DATE_HEADER).unwrap_or_default(),
        Shape::of(authorization.algorithm(), authorization.signed_headers_text(), &request, &seen.body),
    );
    let canonical_request = shape.first_text();
    let string_to_sign =
        authorization.algorithm().string_to_sign(date, authorization.scope(), &canonical_request);

    let mut findings = outward(authorization, &request, seen, &shape, date, now);
    if let Some(known) = key {
        let attempt = Attempt { authorization, date, left: Cell::new(TRIED_MAX) };
        attempt.find(seen, &request, &shape, known, signer_text, &mut findings);
    }
    Explanation { canonical_request, string_to_sign, findings }
}

/// What shows without a key.
fn outward(
    authorization: &Authorization,
    request: &SignedRequest<'_>,
    seen: &ReceivedRequest,
    shape: &Shape<'_>,
    date: &[u8],
    now: Option<i64>,
) -> Vec<Finding> {
    let mut findings = Vec::new();
    match SdkDate::parse(date) {
        Err(_) => findings.push(Finding::DateInvalid),
        Ok(signed) => {
            let ahead = now.map(|now| signed.unix_seconds() - now).unwrap_or_default();
            if ahead.unsigned_abs() > WINDOW_SECONDS {
                findings.push(Finding::ClockOff { signed, ahead });
            }
            if !authorization.is_of_day(date) {
                findings.push(Finding::OtherDay);
            }
        }
    }
    let missing = authorization.signed_headers().filter(|name| request.header(name).next().is_none());
    // The date has its own finding.
    let missing = missing.filter(|name| *name != super::DATE_HEADER);
    findings.extend(missing.map(|name| Finding::HeaderMissing { name: name.to_owned() }));
    if shape.illegal {
        findings.push(Finding::HeaderIllegal);
    }
    let content = authorization.algorithm().content_header();
    if request.header(content).count() > 1 && shape.contradicted {
        findings.push(Finding::HeaderRepeated { name: content.to_owned() });
    } else if shape.contradicted && seen.body_known {
        findings.push(Finding::StatedHash);
    }
    findings
}

/// One signature, to be tried.
struct Attempt<'a> {
    authorization: &'a Authorization,
    date: &'a [u8],
    /// How many verifications may still be made.
    left: Cell<usize>,
}

impl Attempt<'_> {
    /// What shows with the key.
    fn find(
        &self,
        seen: &ReceivedRequest,
        request: &SignedRequest<'_>,
        shape: &Shape<'_>,
        KnownKey { secret, others }: KnownKey<'_>,
        signer_text: Option<&[u8]>,
        findings: &mut Vec<Finding>,
    ) {
        let is_clock = |finding: &Finding| matches!(finding, Finding::ClockOff { .. });
        let own = self.key(secret);
        let signer_fits = signer_text.map(|text| self.matches(&own, text));
        let fitting = self.fitting(&own, shape);
        findings.extend(match signer_fits {
            Some(true) => Some(Finding::SignerTextFits),
            // Where the request itself fits the secret key is right, and this text is not what was signed.
            Some(false) if fitting.is_none() => Some(Finding::SignerTextDoesNotFit),
            _ => None,
        });
        match fitting {
            Some(super::Payload::Unsigned) if !seen.body.is_empty => findings.push(Finding::BodyNotCovered),
            // What is refused for something else is not called right.
            Some(_) => findings.extend(findings.iter().all(is_clock).then_some(Finding::Fits)),
            None if !seen.body_known => findings.push(Finding::BodyUnknown),
            None => {
                let other = self.other_secret(secret, others, shape);
                let change = changes::of(self.authorization, seen, request, shape)
                    .take_while(|_| self.left.get() > 0)
                    .find(|(_, changed)| self.fitting(&own, changed).is_some());
                findings.extend(change.map(|(finding, _)| finding));
                findings.extend(other);
            }
        }
        // A wrong clock does not explain a signature that does not fit.
        if findings.iter().all(is_clock) {
            findings.push(Finding::Unexplained);
        }
    }

    fn key(&self, secret: &[u8]) -> Key {
        let Self { authorization, .. } = self;
        Key::new(authorization.algorithm(), authorization.access_key(), secret, authorization.scope())
    }

    fn matches(&self, key: &Key, text: &[u8]) -> bool {
        let Some(left) = self.left.get().checked_sub(1) else { return false };
        self.left.set(left);
        key.matches(self.date, text, self.authorization.signature()).into()
    }

    fn fitting(&self, key: &Key, shape: &Shape<'_>) -> Option<super::Payload> {
        shape.texts().find(|(_, text)| self.matches(key, text)).map(|(coverage, _)| coverage)
    }

    /// Whether the request as it is was signed with another secret that we can guess.
    fn other_secret(&self, secret: &[u8], others: &[(&str, &[u8])], shape: &Shape<'_>) -> Option<Finding> {
        let fits = |key: &Key| self.fitting(key, shape).is_some();
        let padded = [&b"\n"[..], b"\r\n", b" "].map(|end| [secret, end].concat());
        if padded.iter().any(|secret| fits(&self.key(secret))) {
            return Some(Finding::SecretPadded);
        }
        // The derived keys mix in the access key that was named, whatever secret stands beside it.
        let other = others.iter().take(OTHERS_MAX).find(|(_, secret)| fits(&self.key(secret)));
        other.map(|(access_key, _)| Finding::OtherKey { access_key: (*access_key).to_owned() })
    }
}

#[cfg(test)]
mod tests;
