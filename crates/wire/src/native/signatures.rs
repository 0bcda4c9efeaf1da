//! `GET /native/v1/keys/{access}/signature-failures` and `POST /native/v1/signature-explanations`: why a signature does not fit.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A request as it was captured where it was sent. Everything may be absent, so that the server can say what is missing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct CapturedRequest {
    /// Its method; required, with `target`, of a request whose signature the server does not remember.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub method: Option<String>,
    /// Path and query as on the request line.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target: Option<String>,
    /// Names and values of its headers, `Authorization` and `Host` among them; required. Of one that is remembered `Authorization` is enough.
    pub headers: Option<Vec<(String, String)>>,
    /// Its body, if it is text; absent: empty.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
    /// SHA-256 (or SM3, as its algorithm has it) of its body in hexadecimal digits, where the body is no text; goes before `body`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body_hash: Option<String>,
    /// The canonical request that the signer made, if it is known: with line ends, or with `|` in their place.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub canonical_request: Option<String>,
}

/// What is to be said of one signature.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Explanation {
    /// Whose secret key was to have signed.
    pub access_key: String,
    /// By which algorithm.
    pub algorithm: String,
    /// Method and target as the server looks at them.
    pub request: String,
    /// When and from where the server refused it; null for one that it does not remember.
    pub received: Option<Received>,
    /// The server's canonical request.
    pub canonical_request: String,
    /// The server's string to sign.
    pub string_to_sign: String,
    /// The signer's canonical request, as it gave it or as it follows from what was captured; null where nothing is known of it.
    pub signer_canonical_request: Option<String>,
    /// The first line in which the two differ; null where they do not, or there is none to compare with.
    pub difference: Option<Difference>,
    /// What was found, the most likely cause first. Never empty.
    pub findings: Vec<Finding>,
}

/// How the server got it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Received {
    /// When.
    pub at: String,
    /// The answer's `X-Request-Id`.
    pub request_id: String,
    /// From where; of a reverse proxy, if one is between.
    pub from: Option<String>,
}

/// One line of two texts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Difference {
    /// Its number, from 1.
    pub line: usize,
    /// `method`, `path`, `query`, `header`, `signed_headers` or `body`.
    pub part: String,
    /// The signer's.
    pub signer: String,
    /// The server's.
    pub server: String,
}

/// One thing that was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Finding {
    /// A word for programs; told in `docs/api/native.md`.
    pub code: String,
    /// A sentence for people, in the caller's language.
    pub text: String,
}

/// The newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FailureList {
    /// Each as far as the server can explain it.
    pub failures: Vec<Explanation>,
}
