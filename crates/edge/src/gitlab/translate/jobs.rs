//! Attempts as jobs and as statuses of their commits.

use super::{Presenter, between, commit_brief, failure_reason, is_tag, pipeline_at, status, users};
use crate::http::reply::Reply;
use crate::http::time_text::TimeText;
use domain::error::Result;
use domain::model::ids::{PipelineId, UserId};
use domain::model::jobs::filters::FoundJob;
use std::borrow::Cow;
use std::collections::BTreeMap;
use wire::gitlab::jobs::{Job, JobProject};
use wire::gitlab::statuses::CommitStatus;
use wire::gitlab::users::BasicUser;

/// The addresses that several attempts of a list have in common.
#[derive(Default)]
struct Addresses<'a> {
    pipelines: BTreeMap<PipelineId, PipelineAddresses<'a>>,
    users: BTreeMap<UserId, String>,
}

struct PipelineAddresses<'a> {
    pipeline: Cow<'a, str>,
    commit: String,
}

/// About the bytes of a job and of a status without their texts.
const JOB_BYTES: usize = 2048;
const STATUS_BYTES: usize = 1024;

impl Presenter<'_> {
    /// The statuses as a list.
    ///
    /// # Errors
    /// As [`Reply::json`].
    pub fn statuses(&self, found: &[FoundJob]) -> Result<Reply> {
        let addresses = Addresses { users: self.user_addresses(found), ..Addresses::default() };
        let statuses: Vec<_> = found.iter().map(|found| addresses.status(found)).collect();
        Reply::json_of_size(&statuses, found.len() * STATUS_BYTES)
    }

    /// One status.
    ///
    /// # Errors
    /// As [`Reply::json`].
    pub fn status(&self, found: &FoundJob) -> Result<Reply> {
        let users = self.user_addresses(std::slice::from_ref(found));
        Reply::json_of_size(&Addresses { users, ..Addresses::default() }.status(found), STATUS_BYTES)
    }

    /// The jobs as a list.
    ///
    /// # Errors
    /// As [`Reply::json`].
    pub fn jobs(&self, found: &[FoundJob]) -> Result<Reply> {
        let addresses = self.addresses(found);
        let jobs: Vec<_> = found.iter().map(|found| self.job_of(found, &addresses)).collect();
        Reply::json_of_size(&jobs, found.len() * JOB_BYTES)
    }

    /// One job.
    ///
    /// # Errors
    /// As [`Reply::json`].
    pub fn job(&self, found: &FoundJob) -> Result<Reply> {
        Reply::json(&self.job_of(found, &self.addresses(std::slice::from_ref(found))))
    }

    fn user_addresses(&self, found: &[FoundJob]) -> BTreeMap<UserId, String> {
        let mut addresses = BTreeMap::new();
        for reporter in found.iter().filter_map(|found| found.reporter.as_ref()) {
            addresses.entry(reporter.id).or_insert_with(|| users::url(&self.base, &reporter.name));
        }
        addresses
    }

    fn addresses<'a>(&self, found: &'a [FoundJob]) -> Addresses<'a> {
        let mut pipelines = BTreeMap::new();
        for FoundJob { pipeline, .. } in found {
            pipelines.entry(pipeline.id).or_insert_with(|| PipelineAddresses {
                pipeline: self.pipeline_url(pipeline),
                commit: self.commit_url(&pipeline.identity.sha),
            });
        }
        Addresses { pipelines, users: self.user_addresses(found) }
    }

    fn job_of<'a>(&self, found: &'a FoundJob, addresses: &'a Addresses<'_>) -> Job<Cow<'a, str>, TimeText> {
        let (job, attempt, pipeline) = (&found.job, &found.job.attempt, &found.pipeline);
        // An unfinished job is measured until now. A finished one that never started was queued until its
        // end.
        let until = if attempt.status.is_finished() { attempt.finished_at } else { Some(self.now) };
        let seconds = |from, to| between(from, to).map(|time| time.as_secs_f64());
        let (pipeline_url, commit_url) = addresses.of_pipeline(pipeline.id);
        Job {
            id: job.id.get(),
            status: status(attempt.status).into(),
            stage: found.stage.as_str().into(),
            name: job.name.as_str().into(),
            git_ref: pipeline.identity.git_ref.as_str().into(),
            tag: is_tag(&pipeline.identity.git_ref),
            coverage: attempt.coverage,
            allow_failure: attempt.allow_failure,
            created_at: TimeText::utc(attempt.created_at),
            started_at: attempt.started_at.map(TimeText::utc),
            finished_at: attempt.finished_at.map(TimeText::utc),
            erased_at: None,
            duration: seconds(attempt.started_at, until),
            queued_duration: seconds(Some(attempt.created_at), attempt.started_at.or(until)),
            user: addresses.reporter(found),
            commit: commit_brief(&pipeline.identity.sha, pipeline.created_at, commit_url.into()),
            pipeline: pipeline_at(pipeline, pipeline_url.into()),
            failure_reason: failure_reason(attempt.status),
            web_url: match &attempt.target_url {
                Some(reported) => reported.into(),
                None => self.url(&format!("/-/jobs/{}", job.id)).into(),
            },
            project: JobProject { ci_job_token_scope_enabled: false },
            artifacts: Vec::new(),
            runner: None,
            runner_manager: None,
            artifacts_expire_at: None,
            archived: false,
            tag_list: Vec::new(),
        }
    }
}

impl Addresses<'_> {
    /// The addresses of a pipeline and of its commit.
    fn of_pipeline(&self, id: PipelineId) -> (&str, &str) {
        self.pipelines.get(&id).map_or(("", ""), |of| (of.pipeline.as_ref(), of.commit.as_str()))
    }

    fn reporter<'a>(&'a self, found: &'a FoundJob) -> Option<BasicUser<Cow<'a, str>>> {
        found.reporter.as_ref().map(|reporter| {
            let address = self.users.get(&reporter.id).map_or("", String::as_str);
            users::basic(reporter.id.get(), &reporter.name, address.into())
        })
    }

    fn status<'a>(&'a self, found: &'a FoundJob) -> CommitStatus<Cow<'a, str>, TimeText> {
        let (job, attempt) = (&found.job, &found.job.attempt);
        let text = |text: &'a Option<String>| text.as_deref().map(Cow::Borrowed);
        CommitStatus {
            id: job.id.get(),
            sha: found.pipeline.identity.sha.as_str().into(),
            git_ref: found.pipeline.identity.git_ref.as_str().into(),
            status: status(attempt.status).into(),
            name: job.name.as_str().into(),
            target_url: text(&attempt.target_url),
            description: text(&attempt.description),
            created_at: TimeText::utc(attempt.created_at),
            started_at: attempt.started_at.map(TimeText::utc),
            finished_at: attempt.finished_at.map(TimeText::utc),
            allow_failure: attempt.allow_failure,
            coverage: attempt.coverage,
            pipeline_id: found.pipeline.id.get(),
            failure_reason: failure_reason(attempt.status),
            author: self.reporter(found),
        }
    }
}
