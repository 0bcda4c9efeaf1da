//! The error body: RFC 9457 `application/problem+json`, with the code that is the same in every dialect.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// An error.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Problem {
    /// A link to the code's entry in the error catalogue: `/errors#CH.00401999`.
    #[schemars(
        description = "A link to the code's entry in the error catalogue.",
        extend("zh" = "错误码说明的链接。")
    )]
    #[serde(rename = "type")]
    pub kind: String,
    /// The general message of the code.
    #[schemars(extend("zh" = "错误码的通用说明。"))]
    pub title: String,
    /// The HTTP status.
    #[schemars(extend("zh" = "HTTP 状态码。"))]
    pub status: u16,
    /// The problem with this request.
    #[schemars(extend("zh" = "该请求的具体错误。"))]
    pub detail: String,
    /// The code, the same in every language.
    #[schemars(extend("zh" = "错误码，与语言无关。"))]
    pub code: String,
    /// The invalid field.
    #[schemars(extend("zh" = "无效的字段。"))]
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub field: Option<String>,
    /// The request's id, as in `X-Request-Id`.
    #[schemars(extend("zh" = "请求 ID，与 `X-Request-Id` 相同。"))]
    pub request_id: String,
}
