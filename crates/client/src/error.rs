//! Why a call failed: what kind of failure, and the server's own words where it had any. Reads the error bodies
//! of every dialect, because `api` and the IAM calls meet them all.
//!
//! Must not know: what the caller does about it; exit codes; languages.

use serde_json::Value;

/// What a caller can do something about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// No answer: no connection, a certificate that is not trusted, or a time-out. Also a bad base URL.
    Unreachable,
    /// 401: no credential, or one that is not good.
    Rejected,
    /// 403: known, but not allowed to do this.
    Forbidden,
    /// 404.
    NotFound,
    /// Any other 4xx: the request cannot be taken as it is.
    Invalid,
    /// 429 or 503, still after the retries.
    Overloaded,
    /// Anything else: a failing server, an answer that is not what was expected.
    Other,
}

/// A failed call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error {
    /// What a caller can do something about.
    pub kind: Kind,
    /// The HTTP status, if there was an answer.
    pub status: Option<u16>,
    /// The server's code, such as `CH.00401999`.
    pub code: Option<String>,
    /// The server's words, or ours if it had none.
    pub message: String,
    /// The field of the request that was refused.
    pub field: Option<String>,
    /// What the server's log calls the request.
    pub request_id: Option<String>,
    /// The server's certificate is what was wrong.
    pub certificate: bool,
}

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
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
    pub(crate) fn unreachable(message: impl Into<String>) -> Self {
        Self::local(Kind::Unreachable, message)
    }

    /// A failure without an answer of the server.
    pub(crate) fn local(kind: Kind, message: impl Into<String>) -> Self {
        Self {
            kind,
            status: None,
            code: None,
            message: message.into(),
            field: None,
            request_id: None,
            certificate: false,
        }
    }

    /// An answer that says the call succeeded and yet is not what was expected.
    pub(crate) fn unexpected(status: u16, what: &str) -> Self {
        Self { status: Some(status), ..Self::local(Kind::Other, what) }
    }

    pub(crate) fn from_transport(error: &reqwest::Error) -> Self {
        let certificate = is_certificate(error);
        Self { certificate, ..Self::unreachable(innermost(error)) }
    }

    /// An answer that is not a success.
    pub(crate) fn from_answer(status: u16, request_id: Option<String>, body: &[u8]) -> Self {
        let kind = match status {
            401 => Kind::Rejected,
            403 => Kind::Forbidden,
            404 => Kind::NotFound,
            429 | 503 => Kind::Overloaded,
            400..=499 => Kind::Invalid,
            _ => Kind::Other,
        };
        let said = serde_json::from_slice(body).map(|body| ErrorFields::read(&body)).unwrap_or_default();
        Self {
            kind,
            status: Some(status),
            code: said.code,
            message: said.message.unwrap_or_else(|| beginning(body)),
            field: said.field,
            request_id: request_id.or(said.request_id),
            certificate: false,
        }
    }
}

/// What an error body says, whatever its dialect.
#[derive(Default)]
struct ErrorFields {
    code: Option<String>,
    message: Option<String>,
    field: Option<String>,
    request_id: Option<String>,
}

impl ErrorFields {
    fn read(body: &Value) -> Self {
        // Keystone and the old CodeArts calls put everything into `error`; GitLab puts its text there.
        let inner = body.get("error").filter(|error| error.is_object()).unwrap_or(body);
        let text = |names: &[&str]| names.iter().find_map(|name| word(inner.get(name)?));
        Self {
            code: text(&["code", "error_code"]),
            message: text(&["detail", "error_msg", "message", "error", "title"]),
            field: text(&["field"]),
            request_id: word(body.get("request_id").unwrap_or(&Value::Null)),
        }
    }
}

fn word(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        // GitLab's field errors: {"message": {"field": ["text"]}}.
        Value::Object(_) | Value::Array(_) => Some(value.to_string()),
        _ => None,
    }
}

/// The beginning of a body that is none of ours: a proxy's page, most likely.
fn beginning(body: &[u8]) -> String {
    const SHOWN: usize = 200;
    let text: String = String::from_utf8_lossy(body).chars().take(SHOWN).collect();
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.is_empty() { "the answer had no text".to_owned() } else { line }
}

/// The last error of the chain is the one that says what happened ("Connection refused").
fn innermost(error: &(dyn std::error::Error + 'static)) -> String {
    let mut texts: Vec<String> = Vec::new();
    let mut next = Some(error);
    while let Some(error) = next {
        texts.push(error.to_string());
        next = error.source();
    }
    match texts.pop() {
        // "operation timed out" alone does not tell what was waited for.
        Some(last) if texts.last().is_some_and(|above| above.starts_with("tcp connect")) => {
            format!("{}: {last}", texts.pop().unwrap_or_default())
        }
        Some(last) => last,
        None => String::new(),
    }
}

/// Whether the TLS library refused the server's certificate. Its error sits inside an I/O error, or in one inside another, whose
/// `source` leads past it.
fn is_certificate(error: &(dyn std::error::Error + 'static)) -> bool {
    if let Some(rustls::Error::InvalidCertificate(_)) = error.downcast_ref() {
        return true;
    }
    let inside = error.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
    inside.is_some_and(|inside| is_certificate(inside)) || error.source().is_some_and(is_certificate)
}

#[cfg(test)]
mod tests {
    use super::{Error, Kind};

    #[test]
    fn reads_the_error_body_of_every_dialect() {
        let cases: [(u16, &str, Kind, Option<&str>, &str); 8] = [
            (
                400,
                r#"{"type":"/errors#x","title":"Bad","status":400,"detail":"'sha': short","code":"CH.00401999","field":"sha","request_id":"r"}"#,
                Kind::Invalid,
                Some("CH.00401999"),
                "'sha': short",
            ),
            (
                404,
                r#"{"error_code":"CH.00402000","error_msg":"none"}"#,
                Kind::NotFound,
                Some("CH.00402000"),
                "none",
            ),
            (
                401,
                r#"{"error":{"code":401,"message":"wrong","title":"Unauthorized"}}"#,
                Kind::Rejected,
                Some("401"),
                "wrong",
            ),
            (403, r#"{"message":"403 Forbidden"}"#, Kind::Forbidden, None, "403 Forbidden"),
            (400, r#"{"error":"sha is missing"}"#, Kind::Invalid, None, "sha is missing"),
            (
                400,
                r#"{"message":{"name":["is too long"]}}"#,
                Kind::Invalid,
                None,
                r#"{"name":["is too long"]}"#,
            ),
            (502, "<html>\n <b>Bad  Gateway</b>", Kind::Other, None, "<html> <b>Bad Gateway</b>"),
            (503, "", Kind::Overloaded, None, "the answer had no text"),
        ];
        for (status, body, kind, code, message) in cases {
            let error = Error::from_answer(status, None, body.as_bytes());
            assert_eq!((error.kind, error.code.as_deref(), error.message.as_str()), (kind, code, message));
            assert_eq!(error.status, Some(status));
        }
    }

    #[test]
    fn says_what_a_person_needs_to_ask_for_help() {
        let body = r#"{"detail":"too short","code":"CH.1","field":"sha"}"#;
        let error = Error::from_answer(400, Some("abc".to_owned()), body.as_bytes());
        assert_eq!(error.to_string(), "too short (sha) [CH.1, HTTP 400, request abc]");
        assert_eq!(Error::unreachable("refused").to_string(), "refused");
    }
}
