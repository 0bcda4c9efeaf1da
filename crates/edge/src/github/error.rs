//! The error bodies of GitHub, always in English, because clients compare the texts.

use crate::http::reply::{JSON, Reply};
use crate::request::IncomingRequest;
use domain::error::{AuthFailure, Error, Invalid, Problem};
use http::StatusCode;
use std::borrow::Cow;
use wire::github::error::{ErrorBody, FieldError};

/// The documentation of GitHub's API. Clients show it beside the message.
const DOCUMENTATION: &str = "https://docs.github.com/rest";

pub fn reply(error: &Error, request: &IncomingRequest) -> Reply {
    let text = |status, message: &str| send(status, message, Vec::new());
    match error {
        Error::Unauthenticated(AuthFailure::Missing) => text(401, "Requires authentication"),
        Error::Unauthenticated(_) => text(401, "Bad credentials"),
        Error::ManyCredentials => text(400, "A request carries one credential only"),
        Error::InsufficientScope { .. } | Error::Outlives { .. } | Error::OtherOrigin { .. } => {
            text(403, "Resource not accessible by personal access token")
        }
        Error::Forbidden => text(403, "You must have push access to the repository"),
        Error::NotFound { noun: "commit" } => {
            text(422, &format!("No commit found for SHA: {}", request.param("sha")))
        }
        Error::RepositoryNotFound | Error::PipelineNotFound | Error::NotFound { .. } => {
            text(404, "Not Found")
        }
        Error::Invalid(invalid) => invalid_reply(invalid, is_about_checks(request)),
        Error::KeyReused => text(422, "Validation Failed"),
        Error::TooLarge { .. } => text(413, "Payload too big"),
        // Clients take the time from `Retry-After` if the message mentions it.
        Error::Throttled { .. } => {
            text(429, "You have exceeded a secondary rate limit. Please wait a while and retry.")
        }
        Error::Overloaded | Error::Unavailable(_) => text(503, "Service unavailable"),
        Error::Damaged => text(503, "Service unavailable: the database is damaged, nothing is recorded"),
        Error::Internal(_) => text(500, "Server Error"),
    }
}

/// The response to a path of the dialect that no route has.
pub fn unknown_route() -> Reply {
    send(404, "Not Found", Vec::new())
}

fn is_about_checks(request: &IncomingRequest) -> bool {
    let path = request.target.path();
    path.contains("/check-runs") || path.contains("/check-suites")
}

/// The name of a field in a report of a status, or of a check run.
fn field_name(field: &str, of_check_run: bool) -> Cow<'_, str> {
    if !of_check_run {
        return Cow::Borrowed(match field {
            "status" => "state",
            "name" => "context",
            field => field,
        });
    }
    match field.strip_prefix("details") {
        Some(rest) if field != "details_url" => {
            Cow::Owned(format!("output{rest}").replace("].level", "].annotation_level"))
        }
        _ => Cow::Borrowed(match field {
            "sha" => "head_sha",
            "third_build_id" => "external_id",
            field => field,
        }),
    }
}

fn invalid_reply(invalid: &Invalid, of_check_run: bool) -> Reply {
    let field = &*field_name(&invalid.field, of_check_run);
    let (code, message) = match &invalid.problem {
        Problem::NotJson { .. } => return send(400, "Problems parsing JSON", Vec::new()),
        Problem::WrongType { wanted: "object" } if field == "body" => {
            return send(400, "Body should be a JSON object", Vec::new());
        }
        Problem::Missing => ("missing_field", format!("{field} is missing")),
        Problem::NotOneOf { .. } => ("custom", format!("{field} is not included in the list")),
        Problem::TooLong { max } => ("custom", format!("{field} is too long (maximum is {max} characters)")),
        Problem::Blank => ("custom", format!("{field} can't be blank")),
        Problem::ControlCharacter => ("custom", format!("{field} must not contain control characters")),
        Problem::NotUtf8 => ("custom", format!("{field} is not valid UTF-8")),
        Problem::Twice => ("custom", format!("{field} is given twice")),
        Problem::WrongType { wanted } => ("invalid", format!("{field} is not of type {wanted}")),
        Problem::TooMany { max } if of_check_run => {
            ("custom", format!("{field} has too many items (maximum is {max})"))
        }
        Problem::TooMany { .. } => {
            ("custom", "This SHA and context has reached the maximum number of statuses.".to_owned())
        }
        _ => ("invalid", format!("{field} is invalid")),
    };
    let resource = if of_check_run { "CheckRun" } else { "Status" };
    let (resource, field, code) = (resource.to_owned(), field.to_owned(), code.to_owned());
    send(422, "Validation Failed", vec![FieldError { resource, field, code, message }])
}

fn send(status: u16, message: &str, errors: Vec<FieldError>) -> Reply {
    let body = ErrorBody {
        message: message.to_owned(),
        errors,
        documentation_url: DOCUMENTATION.to_owned(),
        status: status.to_string(),
    };
    Reply::new(StatusCode::OK, JSON, serde_json::to_vec(&body).unwrap_or_default()).status(status)
}
