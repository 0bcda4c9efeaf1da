//! `POST /v3/auth/tokens`, which creates a token for a password, and `GET /v3/auth/tokens`, which describes a
//! token. The token itself is sent in the header `X-Subject-Token`, never in a body.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;

/// The request for a token. Every field may be absent, so that the error can name the missing one.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct TokenRequest {
    /// The only field; required.
    #[schemars(description = "The identity and the scope.", extend("zh" = "认证信息。"))]
    pub auth: Option<Auth>,
}

/// The identity of the caller and the scope of the token.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Auth {
    /// The proof of the caller's identity; required.
    #[schemars(description = "The authentication of the caller.", extend("zh" = "身份认证信息。"))]
    pub identity: Option<Identity>,
    /// The scope of the token; absent: global.
    #[schemars(extend("zh" = "Token 的作用范围；不指定时为全局。"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scope: Option<Scope>,
}

/// The proof of the caller's identity.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Identity {
    /// `password`; required.
    #[schemars(description = "The method: `[\"password\"]`.", extend("zh" = "认证方法：`[\"password\"]`。"))]
    pub methods: Option<Vec<String>>,
    /// For the method `password`; required.
    #[schemars(description = "For the method `password`.", extend("zh" = "密码认证信息。"))]
    pub password: Option<Password>,
}

/// The method `password`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Password {
    /// The user and its password; required.
    #[schemars(description = "The user.", extend("zh" = "用户。"))]
    pub user: Option<PasswordUser>,
}

/// A user and its password. The user is identified by `id`, or by `name` and `domain`. `Debug` does not show
/// the password.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(extend("anyOf" = [{ "required": ["name"] }, { "required": ["id"] }]))]
pub struct PasswordUser {
    /// Its id.
    #[schemars(extend("zh" = "ID。"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// The account of the user, which is identified by name.
    #[schemars(description = "The account.", extend("zh" = "账号。"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub domain: Option<Reference>,
    /// The user's name; required if there is no id.
    #[schemars(description = "The user's name.", extend("zh" = "用户名。"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The password; required.
    #[schemars(description = "The password.", extend("zh" = "密码。"))]
    pub password: Option<String>,
}

impl fmt::Debug for PasswordUser {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PasswordUser")
            .field("id", &self.id)
            .field("domain", &self.domain)
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

/// The scope of a token. If both are given, the project is used.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Scope {
    /// The project, which is a region.
    #[schemars(extend("zh" = "项目（区域）。"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub project: Option<Reference>,
    /// The account.
    #[schemars(extend("zh" = "账号。"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub domain: Option<Reference>,
}

/// An account or a project, by id or by name.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Reference {
    /// Its id.
    #[schemars(extend("zh" = "ID。"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// The name.
    #[schemars(extend("zh" = "名称。"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

impl TokenRequest {
    /// Asks for a token with a name and a password.
    #[must_use]
    pub fn password(
        domain: impl Into<String>,
        user: impl Into<String>,
        password: impl Into<String>,
        scope: Option<Scope>,
    ) -> Self {
        let user = PasswordUser {
            id: None,
            domain: Some(Reference { id: None, name: Some(domain.into()) }),
            name: Some(user.into()),
            password: Some(password.into()),
        };
        let identity = Identity {
            methods: Some(vec!["password".to_owned()]),
            password: Some(Password { user: Some(user) }),
        };
        Self { auth: Some(Auth { identity: Some(identity), scope }) }
    }
}

/// The description of a token, on creation and on request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TokenBody {
    /// The token.
    #[schemars(extend("zh" = "Token。"))]
    pub token: Token,
}

/// A token, without its secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Token {
    /// The endpoints of services: always empty, or absent with `?nocatalog=...`.
    #[schemars(description = "Endpoints of services; empty.", extend("zh" = "服务目录，为空。"))]
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub catalog: Option<Vec<serde_json::Value>>,
    /// The time of expiry: 24 h after `issued_at` for a session, null for a token that does not expire.
    #[schemars(
        description = "The time of expiry; null for a personal token that does not expire.",
        extend("zh" = "过期时间；永不过期的个人令牌为 null。")
    )]
    pub expires_at: Option<String>,
    /// The time of creation.
    #[schemars(extend("zh" = "签发时间。"))]
    pub issued_at: String,
    /// The authentication method: `["password"]`.
    #[schemars(description = "The authentication method.", extend("zh" = "认证方法。"))]
    pub methods: Vec<String>,
    /// The project, which is a region.
    #[schemars(extend("zh" = "项目（区域）。"))]
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub project: Option<TokenProject>,
    /// The account, if the token is not for a project.
    #[schemars(description = "The account.", extend("zh" = "账号。"))]
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub domain: Option<Named>,
    /// The roles of the user.
    #[schemars(extend("zh" = "角色。"))]
    pub roles: Vec<Named>,
    /// The user.
    #[schemars(extend("zh" = "用户。"))]
    pub user: TokenUser,
}

/// An id with its name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Named {
    /// Its id.
    #[schemars(extend("zh" = "ID。"))]
    pub id: String,
    /// The name.
    #[schemars(extend("zh" = "名称。"))]
    pub name: String,
}

/// The region of a token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TokenProject {
    /// The account.
    #[schemars(extend("zh" = "账号。"))]
    pub domain: Named,
    /// 32 hexadecimal digits.
    #[schemars(description = "Its id.", extend("zh" = "ID。"))]
    pub id: String,
    /// The region: `cn-north-4`.
    #[schemars(description = "The name.", extend("zh" = "名称。"))]
    pub name: String,
}

/// The user of a token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TokenUser {
    /// The account.
    #[schemars(extend("zh" = "账号。"))]
    pub domain: Named,
    /// 32 hexadecimal digits.
    #[schemars(description = "Its id.", extend("zh" = "ID。"))]
    pub id: String,
    /// The name.
    #[schemars(extend("zh" = "名称。"))]
    pub name: String,
    /// The time at which the password expires; empty if it does not expire.
    #[schemars(extend("zh" = "密码过期时间；永不过期时为空。"))]
    #[serde(default)]
    pub password_expires_at: String,
}
