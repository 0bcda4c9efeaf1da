//! Explains why a signature does not match, in findings that a person can act on. It undoes one known change
//! between the signer and the server at a time and verifies the signature again. It runs on request only,
//! never while a request is authenticated.
//!
//! No signature is returned: each trial yields yes or no. Only the owner of the secret key may call it.

mod changes;
mod difference;

pub use difference::{Difference, Part, difference};

use super::key::Key;
use super::parts::RequestParts;
use super::payload::Body;
use super::{Authorization, Header, SdkDate, SignedRequest, WINDOW_SECONDS};
use std::cell::Cell;

/// Most verifications for one explanation, so that no request makes its explanation expensive.
const TRIALS_MAX: usize = 600;
/// Most other access keys of the user that are tried.
const OTHER_KEYS_MAX: usize = 16;

/// A request as it arrived, or as it was captured. Of its body it has only hashes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReceivedRequest {
    method: String,
    target: Vec<u8>,
    headers: Vec<(String, Vec<u8>)>,
    body: Body,
    /// Whether the hash of the body is known.
    body_known: bool,
    /// The hashes of the body with one line end more and one less, if the body is at most [`LINE_ENDS_MAX`]
    /// bytes.
    line_ends: Option<[String; 2]>,
}

/// The longest body for which other line ends are tried, in bytes.
const LINE_ENDS_MAX: usize = 64 << 10;

impl ReceivedRequest {
    /// Copies what an explanation needs: the signed headers that `authorization` names, and the headers in
    /// which proxies state what they changed.
    #[must_use]
    pub fn new(authorization: &Authorization, request: &SignedRequest<'_>) -> Self {
        let algorithm = authorization.algorithm();
        let is_relevant = |name: &str| {
            let name = name.to_ascii_lowercase();
            name == algorithm.content_header()
                || name == super::SECURITY_TOKEN_HEADER
                || name == "content-type"
                || changes::FORWARDED.contains(&name.as_str())
                || authorization.signed_headers().any(|signed| signed == name)
        };
        let headers = request.headers.iter().filter(|(name, _)| is_relevant(name));
        let line_ends = (request.body.len() <= LINE_ENDS_MAX && !request.body.is_empty()).then(|| {
            let longer = algorithm.hash_hex(&[request.body, b"\n"].concat());
            let shorter = request.body.strip_suffix(b"\n").unwrap_or(request.body);
            [longer, algorithm.hash_hex(shorter)]
        });
        Self {
            method: request.method.to_owned(),
            target: request.target.to_vec(),
            headers: headers.map(|(name, value)| ((*name).to_owned(), value.to_vec())).collect(),
            body: Body::of(algorithm, request.body),
            body_known: true,
            line_ends,
        }
    }

    /// With a body of this hash (digits as [`Algorithm::hash_hex`](super::Algorithm::hash_hex) gives them),
    /// if the body itself is not available.
    #[must_use]
    pub fn with_body_hash(mut self, hash: String) -> Self {
        (self.body, self.line_ends) = (Body { hash, is_empty: false }, None);
        self
    }

    /// With a body of which neither the bytes nor the hash are available.
    #[must_use]
    pub fn with_body_unknown(mut self) -> Self {
        self.body_known = false;
        self.with_body_hash(String::new())
    }

    /// With the body of `other`, if its own is not known.
    #[must_use]
    pub fn with_body_of(mut self, other: &Self) -> Self {
        if !self.body_known {
            (self.body, self.body_known) = (other.body.clone(), other.body_known);
        }
        self
    }

    /// The value of a copied header that occurs exactly once, by its lower-case name.
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

    /// Its target, `/path?query` as on the request line.
    #[must_use]
    pub fn target(&self) -> &[u8] {
        &self.target
    }

    /// Its approximate size in memory, in bytes: method, target and copied headers.
    #[must_use]
    pub fn size(&self) -> usize {
        const HEADER: usize = size_of::<(String, Vec<u8>)>();
        let headers = self.headers.iter().map(|(name, value)| HEADER + name.len() + value.len());
        self.method.len() + self.target.len() + headers.sum::<usize>()
    }

    fn headers(&self) -> Vec<Header<'_>> {
        self.headers.iter().map(|(name, value)| (name.as_str(), value.as_slice())).collect()
    }
}

