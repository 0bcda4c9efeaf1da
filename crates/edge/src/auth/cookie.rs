//! The session cookie: its names, when it is a credential, and the origin check for forms.

use crate::http::{cookies, query};
use crate::request::IncomingRequest;
use domain::error::{AuthFailure, Error, Result};
use http::Method;

/// The name on an encrypted connection: no other host and no plain connection can set a cookie with this
/// prefix.
const ENCRYPTED: &str = "__Host-stagepost";
/// The name on a plain connection, from which browsers accept no `__Host-` cookie.
const PLAIN: &str = "stagepost";

/// When the session cookie is a credential.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SessionCookie {
    /// Never.
    Ignored,
    /// For GET and HEAD.
    ReadOnly,
    /// For GET and HEAD, and for the forms of this server's pages.
    Forms,
}

/// The token in the cookie, where the cookie is a credential.
///
/// # Errors
/// [`Error::Forbidden`] for a form of another site.
pub fn token(request: &IncomingRequest, accepted: SessionCookie) -> Result<Option<String>> {
    let reading = matches!(request.method, Method::GET | Method::HEAD);
    if accepted == SessionCookie::Ignored || (accepted == SessionCookie::ReadOnly && !reading) {
        return Ok(None);
    }
    let Some(token) = value(request) else { return Ok(None) };
    if !reading && request.header("origin").is_none_or(|origin| !is_same_origin(request, origin)) {
        return Err(Error::Forbidden);
    }
    let undecodable = |_| Error::Unauthenticated(AuthFailure::Token("the session cookie cannot be decoded"));
    query::decode(token.as_bytes(), false).map(Some).map_err(undecodable)
}

fn value(request: &IncomingRequest) -> Option<&str> {
    let encrypted = cookies::get(&request.headers, ENCRYPTED);
    if request.secure { encrypted } else { encrypted.or_else(|| cookies::get(&request.headers, PLAIN)) }
}

/// Whether an `Origin` is this server as the client addressed it.
pub fn is_same_origin(request: &IncomingRequest, origin: &str) -> bool {
    origin.eq_ignore_ascii_case(&request.base_url())
}

/// The values of `Set-Cookie` that store the token for this many seconds; 0 seconds delete it.
pub fn set_cookies(request: &IncomingRequest, token: &str, seconds: i64) -> Vec<String> {
    const ATTRIBUTES: &str = "; HttpOnly; SameSite=Strict";
    // A chosen token may contain characters that end a cookie.
    let token = &query::encode(token);
    let mut values = vec![cookies::set(ENCRYPTED, token, seconds, &format!("; Secure{ATTRIBUTES}"))];
    if !request.secure {
        values.push(cookies::set(PLAIN, token, seconds, ATTRIBUTES));
    }
    values
}
