//! The error of a call: its kind, and the server's message if there is one. Parses the error bodies of every
//! dialect.
//!
//! Must not know: how the caller handles an error; exit codes; languages.

use crate::problem::Problem;
use crate::transport::Request;
use serde_json::Value;
use std::time::Duration;

/// The kind of an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ErrorKind {
    /// No response: unknown host, connection refused, untrusted certificate or timeout. Also 502 and 504, with
    /// which a gateway reports that it cannot reach the server.
    Unreachable,
    /// 401: the credential is missing or invalid.
    Rejected,
    /// 403: the caller lacks the permission.
    Forbidden,
    /// 404.
    NotFound,
    /// Any other 4xx: the request is invalid. Also an invalid argument, such as the base URL.
    Invalid,
    /// 429 or 503 after the retries.
    Overloaded,
    /// Any other failure: a server error (5xx) or an invalid response.
    Other,
}

/// A failed call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error {
    /// The kind.
    pub kind: ErrorKind,
    /// The HTTP status; `None` without a response.
    pub status: Option<u16>,
    /// The error code of the server, such as `CH.00401999`.
    pub code: Option<Box<str>>,
    /// The server's message, or the client's own without one.
    pub message: String,
    /// The invalid field of the request.
    pub field: Option<Box<str>>,
    /// The request id in the server's log.
    pub request_id: Option<Box<str>>,
    /// True if the server's certificate was not accepted.
    pub certificate: bool,
    /// How long the server asks to wait before a retry (`Retry-After`).
    pub retry_after: Option<Duration>,
    /// The problem of the connection, if it is a known one.
    pub problem: Option<Problem>,
    /// The server that was called, as `http(s)://HOST[:PORT]`, if no response of Stagepost arrived.
    pub server: Option<Box<str>>,
}

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if let Some(server) = &self.server {
            write!(f, "{server}: ")?;
        }
        f.write_str(&self.message)?;
        if let Some(field) = self.field.as_deref().filter(|field| !self.message.contains(*field)) {
            write!(f, " ({field})")?;
        }
        let code = self.code.as_deref();
        match (code, self.status) {
            (Some(code), Some(status)) => write!(f, " [{code}, HTTP {status}")?,
            (None, Some(status)) => write!(f, " [HTTP {status}")?,
            (_, None) => return Ok(()),
        }
        if let Some(id) = &self.request_id {
            write!(f, ", request {id}")?;
        }
        f.write_str("]")
    }
}

impl std::error::Error for Error {}

impl Error {
    /// Whether the call may succeed later without any change to the request: the server is unreachable,
    /// overloaded or failing (5xx). Repeat a call that changes something only with the same idempotency key.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        match self.kind {
            ErrorKind::Unreachable => !self.certificate,
            ErrorKind::Overloaded => true,
            _ => self.status.is_some_and(|status| status >= 500),
        }
    }

    pub(crate) fn unreachable(message: impl Into<String>) -> Self {
        Self::local(ErrorKind::Unreachable, message)
    }

    /// An error without a response of the server.
    #[must_use]
    pub fn local(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self {
            kind,
            status: None,
            code: None,
            message: message.into(),
            field: None,
            request_id: None,
            certificate: false,
            retry_after: None,
            problem: None,
            server: None,
        }
    }

    /// A response with a success status and an invalid body.
    pub(crate) fn unexpected(status: u16, what: &str) -> Self {
        Self { status: Some(status), ..Self::local(ErrorKind::Other, what) }
    }

    pub(crate) fn from_transport(error: &reqwest::Error) -> Self {
        let problem = Problem::of(error);
        let message = problem.map_or_else(|| root_cause(error), |problem| problem.text().to_owned());
        Self {
            certificate: problem.is_some_and(Problem::is_certificate),
            problem,
            server: error.url().map(|url| url.origin().ascii_serialization().into()),
            ..Self::unreachable(message)
        }
    }

    /// Names the request in an error that has no code of Stagepost: it comes from a proxy or another server.
    pub(crate) fn of(self, request: &Request) -> Self {
        if self.code.is_some() || self.server.is_some() {
            return self;
        }
        Self {
            message: format!("{} {}: {}", request.method, request.url.path(), self.message),
            server: Some(request.url.origin().ascii_serialization().into()),
            ..self
        }
    }

    /// The error in a response whose status is not 2xx.
    pub(crate) fn from_response(status: u16, request_id: Option<String>, body: &[u8]) -> Self {
        let kind = match status {
            401 => ErrorKind::Rejected,
            403 => ErrorKind::Forbidden,
            404 => ErrorKind::NotFound,
            429 | 503 => ErrorKind::Overloaded,
            502 | 504 => ErrorKind::Unreachable,
            400..=499 => ErrorKind::Invalid,
            _ => ErrorKind::Other,
        };
        let fields = serde_json::from_slice(body).map(|body| ErrorFields::read(&body)).unwrap_or_default();
        Self {
            kind,
            status: Some(status),
            code: fields.code.map(String::into_boxed_str),
            message: fields.message.unwrap_or_else(|| excerpt(body)),
            field: fields.field.map(String::into_boxed_str),
            request_id: request_id.or(fields.request_id).map(String::into_boxed_str),
            certificate: false,
            retry_after: None,
            problem: None,
            server: None,
        }
    }
}