/// A cause of the mismatch, or a change with which the signature matches.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Finding {
    /// The signature matches.
    Fits,
    /// It matches, but does not cover the body, which is not empty.
    BodyNotCovered,
    /// `X-Sdk-Date` differs from the server's time by more than [`WINDOW_SECONDS`].
    ClockOff {
        /// The time in the request.
        signed: SdkDate,
        /// Seconds by which the signer's clock is ahead; negative: behind.
        ahead: i64,
    },
    /// There is not exactly one valid `X-Sdk-Date`.
    DateInvalid,
    /// The key is derived for another day than `X-Sdk-Date`'s.
    OtherDay,
    /// A signed header is missing.
    HeaderMissing {
        /// Its name, lower case.
        name: String,
    },
    /// A signed header has a line end or a NUL in its value.
    HeaderIllegal,
    /// The hash that the request states is not the hash of its body.
    StatedHash,
    /// A header that may occur once occurs several times.
    HeaderRepeated {
        /// Its name, lower case.
        name: String,
    },
    /// The body was not captured, and the signature does not match without it.
    BodyUnknown,
    /// It matches with another method.
    Method {
        /// The signed method.
        signed: String,
    },
    /// It matches with another path.
    Path {
        /// The signed one, in its canonical form.
        signed: String,
    },
    /// It matches with another query.
    Query {
        /// The signed one, in its canonical form.
        signed: String,
    },
    /// It matches with another value of a header.
    Header {
        /// Its name, lower case.
        name: String,
        /// The signed value.
        signed: String,
    },
    /// It matches with another body.
    Body(BodyChange),
    /// It is the signature of another access key of the same user.
    OtherKey {
        /// Its access key.
        access_key: String,
    },
    /// It matches if white space follows the secret key, as in a file that ends in a line break.
    SecretPadded,
    /// The signer's own canonical request has this signature: the secret key is right, and the request was
    /// changed.
    SignerTextFits,
    /// The signer's own canonical request does not have this signature with the secret key that the server
    /// knows.
    SignerTextDoesNotFit,
    /// No single known change explains it.
    Unexplained,
}

/// How a body was changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BodyChange {
    /// An empty one was signed.
    WasEmpty,
    /// It was not signed at all (`UNSIGNED-PAYLOAD`).
    WasUnsigned,
    /// A line end at its end was removed.
    LostLineEnd,
    /// A line end was appended.
    GainedLineEnd,
}

/// The findings, and the two texts to compare with the signer's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation {
    /// The canonical request; the most usual one where the SDKs differ.
    pub canonical_request: Vec<u8>,
    /// The string to sign.
    pub string_to_sign: Vec<u8>,
    /// The findings, the most likely cause first. Empty only without a key.
    pub findings: Vec<Finding>,
}

/// The secret keys that an explanation tries.
#[derive(Clone, Copy)]
pub struct TrialKeys<'a> {
    /// The secret of the access key.
    pub secret: &'a [u8],
    /// Other access keys of the same user, with their secrets.
    pub others: &'a [(&'a str, &'a [u8])],
}

/// Explains why `received` is refused. `now` is the time of its arrival in seconds since 1970; without it the
/// clock is not judged. `signer_text` is the canonical request of the signer, if it is known. Without keys
/// the explanation has the texts and the findings that need none.
#[must_use]
pub fn explain(
    authorization: &Authorization,
    received: &ReceivedRequest,
    keys: Option<TrialKeys<'_>>,
    now: Option<i64>,
    signer_text: Option<&[u8]>,
) -> Explanation {
    let headers = received.headers();
    let request =
        SignedRequest { method: &received.method, target: &received.target, headers: &headers, body: b"" };
    let (date, parts) = (
        request.single_header(super::DATE_HEADER).unwrap_or_default(),
        RequestParts::new(
            authorization.algorithm(),
            authorization.signed_headers_text(),
            &request,
            &received.body,
        ),
    );
    let canonical_request = parts.first_text();
    let string_to_sign =
        authorization.algorithm().string_to_sign(date, authorization.scope(), &canonical_request);

    let mut findings = findings_without_key(authorization, &request, received, &parts, date, now);
    if let Some(keys) = keys {
        let trials = Trials { authorization, date, remaining: Cell::new(TRIALS_MAX) };
        trials.find(received, &request, &parts, keys, signer_text, &mut findings);
    }
    Explanation { canonical_request, string_to_sign, findings }
}

