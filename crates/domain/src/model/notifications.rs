//! Messages for people: what a chat webhook says about an event, and whether it is news.

use super::gates::Verdict;
use super::ids::{JobId, PipelineId, RepositoryId};
use super::job_runs::JobAttempt;
use super::jobs::Job;
use super::pipelines::{Pipeline, PipelineState};
use super::status::Status;
use super::webhooks::content::is_result;
use std::sync::Arc;

/// A message for people, before it is put into words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notification {
    /// The repository.
    pub repository: RepositoryId,
    /// Its path.
    pub path: String,
    /// What happened.
    pub news: News,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum News {
    /// A pipeline failed, or succeeded after a failure.
    Pipeline(PipelineNews),
    /// A job failed, or succeeded after a failure.
    Job {
        /// Its pipeline.
        pipeline: PipelineNews,
        /// The attempt.
        id: JobId,
        /// The name of the stage.
        stage: String,
        /// The name of the job.
        name: String,
        /// The result.
        status: Status,
    },
    /// The verdict of a gate changed.
    Gate {
        /// The commit.
        sha: String,
        /// The target branch.
        target: String,
        /// The verdict.
        verdict: Verdict,
        /// The verdict before.
        previous: Option<Verdict>,
    },
    /// Somebody tests the webhook.
    Test,
}

/// The pipeline of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PipelineNews {
    /// The pipeline.
    pub id: PipelineId,
    /// Its ref.
    pub git_ref: String,
    /// Its commit.
    pub sha: String,
    /// Its result.
    pub status: Status,
    /// The user who started it, as reports name this user.
    pub author: Option<String>,
}

impl PipelineNews {
    /// The news of a pipeline with a result.
    pub fn of(pipeline: &Pipeline, status: Status) -> Self {
        Self {
            id: pipeline.id,
            git_ref: pipeline.identity.git_ref.clone(),
            sha: pipeline.identity.sha.clone(),
            status,
            author: pipeline.trigger_user.clone(),
        }
    }
}

/// Whether a result is news: a failure always is, a success only after a failure. `previous` are the earlier results,
/// newest first; what was canceled, skipped or did not end is passed over.
pub fn is_news(status: Status, mut previous: impl Iterator<Item = Status>) -> bool {
    match status {
        Status::Success => previous.find(|status| is_result(*status)).is_some_and(Status::is_bad),
        status => status.is_bad(),
    }
}

/// Whether a pipeline failed before jobs of it were retried: a failed attempt was replaced when no job was unfinished.
pub fn failed_before(state: &PipelineState) -> bool {
    let next = |of: &Job| {
        let is_same = |job: &&Arc<Job>| job.stage_id == of.stage_id && job.name == of.name;
        state.jobs.iter().filter(is_same).find(|job| job.attempt_number == of.attempt_number + 1)
    };
    let had_ended = |at: &Job| {
        state.jobs.iter().filter(|job| job.id < at.id).all(|job| {
            job.attempt.status.is_finished()
                && job.attempt.finished_at.is_none_or(|end| end <= at.attempt.created_at)
        })
    };
    let mut failed =
        state.jobs.iter().filter(|job| job.attempt.status.fails_pipeline(job.attempt.allow_failure));
    failed.any(|job| next(job).is_some_and(|next| had_ended(next)))
}

/// The results of a job before an attempt, newest first. `attempts` are of all pipelines, newest first.
pub fn results_before(attempts: &[JobAttempt], id: JobId) -> impl Iterator<Item = Status> {
    attempts.iter().filter(move |attempt| attempt.id < id).map(|attempt| attempt.status)
}

#[cfg(test)]
mod tests {
    use super::*;
    use Status::{Canceled, Failed, Running, Skipped, Success, TimedOut};

    #[test]
    fn a_success_is_news_after_a_failure() {
        for (status, previous, wanted) in [
            (Failed, &[][..], true),
            (TimedOut, &[Failed], true),
            (Success, &[], false),
            (Success, &[Success, Failed], false),
            (Success, &[Failed], true),
            (Success, &[TimedOut, Success], true),
            (Success, &[Canceled, Running, Skipped, Failed], true),
            (Success, &[Canceled, Success, Failed], false),
            (Running, &[Failed], false),
            (Canceled, &[Success], false),
            (Skipped, &[Failed], false),
        ] {
            assert_eq!(is_news(status, previous.iter().copied()), wanted, "{status:?} after {previous:?}");
        }
    }
}
