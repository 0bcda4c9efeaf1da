//! `GET /native/v1/events`: the data of Server-Sent Events. `docs/events.md` describes them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A committed change. Its `id` is the `id` of the Server-Sent Event, its `type` the `event`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Event {
    /// The event's number in its repository, from 1, without gaps, in the order of the commits.
    pub id: i64,
    /// The repository's id.
    pub repository_id: i32,
    /// `job`, `pipeline_imported` or `pipeline_gone`; newer servers may have other types.
    #[serde(rename = "type")]
    pub kind: String,
    /// The time at which the server recorded it.
    pub at: String,
    /// The pipeline at that time.
    pub pipeline: PipelineThen,
    /// The attempt that changed; null unless `type` is `job`.
    pub job: Option<JobThen>,
}

/// A pipeline at the time of an event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[expect(missing_docs, reason = "the fields are those of a pipeline")]
pub struct PipelineThen {
    pub id: i32,
    pub version: i64,
    pub sha: String,
    #[serde(rename = "ref")]
    pub git_ref: String,
    pub source: String,
    pub pipeline_key: Option<String>,
    pub web_url: Option<String>,
    pub status: String,
    /// The previous status; null if this event created it.
    pub previous_status: Option<String>,
    pub job_count: u32,
}

/// An attempt at the time of an event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[expect(missing_docs, reason = "the fields are those of a job")]
pub struct JobThen {
    pub id: i32,
    pub stage: String,
    pub name: String,
    pub attempt: i32,
    pub status: String,
    /// The previous status; null if this event created it.
    pub previous_status: Option<String>,
    pub third_build_id: Option<String>,
    pub target_url: Option<String>,
}

/// The data of `ready`, `resync` and `ping`: the position of the stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Position {
    /// Send this as `Last-Event-ID` or `after` to continue from here.
    pub last_event_id: i64,
}
