//! `GET /v4/repositories/{repository_id}/pipelines/{pipeline_id}/jobs` and `.../latest-jobs`.
//!
//! Texts are [`Cow`]s, because writing jobs is what the server does most: it borrows what it has, and a client
//! reads into owned ones. Every key is always written, null where the value is not known (yet). A status is one
//! of `pending running success failed canceled skipped timedout`; other words are tolerated on reading, as the
//! SDKs do.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// One attempt of a job with its stage; element of the array that `jobs` answers. The fields are in the order of
/// the example in the official reference.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct JobWithStage<'a> {
    /// 1 to 2147483647.
    pub id: i32,
    /// The commit.
    pub sha: Cow<'a, str>,
    /// The branch or tag.
    #[serde(rename = "ref")]
    pub git_ref: Cow<'a, str>,
    /// One of the seven words.
    pub status: Cow<'a, str>,
    /// What people call it.
    pub name: Cow<'a, str>,
    /// Where its log is.
    pub target_url: Option<Cow<'a, str>>,
    /// When it was first heard of.
    pub created_at: Option<Cow<'a, str>>,
    /// When it began to run.
    pub started_at: Option<Cow<'a, str>>,
    /// When it ended.
    pub finished_at: Option<Cow<'a, str>>,
    /// When any of this last changed.
    pub updated_at: Option<Cow<'a, str>>,
    /// The build system's own id of the attempt.
    pub third_build_id: Option<Cow<'a, str>>,
    /// 1 to 2147483647.
    pub stage_id: i32,
    /// The stage's name.
    pub stage: Cow<'a, str>,
}

/// What `latest-jobs` answers: a pipeline with the newest attempt of each job.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LatestJobs<'a> {
    /// The pipeline, 1 to 2147483647.
    pub id: i32,
    /// One of the seven words.
    pub status: Cow<'a, str>,
    /// Ascending by `sort_id`.
    pub stages: Vec<LatestStage<'a>>,
}

/// A stage of [`LatestJobs`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LatestStage<'a> {
    /// 1 to 2147483647.
    pub id: i32,
    /// The stage's name.
    pub name: Cow<'a, str>,
    /// Its place among the stages, 1 to 2147483647.
    pub sort_id: i32,
    /// One of the seven words.
    pub status: Cow<'a, str>,
    /// The newest attempt of each job, ascending by id.
    pub jobs: Vec<BaseJob<'a>>,
}

/// One attempt of a job within its stage: [`JobWithStage`] without the stage.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[expect(missing_docs, reason = "told at the same fields of JobWithStage")]
pub struct BaseJob<'a> {
    pub id: i32,
    pub sha: Cow<'a, str>,
    #[serde(rename = "ref")]
    pub git_ref: Cow<'a, str>,
    pub status: Cow<'a, str>,
    pub name: Cow<'a, str>,
    pub target_url: Option<Cow<'a, str>>,
    pub created_at: Option<Cow<'a, str>>,
    pub started_at: Option<Cow<'a, str>>,
    pub finished_at: Option<Cow<'a, str>>,
    pub updated_at: Option<Cow<'a, str>>,
    pub third_build_id: Option<Cow<'a, str>>,
}
