//! `GET /native/v1/keys/{access}/signature-failures` and `POST /native/v1/signature-explanations`: why a
//! signature does not match.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A request as captured at its sender. Every field may be absent, so that the error can name the missing
/// one.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct CapturedRequest {
    /// Its method. Required, with `target`, unless the server has recorded the signature.
    #[schemars(description = "Its method.", extend("zh" = "请求方法。"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub method: Option<String>,
    /// Path and query as on the request line.
    #[schemars(extend("zh" = "请求行中的路径和查询字符串。"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target: Option<String>,
    /// Names and values of its headers, including `Authorization` and `Host`; required. For a recorded
    /// signature `Authorization` is enough.
    #[schemars(
        description = "Names and values of its headers, including `Authorization` and `Host`.",
        extend("zh" = "各请求头的名称和值，包括 `Authorization` 和 `Host`。")
    )]
    pub headers: Option<Vec<(String, String)>>,
    /// Its body, if it is text. An absent body is empty.
    #[schemars(description = "Its body, if it is text.", extend("zh" = "请求体，文本形式。"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
    /// SHA-256 or SM3, depending on the algorithm, of a body that is not text, in hexadecimal digits. It takes
    /// precedence over `body`.
    #[schemars(description = "The hexadecimal digest of its body.", extend("zh" = "请求体的摘要，以十六进制表示。"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body_hash: Option<String>,
    /// The signer's canonical request, if known, with line breaks or with `|` instead of them.
    #[schemars(description = "The canonical request.", extend("zh" = "规范请求。"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub canonical_request: Option<String>,
}

/// The explanation of one signature.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Explanation {
    /// The access key of the signature.
    #[schemars(description = "The AK.", extend("zh" = "AK。"))]
    pub access_key: String,
    /// The signing algorithm.
    #[schemars(extend("zh" = "签名算法。"))]
    pub algorithm: String,
    /// Method and target as the server evaluates them.
    #[schemars(extend("zh" = "服务端解析出的方法和路径。"))]
    pub request: String,
    /// The arrival of the request at the server; null if it is not recorded.
    #[schemars(extend("zh" = "服务端收到该请求的时间和来源；没有记录为 null。"))]
    pub received: Option<Received>,
    /// The canonical request.
    #[schemars(extend("zh" = "规范请求。"))]
    pub canonical_request: String,
    /// The string to sign.
    #[schemars(extend("zh" = "待签名字符串。"))]
    pub string_to_sign: String,
    /// The signer's canonical request, as sent or as computed from the captured request; null if neither is
    /// known.
    #[schemars(
        description = "The signer's canonical request; null if unknown.",
        extend("zh" = "发送方的规范请求；未知时为 null。")
    )]
    pub signer_canonical_request: Option<String>,
    /// The first line in which the two differ; null if they are equal or one is unknown.
    #[schemars(
        description = "The first line in which the canonical requests differ; null if there is none.",
        extend("zh" = "第一处不同的行；没有为 null。")
    )]
    pub difference: Option<Difference>,
    /// The findings, the most likely cause first. Never empty.
    #[schemars(description = "The findings, the most likely cause first.", extend("zh" = "分析结果，最可能的原因在前。"))]
    pub findings: Vec<Finding>,
}

/// The arrival of a request at the server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Received {
    /// The time of arrival.
    #[schemars(extend("zh" = "时间。"))]
    pub at: String,
    /// The request's id, as in `X-Request-Id`.
    #[schemars(extend("zh" = "请求 ID，与 `X-Request-Id` 相同。"))]
    pub request_id: String,
    /// The address of the sender; that of the reverse proxy, if there is one.
    #[schemars(description = "The address of the sender.", extend("zh" = "来源地址。"))]
    pub from: Option<String>,
}

/// The first line in which two canonical requests differ.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Difference {
    /// The line's number, from 1.
    #[schemars(extend("zh" = "行号，从 1 开始。"))]
    pub line: usize,
    /// `method`, `path`, `query`, `header`, `signed_headers` or `body`.
    #[schemars(description = "The part of the request.", extend("zh" = "所属部分。"))]
    pub part: String,
    /// The line of the signer.
    #[schemars(extend("zh" = "签名方的该行内容。"))]
    pub signer: String,
    /// The line of the server.
    #[schemars(extend("zh" = "服务端的该行内容。"))]
    pub server: String,
}

/// One finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Finding {
    /// The code of the finding; `docs/api/native.md` lists the codes.
    #[schemars(description = "The code of the finding.", extend("zh" = "结果代码。"))]
    pub code: String,
    /// A sentence in the caller's language.
    #[schemars(extend("zh" = "说明，使用请求的语言。"))]
    pub text: String,
}

/// Explanations of refused signatures, newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FailureList {
    /// The refused signatures, newest first.
    #[schemars(extend("zh" = "被拒绝的签名，最新的在前。"))]
    pub failures: Vec<Explanation>,
}
