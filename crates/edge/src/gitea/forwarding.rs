//! Statuses that are sent to Gitea and Forgejo.

use crate::code_hosts::forwarding::{ForgeRequest, path_parts, with_path};
use domain::model::destinations::Destination;
use domain::model::forwarded_states::{ForgeStatus, StateKey};
use serde_json::{Value, json};

fn credential(to: &Destination) -> (&'static str, String) {
    ("authorization", format!("token {}", to.token.as_str()))
}

fn base(to: &Destination) -> String {
    with_path(&to.url, "/api/v1")
}

/// Reads the project.
pub fn project(to: &Destination) -> ForgeRequest {
    ForgeRequest::get(format!("{}/repos/{}", base(to), path_parts(&to.project)), credential(to))
}

/// Reads the version.
pub fn version(to: &Destination) -> ForgeRequest {
    ForgeRequest::get(format!("{}/version", base(to)), credential(to))
}

/// The version that a response names.
pub fn version_of(body: &str) -> Option<String> {
    let body: Value = serde_json::from_str(body).ok()?;
    Some(body.get("version")?.as_str()?.to_owned())
}

/// Sends a status.
pub fn status(to: &Destination, key: &StateKey, status: &ForgeStatus) -> ForgeRequest {
    let url = format!("{}/repos/{}/statuses/{}", base(to), path_parts(&to.project), key.sha);
    let body = json!({
        "state": status.state,
        "context": key.target.context(),
        "description": status.description,
        "target_url": status.url.as_deref().unwrap_or_default(),
    });
    ForgeRequest::post(url, credential(to), &body)
}
