//! The Authorization header of a signed request. The grammar is strict: every alternative spelling that a
//! verifier accepts is one more way around it.
//!
//! ```text
//! SDK-HMAC-SHA256 Access=<AK>, SignedHeaders=<name;name;...>, Signature=<lower-case hex digits>
//! V11-HMAC-SHA256 Credential=<AK>/<YYYYMMDD>/<region>/<service>, SignedHeaders=..., Signature=...
//! ```

use super::{Algorithm, DATE_HEADER};

/// The longest access key accepted, in characters.
pub const MAX_ACCESS_KEY_LEN: usize = 128;

/// The longest list of signed headers accepted, in characters; the SDKs sign a handful.
const MAX_HEADER_LIST_LEN: usize = 4096;

/// A well-formed Authorization header. Its signature is not verified yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Authorization {
    algorithm: Algorithm,
    access_key: String,
    /// `YYYYMMDD/region/service` of a derived key; else empty.
    scope: String,
    signed_headers: String,
    signature: Vec<u8>,
}

/// Why an Authorization header is malformed. For logs; responses should not distinguish these.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Malformed {
    /// The first word is no known signing algorithm; the header may be of another scheme.
    Algorithm,
    /// Not exactly `Access=..., SignedHeaders=..., Signature=...` in this order (`Credential=` instead of
    /// `Access=` for a derived key).
    Parameters,
    /// The access key is empty, too long or has other characters than [`is_access_key`] allows.
    AccessKey,
    /// The header list is empty, unsorted, repeats a name, or has an upper-case or impossible one.
    SignedHeaders,
    /// `x-sdk-date` is not signed, so the request could be replayed at any time.
    DateNotSigned,
    /// `Credential=` does not continue with `/YYYYMMDD/region/service`.
    Scope,
    /// The signature is not the lower-case hexadecimal digits of a signature of the algorithm.
    Signature,
}

impl std::fmt::Display for Malformed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Algorithm => "unknown signing algorithm",
            Self::Parameters => {
                "the Authorization header must be `Access=..., SignedHeaders=..., Signature=...`"
            }
            Self::AccessKey => "the access key has a wrong length or character",
            Self::SignedHeaders => "SignedHeaders must be lower-case names, sorted, each once, joined by `;`",
            Self::DateNotSigned => "SignedHeaders must contain x-sdk-date",
            Self::Scope => "Credential must be the access key, then /YYYYMMDD/region/service",
            Self::Signature => {
                "the signature must be lower-case hexadecimal digits of a signature of this algorithm"
            }
        })
    }
}

impl std::error::Error for Malformed {}

/// Whether this can be an access key: 1 to [`MAX_ACCESS_KEY_LEN`] of `A-Z a-z 0-9 . _ -`.
#[must_use]
pub fn is_access_key(text: &str) -> bool {
    (1..=MAX_ACCESS_KEY_LEN).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte))
}

impl Authorization {
    /// Reads the value of the header, without outer white space.
    ///
    /// # Errors
    /// [`Malformed`] on every deviation from the grammar of this module. `host` need not be signed: the Go
    /// SDK does not sign it.
    pub fn parse(value: &[u8]) -> Result<Self, Malformed> {
        let algorithm = Algorithm::of_authorization(value).ok_or(Malformed::Algorithm)?;
        let text = std::str::from_utf8(value).map_err(|_| Malformed::Parameters)?;
        let first = if algorithm.is_scoped() { " Credential=" } else { " Access=" };
        let parameters = text[algorithm.name().len()..].strip_prefix(first).ok_or(Malformed::Parameters)?;
        let (credential, rest) = parameters.split_once(", SignedHeaders=").ok_or(Malformed::Parameters)?;
        let (signed_headers, signature) = rest.split_once(", Signature=").ok_or(Malformed::Parameters)?;
        let (access_key, scope) = match credential.split_once('/') {
            Some(parts) if algorithm.is_scoped() => parts,
            _ => (credential, ""),
        };
        // A repeated or unknown parameter becomes part of one of the three, where its characters are refused.
        if !is_access_key(access_key) {
            return Err(Malformed::AccessKey);
        }
        if algorithm.is_scoped() && !is_scope(scope) {
            return Err(Malformed::Scope);
        }
        if !is_header_list(signed_headers) {
            return Err(Malformed::SignedHeaders);
        }
        if !signed_headers.split(';').any(|name| name == DATE_HEADER) {
            return Err(Malformed::DateNotSigned);
        }
        let signature = algorithm.parse_signature(signature.as_bytes()).ok_or(Malformed::Signature)?;
        Ok(Self {
            algorithm,
            access_key: access_key.to_owned(),
            scope: scope.to_owned(),
            signed_headers: signed_headers.to_owned(),
            signature,
        })
    }

