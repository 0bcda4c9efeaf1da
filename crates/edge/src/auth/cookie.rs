//! The cookie of a session: how it is called, when it counts, and whose forms it counts for.

use crate::http::{cookies, query};
use crate::routes::Incoming;
use domain::error::{Error, Result};
use http::Method;

/// Where a connection is encrypted: no other host and no plain connection can set a cookie that is called so.
const ENCRYPTED: &str = "__Host-stagepost";
/// For browsers that keep no such cookie from a plain connection.
const PLAIN: &str = "stagepost";

/// When the cookie of a session is a credential.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cookie {
    /// Never.
    No,
    /// For GET and HEAD.
    Reading,
    /// For these, and for the forms of our own pages.
    Forms,
}

/// The token in the cookie, where it counts.
///
/// # Errors
/// [`Error::Forbidden`] for a form of another site.
pub fn token(request: &Incoming, takes: Cookie) -> Result<Option<String>> {
    let reading = matches!(request.method, Method::GET | Method::HEAD);
    if takes == Cookie::No || (takes == Cookie::Reading && !reading) {
        return Ok(None);
    }
    let Some(token) = value(request) else { return Ok(None) };
    if !reading && request.header("origin").is_none_or(|origin| !is_own(request, origin)) {
        return Err(Error::Forbidden);
    }
    Ok(Some(query::decode(token, false)))
}

fn value(request: &Incoming) -> Option<&str> {
    let encrypted = cookies::get(&request.headers, ENCRYPTED);
    if request.secure { encrypted } else { encrypted.or_else(|| cookies::get(&request.headers, PLAIN)) }
}

/// True where an `Origin` is this server as the request calls it.
pub fn is_own(request: &Incoming, origin: &str) -> bool {
    origin.eq_ignore_ascii_case(&request.base_url())
}

/// The lines that give a browser the token for so many seconds; of 0 seconds, those that take it away.
pub fn lines(request: &Incoming, token: &str, seconds: i64) -> Vec<String> {
    const OURS: &str = "; HttpOnly; SameSite=Strict";
    // A word that somebody chose may hold what ends a cookie.
    let token = &pages::links::encode(token);
    let mut lines = vec![cookies::set(ENCRYPTED, token, seconds, &format!("; Secure{OURS}"))];
    if !request.secure {
        lines.push(cookies::set(PLAIN, token, seconds, OURS));
    }
    lines
}
