//! The session cookie: its names, when it is a credential, and the origin check for forms.

use crate::http::{cookies, query};
use crate::request::IncomingRequest;
use domain::error::{AuthFailure, Error, Result};
use http::Method;

/// The name on an encrypted connection: no other host and no plain connection can set a cookie with this
/// prefix.
const ENCRYPTED: &str = "__Host-stagepost";
/// The name on an encrypted connection to a server below a path: browsers accept a `__Host-` cookie for a whole host
/// only. No plain connection can set it.
const ENCRYPTED_BELOW_PATH: &str = "__Secure-stagepost";
/// The name on a plain connection, from which browsers accept no `__Host-` cookie.
const PLAIN: &str = "stagepost";

/// The longest origin in a message, in characters.
const ORIGIN_MAX: usize = 200;

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
/// [`Error::OtherOrigin`] for a form of another site.
pub fn token(request: &IncomingRequest, accepted: SessionCookie) -> Result<Option<String>> {
    let reading = matches!(request.method, Method::GET | Method::HEAD);
    if accepted == SessionCookie::Ignored || (accepted == SessionCookie::ReadOnly && !reading) {
        return Ok(None);
    }
    let Some(token) = value(request) else { return Ok(None) };
    if !reading {
        check_origin(request, true)?;
    }
    let undecodable = |_| Error::Unauthenticated(AuthFailure::Token("the session cookie cannot be decoded"));
    query::decode(token.as_bytes(), false).map(Some).map_err(undecodable)
}

/// The name of the cookie on an encrypted connection.
fn encrypted_name(request: &IncomingRequest) -> &'static str {
    if request.base_path().is_empty() { ENCRYPTED } else { ENCRYPTED_BELOW_PATH }
}

fn value(request: &IncomingRequest) -> Option<&str> {
    let encrypted = cookies::get(&request.headers, encrypted_name(request));
    if request.secure { encrypted } else { encrypted.or_else(|| cookies::get(&request.headers, PLAIN)) }
}

/// Refuses a form that another site submitted. `required`: a request that does not name its origin is refused
/// too, because browsers name it.
///
/// A browser itself says whether the page has the same origin (`Sec-Fetch-Site`, on encrypted connections and on
/// localhost); no page can change that, and no reverse proxy can get it wrong. Without it, `Origin` must be the
/// public address of this server, or without a public URL the address that the client called.
///
/// # Errors
/// [`Error::OtherOrigin`].
pub fn check_origin(request: &IncomingRequest, required: bool) -> Result<()> {
    let origin = request.header("origin");
    let is_own = match request.header("sec-fetch-site") {
        Some("same-origin") => true,
        Some("cross-site" | "same-site") => false,
        _ => origin.map_or(!required, |origin| request.is_own_origin(origin)),
    };
    if is_own {
        return Ok(());
    }
    Err(Error::OtherOrigin {
        sent: origin.unwrap_or_default().chars().take(ORIGIN_MAX).collect(),
        expected: request.expected_origin(),
        ignored_proxy: request.client.ignored,
    })
}

/// The values of `Set-Cookie` that store the token for this many seconds; 0 seconds delete it.
pub fn set_cookies(request: &IncomingRequest, token: &str, seconds: i64) -> Vec<String> {
    const ATTRIBUTES: &str = "; HttpOnly; SameSite=Strict";
    // A chosen token may contain characters that end a cookie.
    let token = &query::encode(token);
    let (name, path) = (encrypted_name(request), request.cookie_path());
    let mut values = vec![cookies::set(name, token, path, seconds, &format!("; Secure{ATTRIBUTES}"))];
    if !request.secure {
        values.push(cookies::set(PLAIN, token, path, seconds, ATTRIBUTES));
    }
    values
}
