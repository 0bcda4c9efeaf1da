//! `/native/v1/users`, `/keys`, `/tokens` and `/whoami`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `GET /native/v1/whoami`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct WhoAmI {
    /// The user's name.
    #[schemars(extend("zh" = "用户名。"))]
    pub user: String,
    /// Whether the user is an administrator.
    #[schemars(extend("zh" = "是否为管理员。"))]
    pub admin: bool,
    /// The scope of the credential: `read`, `report` or `full`.
    #[schemars(description = "The scope of the credential.", extend("zh" = "凭据的权限范围。"))]
    pub scope: String,
    /// The repositories to which the credential is limited; null: all repositories of its user.
    #[schemars(
        description = "The repositories to which it is limited; null: all.",
        extend("zh" = "限定的仓库；null 表示不限。")
    )]
    pub repositories: Option<Vec<i32>>,
}

/// A user.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct User {
    /// Its id.
    #[schemars(extend("zh" = "ID。"))]
    pub id: i32,
    /// The user's name.
    #[schemars(extend("zh" = "用户名。"))]
    pub name: String,
    /// Whether the user is an administrator.
    #[schemars(extend("zh" = "是否为管理员。"))]
    pub admin: bool,
    /// Whether it is disabled.
    #[schemars(extend("zh" = "是否已停用。"))]
    pub disabled: bool,
    /// The time of creation.
    #[schemars(extend("zh" = "创建时间。"))]
    pub created_at: String,
}

/// `GET /native/v1/users`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct UserList {
    /// The users, by name.
    #[schemars(description = "The users.", extend("zh" = "用户。"))]
    pub users: Vec<User>,
}

/// `POST /native/v1/users`. Only `name` is required.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct NewUser {
    /// Unique, up to 64 characters.
    #[schemars(description = "The user's name.", extend("zh" = "用户名。"))]
    pub name: String,
    /// At least 8 characters. Without a password the user has keys and tokens only.
    #[schemars(
        description = "The password. Without one, the user can only use access keys and tokens.",
        extend("zh" = "密码；不设置则只能使用访问密钥和令牌。")
    )]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub password: Option<String>,
    /// Whether the user is an administrator.
    #[schemars(extend("zh" = "是否为管理员。"))]
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub admin: bool,
}

/// `PATCH /native/v1/users/{name}`. Absent fields are unchanged.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct UserChange {
    /// The password. Without one, the user can only use access keys and tokens.
    #[schemars(extend("zh" = "密码；不设置则只能使用访问密钥和令牌。"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub password: Option<String>,
    /// Whether the user is an administrator.
    #[schemars(extend("zh" = "是否为管理员。"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub admin: Option<bool>,
    /// Whether it is disabled.
    #[schemars(extend("zh" = "是否已停用。"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub disabled: Option<bool>,
}

/// An account at an identity provider that signs a user in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Identity {
    /// Its id, by which it is unlinked.
    #[schemars(extend("zh" = "外部账号的 ID。"))]
    pub id: i64,
    /// The issuer: the URL of the provider, or the name of a trusted header.
    #[schemars(extend("zh" = "签发者：身份提供方的地址，或可信请求头的名称。"))]
    pub issuer: String,
    /// The account at the issuer (`sub`).
    #[schemars(extend("zh" = "签发者处的账号（`sub`）。"))]
    pub subject: String,
    /// The name or address at the last sign-in.
    #[schemars(extend("zh" = "最近一次登录时的名称或邮箱。"))]
    pub display: String,
    /// The time when it was linked.
    #[schemars(extend("zh" = "关联时间。"))]
    pub created_at: String,
    /// The time of the last sign-in.
    #[schemars(extend("zh" = "最近一次登录的时间。"))]
    pub signed_in_at: Option<String>,
    /// Whether its groups made the user an administrator at the last sign-in.
    #[schemars(extend("zh" = "最近一次登录时，其组是否授予管理员权限。"))]
    pub admin: bool,
    /// The roles that its groups gave at the last sign-in.
    #[schemars(extend("zh" = "最近一次登录时，其组授予的角色。"))]
    pub roles: Vec<GroupRole>,
}

/// A role that groups give.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct GroupRole {
    /// The repositories: a path, `group/*`, or `*`.
    #[schemars(extend("zh" = "仓库：路径、`group/*` 或 `*`。"))]
    pub path: String,
    /// `read`, `report` or `manage`.
    #[schemars(description = "The role.", extend("zh" = "角色。"))]
    pub role: String,
}

/// `GET /native/v1/users/{name}/identities`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct IdentityList {
    /// Oldest first.
    #[schemars(description = "The identities.", extend("zh" = "外部账号列表。"))]
    pub identities: Vec<Identity>,
}