/// The fields of an error body of any dialect.
#[derive(Default)]
struct ErrorFields {
    code: Option<String>,
    message: Option<String>,
    field: Option<String>,
    request_id: Option<String>,
}

impl ErrorFields {
    fn read(body: &Value) -> Self {
        // Keystone and the v1 and v2 CodeArts calls have an object `error`; GitLab has a text there.
        let inner = body.get("error").filter(|error| error.is_object()).unwrap_or(body);
        let text = |names: &[&str]| names.iter().find_map(|name| to_text(inner.get(name)?));
        Self {
            code: text(&["code", "error_code"]),
            message: text(&["detail", "error_msg", "message", "error", "title"]),
            field: text(&["field"]),
            request_id: to_text(body.get("request_id").unwrap_or(&Value::Null)),
        }
    }
}

fn to_text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        // GitLab's field errors: {"message": {"field": ["text"]}}.
        Value::Object(_) | Value::Array(_) => Some(value.to_string()),
        _ => None,
    }
}

/// The title of an HTML page, usually an error page of a proxy, or the first 200 characters of a body in another
/// format.
fn excerpt(body: &[u8]) -> String {
    const MAX_CHARS: usize = 200;
    let body = String::from_utf8_lossy(body);
    let title = body.split_once("<title>").and_then(|(_, rest)| Some(rest.split_once("</title>")?.0));
    let text: String = title.unwrap_or(&body).chars().take(MAX_CHARS).collect();
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.is_empty() { "empty response".to_owned() } else { line }
}

/// The root cause, such as "Connection refused".
fn root_cause(error: &(dyn std::error::Error + 'static)) -> String {
    let mut texts: Vec<String> = Vec::new();
    let mut next = Some(error);
    while let Some(error) = next {
        texts.push(error.to_string());
        next = error.source();
    }
    match texts.pop() {
        // "operation timed out" alone does not name the operation.
        Some(last) if texts.last().is_some_and(|above| above.starts_with("tcp connect")) => {
            format!("{}: {last}", texts.pop().unwrap_or_default())
        }
        Some(last) => last,
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::{Error, ErrorKind};

    #[test]
    fn reads_the_error_body_of_every_dialect() {
        let cases: [(u16, &str, ErrorKind, Option<&str>, &str); 10] = [
            (
                400,
                r#"{"type":"/errors#x","title":"Bad","status":400,"detail":"'sha': short","code":"CH.00401999","field":"sha","request_id":"r"}"#,
                ErrorKind::Invalid,
                Some("CH.00401999"),
                "'sha': short",
            ),
            (
                404,
                r#"{"error_code":"CH.00402000","error_msg":"none"}"#,
                ErrorKind::NotFound,
                Some("CH.00402000"),
                "none",
            ),
            (
                401,
                r#"{"error":{"code":401,"message":"wrong","title":"Unauthorized"}}"#,
                ErrorKind::Rejected,
                Some("401"),
                "wrong",
            ),
            (403, r#"{"message":"403 Forbidden"}"#, ErrorKind::Forbidden, None, "403 Forbidden"),
            (400, r#"{"error":"sha is missing"}"#, ErrorKind::Invalid, None, "sha is missing"),
            (
                400,
                r#"{"message":{"name":["is too long"]}}"#,
                ErrorKind::Invalid,
                None,
                r#"{"name":["is too long"]}"#,
            ),
            (502, "<html>\n <b>Bad  Gateway</b>", ErrorKind::Unreachable, None, "<html> <b>Bad Gateway</b>"),
            (
                504,
                "<html><head><title>504 Gateway Time-out</title></head><body></body></html>",
                ErrorKind::Unreachable,
                None,
                "504 Gateway Time-out",
            ),
            (500, "{}", ErrorKind::Other, None, "{}"),
            (503, "", ErrorKind::Overloaded, None, "empty response"),
        ];
        for (status, body, kind, code, message) in cases {
            let error = Error::from_response(status, None, body.as_bytes());
            assert_eq!((error.kind, error.code.as_deref(), error.message.as_str()), (kind, code, message));
            assert_eq!(error.status, Some(status));
        }
    }

    #[test]
    fn the_text_names_field_code_status_and_request() {
        let body = r#"{"detail":"too short","code":"CH.1","field":"sha"}"#;
        let error = Error::from_response(400, Some("abc".to_owned()), body.as_bytes());
        assert_eq!(error.to_string(), "too short (sha) [CH.1, HTTP 400, request abc]");
        assert_eq!(Error::unreachable("refused").to_string(), "refused");
    }
}
