//! The native error body: RFC 9457.

use crate::catalogue::{Described, UNKNOWN_ROUTE, describe};
use crate::http::reply::Reply;
use crate::request::IncomingRequest;
use domain::error::Error;
use http::{HeaderValue, StatusCode};
use wire::native::problem::Problem;

/// The body of an error, also for one item of a batch.
pub fn problem(error: &Error, request: &IncomingRequest) -> Problem {
    body(describe(error, request.language), request)
}

fn body(described: Described, request: &IncomingRequest) -> Problem {
    let entry = described.entry;
    Problem {
        kind: format!("{}/errors#{}", request.base_path(), entry.code),
        title: entry.text(request.language).to_owned(),
        status: entry.status,
        detail: described.message,
        code: entry.code.to_owned(),
        field: described.field,
        request_id: request.request_id.clone(),
    }
}

pub fn reply(error: &Error, request: &IncomingRequest) -> Reply {
    send(&problem(error, request))
}

/// The response to a path that no route has.
pub fn unknown_route(request: &IncomingRequest) -> Reply {
    let message = UNKNOWN_ROUTE.text(request.language).to_owned();
    let described = Described { entry: UNKNOWN_ROUTE, message, field: None };
    send(&body(described, request))
}

fn send(problem: &Problem) -> Reply {
    let json = serde_json::to_vec(problem).unwrap_or_default();
    Reply::new(StatusCode::OK, HeaderValue::from_static("application/problem+json"), json)
        .status(problem.status)
}
