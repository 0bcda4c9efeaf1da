//! The error bodies of GitLab, always in English, because clients compare the texts (reporters fact 1.4).

use crate::http::reply::{JSON, Reply};
use crate::request::IncomingRequest;
use domain::error::{Error, Invalid, Problem};
use domain::model::roles::Scope;
use http::{Method, StatusCode};
use serde::Serialize;
use wire::gitlab::error::{ErrorBody, Message, MessageBody, ScopeBody};

/// The parts of the request that the text of an error depends on.
#[derive(Clone, Copy)]
struct RequestKind<'a> {
    /// Whether it is a report. A report names a pipeline beside commit and ref; other requests name it alone.
    report: bool,
    content_type: &'a str,
}

pub fn reply(error: &Error, request: &IncomingRequest) -> Reply {
    let content_type = request.header("content-type").unwrap_or_default();
    error_reply(error, RequestKind { report: request.method == Method::POST, content_type })
}

fn error_reply(error: &Error, request: RequestKind<'_>) -> Reply {
    match error {
        Error::Unauthenticated(_) => message(401, "401 Unauthorized"),
        Error::ManyCredentials => message(400, "400 Bad request - A request carries one credential only"),
        Error::Forbidden | Error::Outlives { .. } | Error::OtherOrigin { .. } => {
            message(403, "403 Forbidden")
        }
        Error::InsufficientScope { needed } => insufficient_scope(*needed),
        Error::RepositoryNotFound => message(404, "404 Project Not Found"),
        Error::PipelineNotFound => pipeline_not_found(request),
        Error::NotFound { noun: "commit" } => message(404, "404 Commit Not Found"),
        Error::NotFound { noun: "branch" } => message(404, "404 Branch Not Found"),
        Error::NotFound { .. } => message(404, "404 Not found"),
        Error::Invalid(invalid) => invalid_reply(invalid, request),
        Error::KeyReused => message(422, "422 Unprocessable Entity"),
        Error::TooLarge { .. } => message(413, "413 Request Entity Too Large"),
        Error::Throttled { .. } => message(429, "429 Too Many Requests"),
        Error::Overloaded | Error::Unavailable(_) => message(503, "503 Service Unavailable"),
        Error::Damaged => {
            message(503, "503 Service Unavailable - The database is damaged, nothing is recorded")
        }
        Error::Internal(_) => message(500, "500 Internal Server Error"),
    }
}

/// The response to a path under `/api/v4` that no route has.
pub fn unknown_route(request: &IncomingRequest) -> Option<Reply> {
    let path = request.target.path();
    let version_4 = path.strip_prefix("/api/v4").is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    version_4.then(|| parameter(404, "404 Not Found".to_owned()))
}

fn invalid_reply(invalid: &Invalid, request: RequestKind<'_>) -> Reply {
    let name = match invalid.field.as_ref() {
        // A report calls it `state`, a filter of a list `status`.
        "status" if request.report => "state",
        name => name,
    };
    match &invalid.problem {
        Problem::Missing if name == "state" => {
            parameter(400, "state is missing, state does not have a valid value".to_owned())
        }
        Problem::Missing => parameter(400, format!("{name} is missing")),
        Problem::NeitherOf { other } => {
            parameter(400, format!("{name}, {other} are missing, at least one parameter must be provided"))
        }
        Problem::NotOneOf { .. } if name == "Content-Type" => {
            let kind = request.content_type;
            parameter(415, format!("The provided content-type '{kind}' is not supported."))
        }
        Problem::NotOneOf { .. } => parameter(400, format!("{name} does not have a valid value")),
        Problem::Twice => parameter(400, format!("{name} is invalid: it is given twice")),
        Problem::NotJson { detail } => {
            parameter(400, format!("message body does not match declared format: {detail}"))
        }
        Problem::OutOfRange { min, max } => match name {
            "pipeline_id" | "job_id" => pipeline_not_found(request),
            "page" | "per_page" => parameter(400, format!("{name} does not have a valid value")),
            _ => field(name, format!("must be in {min}..{max}")),
        },
        Problem::TooLong { max } => field(name, format!("is too long (maximum is {max} characters)")),
        Problem::NotHttpUrl => field(name, "is blocked: Only allowed schemes are http, https".to_owned()),
        Problem::Blank => field(name, "can't be blank".to_owned()),
        Problem::NotUtf8 => parameter(400, format!("{name} is invalid: it is not valid UTF-8")),
        Problem::ControlCharacter => field(name, "must not contain control characters".to_owned()),
        // The only limits on numbers are those of jobs and their ids in a pipeline.
        Problem::TooMany { .. } => message(422, "The number of jobs has exceeded the limit"),
        Problem::NotSha | Problem::NotShaPrefix { .. } => message(404, "404 Commit Not Found"),
        Problem::Contradicts { .. } => pipeline_not_found(request),
        Problem::NotInteger
        | Problem::WrongType { .. }
        | Problem::NotTimestamp
        | Problem::NotMoment
        | Problem::InFuture
        | Problem::NotKept { .. }
        | Problem::Before { .. }
        | Problem::NotHex32
        | Problem::NotHex64
        | Problem::NotSigned { .. }
        | Problem::NotName
        | Problem::Unknown
        | Problem::UnknownField
        | Problem::NotToml { .. }
        | Problem::Taken
        | Problem::NotPattern
        | Problem::NotRelativePath
        | Problem::NotWebhookUrl
        | Problem::HasQuery
        | Problem::NotPublic
        | Problem::NotSecret
        | Problem::NotProject
        | Problem::Disabled
        | Problem::NoAccess
        | Problem::NotManager
        | Problem::Paused { .. }
        | Problem::WeakPassword
        | Problem::OwnRights
        | Problem::WrongPassword
        | Problem::NotAddress
        | Problem::NotDuration
        | Problem::NoUnit { .. } => parameter(400, format!("{name} is invalid")),
    }
}