/// The findings that need no key.
fn findings_without_key(
    authorization: &Authorization,
    request: &SignedRequest<'_>,
    received: &ReceivedRequest,
    parts: &RequestParts<'_>,
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
            if !authorization.is_valid_on(date) {
                findings.push(Finding::OtherDay);
            }
        }
    }
    let missing = authorization.signed_headers().filter(|name| request.header(name).next().is_none());
    // The date has its own finding.
    let missing = missing.filter(|name| *name != super::DATE_HEADER);
    findings.extend(missing.map(|name| Finding::HeaderMissing { name: name.to_owned() }));
    if parts.illegal {
        findings.push(Finding::HeaderIllegal);
    }
    let content = authorization.algorithm().content_header();
    if request.header(content).count() > 1 && parts.contradicted {
        findings.push(Finding::HeaderRepeated { name: content.to_owned() });
    } else if parts.contradicted && received.body_known {
        findings.push(Finding::StatedHash);
    }
    findings
}

/// The trials of one signature.
struct Trials<'a> {
    authorization: &'a Authorization,
    date: &'a [u8],
    /// The number of verifications that are left.
    remaining: Cell<usize>,
}

impl Trials<'_> {
    /// The findings that need the key.
    fn find(
        &self,
        received: &ReceivedRequest,
        request: &SignedRequest<'_>,
        parts: &RequestParts<'_>,
        TrialKeys { secret, others }: TrialKeys<'_>,
        signer_text: Option<&[u8]>,
        findings: &mut Vec<Finding>,
    ) {
        let is_clock = |finding: &Finding| matches!(finding, Finding::ClockOff { .. });
        let own = self.key(secret);
        let signer_matches = signer_text.map(|text| self.matches(&own, text));
        let matching = self.matching(&own, parts);
        findings.extend(match signer_matches {
            Some(true) => Some(Finding::SignerTextFits),
            // If the request itself matches, the secret key is right, and this text is not what was signed.
            Some(false) if matching.is_none() => Some(Finding::SignerTextDoesNotFit),
            _ => None,
        });
        match matching {
            Some(super::Payload::Unsigned) if !received.body.is_empty => {
                findings.push(Finding::BodyNotCovered)
            }
            // A request with another finding is not reported as right.
            Some(_) => findings.extend(findings.iter().all(is_clock).then_some(Finding::Fits)),
            None if !received.body_known => findings.push(Finding::BodyUnknown),
            None => {
                let other = self.other_secret(secret, others, parts);
                let change = changes::candidates(self.authorization, received, request, parts)
                    .take_while(|_| self.remaining.get() > 0)
                    .find(|(_, changed)| self.matching(&own, changed).is_some());
                findings.extend(change.map(|(finding, _)| finding));
                findings.extend(other);
            }
        }
        // A wrong clock does not explain a mismatch.
        if findings.iter().all(is_clock) {
            findings.push(Finding::Unexplained);
        }
    }

    fn key(&self, secret: &[u8]) -> Key {
        let Self { authorization, .. } = self;
        Key::new(authorization.algorithm(), authorization.access_key(), secret, authorization.scope())
    }

    fn matches(&self, key: &Key, text: &[u8]) -> bool {
        let Some(remaining) = self.remaining.get().checked_sub(1) else { return false };
        self.remaining.set(remaining);
        key.matches(self.date, text, self.authorization.signature()).into()
    }

    fn matching(&self, key: &Key, parts: &RequestParts<'_>) -> Option<super::Payload> {
        parts.texts().find(|(_, text)| self.matches(key, text)).map(|(coverage, _)| coverage)
    }

    /// Whether the unchanged request was signed with another secret: a padded one, or that of another access
    /// key.
    fn other_secret(
        &self,
        secret: &[u8],
        others: &[(&str, &[u8])],
        parts: &RequestParts<'_>,
    ) -> Option<Finding> {
        let matches = |key: &Key| self.matching(key, parts).is_some();
        let padded = [&b"\n"[..], b"\r\n", b" "].map(|end| [secret, end].concat());
        if padded.iter().any(|secret| matches(&self.key(secret))) {
            return Some(Finding::SecretPadded);
        }
        // Derived keys depend on the access key in the header, whatever the secret is.
        let other = others.iter().take(OTHER_KEYS_MAX).find(|(_, secret)| matches(&self.key(secret)));
        other.map(|(access_key, _)| Finding::OtherKey { access_key: (*access_key).to_owned() })
    }
}

#[cfg(test)]
mod tests;
