//! The two error bodies of the CodeArts API. The server's error catalogue lists the codes.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The flat body of v4 calls and of every request that the API gateway refuses (codes `APIGW.*`).
///
/// Both texts are required: with a null `error_code` the Java SDK throws a `NullPointerException`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ErrorBody {
    /// The code, the same in every language: `CH.00402000`.
    #[schemars(description = "The code, the same in every language.", extend("zh" = "错误码，与语言无关。"))]
    pub error_code: String,
    /// The error message in the caller's language.
    #[schemars(extend("zh" = "错误信息，使用请求的语言。"))]
    pub error_msg: String,
    /// The id of the request, as in the header `X-Request-Id`. Only errors of the gateway have it.
    #[schemars(
        description = "The request's id, as in `X-Request-Id`.",
        extend("zh" = "请求 ID，与 `X-Request-Id` 相同。")
    )]
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub request_id: Option<String>,
}

impl ErrorBody {
    /// A body without `request_id`, as the service itself returns it.
    #[must_use]
    pub fn new(error_code: impl Into<String>, error_msg: impl Into<String>) -> Self {
        Self { error_code: error_code.into(), error_msg: error_msg.into(), request_id: None }
    }

    /// A body as the gateway returns it.
    #[must_use]
    pub fn gateway(
        error_code: impl Into<String>,
        error_msg: impl Into<String>,
        request_id: impl Into<String>,
    ) -> Self {
        Self { request_id: Some(request_id.into()), ..Self::new(error_code, error_msg) }
    }
}

/// The error of a v1 or v2 call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct NestedError {
    /// The code, the same in every language.
    #[schemars(extend("zh" = "错误码，与语言无关。"))]
    pub code: String,
    /// The error message in the caller's language.
    #[schemars(extend("zh" = "错误信息，使用请求的语言。"))]
    pub message: String,
}

/// The outcome of a v1 or v2 call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// The call did what it should.
    Success,
    /// It did not; `error` contains the reason.
    Failed,
}

/// Every body of the v1 and v2 calls: `{"result":...,"status":"success"}` or
/// `{"error":{"code","message"},"status":"failed"}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Envelope<T> {
    /// The error; absent on success.
    #[schemars(extend("zh" = "失败原因；成功时不返回。"))]
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub error: Option<NestedError>,
    /// The result; absent on failure.
    #[schemars(extend("zh" = "结果；失败时不返回。"))]
    #[serde(skip_serializing_if = "Option::is_none", default = "none::<T>")]
    pub result: Option<T>,
    /// The outcome of the call: `success` or `failed`.
    #[schemars(extend("zh" = "调用结果：`success` 或 `failed`。"))]
    pub status: Outcome,
}

/// A function, because `#[serde(default)]` would require `T: Default`.
fn none<T>() -> Option<T> {
    None
}

impl<T> Envelope<T> {
    /// The body of a call that succeeded.
    #[must_use]
    pub fn success(result: T) -> Self {
        Self { error: None, result: Some(result), status: Outcome::Success }
    }

    /// The body of a call that failed.
    #[must_use]
    pub fn failed(code: impl Into<String>, message: impl Into<String>) -> Self {
        let error = NestedError { code: code.into(), message: message.into() };
        Self { error: Some(error), result: None, status: Outcome::Failed }
    }
}
