//! The error bodies of Bitbucket Server, always in English.

use crate::http::reply::{JSON, Reply};
use crate::request::IncomingRequest;
use domain::error::{Error, Invalid, Problem};
use http::{Method, StatusCode};
use wire::bitbucket::error::{ErrorBody, ErrorItem};

const AUTHENTICATION: &str = "com.atlassian.bitbucket.auth.IncorrectPasswordAuthenticationException";
const AUTHORISATION: &str = "com.atlassian.bitbucket.AuthorisationException";
const NO_REPOSITORY: &str = "com.atlassian.bitbucket.repository.NoSuchRepositoryException";
const NO_ENTITY: &str = "com.atlassian.bitbucket.NoSuchEntityException";

pub fn reply(error: &Error, _: &IncomingRequest) -> Reply {
    let (status, message, exception) = match error {
        Error::Unauthenticated(_) => {
            let message = "Authentication failed. Please check your credentials and try again.";
            (401, message, Some(AUTHENTICATION))
        }
        Error::ManyCredentials => (400, "A request carries one credential only.", None),
        Error::InsufficientScope { .. } | Error::Outlives { .. } | Error::OtherOrigin { .. } => {
            (403, "The scope of the token does not permit this action.", Some(AUTHORISATION))
        }
        Error::Forbidden => (403, "You are not permitted to access this resource", Some(AUTHORISATION)),
        Error::RepositoryNotFound => (404, "The repository does not exist.", Some(NO_REPOSITORY)),
        Error::PipelineNotFound | Error::NotFound { .. } => {
            (404, "The requested resource does not exist.", Some(NO_ENTITY))
        }
        Error::Invalid(invalid) => return invalid_reply(invalid),
        Error::KeyReused => (409, "The key was used with another body.", None),
        Error::TooLarge { .. } => (413, "The body is too large.", None),
        Error::Throttled { .. } => (429, "You have been rate limited.", None),
        Error::Overloaded | Error::Unavailable(_) => (503, "The service is unavailable.", None),
        Error::Damaged => {
            (503, "The service is unavailable: the database is damaged, nothing is recorded.", None)
        }
        Error::Internal(_) => (500, "An internal error occurred.", None),
    };
    send(status, None, message.to_owned(), exception)
}

/// The response to a path of the dialect that no route has. Bitbucket deletes a build status; a report is kept.
pub fn unknown_route(request: &IncomingRequest) -> Reply {
    if request.method == Method::DELETE && request.target.path().trim_end_matches('/').ends_with("/builds") {
        return send(405, None, "Build statuses are kept and cannot be deleted.".to_owned(), None);
    }
    send(404, None, "The requested resource does not exist.".to_owned(), Some(NO_ENTITY))
}

fn invalid_reply(invalid: &Invalid) -> Reply {
    // A report calls it `state` and `key`.
    let field = match invalid.field.as_ref() {
        "status" => "state",
        "name" => "key",
        "third_build_id" => "buildNumber",
        "sha" => "commitId",
        field => field,
    };
    let message = match &invalid.problem {
        Problem::NotJson { .. } => return send(400, None, "The body is not valid JSON.".to_owned(), None),
        Problem::Missing => "is required".to_owned(),
        Problem::NotOneOf { allowed } => format!("must be one of {}", allowed.join(", ")),
        Problem::TooLong { max } => format!("must have at most {max} characters"),
        Problem::Blank => "must not be empty".to_owned(),
        Problem::ControlCharacter => "must not contain control characters".to_owned(),
        Problem::NotUtf8 => "is not valid UTF-8".to_owned(),
        Problem::Twice => "is given twice".to_owned(),
        Problem::WrongType { wanted } => format!("is not of type {wanted}"),
        Problem::NotSha => "is not a full commit id".to_owned(),
        Problem::TooMany { .. } => "exceeds the number of build statuses of a commit".to_owned(),
        _ => "is invalid".to_owned(),
    };
    send(400, Some(field.to_owned()), format!("{field} {message}."), None)
}

fn send(status: u16, context: Option<String>, message: String, exception: Option<&str>) -> Reply {
    let exception_name = exception.map(str::to_owned);
    let body = ErrorBody { errors: vec![ErrorItem { context, message, exception_name }] };
    Reply::new(StatusCode::OK, JSON, serde_json::to_vec(&body).unwrap_or_default()).status(status)
}
