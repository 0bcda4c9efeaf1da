//! `/native/v1/users`, `/keys`, `/tokens` and `/whoami`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `GET /native/v1/whoami`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct WhoAmI {
    /// The user's name.
    pub user: String,
    /// May do everything.
    pub admin: bool,
    /// The most the credential may do: `read`, `report` or `full`.
    pub scope: String,
    /// The only repositories the credential reaches; null: all of its user's.
    pub repositories: Option<Vec<i32>>,
}

/// A user.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct User {
    /// Its number.
    pub id: i32,
    /// Its name.
    pub name: String,
    /// May do everything.
    pub admin: bool,
    /// May not sign in.
    pub disabled: bool,
    /// When it was made.
    pub created_at: String,
}

/// `GET /native/v1/users`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct UserList {
    /// By name.
    pub users: Vec<User>,
}

/// `POST /native/v1/users`. Only `name` is required.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct NewUser {
    /// Unique, up to 64 characters.
    pub name: String,
    /// At least 8 characters; without one the user signs in by keys and tokens only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub password: Option<String>,
    /// May do everything.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub admin: bool,
}

/// `PATCH /native/v1/users/{name}`: what is absent stays.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct UserChange {
    /// A new password; sessions end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub password: Option<String>,
    /// May do everything.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub admin: Option<bool>,
    /// May not sign in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub disabled: Option<bool>,
}

/// An access key. `secret` is there only in the answer to its making.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Key {
    /// The AK.
    pub access: String,
    /// The SK.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub secret: Option<String>,
    /// Whose it is.
    pub user: String,
    /// A line for people.
    pub description: Option<String>,
    /// Refused.
    pub disabled: bool,
    /// When it was made.
    pub created_at: String,
}

/// `GET /native/v1/users/{name}/keys`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct KeyList {
    /// Oldest first.
    pub keys: Vec<Key>,
}

/// `POST /native/v1/users/{name}/keys`. Everything is optional.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct NewKey {
    /// An AK to keep; else a random one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub access: Option<String>,
    /// Its SK to keep; else a random one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub secret: Option<String>,
    /// A line for people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
}

/// A personal token. `token` is there only in the answer to its making.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Token {
    /// What it is called when it is revoked.
    pub id: i64,
    /// The word itself.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub token: Option<String>,
    /// Whose it is.
    pub user: String,
    /// A line for people.
    pub name: String,
    /// `read`, `report` or `full`.
    pub scope: String,
    /// The only repositories it works in; null: all of its user's.
    pub repositories: Option<Vec<i32>>,
    /// When it was made.
    pub created_at: String,
    /// From then on it is refused.
    pub expires_at: Option<String>,
}

/// `GET /native/v1/users/{name}/tokens`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TokenList {
    /// Oldest first.
    pub tokens: Vec<Token>,
}

/// `POST /native/v1/users/{name}/tokens`. Only `name` is required; `scope` is `read` by default.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct NewToken {
    /// A line for people.
    pub name: String,
    /// `read`, `report` or `full`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scope: Option<String>,
    /// The only repositories it works in; absent or empty: all of its user's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub repositories: Option<Vec<i64>>,
    /// RFC 3339; absent: it does not expire.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<String>,
}

/// A user with its credentials: the page `/account`, or an administrator's of a user, as JSON.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// Whose they are.
    pub user: String,
    /// Access keys, oldest first.
    pub keys: Vec<Key>,
    /// Personal tokens, oldest first.
    pub tokens: Vec<Token>,
}
