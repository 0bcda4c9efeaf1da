//! `GET /api/v4/projects/{project}/repository/commits/{sha}`.

use super::pipelines::Pipeline;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The commit of a job. Fields that only git knows are empty; the times are those of its pipeline.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "CommitBrief")]
pub struct CommitBrief<Text = String, Time = Text> {
    /// The full commit id.
    #[schemars(extend("zh" = "完整的提交 ID。"))]
    pub id: Text,
    /// The first eight digits of the commit id.
    #[schemars(extend("zh" = "提交 ID 的前八位。"))]
    pub short_id: Text,
    /// Known only to git; empty.
    #[schemars(extend("zh" = "仅 git 中有，为空。"))]
    pub title: Text,
    /// The time of creation.
    #[schemars(extend("zh" = "创建时间。"))]
    pub created_at: Time,
    /// Known only to git; empty.
    #[schemars(extend("zh" = "仅 git 中有，为空。"))]
    pub parent_ids: Vec<String>,
    /// Known only to git; empty.
    #[schemars(extend("zh" = "仅 git 中有，为空。"))]
    pub message: Text,
    /// Known only to git; empty.
    #[schemars(extend("zh" = "仅 git 中有，为空。"))]
    pub author_name: Text,
    /// Known only to git; empty.
    #[schemars(extend("zh" = "仅 git 中有，为空。"))]
    pub author_email: Text,
    /// The same as `created_at`.
    #[schemars(description = "The time at which the commit became known.", extend("zh" = "首次获知该提交的时间。"))]
    pub authored_date: Time,
    /// Known only to git; empty.
    #[schemars(extend("zh" = "仅 git 中有，为空。"))]
    pub committer_name: Text,
    /// Known only to git; empty.
    #[schemars(extend("zh" = "仅 git 中有，为空。"))]
    pub committer_email: Text,
    /// The same as `created_at`.
    #[schemars(description = "The time at which the commit became known.", extend("zh" = "首次获知该提交的时间。"))]
    pub committed_date: Time,
    /// Known only to git; empty.
    #[schemars(extend("zh" = "仅 git 中有，为空。"))]
    pub trailers: BTreeMap<String, String>,
    /// Known only to git; empty.
    #[schemars(extend("zh" = "仅 git 中有，为空。"))]
    pub extended_trailers: BTreeMap<String, Vec<String>>,
    /// The web address.
    #[schemars(extend("zh" = "网页地址。"))]
    pub web_url: Text,
}

/// A single commit. Reporters read `last_pipeline` and send its id with their reports (reporters fact 1.7).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "Commit")]
pub struct Commit<Text = String, Time = Text> {
    /// The fields of a commit that a job also has.
    #[serde(flatten)]
    pub commit: CommitBrief<Text, Time>,
    /// The status of `last_pipeline`.
    #[schemars(description = "The status of the newest pipeline.", extend("zh" = "最新流水线的状态。"))]
    pub status: Option<Text>,
    /// The project's id.
    #[schemars(extend("zh" = "项目 ID。"))]
    pub project_id: i32,
    /// The newest pipeline; null if there is none.
    #[schemars(extend("zh" = "最新流水线；没有时为 null。"))]
    pub last_pipeline: Option<Pipeline<Text, Time>>,
}
