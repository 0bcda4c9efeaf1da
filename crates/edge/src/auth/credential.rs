//! The credential of a request: which kinds a dialect accepts, and the one that a request carries.

use super::cookie::SessionCookie;
use super::signature::malformed;
use crate::http::query::Query;
use base64::prelude::{BASE64_STANDARD, Engine as _};
use domain::error::{Error, Result};
use http::{HeaderMap, HeaderName};
use std::borrow::Cow;

/// The kinds of credential that a dialect accepts.
#[derive(Debug, Clone, Copy)]
pub struct Accepts {
    /// `X-Auth-Token`.
    pub x_auth_token: bool,
    /// `PRIVATE-TOKEN`.
    pub private_token: bool,
    /// `Authorization: Bearer`.
    pub bearer: bool,
    /// `Authorization: Basic` with a token as the password, or as the user name without a password. A password of
    /// a user is none.
    pub basic: bool,
    /// `Authorization: SDK-HMAC-SHA256 ...`: an AK/SK signature.
    pub signature: bool,
    /// The parameters of the query that hold a token, some of [`IN_QUERY`]. The same token may then also be
    /// repeated.
    pub query: &'static [&'static str],
    /// The session cookie. Any other credential takes precedence, because a browser sends the cookie with
    /// every request.
    pub cookie: SessionCookie,
}

impl Accepts {
    /// No credential at all.
    pub const NONE: Self = Self {
        x_auth_token: false,
        private_token: false,
        bearer: false,
        basic: false,
        signature: false,
        query: &[],
        cookie: SessionCookie::Ignored,
    };

    /// The credentials other than the cookie, by the names that the OpenAPI documents give them.
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        let all = [
            ("X-Auth-Token", self.x_auth_token),
            ("PRIVATE-TOKEN", self.private_token),
            ("Bearer", self.bearer),
            ("Basic", self.basic),
            ("Signature", self.signature),
        ];
        let of_headers = all.into_iter().filter(|(_, accepted)| *accepted).map(|(name, _)| name);
        of_headers.chain(self.query.first().copied())
    }
}

/// A credential as sent.
pub enum Credential<'a> {
    /// A token.
    Token(Cow<'a, [u8]>),
    /// The value of `Authorization` of a signed request.
    Signature(&'a [u8]),
    /// A kind that the dialect does not accept.
    Other,
}

/// Query parameters that may hold a credential. Whatever writes a query to a link or a log leaves them out.
pub const IN_QUERY: [&str; 4] = ["private_token", "access_token", "job_token", "token"];
/// The password of clients that send the token as the user name.
const NO_PASSWORD: &[u8] = b"x-oauth-basic";

static X_AUTH_TOKEN: HeaderName = HeaderName::from_static("x-auth-token");
static PRIVATE_TOKEN: HeaderName = HeaderName::from_static("private-token");

/// Whether the address of a request may hold a credential.
pub fn is_in_address(query: &Query) -> bool {
    IN_QUERY.iter().any(|name| query.all(name).next().is_some())
}

/// Finds the one credential of a request.
///
/// # Errors
/// [`Error::ManyCredentials`]; [`Error::Unauthenticated`] for more than one `Authorization` header.
pub fn find<'a>(
    headers: &'a HeaderMap,
    query: &'a Query,
    accepts: Accepts,
) -> Result<Option<Credential<'a>>> {
    // With a query, the same token may be given twice.
    let mut found = Found { first: None, is_many: false, may_repeat: !accepts.query.is_empty() };
    for (name, accepted) in [(&X_AUTH_TOKEN, accepts.x_auth_token), (&PRIVATE_TOKEN, accepts.private_token)] {
        for value in headers.get_all(name) {
            let token = value.as_bytes().trim_ascii();
            if !token.is_empty() {
                found.add(if accepted { Credential::Token(token.into()) } else { Credential::Other });
            }
        }
    }
    // Two headers are ambiguous, whatever their values.
    if headers.get_all(http::header::AUTHORIZATION).iter().count() > 1 {
        return Err(malformed(&"more than one Authorization header"));
    }
    for value in headers.get_all(http::header::AUTHORIZATION) {
        let value = value.as_bytes().trim_ascii();
        let (scheme, rest) = value.split_at(value.iter().position(|b| *b == b' ').unwrap_or(value.len()));
        let bearer = scheme.eq_ignore_ascii_case(b"bearer") || scheme.eq_ignore_ascii_case(b"token");
        found.add(match () {
            () if value.is_empty() => continue,
            () if bearer && accepts.bearer => Credential::Token(rest.trim_ascii().into()),
            () if accepts.basic && scheme.eq_ignore_ascii_case(b"basic") => basic_token(rest.trim_ascii())
                .map_or(Credential::Other, |token| Credential::Token(token.into())),
            () if !bearer && accepts.signature => Credential::Signature(value),
            () => Credential::Other,
        });
    }
    if !accepts.query.is_empty() {
        let tokens = accepts.query.iter().flat_map(|name| query.all(name));
        let tokens = tokens.map(|token| token.trim().as_bytes()).filter(|token| !token.is_empty());
        tokens.for_each(|token| found.add(Credential::Token(token.into())));
    }
    if found.is_many {
        return Err(Error::ManyCredentials);
    }
    Ok(found.first)
}

/// The credentials of a request, of which there may be one.
struct Found<'a> {
    first: Option<Credential<'a>>,
    is_many: bool,
    may_repeat: bool,
}

impl<'a> Found<'a> {
    fn add(&mut self, credential: Credential<'a>) {
        match (&self.first, &credential) {
            (None, _) => self.first = Some(credential),
            (Some(Credential::Token(first)), Credential::Token(token))
                if self.may_repeat && first == token => {}
            (Some(_), _) => self.is_many = true,
        }
    }
}

