//! The changes of a pipeline compared with the earlier ones of its ref, as a section of its page; and the page that
//! compares two pipelines.

use crate::insights::duration_text;
use crate::job_runs::job_runs_address;
use crate::messages::comparisons as msg;
use crate::pipeline::{pipeline_path, pipelines_of_ref, short_sha};
use crate::{Frame, Html};
use askama::Template;
use domain::model::comparisons::{Changes, ComparedJob, Comparison, FailedJob, JobChange, SlowerJob};
use domain::model::ids::PipelineId;
use domain::model::pipelines::Pipeline;
use domain::model::repositories::Repository;

/// Most jobs of one list of the section. The page of the comparison has all.
const JOBS_MAX: usize = 10;

/// The address of a comparison.
fn comparison_path(repository: &Repository, base: PipelineId, head: PipelineId) -> String {
    format!("/repositories/{}/compare/{base}...{head}", repository.id)
}

/// The section.
#[derive(Debug, Template)]
#[template(path = "changes.html")]
pub struct ChangesSection<'a> {
    /// The frame.
    pub frame: &'a Frame,
    /// The repository.
    pub repository: &'a Repository,
    /// The pipeline.
    pub pipeline: &'a Pipeline,
    /// The changes.
    pub changes: &'a Changes,
}

impl ChangesSection<'_> {
    /// The section; empty if there is no earlier pipeline.
    pub fn html(&self) -> Html {
        if self.changes.is_empty() { Html::default() } else { Html(crate::render(self)) }
    }

    fn path(&self, id: &PipelineId) -> String {
        pipeline_path(self.repository, *id)
    }

    fn job_path(&self, job: &ComparedJob) -> String {
        format!("{}/jobs/{}", self.path(&self.pipeline.id), job.id)
    }

    /// The job across pipelines of this ref and source.
    fn runs_address(&self, job: &ComparedJob) -> String {
        let identity = &self.pipeline.identity;
        job_runs_address(self.repository, &job.stage, &job.name, &identity.git_ref, &identity.source)
    }

    fn compare_path(&self, base: &Pipeline) -> String {
        comparison_path(self.repository, base.id, self.pipeline.id)
    }

    /// The previous pipeline, if it is another one than the last green one.
    fn previous(&self) -> Option<&Pipeline> {
        let green = self.changes.last_green.as_ref().map(|green| green.id);
        self.changes.previous.as_ref().filter(|previous| Some(previous.id) != green)
    }

    fn is_first_failure(&self) -> bool {
        self.changes.failing_since.as_ref().is_some_and(|since| since.id == self.pipeline.id)
    }

    /// The failing jobs: those that fail since this pipeline first.
    fn failed(&self) -> Vec<&FailedJob> {
        let mut failed: Vec<&FailedJob> = self.changes.failed.iter().collect();
        failed.sort_by_key(|failed| std::cmp::Reverse(failed.since));
        failed.truncate(JOBS_MAX);
        failed
    }

    fn since(&self, failed: &FailedJob) -> String {
        match failed.since_or_earlier {
            true => self.frame.format(msg::SINCE_OR_EARLIER, failed.since),
            false => self.frame.format(msg::SINCE, failed.since),
        }
    }

    fn is_new(&self, failed: &FailedJob) -> bool {
        failed.since == self.pipeline.id && !failed.since_or_earlier
    }

    fn fixed(&self) -> &[JobChange] {
        first(&self.changes.fixed)
    }

    fn slower(&self) -> &[SlowerJob] {
        first(&self.changes.slower)
    }

    /// A text about the jobs that are not listed.
    fn more(&self, all: usize) -> Option<String> {
        (all > JOBS_MAX).then(|| self.frame.format(msg::MORE, all - JOBS_MAX))
    }

    fn has_no_jobs(&self) -> bool {
        let Changes { failed, fixed, slower, .. } = self.changes;
        failed.is_empty() && fixed.is_empty() && slower.is_empty()
    }

    fn taken(&self, slower: &SlowerJob) -> String {
        self.frame.format2(msg::TAKEN, duration_text(slower.job.duration), duration_text(Some(slower.usual)))
    }
}

fn first<T>(all: &[T]) -> &[T] {
    all.get(..JOBS_MAX).unwrap_or(all)
}

