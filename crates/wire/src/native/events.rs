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
    /// `job`, `pipeline_imported`, `pipeline_gone` or `gate`; newer servers may have other types.
    #[serde(rename = "type")]
    pub kind: String,
    /// The time at which the server recorded it.
    pub at: String,
    /// The pipeline at that time; null if `type` is `gate`.
    pub pipeline: Option<PipelineThen>,
    /// The attempt that changed; null unless `type` is `job`.
    pub job: Option<JobThen>,
    /// The verdict that was recorded; absent unless `type` is `gate`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub gate: Option<GateThen>,
}

impl Event {
    /// The commit.
    pub fn sha(&self) -> Option<&str> {
        let of_pipeline = self.pipeline.as_ref().map(|pipeline| pipeline.sha.as_str());
        of_pipeline.or(self.gate.as_ref().map(|gate| gate.sha.as_str()))
    }
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

/// A verdict at the time of an event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct GateThen {
    /// The commit.
    pub sha: String,
    /// The target branch.
    pub target: String,
    /// The number of the record, counted from 1 for each commit and target.
    pub number: i64,
    /// The verdict.
    pub verdict: String,
    /// The verdict of the record before; null if this is the first one.
    pub previous_verdict: Option<String>,
    /// The version of the verdict.
    pub version: i64,
    /// The version of the rules; 0: there are none.
    pub rules_version: i64,
    /// The requirements whose state changed, in order of the rules, at most 50.
    pub changed: Vec<GateChangeThen>,
    /// The number of requirements whose state changed.
    pub changed_count: u32,
}

/// A requirement whose state changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct GateChangeThen {
    /// The name; null: the announced jobs.
    pub name: Option<String>,
    /// The state; null: the rules do not have the requirement any more.
    pub state: Option<String>,
    /// The state before; null: it is new.
    pub previous_state: Option<String>,
}

/// The data of `ready`, `resync` and `ping`: the position of the stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Position {
    /// Send this as `Last-Event-ID` or `after` to continue from here.
    pub last_event_id: i64,
}
