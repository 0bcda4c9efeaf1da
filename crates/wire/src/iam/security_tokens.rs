//! `POST /v3.0/OS-CREDENTIAL/securitytokens`: a temporary access key for a token (wire fact 4.5).

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;

/// The request. Everything may be absent, so that the server can say what is missing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct SecurityTokenRequest {
    /// The one field there is; required.
    pub auth: Option<Auth>,
}

/// Who asks.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(rename = "SecurityTokenAuth")]
pub struct Auth {
    /// Required.
    pub identity: Option<Identity>,
}

/// By what.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(rename = "SecurityTokenIdentity")]
pub struct Identity {
    /// `["token"]`; required.
    pub methods: Option<Vec<String>>,
    /// The token and how long.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token: Option<TokenAndLife>,
}

/// A token, and how long the key is wanted. `Debug` does not show the token.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct TokenAndLife {
    /// The token; where absent, the header `X-Auth-Token` has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// 900 to 86400; 900 where absent.
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

/// The answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SecurityTokenBody {
    /// The one field there is.
    pub credential: Credential,
}

/// A temporary access key. `Debug` shows no secret.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Credential {
    /// The AK.
    pub access: String,
    /// The SK.
    pub secret: String,
    /// What comes as `X-Security-Token` with every request.
    pub securitytoken: String,
    /// `2020-01-08T03:50:07.574000Z`.
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
