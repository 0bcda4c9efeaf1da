//! `GET /api/v4/user`, and users as other bodies name them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A user in another object: `author` of a status, `user` of a job.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "BasicUser")]
pub struct BasicUser<Text = String> {
    /// Its id.
    #[schemars(extend("zh" = "ID。"))]
    pub id: i32,
    /// The user name.
    #[schemars(extend("zh" = "用户名。"))]
    pub username: Text,
    /// The display name; the same as the user name.
    #[schemars(description = "The name.", extend("zh" = "名称。"))]
    pub name: Text,
    /// `active` or `blocked`.
    #[schemars(description = "Whether the user may sign in.", extend("zh" = "是否可以登录。"))]
    pub state: Text,
    /// Always false.
    #[schemars(extend("zh" = "始终为 false。"))]
    pub locked: bool,
    /// Always null here.
    #[schemars(description = "A URL; null if unknown.", extend("zh" = "地址；未知时为 null。"))]
    pub avatar_url: Option<Text>,
    /// The web address.
    #[schemars(extend("zh" = "网页地址。"))]
    pub web_url: Text,
}

/// The caller. Typed clients read most texts as strings and the counts as integers, without null.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "CurrentUser")]
pub struct CurrentUser<Text = String> {
    /// The fields that every user has.
    #[serde(flatten)]
    pub basic: BasicUser<Text>,
    /// The time of creation.
    #[schemars(extend("zh" = "创建时间。"))]
    pub created_at: String,
    /// Not stored.
    #[schemars(extend("zh" = "不保存。"))]
    pub bio: String,
    /// Not stored.
    #[schemars(extend("zh" = "不保存。"))]
    pub location: String,
    /// Not stored.
    #[schemars(extend("zh" = "不保存。"))]
    pub public_email: String,
    /// Not stored.
    #[schemars(extend("zh" = "不保存。"))]
    pub skype: String,
    /// Not stored.
    #[schemars(extend("zh" = "不保存。"))]
    pub linkedin: String,
    /// Not stored.
    #[schemars(extend("zh" = "不保存。"))]
    pub twitter: String,
    /// Not stored.
    #[schemars(extend("zh" = "不保存。"))]
    pub discord: String,
    /// Not stored.
    #[schemars(extend("zh" = "不保存。"))]
    pub website_url: String,
    /// Not stored.
    #[schemars(extend("zh" = "不保存。"))]
    pub organization: String,
    /// Not stored.
    #[schemars(extend("zh" = "不保存。"))]
    pub job_title: String,
    /// Not stored.
    #[schemars(extend("zh" = "不保存。"))]
    pub pronouns: Option<String>,
    /// A setting of the user.
    #[schemars(extend("zh" = "用户的设置。"))]
    pub bot: bool,
    /// Not stored.
    #[schemars(extend("zh" = "不保存。"))]
    pub work_information: Option<String>,
    /// Not stored.
    #[schemars(extend("zh" = "不保存。"))]
    pub local_time: Option<String>,
    /// A time; null if unknown.
    #[schemars(extend("zh" = "时间；未知时为 null。"))]
    pub last_sign_in_at: Option<String>,
    /// A time; null if unknown.
    #[schemars(extend("zh" = "时间；未知时为 null。"))]
    pub confirmed_at: String,
    /// A time; null if unknown.
    #[schemars(extend("zh" = "时间；未知时为 null。"))]
    pub last_activity_on: Option<String>,
    /// Not stored.
    #[schemars(extend("zh" = "不保存。"))]
    pub email: String,
    /// A setting of the user.
    #[schemars(extend("zh" = "用户的设置。"))]
    pub theme_id: i32,
    /// A setting of the user.
    #[schemars(extend("zh" = "用户的设置。"))]
    pub color_scheme_id: i32,
    /// A setting of the user.
    #[schemars(extend("zh" = "用户的设置。"))]
    pub projects_limit: i32,
    /// A time; null if unknown.
    #[schemars(extend("zh" = "时间；未知时为 null。"))]
    pub current_sign_in_at: Option<String>,
    /// Always empty.
    #[schemars(extend("zh" = "始终为空。"))]
    pub identities: Vec<Value>,
    /// A setting of the user.
    #[schemars(extend("zh" = "用户的设置。"))]
    pub can_create_group: bool,
    /// A setting of the user.
    #[schemars(extend("zh" = "用户的设置。"))]
    pub can_create_project: bool,
    /// A setting of the user.
    #[schemars(extend("zh" = "用户的设置。"))]
    pub two_factor_enabled: bool,
    /// A setting of the user.
    #[schemars(extend("zh" = "用户的设置。"))]
    pub external: bool,
    /// A setting of the user.
    #[schemars(extend("zh" = "用户的设置。"))]
    pub private_profile: bool,
    /// Not stored.
    #[schemars(extend("zh" = "不保存。"))]
    pub commit_email: String,
    /// Whether the user is an administrator; only in responses to administrators.
    #[schemars(extend("zh" = "是否为管理员；仅对管理员返回。"))]
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub is_admin: Option<bool>,
}
