//! The response of a page.

use crate::auth::is_in_address;
use crate::http::reply::Reply;
use crate::request::IncomingRequest;
use domain::error::Result;
use http::header::{LOCATION, REFERRER_POLICY};
use http::{HeaderValue, StatusCode};
use serde::Serialize;

/// The content security policy: scripts and styles are files of this server.
pub const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; \
                          base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

const HTML: HeaderValue = HeaderValue::from_static("text/html; charset=utf-8");

/// A page. It is compressed, so it must not contain a new secret.
pub fn html(text: String) -> Reply {
    with_page_headers(Reply::new(StatusCode::OK, HTML, text))
}

/// A page with a new secret. It is never compressed, because the compressed length would reveal parts of the
/// secret.
pub fn secret(text: String) -> Reply {
    with_page_headers(Reply::streamed(HTML, http_body_util::Full::from(text)))
}

fn with_page_headers(reply: Reply) -> Reply {
    reply.header("content-security-policy", POLICY).header("referrer-policy", "same-origin")
}

/// Completes the response of a page. If its address may hold a credential, no cache stores it, and the requests that it
/// causes name the origin only: a reverse proxy may log `Referer`.
pub fn complete(reply: Reply, request: &IncomingRequest) -> Reply {
    let reply = below_base_path(reply, request);
    if !is_in_address(&request.query) {
        return reply;
    }
    // With `no-referrer`, browsers send the forms of an error page without their origin.
    let is_silent = reply.headers.get(REFERRER_POLICY).is_some_and(|policy| policy == "no-referrer");
    let policy = if is_silent { "no-referrer" } else { "strict-origin" };
    reply.header("referrer-policy", policy).header("cache-control", "no-store")
}

/// Redirects of pages are made without the path of the public URL. It is added here, so that none leads elsewhere.
fn below_base_path(mut reply: Reply, request: &IncomingRequest) -> Reply {
    let base = request.base_path();
    if !base.is_empty()
        && let Some(location) = reply.headers.get_mut(LOCATION)
        && let Ok(path) = location.to_str()
        && path.starts_with('/')
        && let Ok(below) = HeaderValue::from_str(&format!("{base}{path}"))
    {
        *location = below;
    }
    reply
}

/// The JSON of the native API or the page of the same data, as the request asks.
pub fn reply<T: Serialize>(
    request: &IncomingRequest,
    native: impl FnOnce() -> T,
    page: impl FnOnce() -> String,
) -> Result<Reply> {
    if request.wants_json { Reply::json(&native()) } else { Ok(html(page())) }
}
