//! `GET /native/v1/keys/{access}/signature-failures` and `POST /native/v1/signature-explanations`: why a signature does not fit.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A request as it was captured where it was sent. Everything may be absent, so that the server can say what is missing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct CapturedRequest {
    /// Its method; required, with `target`, of a request whose signature the server does not remember.
    #[schemars(description = "Its method.", extend("zh" = "请求方法。"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub method: Option<String>,
    /// Path and query as on the request line.
    #[schemars(extend("zh" = "请求行中的路径和查询串。"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target: Option<String>,
    /// Names and values of its headers, `Authorization` and `Host` among them; required. Of one that is
    /// remembered `Authorization` is enough.
    #[schemars(description = "Names and values of its headers, `Authorization` and `Host` among them.", extend("zh" = "各请求头的名称和值，包括 `Authorization` 和 `Host`。"))]
    pub headers: Option<Vec<(String, String)>>,
    /// Its body, if it is text; absent: empty.
    #[schemars(description = "Its body, if it is text.", extend("zh" = "文本形式的请求体。"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
    /// SHA-256 (or SM3, as its algorithm has it) of its body in hexadecimal digits, where the body is no text;
    /// goes before `body`.
    #[schemars(description = "The hexadecimal digest of its body.", extend("zh" = "请求体的十六进制摘要。"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body_hash: Option<String>,
    /// The canonical request that the signer made, if it is known: with line ends, or with `|` in their place.
    #[schemars(description = "The canonical request.", extend("zh" = "规范请求。"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub canonical_request: Option<String>,
}

/// What is to be said of one signature.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Explanation {
    /// Whose secret key was to have signed.
    #[schemars(description = "The AK.", extend("zh" = "AK。"))]
    pub access_key: String,
    /// By which algorithm.
    #[schemars(extend("zh" = "签名算法。"))]
    pub algorithm: String,
    /// Method and target as the server looks at them.
    #[schemars(extend("zh" = "服务所见的方法和路径。"))]
    pub request: String,
    /// When and from where the server got it; null where it does not remember.
    #[schemars(extend("zh" = "服务何时、从何处收到；不记得为 null。"))]
    pub received: Option<Received>,
    /// The canonical request.
    #[schemars(extend("zh" = "规范请求。"))]
    pub canonical_request: String,
    /// The string to sign.
    #[schemars(extend("zh" = "待签字符串。"))]
    pub string_to_sign: String,
    /// The signer's canonical request, as it gave it or as it follows from what was captured; null where nothing
    /// is known of it.
    #[schemars(description = "The signer's canonical request; null where nothing is known of it.", extend("zh" = "签名方的规范请求；未知为 null。"))]
    pub signer_canonical_request: Option<String>,
    /// The first line in which the two differ; null where they do not, or there is none to compare with.
    #[schemars(description = "The first line in which the two differ; null where they do not.", extend("zh" = "最先不同的一行；没有为 null。"))]
    pub difference: Option<Difference>,
    /// What was found, the most likely cause first. Never empty.
    #[schemars(description = "What was found, the most likely cause first.", extend("zh" = "发现，最可能的在前。"))]
    pub findings: Vec<Finding>,
}

/// How the server got it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Received {
    /// When.
    #[schemars(extend("zh" = "时间。"))]
    pub at: String,
    /// The request's id, as in `X-Request-Id`.
    #[schemars(extend("zh" = "请求 ID，与 `X-Request-Id` 相同。"))]
    pub request_id: String,
    /// From where; of a reverse proxy, if one is between.
    #[schemars(description = "From where.", extend("zh" = "来自哪里。"))]
    pub from: Option<String>,
}

/// One line of two texts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Difference {
    /// The line's number, from 1.
    #[schemars(extend("zh" = "第几行，从 1 开始。"))]
    pub line: usize,
    /// `method`, `path`, `query`, `header`, `signed_headers` or `body`.
    #[schemars(description = "Which part it is.", extend("zh" = "是哪一部分。"))]
    pub part: String,
    /// The signer's.
    #[schemars(extend("zh" = "签名方的。"))]
    pub signer: String,
    /// The server's.
    #[schemars(extend("zh" = "服务的。"))]
    pub server: String,
}

/// One thing that was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Finding {
    /// A word for programs; told in `docs/api/native.md`.
    #[schemars(description = "A word for programs.", extend("zh" = "供程序识别的词。"))]
    pub code: String,
    /// A sentence, in the caller's language.
    #[schemars(extend("zh" = "一句说明，用调用者的语言。"))]
    pub text: String,
}

/// The newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FailureList {
    /// Signatures that were refused, the newest first.
    #[schemars(extend("zh" = "被拒绝的签名，最新的在前。"))]
    pub failures: Vec<Explanation>,
}
