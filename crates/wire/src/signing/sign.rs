//! Signing on the client: computes the headers that a signed request needs.

use super::authorization::is_lower_case_token;
use super::key::Key;
use super::parts::RequestParts;
use super::payload::Body;
use super::{Algorithm, DATE_HEADER, SdkDate, SignedRequest, is_access_key};

/// Headers that are never signed because a proxy may change them (RFC 9110 section 7.6.1) or an HTTP library
/// sets them.
const NOT_SIGNED: &[&str] = &[
    "accept",
    "accept-encoding",
    "authorization",
    "connection",
    "content-length",
    "expect",
    "keep-alive",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

/// The two headers to add to the request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SigningHeaders {
    /// Value of `X-Sdk-Date`.
    pub x_sdk_date: String,
    /// Value of `Authorization`.
    pub authorization: String,
}

/// Why a request cannot be signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignError {
    /// The key would be derived for a region and a service, which the caller does not give: V11 signatures
    /// are only verified.
    Algorithm,
    /// The access key is not valid ([`is_access_key`]).
    AccessKey,
    /// There is no `Host`, so the request could be replayed to another server.
    HostMissing,
    /// The request has `X-Sdk-Date` already; the signer adds it.
    DateGiven,
    /// A header name is not a token.
    HeaderName,
    /// A header value has a line end or a NUL.
    HeaderValue,
    /// `X-Sdk-Content-Sha256` states a hash that is not the body's.
    PayloadHash,
}

impl std::fmt::Display for SignError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Algorithm => "requests are not signed by this algorithm",
            Self::AccessKey => "the access key has a wrong length or character",
            Self::HostMissing => "a signed request needs a Host header",
            Self::DateGiven => "X-Sdk-Date is set by the signer",
            Self::HeaderName => "a header name is not valid",
            Self::HeaderValue => "a header value has a line end or a NUL",
            Self::PayloadHash => "X-Sdk-Content-Sha256 is not the hash of the body",
        })
    }
}

impl std::error::Error for SignError {}

/// Signs `request` at `date`.
///
/// `request.headers` are the headers that will be sent, including `Host`. All are signed, except those that a
/// proxy or HTTP library may change (`Accept`, `Connection`, `Content-Length`...) and, as in the SDKs, names
/// with `_`. The hash of the body is signed, unless the headers have `X-Sdk-Content-Sha256: UNSIGNED-PAYLOAD`
/// and the content type is neither JSON nor BSON.
///
/// # Errors
/// [`SignError`] for a request that a server would refuse, and for [`Algorithm::V11HmacSha256`].
pub fn sign(
    algorithm: Algorithm,
    access_key: &str,
    secret: &[u8],
    request: &SignedRequest<'_>,
    date: SdkDate,
) -> Result<SigningHeaders, SignError> {
    if algorithm.is_scoped() {
        return Err(SignError::Algorithm);
    }
    if !is_access_key(access_key) {
        return Err(SignError::AccessKey);
    }
    let mut names: Vec<String> = request.headers.iter().map(|(name, _)| name.to_ascii_lowercase()).collect();
    if !names.iter().all(|name| is_lower_case_token(name)) {
        return Err(SignError::HeaderName);
    }
    if names.iter().any(|name| name == DATE_HEADER) {
        return Err(SignError::DateGiven);
    }
    if !names.iter().any(|name| name == "host") {
        return Err(SignError::HostMissing);
    }
    names.push(DATE_HEADER.to_owned());
    names.retain(|name| !name.contains('_') && !NOT_SIGNED.contains(&name.as_str()));
    names.sort_unstable();
    names.dedup();
    let signed_headers = names.join(";");

    let x_sdk_date = date.to_string();
    let mut headers = request.headers.to_vec();
    headers.push((DATE_HEADER, x_sdk_date.as_bytes()));
    let request = SignedRequest { headers: &headers, ..*request };
    let body = Body::of(algorithm, request.body);
    let parts = RequestParts::new(algorithm, &signed_headers, &request, &body);
    if parts.illegal {
        return Err(SignError::HeaderValue);
    }
    if parts.contradicted {
        return Err(SignError::PayloadHash);
    }
    let signature = Key::new(algorithm, access_key, secret, "")
        .signature(x_sdk_date.as_bytes(), &parts.first_text())
        .ok_or(SignError::Algorithm)?;
    let authorization = format!(
        "{} Access={access_key}, SignedHeaders={signed_headers}, Signature={signature}",
        algorithm.name()
    );
    Ok(SigningHeaders { x_sdk_date, authorization })
}
