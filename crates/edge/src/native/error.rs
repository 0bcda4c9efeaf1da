//! The native error body: RFC 9457.

use crate::catalogue::{Described, UNKNOWN_ROUTE, describe};
use crate::http::reply::Reply;
use crate::language::Language;
use crate::routes::Incoming;
use domain::error::Error;
use http::{HeaderValue, StatusCode};
use wire::native::problem::Problem;

/// The body of an error, also inside the answer to a batch.
pub fn problem(error: &Error, language: Language, request_id: &str) -> Problem {
    written(describe(error, language), language, request_id)
}

fn written(described: Described, language: Language, request_id: &str) -> Problem {
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

pub fn reply(error: &Error, request: &Incoming) -> Reply {
    send(&problem(error, request.language, &request.request_id))
}

/// For a path that no route has.
pub fn unknown_route(language: Language, request_id: &str) -> Reply {
    let message = UNKNOWN_ROUTE.text(language).to_owned();
    send(&written(Described { entry: UNKNOWN_ROUTE, message, field: None }, language, request_id))
}

fn send(problem: &Problem) -> Reply {
    let body = serde_json::to_vec(problem).unwrap_or_default();
    Reply::new(StatusCode::OK, HeaderValue::from_static("application/problem+json"), body)
        .status(problem.status)
}
