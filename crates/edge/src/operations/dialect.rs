//! The dialect as a value, and its flat error body.

use crate::auth::Accepts;
use crate::catalogue::{self, UNKNOWN_ROUTE};
use crate::dialect::{Dialect, OPERATIONS_NAME, general_headers, repository_by_id};
use crate::http::reply::{JSON, Reply};
use crate::request::IncomingRequest;
use domain::error::Error;
use http::StatusCode;

/// The dialect of operators.
pub static OPERATIONS: Dialect = Dialect {
    name: OPERATIONS_NAME,
    title: ("Stagepost 运维接口", "Stagepost for operators"),
    prefixes: &["/openapi/"],
    serves_pages: false,
    accepts: Accepts { x_auth_token: true, private_token: true, bearer: true, ..Accepts::NONE },
    repository: repository_by_id,
    error,
    unknown_route: |request| Some(unknown_route(request)),
    complete: general_headers,
};

fn error(error: &Error, request: &IncomingRequest) -> Reply {
    let described = catalogue::describe(error, request.language);
    reply(described.entry.code, &described.message, described.entry.status, &request.request_id)
}

/// The general response to a path that no route has.
pub fn unknown_route(request: &IncomingRequest) -> Reply {
    let message = UNKNOWN_ROUTE.text(request.language);
    reply(UNKNOWN_ROUTE.code, message, UNKNOWN_ROUTE.status, &request.request_id)
}

fn reply(code: &str, message: &str, status: u16, request_id: &str) -> Reply {
    let body = serde_json::json!({ "error_code": code, "error_msg": message, "request_id": request_id });
    Reply::new(StatusCode::OK, JSON, body.to_string()).status(status)
}
