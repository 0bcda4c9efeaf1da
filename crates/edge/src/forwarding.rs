//! Requests to forges, in the dialect of each. The sender of the server sends them.

pub use crate::code_hosts::forwarding::ForgeRequest;

use crate::explanation::gates::{explain_result, explain_verdict};
use crate::language::Language;
use crate::{bitbucket, gitea, github, gitlab};
use domain::model::destinations::{Destination, ForgeKind};
use domain::model::forwarded_states::{ClaimedState, ForgeStatus, StateKey, StatePage, WantedState};
use domain::model::gates::{RecordedVerdict, RequirementResult, RequirementState, Subject, Verdict};
use serde_json::Value;

/// The request that sends a status.
pub fn status_request(claimed: &ClaimedState, wanted: &WantedState, status: &ForgeStatus) -> ForgeRequest {
    let (to, key) = (&claimed.destination, &claimed.state.key);
    match to.kind {
        ForgeKind::GitHub => github::forwarding::status(to, key, status),
        ForgeKind::GitLab => {
            let pipeline = claimed.state.remote_id.as_deref();
            gitlab::forwarding::status(to, key, &wanted.git_ref, pipeline, status)
        }
        ForgeKind::Gitea => gitea::forwarding::status(to, key, status),
        ForgeKind::Bitbucket => bitbucket::forwarding::status(to, key, &wanted.git_ref, status),
    }
}

/// The request that reads the project, for a test.
pub fn project_request(to: &Destination) -> ForgeRequest {
    match to.kind {
        ForgeKind::GitHub => github::forwarding::project(to),
        ForgeKind::GitLab => gitlab::forwarding::project(to),
        ForgeKind::Gitea => gitea::forwarding::project(to),
        ForgeKind::Bitbucket => bitbucket::forwarding::project(to),
    }
}

/// The request that reads the version, of a forge whose statuses depend on it.
pub fn version_request(to: &Destination) -> Option<ForgeRequest> {
    (to.kind == ForgeKind::Gitea).then(|| gitea::forwarding::version(to))
}

/// The version that a response to [`version_request`] names.
pub fn version_of(body: &str) -> Option<String> {
    gitea::forwarding::version_of(body)
}

/// The id of the pipeline that a response to [`status_request`] names, to be sent on.
pub fn remote_id(kind: ForgeKind, body: &str) -> Option<String> {
    (kind == ForgeKind::GitLab).then(|| gitlab::forwarding::pipeline_of(body)).flatten()
}

/// Whether the response to [`project_request`] shows that the token may not write. Only GitHub and Gitea show it.
pub fn may_not_write(body: &str) -> bool {
    let body: Value = serde_json::from_str(body).unwrap_or_default();
    body.pointer("/permissions/push") == Some(&Value::Bool(false))
}

/// The address of the page about a state, below the public URL of this server.
pub fn page(public_url: &str, to: &Destination, key: &StateKey, wanted: &WantedState) -> String {
    let repository = format!("{public_url}/repositories/{}", to.repository_id);
    match &wanted.page {
        StatePage::Pipeline(pipeline) => format!("{repository}/pipelines/{pipeline}"),
        StatePage::Job(pipeline, job) => format!("{repository}/pipelines/{pipeline}/jobs/{job}"),
        StatePage::Commit(_) => format!("{repository}/commits/{}", key.sha),
    }
}

/// Adds the sentence to a state that is a verdict: that of the first requirement that has not passed, with its name.
/// Forges show it beside the status, in English as the other descriptions.
pub fn with_sentence(mut claimed: ClaimedState) -> ClaimedState {
    if let Some(wanted) = &mut claimed.wanted
        && let StatePage::Commit(verdict) = &wanted.page
    {
        wanted.description = Some(sentence(verdict));
    }
    claimed
}

fn sentence(verdict: &RecordedVerdict) -> String {
    let evaluation = verdict.evaluation();
    // Those that decide the verdict come first.
    let decides = |result: &&RequirementResult<'_>| match verdict.verdict {
        Verdict::Failed => result.state() == RequirementState::Failed,
        Verdict::Missing => {
            matches!(result.state(), RequirementState::Missing | RequirementState::WrongSource)
        }
        _ => !result.state().is_settled(),
    };
    let Some(result) = evaluation.requirements.iter().find(decides) else {
        return explain_verdict(&evaluation, &verdict.target, Language::English);
    };
    let sentence = explain_result(result, Language::English);
    match result.subject {
        Subject::Requirement(name) => format!("{name}: {sentence}"),
        Subject::Announced => sentence,
    }
}
