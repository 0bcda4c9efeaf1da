//! The dialect as a value.

use super::error;
use crate::auth::Accepts;
use crate::code_hosts;
use crate::dialect::Dialect;
use crate::http::reply::{JSON, Reply};
use crate::request::IncomingRequest;
use http::HeaderValue;
use http::header::CONTENT_TYPE;

/// The GitHub dialect.
pub static GITHUB: Dialect = Dialect {
    name: "github",
    title: ("GitHub 兼容接口", "GitHub-compatible API"),
    prefixes: &["/api/v3", "/repos/"],
    serves_pages: false,
    accepts: Accepts { x_auth_token: true, bearer: true, basic: true, ..Accepts::NONE },
    repository: code_hosts::repository,
    error: error::reply,
    unknown_route: |_| Some(error::unknown_route()),
    complete,
};

/// GitHub's media type of JSON.
const GITHUB_JSON: HeaderValue = HeaderValue::from_static("application/json; charset=utf-8");

fn complete(mut reply: Reply, _: &IncomingRequest) -> Reply {
    if reply.headers.get(CONTENT_TYPE) == Some(&JSON) {
        reply.headers.insert(CONTENT_TYPE, GITHUB_JSON);
    }
    reply.header("x-github-media-type", "github.v3; format=json")
}
