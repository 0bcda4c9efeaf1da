//! The error bodies of Gitea, always in English, because clients compare the texts.

use crate::http::reply::{JSON, Reply};
use crate::request::IncomingRequest;
use domain::error::{AuthFailure, Error, Invalid, Problem};
use http::StatusCode;
use wire::gitea::error::ErrorBody;

const NOT_FOUND: &str = "The target couldn't be found.";

pub fn reply(error: &Error, request: &IncomingRequest) -> Reply {
    let (status, message) = status_and_message(error);
    send(status, message, request)
}

fn status_and_message(error: &Error) -> (u16, String) {
    let (status, message) = match error {
        Error::Unauthenticated(AuthFailure::Missing) => (401, "token is required"),
        Error::Unauthenticated(_) => (401, "invalid username, password or token"),
        Error::ManyCredentials => (400, "a request carries one credential only"),
        Error::InsufficientScope { .. } | Error::Outlives { .. } | Error::OtherOrigin { .. } => {
            (403, "token does not have at least one of required scope(s)")
        }
        Error::Forbidden => (403, "user should have a permission to write to a repo"),
        Error::RepositoryNotFound | Error::PipelineNotFound | Error::NotFound { .. } => (404, NOT_FOUND),
        Error::Invalid(invalid) => return invalid_field(invalid),
        Error::KeyReused => (422, "the key was used with another body"),
        Error::TooLarge { .. } => (413, "the body is too large"),
        Error::Throttled { .. } => (429, "too many requests"),
        Error::Overloaded | Error::Unavailable(_) => (503, "service unavailable"),
        Error::Damaged => (503, "service unavailable: the database is damaged, nothing is recorded"),
        Error::Internal(_) => (500, "internal server error"),
    };
    (status, message.to_owned())
}

/// The response to a path of the dialect that no route has.
pub fn unknown_route(request: &IncomingRequest) -> Reply {
    send(404, NOT_FOUND.to_owned(), request)
}

fn invalid_field(invalid: &Invalid) -> (u16, String) {
    // A report calls it `state` and `context`.
    let field = match invalid.field.as_ref() {
        "status" => "state",
        "name" => "context",
        field => field,
    };
    let problem = match &invalid.problem {
        Problem::NotJson { detail } => return (400, format!("invalid JSON: {detail}")),
        Problem::Missing => "is required".to_owned(),
        Problem::NotOneOf { allowed } => format!("must be one of {}", allowed.join(", ")),
        Problem::TooLong { max } => format!("is too long (maximum is {max} characters)"),
        Problem::Blank => "must not be empty".to_owned(),
        Problem::ControlCharacter => "must not contain control characters".to_owned(),
        Problem::NotUtf8 => "is not valid UTF-8".to_owned(),
        Problem::Twice => "is given twice".to_owned(),
        Problem::WrongType { wanted } => format!("is not of type {wanted}"),
        Problem::NotSha => "is not a full commit id".to_owned(),
        Problem::TooMany { .. } => "the number of statuses has exceeded the limit".to_owned(),
        _ => "is invalid".to_owned(),
    };
    (422, format!("[{field}]: {problem}"))
}

fn send(status: u16, message: String, request: &IncomingRequest) -> Reply {
    let body = ErrorBody { message, url: format!("{}/openapi/gitea.json", request.public_url()) };
    Reply::new(StatusCode::OK, JSON, serde_json::to_vec(&body).unwrap_or_default()).status(status)
}
