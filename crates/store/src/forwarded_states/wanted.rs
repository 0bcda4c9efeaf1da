//! The expected state of a commit and context at a forge: read when a state is claimed or listed.

use crate::jobs::of_commit::newest;
use crate::rows::deleted_pipelines::not_deleted;
use crate::rows::verdicts;
use crate::sql::{Columns as _, Sql, values};
use domain::Result;
use domain::model::forwarded_states::{
    CommitJob, ForwardedState, StatePage, Target, WantedState, composite, status_of_verdict,
};
use domain::model::ids::{JobId, PipelineId, RepositoryId};
use domain::model::jobs::{Job, LatestJob};

/// The expected state at a forge; `None`: there is none, or it is a test. `job`: the attempt that changed the state
/// last.
pub fn wanted(
    sql: &dyn Sql,
    repository: RepositoryId,
    state: &ForwardedState,
    job: Option<JobId>,
) -> Result<Option<WantedState>> {
    let key = &state.key;
    match &key.target {
        Target::Test => Ok(None),
        Target::Gate { branch } => wanted_of_gate(sql, repository, &key.sha, branch, state.may_be_known()),
        Target::Pipeline { source } => wanted_of_source(sql, repository, &key.sha, source),
        Target::Job { source, stage, name } => {
            if let Some(job) = job
                && let Some(found) = wanted_of_only(sql, repository, &key.sha, source, job)?
            {
                return Ok(Some(found));
            }
            let jobs = newest(sql, repository, &key.sha, Some((stage, name)))?;
            let is_exact =
                |found: &&LatestJob| (&found.source, &found.stage, &found.name) == (source, stage, name);
            // The newest attempt may have another spelling of the name.
            let of_source = || jobs.iter().rfind(|found| found.source == *source);
            let job = jobs.iter().rfind(is_exact).or_else(of_source);
            job.map_or(Ok(None), |job| wanted_of_attempt(sql, repository, job.id))
        }
    }
}

fn wanted_of_source(
    sql: &dyn Sql,
    repository: RepositoryId,
    sha: &str,
    source: &str,
) -> Result<Option<WantedState>> {
    let jobs = newest(sql, repository, sha, None)?;
    let of_source = jobs.iter().filter(|job| job.source == source);
    let jobs = of_source.map(|LatestJob { stage, name, status, allow_failure, .. }| CommitJob {
        stage,
        name,
        status: *status,
        allow_failure: *allow_failure,
    });
    let Some(status) = composite(jobs) else { return Ok(None) };
    let newest: Option<(PipelineId, String, Option<String>)> =
        sql.first(NEWEST_PIPELINE, values![repository, sha, source])?;
    Ok(newest.map(|(pipeline, git_ref, url)| WantedState {
        status,
        description: None,
        url,
        git_ref,
        page: StatePage::Pipeline(pipeline),
    }))
}

fn wanted_of_gate(
    sql: &dyn Sql,
    repository: RepositoryId,
    sha: &str,
    branch: &str,
    may_be_known: bool,
) -> Result<Option<WantedState>> {
    let Some(verdict) = verdicts::last(sql, repository, sha, branch)? else { return Ok(None) };
    let Some(status) = status_of_verdict(verdict.verdict, may_be_known) else { return Ok(None) };
    let newest: Option<String> = sql.first(NEWEST_REF, values![repository, sha])?;
    Ok(Some(WantedState {
        status,
        description: None,
        url: None,
        // A commit of which jobs are only announced has no ref yet.
        git_ref: newest.unwrap_or_else(|| branch.to_owned()),
        page: StatePage::Commit(Box::new(verdict)),
    }))
}

/// The query of the ref of the newest pipeline of a commit.
pub const NEWEST_REF: &str = "SELECT ref FROM pipelines INDEXED BY pipelines_by_identity
    WHERE repository_id = ?1 AND sha = ?2 ORDER BY id DESC LIMIT 1";

/// The query of the newest pipeline of a commit and source.
pub const NEWEST_PIPELINE: &str = "SELECT id, ref, web_url FROM pipelines INDEXED BY pipelines_by_identity
    WHERE repository_id = ?1 AND sha = ?2 AND source = ?3 ORDER BY id DESC LIMIT 1";

/// The query of an attempt with its ref.
pub fn attempt_query() -> String {
    format!(
        "SELECT p.ref, j.pipeline_id, {} FROM jobs j
         JOIN pipelines p ON p.repository_id = j.repository_id AND p.id = j.pipeline_id
         WHERE j.repository_id = ?1 AND j.id = ?2",
        Job::COLUMNS
    )
}

/// As [`attempt_query`], if the attempt is the newest of its job in the only pipeline of this commit and source: then
/// no other attempt can count.
pub fn only_attempt_query() -> String {
    format!(
        "{} AND j.newest = 1 AND p.sha = ?3 AND p.source = ?4 AND {}
         AND NOT EXISTS (SELECT 1 FROM pipelines o INDEXED BY pipelines_by_identity
             WHERE o.repository_id = ?1 AND o.sha = ?3 AND o.source = ?4 AND o.id <> p.id)",
        attempt_query(),
        not_deleted("j")
    )
}

fn wanted_of_only(
    sql: &dyn Sql,
    repository: RepositoryId,
    sha: &str,
    source: &str,
    attempt: JobId,
) -> Result<Option<WantedState>> {
    let found = sql.first(&only_attempt_query(), values![repository, attempt, sha, source])?;
    Ok(found.map(of_attempt))
}

fn wanted_of_attempt(sql: &dyn Sql, repository: RepositoryId, attempt: JobId) -> Result<Option<WantedState>> {
    Ok(sql.first(&attempt_query(), values![repository, attempt])?.map(of_attempt))
}

fn of_attempt((git_ref, pipeline, job): (String, PipelineId, Job)) -> WantedState {
    WantedState {
        status: job.attempt.status,
        description: job.attempt.description,
        url: job.attempt.target_url,
        git_ref,
        page: StatePage::Job(pipeline, job.id),
    }
}
