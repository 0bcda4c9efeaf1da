//! The error body of GitHub.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The body of every error.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ErrorBody {
    /// The error message: `Bad credentials`, `Not Found`, `Validation Failed`.
    #[schemars(description = "The error message.", extend("zh" = "错误信息。"))]
    pub message: String,
    /// The invalid fields; only with status 422.
    #[schemars(extend("zh" = "无效的字段；仅状态码为 422 时返回。"))]
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub errors: Vec<FieldError>,
    /// The address of the documentation.
    #[schemars(extend("zh" = "文档地址。"))]
    pub documentation_url: String,
    /// The HTTP status, as text.
    #[schemars(extend("zh" = "HTTP 状态码，文本形式。"))]
    pub status: String,
}

/// An invalid field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FieldError {
    /// The kind of object, `Status`.
    #[schemars(description = "The kind of object.", extend("zh" = "对象类型。"))]
    pub resource: String,
    /// The field.
    #[schemars(extend("zh" = "字段。"))]
    pub field: String,
    /// `missing_field`, `invalid` or `custom`.
    #[schemars(description = "The kind of problem.", extend("zh" = "问题类型。"))]
    pub code: String,
    /// The error message.
    #[schemars(extend("zh" = "错误信息。"))]
    pub message: String,
}