    /// The signing algorithm.
    #[must_use]
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// The access key of the signature as stated by the request; valid by [`is_access_key`].
    #[must_use]
    pub fn access_key(&self) -> &str {
        &self.access_key
    }

    /// Lower-case names of the signed headers, ascending, each once; `x-sdk-date` is among them.
    pub fn signed_headers(&self) -> impl Iterator<Item = &str> {
        self.signed_headers.split(';')
    }

    /// The bytes of the signature. With the access key they identify this request in a replay cache.
    #[must_use]
    pub fn signature(&self) -> &[u8] {
        &self.signature
    }

    /// `YYYYMMDD/region/service` that the key is derived for; empty if the algorithm derives no key.
    #[must_use]
    pub fn scope(&self) -> &str {
        &self.scope
    }

    /// The size of its parts, in bytes.
    #[must_use]
    pub fn size(&self) -> usize {
        let Self { access_key, scope, signed_headers, signature, .. } = self;
        access_key.len() + scope.len() + signed_headers.len() + signature.len()
    }

    /// Whether the key may sign at this `X-Sdk-Date`: a derived key is valid on its own day only.
    pub(super) fn is_valid_on(&self, date: &[u8]) -> bool {
        let day = self.scope.split('/').next().unwrap_or_default();
        date.starts_with(day.as_bytes())
    }

    pub(super) fn signed_headers_text(&self) -> &str {
        &self.signed_headers
    }
}

/// Whether this is a day, a region and a service. Region and service follow the rules of an access key.
fn is_scope(scope: &str) -> bool {
    let parts: Vec<&str> = scope.split('/').collect();
    let [day, region, service] = parts[..] else { return false };
    let is_day = day.len() == 8 && day.bytes().all(|byte| byte.is_ascii_digit());
    is_day && is_access_key(region) && is_access_key(service)
}

fn is_header_list(list: &str) -> bool {
    if list.len() > MAX_HEADER_LIST_LEN {
        return false;
    }
    let mut last = "";
    list.split(';').all(|name| {
        // Strictly ascending names are sorted and unique; an empty name is never greater than the last one.
        let ascending = last < name;
        last = name;
        // Authorization cannot sign itself, and errors would quote it with the canonical request.
        ascending && is_lower_case_token(name) && name != "authorization"
    })
}

/// A header name (RFC 9110 `token`) without upper-case letters.
pub(super) fn is_lower_case_token(name: &str) -> bool {
    !name.is_empty()
        && name.bytes().all(|byte| {
            byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"!#$%&'*+-.^_`|~".contains(&byte)
        })
}

#[cfg(test)]
mod tests {
    use super::{Authorization, Malformed};

    const SIGNATURE: &str = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";

    fn parse(access: &str, headers: &str, signature: &str) -> Result<Authorization, Malformed> {
        let value =
            format!("SDK-HMAC-SHA256 Access={access}, SignedHeaders={headers}, Signature={signature}");
        Authorization::parse(value.as_bytes())
    }

    #[test]
    fn headers_of_the_sdks_are_read() {
        let parsed = parse("AK_1.x-2", "host;user-agent;x-sdk-date", SIGNATURE).unwrap();
        assert_eq!(parsed.access_key(), "AK_1.x-2");
        assert!(parsed.signed_headers().eq(["host", "user-agent", "x-sdk-date"]));
        assert_eq!(parsed.signature().len(), 32);
        // The IAM call of the Go SDK signs nothing else.
        assert!(parse("A", "x-sdk-date", SIGNATURE).is_ok());
    }

    #[test]
    fn refuses_odd_access_keys() {
        for bad in ["", " A", "A ", "A,B", "A=B", "A/B", "\u{e9}", "A\tB", &"A".repeat(129)] {
            assert_eq!(parse(bad, "x-sdk-date", SIGNATURE), Err(Malformed::AccessKey), "{bad:?}");
        }
        assert!(parse(&"A".repeat(128), "x-sdk-date", SIGNATURE).is_ok());
    }

