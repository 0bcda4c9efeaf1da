//! Statuses that are sent to GitHub.

use crate::code_hosts::forwarding::{ForgeRequest, path_parts};
use domain::model::destinations::Destination;
use domain::model::forwarded_states::{ForgeStatus, StateKey};
use serde_json::json;

fn credential(to: &Destination) -> (&'static str, String) {
    ("authorization", format!("Bearer {}", to.token.as_str()))
}

/// Reads the project.
pub fn project(to: &Destination) -> ForgeRequest {
    ForgeRequest::get(format!("{}/repos/{}", to.url, path_parts(&to.project)), credential(to))
}

/// Sends a status. `target_url` is null where there is none.
pub fn status(to: &Destination, key: &StateKey, status: &ForgeStatus) -> ForgeRequest {
    let url = format!("{}/repos/{}/statuses/{}", to.url, path_parts(&to.project), key.sha);
    let body = json!({
        "state": status.state,
        "context": key.target.context_at(to.kind),
        "description": status.description,
        "target_url": status.url,
    });
    ForgeRequest::post(url, credential(to), &body)
}
