//! The page of one attempt of a job: all that is known of it, its other attempts, what was reported, and how long earlier runs took.

use crate::assets::favicon;
use crate::durations::{Earlier, durations, median, shown};
use crate::messages::jobs as w;
use crate::messages::pipeline;
use crate::pipeline::{path, short};
use crate::timeline::waited_and_ran;
use crate::times::{absolute, duration};
use crate::{Frame, Html};
use askama::Template;
use domain::Timestamp;
use domain::model::history::HistoryEntry;
use domain::model::jobs::Job;
use domain::model::jobs::filters::JobDetails;
use domain::model::reports::Effect;
use domain::model::repositories::Repository;
use domain::model::status::Status;

/// A report with the sentence that says what it did.
#[derive(Debug)]
pub struct HistoryRow {
    /// The report.
    pub entry: HistoryEntry,
    /// Why it did what it did.
    pub explanation: String,
}

/// The page.
#[derive(Debug, Template)]
#[template(path = "job.html")]
pub struct JobPage<'a> {
    /// The frame.
    pub frame: &'a Frame,
    /// Whose it is.
    pub repository: &'a Repository,
    /// The attempt.
    pub found: &'a JobDetails,
    /// All attempts of the job in its pipeline, newest first.
    pub attempts: &'a [JobDetails],
    /// This page of its history, in order of arrival.
    pub history: Vec<HistoryRow>,
    /// It does not begin with the first report.
    pub later: bool,
    /// After which report the next page of the history begins.
    pub next: Option<i64>,
    /// Earlier runs, newest first.
    pub earlier: &'a [JobDetails],
    /// What its answer is known by.
    pub etag: &'a str,
}

impl JobPage<'_> {
    /// The page.
    pub fn html(&self) -> String {
        crate::render(self)
    }

    fn job(&self) -> &Job {
        &self.found.job
    }

    fn title(&self) -> String {
        let job = self.job();
        let name = self.frame.plain(&job.name);
        format!("{} {name} #{} · {}", self.frame.status(job.attempt.status), job.id, self.repository.path)
    }

    fn icon(&self) -> &'static str {
        favicon(self.job().attempt.status)
    }

    fn pipeline_path(&self) -> String {
        path(self.repository, self.found.pipeline.id)
    }

    fn path(&self, job: &Job) -> String {
        format!("{}/jobs/{}", self.pipeline_path(), job.id)
    }

    fn api_call(&self) -> String {
        let (repository, pipeline) = (self.repository.id, self.found.pipeline.id);
        format!("/explorer/ListPipelineJobs?repository_id={repository}&pipeline_id={pipeline}")
    }

    fn sha(&self) -> &str {
        short(&self.found.pipeline.identity.sha)
    }

    fn is_active(&self) -> bool {
        !self.job().attempt.status.is_finished()
    }

    /// When it is running, from when.
    fn since(&self, job: &Job) -> Option<String> {
        let attempt = &job.attempt;
        let at = attempt.started_at.unwrap_or(attempt.created_at);
        (attempt.status == Status::Running).then(|| format!("{at:.3}"))
    }

    fn waited(&self, job: &Job) -> Option<String> {
        waited_and_ran(&job.attempt, self.frame.now).0.map(duration)
    }

    fn ran(&self, job: &Job) -> Option<String> {
        waited_and_ran(&job.attempt, self.frame.now).1.map(duration)
    }

    /// A time in full, with how long ago it was.
    fn at(&self, at: &Timestamp) -> String {
        absolute(*at, &self.frame.zone)
    }

    fn yes(&self, yes: &bool) -> &'static str {
        self.frame.say(if *yes { w::YES } else { w::NO })
    }

    fn is_this(&self, job: &Job) -> bool {
        job.id == self.job().id
    }

    /// Earlier runs and this one, oldest first.
    fn runs(&self) -> Vec<Earlier> {
        let earlier = self.earlier.iter().rev().chain([self.found]);
        let ended = earlier.filter_map(|found| {
            let attempt = &found.job.attempt;
            let (Some(started), Some(finished)) = (attempt.started_at, attempt.finished_at) else {
                return None;
            };
            let seconds = finished.duration_since(started).as_secs().max(0);
            Some(Earlier { id: found.job.id.get(), status: attempt.status, seconds })
        });
        ended.collect()
    }

    fn durations(&self) -> Html {
        durations(self.frame, &self.runs(), self.job().id.get())
    }

    /// How this run compares with the middle of the earlier ones.
    fn compared(&self) -> Option<String> {
        let runs: Vec<_> = self.runs().into_iter().filter(|run| run.id != self.job().id.get()).collect();
        let median = median(&runs)?;
        let attempt = &self.job().attempt;
        let ran = waited_and_ran(attempt, self.frame.now).1?.as_secs();
        let text = if ran > median { w::LONGER } else { w::SHORTER };
        // Shorter so far says nothing of one that still runs.
        let says = ran > median || attempt.status.is_finished();
        (says && ran != median).then(|| self.frame.fill(text, shown((ran - median).abs())))
    }

    fn effect(&self, entry: &HistoryEntry) -> &'static str {
        let text = match entry.effect {
            Effect::Created => w::EFFECT_CREATED,
            Effect::Changed => w::EFFECT_CHANGED,
            Effect::Repeated => w::EFFECT_REPEATED,
            Effect::Late => w::EFFECT_LATE,
        };
        self.frame.say(text)
    }

    fn changed(&self, entry: &HistoryEntry) -> String {
        entry.changed.names().collect::<Vec<_>>().join(self.frame.say(pipeline::COMMA))
    }
}

#[cfg(test)]
mod tests;
