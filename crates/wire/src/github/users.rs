//! `GET /api/v3/user`, and users in other bodies.

use super::links::links;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

links! {
    /// URLs that belong to a user.
    UserLinks {
        url = "",
        followers_url = "/followers",
        following_url = "/following{/other_user}",
        gists_url = "/gists{/gist_id}",
        starred_url = "/starred{/owner}{/repo}",
        subscriptions_url = "/subscriptions",
        organizations_url = "/orgs",
        repos_url = "/repos",
        events_url = "/events{/privacy}",
        received_events_url = "/received_events",
    }
}

/// A user, or the owner of a repository.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct User {
    /// The user name.
    #[schemars(extend("zh" = "用户名。"))]
    pub login: String,
    /// Its id; 0 for the owner of a repository.
    #[schemars(extend("zh" = "ID；仓库所有者为 0。"))]
    pub id: i32,
    /// The id as text.
    #[schemars(extend("zh" = "文本形式的 ID。"))]
    pub node_id: String,
    /// A picture, the same for all users.
    #[schemars(extend("zh" = "图片，所有用户相同。"))]
    pub avatar_url: String,
    /// Always empty.
    #[schemars(extend("zh" = "始终为空。"))]
    pub gravatar_id: Option<String>,
    /// The web address.
    #[schemars(extend("zh" = "网页地址。"))]
    pub html_url: String,
    /// `User`.
    #[schemars(description = "The type.", extend("zh" = "类型。"))]
    #[serde(rename = "type")]
    pub kind: String,
    /// Whether the user is an administrator; always false for others than the caller.
    #[schemars(extend("zh" = "是否为管理员；非调用者始终为 false。"))]
    pub site_admin: bool,
    /// URLs that belong to the user.
    #[serde(flatten)]
    pub links: UserLinks,
}

/// The caller.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CurrentUser {
    /// The fields that every user has.
    #[serde(flatten)]
    pub user: User,
    /// The name.
    #[schemars(extend("zh" = "名称。"))]
    pub name: Option<String>,
    /// Not stored.
    #[schemars(extend("zh" = "不保存。"))]
    pub company: Option<String>,
    /// Not stored.
    #[schemars(extend("zh" = "不保存。"))]
    pub blog: Option<String>,
    /// Not stored.
    #[schemars(extend("zh" = "不保存。"))]
    pub location: Option<String>,
    /// Not stored.
    #[schemars(extend("zh" = "不保存。"))]
    pub email: Option<String>,
    /// Not stored.
    #[schemars(extend("zh" = "不保存。"))]
    pub hireable: Option<bool>,
    /// Not stored.
    #[schemars(extend("zh" = "不保存。"))]
    pub bio: Option<String>,
    /// The number; always 0.
    #[schemars(extend("zh" = "数量，始终为 0。"))]
    pub public_repos: i32,
    /// The number; always 0.
    #[schemars(extend("zh" = "数量，始终为 0。"))]
    pub public_gists: i32,
    /// The number; always 0.
    #[schemars(extend("zh" = "数量，始终为 0。"))]
    pub followers: i32,
    /// The number; always 0.
    #[schemars(extend("zh" = "数量，始终为 0。"))]
    pub following: i32,
    /// The time of creation.
    #[schemars(extend("zh" = "创建时间。"))]
    pub created_at: String,
    /// The time of creation.
    #[schemars(extend("zh" = "创建时间。"))]
    pub updated_at: String,
}
