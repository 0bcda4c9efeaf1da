//! `GET /api/v1/user`, and users in other bodies.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A user, or the owner of a repository.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct User {
    /// Its id; 0 for the owner of a repository.
    #[schemars(extend("zh" = "ID；仓库所有者为 0。"))]
    pub id: i32,
    /// The user name.
    #[schemars(extend("zh" = "用户名。"))]
    pub login: String,
    /// The user name.
    #[schemars(extend("zh" = "用户名。"))]
    pub username: String,
    /// Always empty.
    #[schemars(extend("zh" = "始终为空。"))]
    pub login_name: String,
    /// Always empty.
    #[schemars(extend("zh" = "始终为空。"))]
    pub full_name: String,
    /// Always empty.
    #[schemars(extend("zh" = "始终为空。"))]
    pub email: String,
    /// A picture, the same for all users.
    #[schemars(extend("zh" = "图片，所有用户相同。"))]
    pub avatar_url: String,
    /// The web address.
    #[schemars(extend("zh" = "网页地址。"))]
    pub html_url: String,
    /// Always empty.
    #[schemars(extend("zh" = "始终为空。"))]
    pub language: String,
    /// Whether the user is an administrator; always false for others than the caller.
    #[schemars(extend("zh" = "是否为管理员；非调用者始终为 false。"))]
    pub is_admin: bool,
    /// The time of creation; the year 1 if unknown.
    #[schemars(extend("zh" = "创建时间；未知时为公元 1 年。"))]
    pub created: String,
    /// Always true.
    #[schemars(extend("zh" = "始终为 true。"))]
    pub active: bool,
    /// `public`.
    #[schemars(description = "The visibility.", extend("zh" = "可见性。"))]
    pub visibility: String,
}
