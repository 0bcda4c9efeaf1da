//! The error body of Bitbucket Server.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The body of every error.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ErrorBody {
    /// The errors; here always one.
    #[schemars(extend("zh" = "错误列表；始终只有一项。"))]
    pub errors: Vec<ErrorItem>,
}

/// One error.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ErrorItem {
    /// The field; null if the error is of no field.
    #[schemars(extend("zh" = "字段；与字段无关时为 null。"))]
    pub context: Option<String>,
    /// The error message.
    #[schemars(extend("zh" = "错误信息。"))]
    pub message: String,
    /// The kind of error; null for invalid fields.
    #[schemars(extend("zh" = "错误类型；字段无效时为 null。"))]
    #[serde(rename = "exceptionName")]
    pub exception_name: Option<String>,
}
