//! AK/SK request signing of the official SDKs of Huawei Cloud: one implementation for the client
//! ([`sign()`]) and the server ([`Authorization::parse`], [`check_window`], [`verify()`]).
//!
//! ```text
//! canonical request = METHOD \n URI \n query \n headers (each line ends with \n) \n SignedHeaders \n payload hash
//! string to sign    = algorithm \n X-Sdk-Date \n hex(hash(canonical request))
//! Authorization     = algorithm Access=AK, SignedHeaders=a;b;c, Signature=hex(signature of the string to sign)
//! ```
//!
//! Must not know: HTTP frameworks, where secrets are kept, the clock.

mod algorithm;
mod authorization;
mod canonical;
mod date;
mod explain;
mod hex;
mod key;
mod parts;
mod payload;
mod percent;
mod sign;
mod sm2_key;
mod verify;

pub use algorithm::Algorithm;
pub use authorization::{Authorization, MAX_ACCESS_KEY_LEN, Malformed, is_access_key};
pub use canonical::{MAX_PRINTED_CHARS, printable};
pub use date::{DateError, Expired, SdkDate, WINDOW_SECONDS, check_window, request_date};
pub use explain::{
    BodyChange, Difference, Explanation, Finding, Part, ReceivedRequest, TrialKeys, difference, explain,
};
pub use payload::UNSIGNED_PAYLOAD;
pub use sign::{SignError, SigningHeaders, sign};
pub use verify::{Claim, Mismatch, Payload, Reason, Verified, verify};

/// Lower-case name of the header that carries the time of signing, [`SdkDate`].
pub const DATE_HEADER: &str = "x-sdk-date";

/// Lower-case name of the header that comes with a temporary access key (wire fact 4.5).
pub const SECURITY_TOKEN_HEADER: &str = "x-security-token";

/// A header as sent: its name in any letter case, and the bytes of its value.
pub type Header<'a> = (&'a str, &'a [u8]);

/// A request as far as a signature can cover it.
#[derive(Debug, Clone, Copy)]
pub struct SignedRequest<'a> {
    /// The method as sent; methods are case-sensitive.
    pub method: &'a str,
    /// The request target **as it stands on the request line**: `/path?query`, still percent-encoded. Never
    /// the decoded or routed path: the signature covers what was sent.
    pub target: &'a [u8],
    /// Every header as sent; a repeated one once per line. For HTTP/2 the `:authority` goes in as `host`.
    pub headers: &'a [Header<'a>],
    /// The whole body as sent; empty if there is none.
    pub body: &'a [u8],
}

impl<'a> SignedRequest<'a> {
    /// The values of the header `name` (lower case), in the order sent.
    fn header(&self, name: &'a str) -> impl Iterator<Item = &'a [u8]> + use<'a> {
        let headers = self.headers;
        headers.iter().filter(move |(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, value)| *value)
    }

    /// The value of the header `name` (lower case) if it occurs exactly once, without outer white space.
    fn single_header(&self, name: &'a str) -> Option<&'a [u8]> {
        let mut values = self.header(name);
        let value = values.next()?;
        values.next().is_none().then(|| trim(value))
    }
}

/// Removes the white space that HTTP allows around a header value (RFC 9110 section 5.5: space and tab).
fn trim(mut value: &[u8]) -> &[u8] {
    while let [b' ' | b'\t', rest @ ..] | [rest @ .., b' ' | b'\t'] = value {
        value = rest;
    }
    value
}