    #[test]
    fn refuses_odd_header_lists() {
        for bad in [
            "",
            ";",
            "x-sdk-date;",
            ";x-sdk-date",
            "host;;x-sdk-date",
            "Host;x-sdk-date",
            "x-sdk-date;host",
            "host;host;x-sdk-date",
            "x-sdk-date;x-sdk-date",
            "a b;x-sdk-date",
            "host, x-sdk-date",
            "host:;x-sdk-date",
            "authorization;x-sdk-date",
            "h\u{f6}st;x-sdk-date",
        ] {
            assert_eq!(parse("A", bad, SIGNATURE), Err(Malformed::SignedHeaders), "{bad:?}");
        }
        assert_eq!(parse("A", "host;user-agent", SIGNATURE), Err(Malformed::DateNotSigned));
    }

    #[test]
    fn refuses_odd_signatures() {
        let (upper, short, long) = (SIGNATURE.to_uppercase(), &SIGNATURE[2..], format!("{SIGNATURE}00"));
        let spaced = format!("{SIGNATURE} ");
        let repeated = format!("{SIGNATURE}, Signature={SIGNATURE}");
        for bad in ["", &upper, short, &long, &spaced, &repeated, &SIGNATURE.replace('a', "g")] {
            assert_eq!(parse("A", "x-sdk-date", bad), Err(Malformed::Signature), "{bad:?}");
        }
    }

    #[test]
    fn a_derived_key_names_its_scope() {
        let parse = |credential: &str| {
            let text =
                format!("V11-HMAC-SHA256 {credential}, SignedHeaders=x-sdk-date, Signature={SIGNATURE}");
            Authorization::parse(text.as_bytes())
        };
        let parsed = parse("Credential=AK/20261123/cn-north-4/codehub").unwrap();
        assert_eq!((parsed.access_key(), parsed.scope()), ("AK", "20261123/cn-north-4/codehub"));
        for bad in [
            "AK",
            "AK/",
            "AK/20261123/r",
            "AK/20261123/r/s/t",
            "AK/2026112/r/s",
            "AK/2026112x/r/s",
            "AK/20261123//s",
            "AK/20261123/r s/t",
        ] {
            assert_eq!(parse(&format!("Credential={bad}")), Err(Malformed::Scope), "{bad}");
        }
        assert_eq!(parse("Credential=/20261123/r/s"), Err(Malformed::AccessKey));
        assert_eq!(parse("Access=AK/20261123/r/s"), Err(Malformed::Parameters));
    }

    #[test]
    fn refuses_every_other_layout() {
        let cases = [
            ("", Malformed::Algorithm),
            ("Bearer abc", Malformed::Algorithm),
            ("sdk-hmac-sha256 Access=A, SignedHeaders=x-sdk-date, Signature=S", Malformed::Algorithm),
            ("SDK-HMAC-SHA256", Malformed::Parameters),
            ("SDK-HMAC-SHA256  Access=A, SignedHeaders=x-sdk-date, Signature=S", Malformed::Parameters),
            ("SDK-HMAC-SHA256 access=A, SignedHeaders=x-sdk-date, Signature=S", Malformed::Parameters),
            ("SDK-HMAC-SHA256 Access=A,SignedHeaders=x-sdk-date, Signature=S", Malformed::Parameters),
            ("SDK-HMAC-SHA256 Access=A, SignedHeaders=x-sdk-date,Signature=S", Malformed::Parameters),
            ("SDK-HMAC-SHA256 SignedHeaders=x-sdk-date, Access=A, Signature=S", Malformed::Parameters),
            ("SDK-HMAC-SHA256 Access=A, Signature=S, SignedHeaders=x-sdk-date", Malformed::Parameters),
            ("SDK-HMAC-SHA256 Credential=A, SignedHeaders=x-sdk-date, Signature=S", Malformed::Parameters),
            (
                "SDK-HMAC-SHA256 Access=A, Access=B, SignedHeaders=x-sdk-date, Signature=S",
                Malformed::AccessKey,
            ),
            ("SDK-HMAC-SHA256 Access=A, X=1, SignedHeaders=x-sdk-date, Signature=S", Malformed::AccessKey),
            (
                "SDK-HMAC-SHA256 Access=A, SignedHeaders=x-sdk-date, X=1, Signature=S",
                Malformed::SignedHeaders,
            ),
        ];
        for (text, expected) in cases {
            let value = text.replace("Signature=S", &format!("Signature={SIGNATURE}"));
            assert_eq!(Authorization::parse(value.as_bytes()), Err(expected), "{text}");
        }
        assert_eq!(Authorization::parse(b"SDK-HMAC-SHA256 Access=\xff"), Err(Malformed::Parameters));
    }
}
