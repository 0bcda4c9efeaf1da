//! `POST /v3.0/OS-CREDENTIAL/securitytokens`: a temporary access key for a token (wire fact 4.5).

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;

/// The request. Every field may be absent, so that the error can name the missing one.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct SecurityTokenRequest {
    /// The only field; required.
    #[schemars(description = "The identity and the scope.", extend("zh" = "认证信息。"))]
    pub auth: Option<Auth>,
}

/// The identity of the caller.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(rename = "SecurityTokenAuth")]
pub struct Auth {
    /// The proof of the caller's identity; required.
    #[schemars(description = "The authentication of the caller.", extend("zh" = "身份认证信息。"))]
    pub identity: Option<Identity>,
}

/// The proof of the caller's identity.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(rename = "SecurityTokenIdentity")]
pub struct Identity {
    /// `["token"]`; required.
    #[schemars(description = "The method: `[\"token\"]`.", extend("zh" = "认证方法：`[\"token\"]`。"))]
    pub methods: Option<Vec<String>>,
    /// The token.
    #[schemars(extend("zh" = "Token。"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token: Option<TokenAndLife>,
}

/// A token and the lifetime of the key. `Debug` does not show the token.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct TokenAndLife {
    /// The token; if absent, `X-Auth-Token` is used.
    #[schemars(extend("zh" = "Token；不指定时取 `X-Auth-Token`。"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// 900 to 86400; 900 if absent.
    #[schemars(description = "The validity in seconds.", extend("zh" = "有效期，秒。"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub duration_seconds: Option<i64>,
}

impl fmt::Debug for TokenAndLife {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenAndLife")
            .field("duration_seconds", &self.duration_seconds)
            .finish_non_exhaustive()
    }
}

/// The response.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SecurityTokenBody {
    /// The temporary access key.
    #[schemars(extend("zh" = "临时访问密钥。"))]
    pub credential: Credential,
}

/// A temporary access key. `Debug` does not show its secrets.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Credential {
    /// The AK.
    #[schemars(extend("zh" = "AK。"))]
    pub access: String,
    /// The SK.
    #[schemars(extend("zh" = "SK。"))]
    pub secret: String,
    /// The security token, which every request carries as `X-Security-Token`.
    #[schemars(extend("zh" = "安全令牌；每个请求须通过 `X-Security-Token` 请求头携带。"))]
    pub securitytoken: String,
    /// `2020-01-08T03:50:07.574000Z`.
    #[schemars(description = "The time of expiry.", extend("zh" = "过期时间。"))]
    pub expires_at: String,
}

impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credential")
            .field("access", &self.access)
            .field("expires_at", &self.expires_at)
            .finish_non_exhaustive()
    }
}