/// The token in the value of `Authorization: Basic`.
fn basic_token(encoded: &[u8]) -> Option<Vec<u8>> {
    let pair = BASE64_STANDARD.decode(encoded).ok()?;
    let end = pair.iter().position(|byte| *byte == b':')?;
    let (name, password) = (&pair[..end], &pair[end + 1..]);
    let token = if password.is_empty() || password == NO_PASSWORD { name } else { password };
    (!token.is_empty()).then(|| token.to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::error::AuthFailure;

    fn kinds(headers: &[(&'static str, &str)], accepts: Accepts) -> Result<Option<&'static str>> {
        kinds_with(headers, "", accepts)
    }

    fn kinds_with(
        headers: &[(&'static str, &str)],
        query: &str,
        accepts: Accepts,
    ) -> Result<Option<&'static str>> {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(*name, value.parse().unwrap());
        }
        find(&map, &Query::parse(query.as_bytes()).0, accepts).map(|found| {
            found.map(|credential| match credential {
                Credential::Token(_) => "token",
                Credential::Signature(_) => "signature",
                Credential::Other => "other",
            })
        })
    }

    #[test]
    fn one_credential_of_a_kind_the_dialect_takes() {
        let codearts = Accepts {
            x_auth_token: true,
            private_token: false,
            bearer: false,
            signature: true,
            ..Accepts::NONE
        };
        let native = Accepts { private_token: true, bearer: true, ..codearts };
        let signed = ("authorization", "SDK-HMAC-SHA256 Access=a, SignedHeaders=x-sdk-date, Signature=0");
        assert_eq!(kinds(&[], native), Ok(None));
        assert_eq!(kinds(&[("x-auth-token", "")], native), Ok(None));
        assert_eq!(kinds(&[("x-auth-token", "t")], codearts), Ok(Some("token")));
        assert_eq!(kinds(&[signed], codearts), Ok(Some("signature")));
        assert_eq!(kinds(&[("private-token", "t")], codearts), Ok(Some("other")));
        assert_eq!(kinds(&[("private-token", "t")], native), Ok(Some("token")));
        assert_eq!(kinds(&[("authorization", "Bearer t")], native), Ok(Some("token")));
        assert_eq!(kinds(&[("authorization", "Bearer t")], codearts), Ok(Some("other")));
        for many in [
            &[("x-auth-token", "t"), signed][..],
            &[("x-auth-token", "t"), ("x-auth-token", "t")],
            &[("x-auth-token", "t"), ("private-token", "t")],
        ] {
            assert_eq!(kinds(many, codearts), Err(Error::ManyCredentials), "{many:?}");
        }
        let twice = kinds(&[signed, signed], codearts);
        assert!(matches!(twice, Err(Error::Unauthenticated(AuthFailure::Malformed(_)))), "{twice:?}");
    }

    #[test]
    fn a_token_may_be_in_the_query_where_the_dialect_says_so_and_be_repeated_there() {
        let query = &["private_token", "access_token"];
        let gitlab = Accepts { private_token: true, bearer: true, query, ..Accepts::NONE };
        let elsewhere = Accepts { query: &[], ..gitlab };
        let private = [("private-token", "t")];
        assert_eq!(kinds_with(&[], "private_token=t", elsewhere), Ok(None));
        for one in
            ["private_token=t", "access_token=t", "a=b&private_token=t&access_token=t", "private_token=%74"]
        {
            assert_eq!(kinds_with(&[], one, gitlab), Ok(Some("token")), "{one}");
            assert_eq!(kinds_with(&private, one, gitlab), Ok(Some("token")), "{one}");
        }
        assert_eq!(kinds_with(&[("authorization", "token t")], "", gitlab), Ok(Some("token")));
        assert_eq!(kinds_with(&[("x-auth-token", "t")], "", gitlab), Ok(Some("other")));
        for none in ["", "private_token=", "job_token=t"] {
            assert_eq!(kinds_with(&[("job-token", "t")], none, gitlab), Ok(None), "{none}");
        }
        for many in ["private_token=u", "access_token=t&access_token=u"] {
            assert_eq!(kinds_with(&private, many, gitlab), Err(Error::ManyCredentials), "{many}");
        }
    }

    #[test]
    fn a_basic_credential_is_a_token_in_either_half() {
        let token = |text: &str| basic_token(BASE64_STANDARD.encode(text).as_bytes());
        for (pair, expected) in [
            ("ci:s3cret", Some("s3cret")),
            ("s3cret:", Some("s3cret")),
            ("s3cret:x-oauth-basic", Some("s3cret")),
            (":s3cret", Some("s3cret")),
            ("ci:a:b", Some("a:b")),
            (":", None),
            ("", None),
            ("s3cret", None),
        ] {
            assert_eq!(token(pair), expected.map(|text| text.as_bytes().to_vec()), "{pair}");
        }
        assert_eq!(basic_token(b"not base64!"), None);
        let accepts = Accepts { basic: true, bearer: true, ..Accepts::NONE };
        assert_eq!(kinds(&[("authorization", "Basic Y2k6dA==")], accepts), Ok(Some("token")));
        assert_eq!(kinds(&[("authorization", "basic Y2k6dA==")], accepts), Ok(Some("token")));
        assert_eq!(kinds(&[("authorization", "Basic ?")], accepts), Ok(Some("other")));
        let elsewhere = Accepts { basic: false, ..accepts };
        assert_eq!(kinds(&[("authorization", "Basic Y2k6dA==")], elsewhere), Ok(Some("other")));
    }
}