fn pipeline_not_found(request: RequestKind<'_>) -> Reply {
    if request.report {
        message(404, "404 Pipeline for pipeline_id, sha and ref Not Found")
    } else {
        message(404, "404 Not found")
    }
}

fn insufficient_scope(needed: Scope) -> Reply {
    let scope = match needed {
        Scope::Feeds | Scope::Read => "read_api",
        Scope::Report | Scope::Full => "api",
    };
    let body = ScopeBody {
        error: "insufficient_scope".into(),
        error_description: "The request requires higher privileges than provided by the access token.".into(),
        scope: scope.into(),
    };
    send(403, &body)
}

fn message(status: u16, text: &str) -> Reply {
    send(status, &MessageBody { message: Message::Text(text.to_owned()) })
}

fn field(name: &str, problem: String) -> Reply {
    send(400, &MessageBody { message: Message::Fields([(name.to_owned(), vec![problem])].into()) })
}

fn parameter(status: u16, error: String) -> Reply {
    send(status, &ErrorBody { error })
}

fn send(status: u16, body: &impl Serialize) -> Reply {
    Reply::new(StatusCode::OK, JSON, serde_json::to_vec(body).unwrap_or_default()).status(status)
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::error::AuthFailure;

    #[test]
    fn every_error_has_gitlabs_status_and_text() {
        let invalid = |field: &str, problem| Error::Invalid(Invalid::new(field, problem));
        let say = |error: &Error, report| {
            let reply = error_reply(error, RequestKind { report, content_type: "text/x" });
            (reply.status.as_u16(), String::from_utf8(reply.body().to_vec()).unwrap())
        };
        for (error, status, body) in [
            (Error::Unauthenticated(AuthFailure::WrongKind), 401, r#"{"message":"401 Unauthorized"}"#),
            (Error::Forbidden, 403, r#"{"message":"403 Forbidden"}"#),
            (Error::RepositoryNotFound, 404, r#"{"message":"404 Project Not Found"}"#),
            (Error::NotFound { noun: "commit" }, 404, r#"{"message":"404 Commit Not Found"}"#),
            (Error::NotFound { noun: "branch" }, 404, r#"{"message":"404 Branch Not Found"}"#),
            (Error::NotFound { noun: "job" }, 404, r#"{"message":"404 Not found"}"#),
            (Error::KeyReused, 422, r#"{"message":"422 Unprocessable Entity"}"#),
            (Error::TooLarge { max: 1 }, 413, r#"{"message":"413 Request Entity Too Large"}"#),
            (Error::Overloaded, 503, r#"{"message":"503 Service Unavailable"}"#),
            (
                Error::Damaged,
                503,
                r#"{"message":"503 Service Unavailable - The database is damaged, nothing is recorded"}"#,
            ),
            (Error::Unavailable("secret".into()), 503, r#"{"message":"503 Service Unavailable"}"#),
            (Error::Internal("secret".into()), 500, r#"{"message":"500 Internal Server Error"}"#),
            (
                Error::InsufficientScope { needed: Scope::Report },
                403,
                r#"{"error":"insufficient_scope","error_description":"The request requires higher privileges than provided by the access token.","scope":"api"}"#,
            ),
            (
                invalid("name", Problem::TooMany { max: 50_000 }),
                422,
                r#"{"message":"The number of jobs has exceeded the limit"}"#,
            ),
            (
                invalid("description", Problem::TooLong { max: 255 }),
                400,
                r#"{"message":{"description":["is too long (maximum is 255 characters)"]}}"#,
            ),
            (invalid("ref", Problem::Missing), 400, r#"{"error":"ref is missing"}"#),
            (
                invalid("name", Problem::NeitherOf { other: "context" }),
                400,
                r#"{"error":"name, context are missing, at least one parameter must be provided"}"#,
            ),
            (invalid("sha", Problem::NotSha), 404, r#"{"message":"404 Commit Not Found"}"#),
            (invalid("sha", Problem::NotShaPrefix { min: 4 }), 404, r#"{"message":"404 Commit Not Found"}"#),
            (
                invalid("Content-Type", Problem::NotOneOf { allowed: &[] }),
                415,
                r#"{"error":"The provided content-type 'text/x' is not supported."}"#,
            ),
        ] {
            for report in [true, false] {
                assert_eq!(say(&error, report), (status, body.to_owned()), "{error:?}");
            }
        }
        for (error, report, text) in [
            (Error::PipelineNotFound, true, "404 Pipeline for pipeline_id, sha and ref Not Found"),
            (Error::PipelineNotFound, false, "404 Not found"),
            (
                invalid("ref", Problem::Contradicts { other: "pipeline_id" }),
                true,
                "404 Pipeline for pipeline_id, sha and ref Not Found",
            ),
        ] {
            assert_eq!(say(&error, report), (404, format!(r#"{{"message":"{text}"}}"#)), "{error:?}");
        }
        let state = say(&invalid("status", Problem::Missing), true).1;
        assert_eq!(state, r#"{"error":"state is missing, state does not have a valid value"}"#);
    }
}