/// `POST /native/v1/users/{name}/identities`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct NewIdentity {
    /// The issuer: the URL of the provider, or the name of a trusted header.
    #[schemars(extend("zh" = "签发者：身份提供方的地址，或可信请求头的名称。"))]
    pub issuer: String,
    /// The account at the issuer (`sub`).
    #[schemars(extend("zh" = "签发者处的账号（`sub`）。"))]
    pub subject: String,
}

/// An access key. Only the response to its creation has the `secret`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Key {
    /// The AK.
    #[schemars(extend("zh" = "AK。"))]
    pub access: String,
    /// The SK; only in the response to its creation.
    #[schemars(extend("zh" = "SK，仅在创建时返回。"))]
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub secret: Option<String>,
    /// The user's name.
    #[schemars(extend("zh" = "用户名。"))]
    pub user: String,
    /// The description.
    #[schemars(extend("zh" = "描述。"))]
    pub description: Option<String>,
    /// Whether it is disabled.
    #[schemars(extend("zh" = "是否已停用。"))]
    pub disabled: bool,
    /// The time of creation.
    #[schemars(extend("zh" = "创建时间。"))]
    pub created_at: String,
}

/// `GET /native/v1/users/{name}/keys`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct KeyList {
    /// Oldest first.
    #[schemars(description = "The access keys.", extend("zh" = "访问密钥。"))]
    pub keys: Vec<Key>,
}

/// `POST /native/v1/users/{name}/keys`. Every field is optional.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct NewKey {
    /// An existing AK to use; if absent, a random one.
    #[schemars(extend("zh" = "指定的 AK；不填则随机生成。"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub access: Option<String>,
    /// An existing SK to use; if absent, a random one.
    #[schemars(extend("zh" = "指定的 SK；不填则随机生成。"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub secret: Option<String>,
    /// The description.
    #[schemars(extend("zh" = "描述。"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
}

/// A personal token. Only the response to its creation has the `token`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Token {
    /// The token's id, by which it is revoked.
    #[schemars(extend("zh" = "令牌 ID。"))]
    pub id: i64,
    /// The token; only in the response to its creation.
    #[schemars(extend("zh" = "令牌，仅在创建时返回。"))]
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub token: Option<String>,
    /// The user's name.
    #[schemars(extend("zh" = "用户名。"))]
    pub user: String,
    /// The token's name.
    #[schemars(extend("zh" = "令牌名称。"))]
    pub name: String,
    /// `feeds`, `read`, `report` or `full`.
    #[schemars(description = "The scope of the credential.", extend("zh" = "凭据的权限范围。"))]
    pub scope: String,
    /// The repositories to which it is limited; null: all.
    #[schemars(extend("zh" = "限定的仓库；null 表示不限。"))]
    pub repositories: Option<Vec<i32>>,
    /// The time of creation.
    #[schemars(extend("zh" = "创建时间。"))]
    pub created_at: String,
    /// The time of expiry; absent: never.
    #[schemars(extend("zh" = "过期时间；不填则永不过期。"))]
    pub expires_at: Option<String>,
}

/// `GET /native/v1/users/{name}/tokens`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TokenList {
    /// Oldest first.
    #[schemars(description = "The tokens.", extend("zh" = "令牌。"))]
    pub tokens: Vec<Token>,
}

/// `POST /native/v1/users/{name}/tokens`. Only `name` is required; `scope` is `read` by default.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct NewToken {
    /// The token's name.
    #[schemars(extend("zh" = "令牌名称。"))]
    pub name: String,
    /// `feeds`, `read`, `report` or `full`.
    #[schemars(description = "The scope of the token.", extend("zh" = "令牌的权限范围。"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scope: Option<String>,
    /// The repositories to which the token is limited; absent or empty: all repositories of its user.
    #[schemars(
        description = "The repositories to which it is limited; null: all.",
        extend("zh" = "限定的仓库；null 表示不限。")
    )]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub repositories: Option<Vec<i64>>,
    /// The time of expiry in RFC 3339; absent: that of the credential of the request, if it has one.
    #[schemars(
        description = "The time of expiry; absent: as long as the credential of the request.",
        extend("zh" = "过期时间；不填则与请求所用的凭据相同。")
    )]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<String>,
}

/// A user with its credentials: the page `/account`, or the administrator's page of a user, as JSON.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// The name of the user.
    pub user: String,
    /// Access keys, oldest first.
    pub keys: Vec<Key>,
    /// Personal tokens, oldest first.
    pub tokens: Vec<Token>,
}
