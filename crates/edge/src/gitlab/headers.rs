//! The headers of every response, with GitLab's values: some clients compare them as a whole.
//!
//! `Content-Type` has no charset. A response with a body and status 200 or 201 has a weak entity tag, the first 32
//! digits of the SHA-256 of the body, and a `GET` with this tag gets 304 (`lib/rack/etag.rb` and
//! `lib/rack/conditional_get.rb` of Rack 2.2 and 3). Other responses are `no-cache`, which Rails passes to Rack::ETag
//! (`default_middleware_stack.rb`). `Vary: Origin` is that of rack-cors, which GitLab uses for `/api/*`, also for
//! requests without `Origin`. Unlike Rack, `If-None-Match` may be a list or `*` (RFC 9110, section 13.1.2). Paging
//! headers are in [`super::paging`].

use crate::http::conditional;
use crate::http::reply::{JSON, Reply};
use crate::request::IncomingRequest;
use domain::model::ids::hex;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, VARY};
use http::{HeaderValue, Method, StatusCode};

/// GitLab's media type of JSON.
const GITLAB_JSON: HeaderValue = HeaderValue::from_static("application/json");

/// Adds the headers.
pub fn complete(mut reply: Reply, request: &IncomingRequest) -> Reply {
    if reply.headers.get(CONTENT_TYPE) == Some(&JSON) {
        reply.headers.insert(CONTENT_TYPE, GITLAB_JSON);
    }
    reply.headers.insert(VARY, HeaderValue::from_static("Origin"));
    if !matches!(reply.status, StatusCode::OK | StatusCode::CREATED) || reply.is_empty() {
        reply.headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
        return reply;
    }
    let etag = format!("W/\"{}\"", hex(&reply.digest()[..16]));
    reply.headers.insert(CACHE_CONTROL, HeaderValue::from_static("max-age=0, private, must-revalidate"));
    let reply = reply.header("etag", &etag);
    let reads = matches!(request.method, Method::GET | Method::HEAD);
    if reads && reply.status == StatusCode::OK && conditional::has(&request.headers, &etag) {
        let mut not_modified = Reply::no_content().status(304);
        not_modified.headers = reply.headers;
        not_modified.headers.remove(CONTENT_TYPE);
        return not_modified;
    }
    reply
}