/// The page that compares two pipelines.
#[derive(Debug, Template)]
#[template(path = "comparison.html")]
pub struct ComparisonPage<'a> {
    /// The frame.
    pub frame: &'a Frame,
    /// The repository.
    pub repository: &'a Repository,
    /// The pipeline that is compared with.
    pub base: &'a Pipeline,
    /// The pipeline.
    pub head: &'a Pipeline,
    /// The differences.
    pub comparison: &'a Comparison,
}

/// A pipeline and a job of it.
type Side<'a> = (&'a Pipeline, Option<&'a ComparedJob>);

/// A list of jobs with their result in both pipelines.
struct Changed<'a> {
    id: &'static str,
    title: &'static str,
    jobs: Vec<(Option<&'a ComparedJob>, Option<&'a ComparedJob>)>,
}

impl ComparisonPage<'_> {
    /// The page.
    pub fn html(&self) -> String {
        crate::render(self)
    }

    fn title(&self) -> String {
        self.frame.format2(msg::TITLE, self.base.id, self.head.id)
    }

    fn path(&self) -> String {
        comparison_path(self.repository, self.base.id, self.head.id)
    }

    fn swapped_path(&self) -> String {
        comparison_path(self.repository, self.head.id, self.base.id)
    }

    fn pipeline_path(&self, pipeline: &Pipeline) -> String {
        pipeline_path(self.repository, pipeline.id)
    }

    fn ref_address(&self, pipeline: &Pipeline) -> String {
        pipelines_of_ref(self.repository, &pipeline.identity.git_ref)
    }

    /// Base and head with their titles.
    fn both(&self) -> [(&'static str, &Pipeline); 2] {
        [(self.frame.text(msg::BASE), self.base), (self.frame.text(msg::HEAD), self.head)]
    }

    fn short<'s>(&self, sha: &'s str) -> &'s str {
        short_sha(sha)
    }

    /// The lists that are not empty.
    fn lists(&self) -> Vec<Changed<'_>> {
        let Comparison { newly_failed, still_failed, fixed, other, added, removed, .. } = self.comparison;
        fn both(change: &JobChange) -> (Option<&ComparedJob>, Option<&ComparedJob>) {
            (change.base.as_ref(), Some(&change.head))
        }
        // Jobs that fail are in the first list.
        let passes = |job: &&ComparedJob| !job.failed();
        let lists = [
            ("newly-failed", msg::NEWLY_FAILED, newly_failed.iter().map(both).collect::<Vec<_>>()),
            ("fixed", msg::FIXED, fixed.iter().map(both).collect()),
            ("still-failed", msg::STILL_FAILED, still_failed.iter().map(both).collect()),
            ("other", msg::OTHER, other.iter().map(both).collect()),
            ("added", msg::ADDED, added.iter().filter(passes).map(|job| (None, Some(job))).collect()),
            ("removed", msg::REMOVED, removed.iter().map(|job| (Some(job), None)).collect()),
        ];
        let shown = lists.into_iter().filter(|(_, _, jobs)| !jobs.is_empty());
        shown.map(|(id, title, jobs)| Changed { id, title: self.frame.text(title), jobs }).collect()
    }

    /// A job in both pipelines.
    fn sides<'s>(&'s self, row: &(Option<&'s ComparedJob>, Option<&'s ComparedJob>)) -> [Side<'s>; 2] {
        [(self.base, row.0), (self.head, row.1)]
    }

    fn job_path(&self, pipeline: &Pipeline, job: &ComparedJob) -> String {
        format!("{}/jobs/{}", self.pipeline_path(pipeline), job.id)
    }

    /// The job across pipelines, of the ref and the source that both pipelines have.
    fn runs_address(&self, job: &ComparedJob) -> String {
        let (base, head) = (&self.base.identity, &self.head.identity);
        let git_ref = if base.git_ref == head.git_ref { head.git_ref.as_str() } else { "" };
        let source = if base.source == head.source { head.source.as_str() } else { "" };
        job_runs_address(self.repository, &job.stage, &job.name, git_ref, source)
    }

    fn duration_text(&self, job: &ComparedJob) -> String {
        duration_text(job.duration)
    }

    fn usual_text(&self, slower: &SlowerJob) -> String {
        duration_text(Some(slower.usual))
    }
}

impl Changed<'_> {
    /// The job of a row, of the head if it has it.
    fn job<'j>(&self, row: &(Option<&'j ComparedJob>, Option<&'j ComparedJob>)) -> Option<&'j ComparedJob> {
        row.1.or(row.0)
    }
}

#[cfg(test)]
mod tests;
