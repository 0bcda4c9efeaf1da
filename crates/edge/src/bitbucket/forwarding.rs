//! Build statuses that are sent to Bitbucket Server and Data Center (7.4 and later).

use crate::code_hosts::forwarding::{ForgeRequest, path_part};
use domain::model::destinations::Destination;
use domain::model::forwarded_states::{ForgeStatus, StateKey};
use serde_json::json;

fn credential(to: &Destination) -> (&'static str, String) {
    ("authorization", format!("Bearer {}", to.token.as_str()))
}

/// The path of the repository, below the API and below the pages.
fn repository(to: &Destination) -> String {
    let (project, slug) = to.project.split_once('/').unwrap_or((to.project.as_str(), ""));
    format!("projects/{}/repos/{}", path_part(project), path_part(slug))
}

/// The base URL of the server, and that of the API.
fn bases(to: &Destination) -> (&str, String) {
    match to.url.find("/rest/api/") {
        Some(at) => (&to.url[..at], to.url.clone()),
        None => (to.url.as_str(), format!("{}/rest/api/latest", to.url)),
    }
}

/// Reads the repository.
pub fn project(to: &Destination) -> ForgeRequest {
    ForgeRequest::get(format!("{}/{}", bases(to).1, repository(to)), credential(to))
}

/// Sends a build status. The key never changes, because an earlier key that failed would block merges forever; without
/// the full ref, no pull request shows the build. Bitbucket requires an address: else that of the commit there.
pub fn status(to: &Destination, key: &StateKey, git_ref: &str, status: &ForgeStatus) -> ForgeRequest {
    let ((server, api), repository) = (bases(to), repository(to));
    let context = key.target.context();
    let commit = || format!("{server}/{repository}/commits/{}", key.sha);
    let body = json!({
        "key": context,
        "name": context,
        "state": status.state,
        "description": status.description,
        "url": status.url.clone().unwrap_or_else(commit),
        "ref": if git_ref.starts_with("refs/") { git_ref.to_owned() } else { format!("refs/heads/{git_ref}") },
    });
    ForgeRequest::post(format!("{api}/{repository}/commits/{}/builds", key.sha), credential(to), &body)
}
