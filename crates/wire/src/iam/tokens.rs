//! `POST /v3/auth/tokens` (a token for a password) and `GET /v3/auth/tokens` (what a token
//! is). The token itself travels in the header `X-Subject-Token`, never in a body.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;

/// The request for a token. Everything may be absent, so that the server can say what is missing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct TokenRequest {
    /// The one field there is; required.
    pub auth: Option<Auth>,
}

/// Who asks, and for what.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Auth {
    /// Who asks; required.
    pub identity: Option<Identity>,
    /// What the token is for. Absent: global.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scope: Option<Scope>,
}

/// How the caller proves who it is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Identity {
    /// `password`; required.
    pub methods: Option<Vec<String>>,
    /// For the method `password`; required.
    pub password: Option<Password>,
}

/// The method `password`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Password {
    /// Whose; required.
    pub user: Option<PasswordUser>,
}

/// A user and its password. Named by `id`, or by `name` and `domain`. `Debug` does not show the password.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(extend("anyOf" = [{ "required": ["name"] }, { "required": ["id"] }]))]
pub struct PasswordUser {
    /// The user's id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// The account of the user named.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub domain: Option<Reference>,
    /// The user's name; required where there is no id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The password; required.
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

/// What a token is for. With both, the project wins.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Scope {
    /// One region.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub project: Option<Reference>,
    /// The whole account.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub domain: Option<Reference>,
}

/// An account or a project, named by either.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Reference {
    /// Its id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Its name.
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

/// What is told about a token, when it is made and when it is asked about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TokenBody {
    /// The one field there is.
    pub token: Token,
}

/// A token, without its secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Token {
    /// Endpoints of services, which Stagepost does not tell: the empty list, or absent with `?nocatalog=...`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub catalog: Option<Vec<serde_json::Value>>,
    /// When it ends; 24 h after `issued_at` for a session, null for a token without end.
    pub expires_at: Option<String>,
    /// When it was made.
    pub issued_at: String,
    /// How the caller proved who it is: `["password"]`.
    pub methods: Vec<String>,
    /// The region it is for.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub project: Option<TokenProject>,
    /// The account it is for, if it is for no project.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub domain: Option<Named>,
    /// What the user may do.
    pub roles: Vec<Named>,
    /// Whose it is.
    pub user: TokenUser,
}

/// A thing with its id and name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Named {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
}

/// The region that a token is for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TokenProject {
    /// The account.
    pub domain: Named,
    /// 32 hexadecimal digits.
    pub id: String,
    /// The region: `cn-north-4`.
    pub name: String,
}

/// The user whose token it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TokenUser {
    /// The account.
    pub domain: Named,
    /// 32 hexadecimal digits.
    pub id: String,
    /// The user's name.
    pub name: String,
    /// When the password ends; empty if never.
    #[serde(default)]
    pub password_expires_at: String,
}
