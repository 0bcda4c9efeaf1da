//! `GET /api/v4/user`, and users as other bodies name them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A user, named by something else: `author` of a status, `user` of a job.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct BasicUser {
    /// Unique.
    pub id: i32,
    /// What it signs in as.
    pub username: String,
    /// What people call it; here the same.
    pub name: String,
    /// `active` or `blocked`.
    pub state: String,
    /// Always false here.
    pub locked: bool,
    /// Always null here.
    pub avatar_url: Option<String>,
    /// Where a person sees it.
    pub web_url: String,
}

/// The caller. Typed clients hold most of the texts as plain strings, the counts as plain integers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[expect(missing_docs, reason = "the fields are those of the official reference; most are empty here")]
pub struct CurrentUser {
    #[serde(flatten)]
    pub basic: BasicUser,
    pub created_at: String,
    pub bio: String,
    pub location: String,
    pub public_email: String,
    pub skype: String,
    pub linkedin: String,
    pub twitter: String,
    pub discord: String,
    pub website_url: String,
    pub organization: String,
    pub job_title: String,
    pub pronouns: Option<String>,
    pub bot: bool,
    pub work_information: Option<String>,
    pub local_time: Option<String>,
    pub last_sign_in_at: Option<String>,
    pub confirmed_at: String,
    pub last_activity_on: Option<String>,
    pub email: String,
    pub theme_id: i32,
    pub color_scheme_id: i32,
    pub projects_limit: i32,
    pub current_sign_in_at: Option<String>,
    pub identities: Vec<Value>,
    pub can_create_group: bool,
    pub can_create_project: bool,
    pub two_factor_enabled: bool,
    pub external: bool,
    pub private_profile: bool,
    pub commit_email: String,
    /// Only administrators are told.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub is_admin: Option<bool>,
}
