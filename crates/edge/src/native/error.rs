//! The native error body: RFC 9457.

use crate::catalogue::{Described, UNKNOWN_ROUTE, describe};
use crate::http::reply::Reply;
use crate::language::Language;
use crate::request::IncomingRequest;
use domain::error::Error;
use http::{HeaderValue, StatusCode};
use wire::native::problem::Problem;

/// The body of an error, also for one item of a batch.
pub fn problem(error: &Error, language: Language, request_id: &str) -> Problem {
    body(describe(error, language), language, request_id)
}

fn body(described: Described, language: Language, request_id: &str) -> Problem {
    let entry = described.entry;
    Problem {
        kind: format!("/errors#{}", entry.code),
        title: entry.text(language).to_owned(),
        status: entry.status,
        detail: described.message,
        code: entry.code.to_owned(),
        field: described.field,
        request_id: request_id.to_owned(),
    }
}

pub fn reply(error: &Error, request: &IncomingRequest) -> Reply {
    send(&problem(error, request.language, &request.request_id))
}

/// The response to a path that no route has.
pub fn unknown_route(request: &IncomingRequest) -> Reply {
    let message = UNKNOWN_ROUTE.text(request.language).to_owned();
    let described = Described { entry: UNKNOWN_ROUTE, message, field: None };
    send(&body(described, request.language, &request.request_id))
}

fn send(problem: &Problem) -> Reply {
    let json = serde_json::to_vec(problem).unwrap_or_default();
    Reply::new(StatusCode::OK, HeaderValue::from_static("application/problem+json"), json)
        .status(problem.status)
}
