//! Statuses that are sent to GitLab.

use crate::code_hosts::forwarding::{ForgeRequest, path_part, with_path};
use domain::model::destinations::Destination;
use domain::model::forwarded_states::{ForgeStatus, StateKey};
use serde_json::{Value, json};

fn credential(to: &Destination) -> (&'static str, String) {
    ("private-token", to.token.as_str().to_owned())
}

fn project_url(to: &Destination) -> String {
    format!("{}/projects/{}", with_path(&to.url, "/api/v4"), path_part(&to.project))
}

/// Reads the project.
pub fn project(to: &Destination) -> ForgeRequest {
    ForgeRequest::get(project_url(to), credential(to))
}

/// Sends a status. The ref is always sent, and the pipeline that got the first status of this name: otherwise GitLab
/// takes the newest pipeline of the commit, and the earlier one never ends.
pub fn status(
    to: &Destination,
    key: &StateKey,
    git_ref: &str,
    pipeline: Option<&str>,
    status: &ForgeStatus,
) -> ForgeRequest {
    let mut body = json!({
        "state": status.state,
        "name": key.target.context(),
        "description": status.description,
        "ref": git_ref.strip_prefix("refs/tags/").unwrap_or(git_ref),
    });
    if let Some(url) = &status.url {
        body["target_url"] = Value::from(url.as_str());
    }
    if let Some(pipeline) = pipeline.and_then(|id| id.parse::<u64>().ok()) {
        body["pipeline_id"] = Value::from(pipeline);
    }
    ForgeRequest::post(format!("{}/statuses/{}", project_url(to), key.sha), credential(to), &body)
}

/// The pipeline that a response names.
pub fn pipeline_of(body: &str) -> Option<String> {
    let body: Value = serde_json::from_str(body).ok()?;
    Some(body.get("pipeline_id")?.as_u64()?.to_string())
}
