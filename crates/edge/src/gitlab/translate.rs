//! Converts between the domain's types and those of the GitLab API.

mod jobs;
mod merge_requests;
pub mod projects;
mod refs;
pub mod users;

use super::parameters::Parameters;
use crate::http::query::encode_url;
use crate::http::time_text::TimeText;
use crate::routes::{Context, Requirement};
use domain::error::{Invalid, Problem};
use domain::model::jobs::filters::Reporter;
use domain::model::pipelines::filters::RefKind;
use domain::model::pipelines::{Pipeline, PipelineState};
use domain::model::reports::{AdjustmentKind, Adjustments, ReportInput};
use domain::model::repositories::Repository;
use domain::model::status::Status;
use domain::model::text::{NAME_MAX, single_line};
use domain::{SignedDuration, Timestamp};
use std::borrow::Cow;
use wire::gitlab::commits::{Commit, CommitBrief};
use wire::gitlab::pipelines::{self as wire_pipelines, DetailedStatus, PipelineDetail};
use wire::gitlab::users::BasicUser;

/// The states of a report.
pub const STATES: &[&str] = &["pending", "running", "success", "failed", "canceled", "skipped"];
/// GitLab's statuses that no job or pipeline has here.
const UNUSED_STATES: &[&str] = &[
    "created",
    "waiting_for_resource",
    "preparing",
    "waiting_for_callback",
    "canceling",
    "manual",
    "scheduled",
];
/// The scopes of a list of pipelines.
pub const SCOPES: &[&str] = &["running", "pending", "finished", "branches", "tags"];
/// The job's name for a report without one.
const DEFAULT_NAME: &str = "default";

/// A time of a body that is written seldom.
pub fn time(at: Timestamp) -> String {
    TimeText::utc(at).to_string()
}

/// A pipeline whose texts are borrowed.
type WirePipeline<'p> = wire_pipelines::Pipeline<Cow<'p, str>, TimeText>;

/// The status in GitLab's terms, which have none for a job that timed out.
const fn status(status: Status) -> &'static str {
    match status {
        Status::TimedOut => Status::Failed.as_str(),
        status => status.as_str(),
    }
}

fn failure_reason(status: Status) -> Option<Cow<'static, str>> {
    match status {
        Status::Failed => Some("api_failure".into()),
        Status::TimedOut => Some("stuck_or_timeout_failure".into()),
        _ => None,
    }
}

/// The statuses that correspond to a status of GitLab; none for one that is unused here.
///
/// # Errors
/// [`Problem::NotOneOf`] naming `field`.
pub fn statuses(field: &str, name: &str) -> Result<Vec<Status>, Invalid> {
    match name {
        "failed" => Ok(vec![Status::Failed, Status::TimedOut]),
        name if STATES.contains(&name) => Ok(Status::parse(name).into_iter().collect()),
        name if UNUSED_STATES.contains(&name) => Ok(Vec::new()),
        _ => Err(Invalid::new(field, Problem::NotOneOf { allowed: STATES })),
    }
}

/// The `scope` of a list of pipelines.
pub enum Scope {
    Statuses(&'static [Status]),
    NewestOf(RefKind),
}

/// Reads the `scope` of a list of pipelines.
///
/// # Errors
/// [`Problem::NotOneOf`].
pub fn scope(parameters: &Parameters<'_>) -> Result<Option<Scope>, Invalid> {
    const FINISHED: &[Status] =
        &[Status::Success, Status::Failed, Status::Canceled, Status::Skipped, Status::TimedOut];
    Ok(parameters.one_of("scope", SCOPES)?.map(|scope| match scope {
        "running" => Scope::Statuses(&[Status::Running]),
        "pending" => Scope::Statuses(&[Status::Pending]),
        "branches" => Scope::NewestOf(RefKind::Branch),
        "tags" => Scope::NewestOf(RefKind::Tag),
        _ => Scope::Statuses(FINISHED),
    }))
}

/// A report to `repository`. Its commit is in the path, not among the parameters.
///
/// # Errors
/// [`Invalid`] with the parameter.
pub fn report(parameters: &Parameters<'_>, repository: &Repository) -> Result<ReportInput, Invalid> {
    let text = |name| Ok::<_, Invalid>(parameters.text(name)?.map(trimmed));
    // A displayed value that is unreadable does not cost the report.
    let mut adjusted = Adjustments::default();
    let mut displayed = |name, text: Result<Option<&str>, Invalid>| {
        text.unwrap_or_else(|_| {
            adjusted.add(name, AdjustmentKind::Dropped);
            None
        })
        .map(str::to_owned)
    };
    let target_url = displayed("target_url", parameters.text("target_url"));
    let description = displayed("description", parameters.text("description"));
    let coverage = parameters.number("coverage").unwrap_or_else(|_| {
        adjusted.add("coverage", AdjustmentKind::Dropped);
        None
    });
    let state = parameters.one_of("state", STATES)?.ok_or_else(|| Invalid::new("state", Problem::Missing))?;
    let (name, context) = (text("name")?, text("context")?);
    if let (None, Some(context)) = (&name, &context) {
        // Errors name the parameter of the client.
        single_line("context", context, NAME_MAX)?;
    }
    Ok(ReportInput {
        status: Some(state.to_owned()),
        name: name.or(context).or_else(|| Some(DEFAULT_NAME.to_owned())),
        git_ref: text("ref")?,
        default_ref: Some(repository.default_branch.clone()),
        pipeline_id: parameters.integer("pipeline_id")?,
        target_url,
        description,
        coverage,
        adjusted,
        ..ReportInput::default()
    })
}

/// The text without white space around it, such as the line break that a shell adds. A text of white space
/// alone stays unchanged and is refused later.
fn trimmed(text: &str) -> String {
    let trimmed = text.trim();
    if trimmed.is_empty() { text.to_owned() } else { trimmed.to_owned() }
}

/// The header that lists the adjustments of a report: `description=truncated, target_url=dropped`.
pub const ADJUSTED: &str = "x-stagepost-adjusted";

/// The value of [`ADJUSTED`].
pub fn adjusted(adjusted: Adjustments) -> String {
    let pairs: Vec<String> =
        adjusted.iter().map(|(field, kind)| format!("{field}={}", kind.as_str())).collect();
    pairs.join(", ")
}

fn is_tag(git_ref: &str) -> bool {
    RefKind::from_ref(git_ref) == RefKind::Tag
}

fn between(from: Option<Timestamp>, to: Option<Timestamp>) -> Option<SignedDuration> {
    Some(from?.duration_until(to?).max(SignedDuration::ZERO))
}

/// Makes the bodies about one repository, with links to the public URL.
pub struct Presenter<'a> {
    base: String,
    repository: &'a Repository,
    now: Timestamp,
}

impl<'a> Presenter<'a> {
    pub fn new<N: Requirement>(ctx: &Context<N>, repository: &'a Repository) -> Self {
        Self { base: ctx.request.public_url(), repository, now: ctx.edge.app.clock.now() }
    }

    /// A page of the repository.
    fn path(&self, more: &str) -> String {
        encode_url(&format!("/{}{more}", self.repository.path))
    }

    fn url(&self, more: &str) -> String {
        format!("{}{}", self.base, self.path(more))
    }

    /// The address of a pipeline: the one that was reported, else its page.
    fn pipeline_url<'p>(&self, pipeline: &'p Pipeline) -> Cow<'p, str> {
        match &pipeline.web_url {
            Some(reported) => reported.into(),
            None => self.url(&format!("/-/pipelines/{}", pipeline.id)).into(),
        }
    }

    pub fn pipeline<'p>(&self, pipeline: &'p Pipeline) -> WirePipeline<'p> {
        pipeline_at(pipeline, self.pipeline_url(pipeline))
    }

    pub fn detail<'p>(
        &self,
        state: &'p PipelineState,
        reporter: Option<&'p Reporter>,
    ) -> PipelineDetail<Cow<'p, str>, TimeText> {
        let pipeline = &state.pipeline;
        let seconds = |from, to| between(from, to).map(|time| time.as_secs());
        PipelineDetail {
            pipeline: self.pipeline(pipeline),
            before_sha: "0".repeat(pipeline.identity.sha.len()),
            tag: is_tag(&pipeline.identity.git_ref),
            yaml_errors: None,
            user: reporter.map(|reporter| self.user(reporter)),
            started_at: pipeline.started_at.map(TimeText::utc),
            finished_at: pipeline.finished_at.map(TimeText::utc),
            committed_at: None,
            duration: seconds(pipeline.started_at, pipeline.finished_at),
            queued_duration: seconds(Some(pipeline.created_at), pipeline.started_at),
            coverage: coverage(state),
            detailed_status: self.detailed(pipeline),
        }
    }

    fn detailed(&self, pipeline: &Pipeline) -> DetailedStatus {
        let name = status(pipeline.status);
        let (text, label) = match pipeline.status {
            Status::Pending => ("Pending", "pending"),
            Status::Running => ("Running", "running"),
            Status::Success => ("Passed", "passed"),
            Status::Failed | Status::TimedOut => ("Failed", "failed"),
            Status::Canceled => ("Canceled", "canceled"),
            Status::Skipped => ("Skipped", "skipped"),
        };
        DetailedStatus {
            icon: format!("status_{name}"),
            text: text.to_owned(),
            label: label.to_owned(),
            group: name.to_owned(),
            tooltip: label.to_owned(),
            has_details: true,
            details_path: self.path(&format!("/-/pipelines/{}", pipeline.id)),
            illustration: None,
            favicon: String::new(),
        }
    }

    /// The address of a commit.
    fn commit_url(&self, sha: &str) -> String {
        self.url(&format!("/-/commit/{sha}"))
    }

    fn user<'p>(&self, reporter: &'p Reporter) -> BasicUser<Cow<'p, str>> {
        users::basic(reporter.id.get(), &reporter.name, users::url(&self.base, &reporter.name).into())
    }

    /// A commit, which is known since then, with its newest pipeline.
    pub fn commit<'p>(
        &self,
        sha: &'p str,
        known_since: Timestamp,
        newest: Option<&'p Pipeline>,
    ) -> Commit<Cow<'p, str>, TimeText> {
        let last_pipeline = newest.map(|pipeline| self.pipeline(pipeline));
        Commit {
            commit: commit_brief(sha, known_since, self.commit_url(sha).into()),
            status: last_pipeline.as_ref().map(|pipeline| pipeline.status.clone()),
            project_id: self.repository.id.get(),
            last_pipeline,
        }
    }
}

/// A pipeline with this address.
fn pipeline_at<'p>(pipeline: &'p Pipeline, web_url: Cow<'p, str>) -> WirePipeline<'p> {
    wire_pipelines::Pipeline {
        id: pipeline.id.get(),
        iid: pipeline.id.get(),
        project_id: pipeline.repository_id.get(),
        sha: pipeline.identity.sha.as_str().into(),
        git_ref: pipeline.identity.git_ref.as_str().into(),
        status: status(pipeline.status).into(),
        source: pipeline.identity.source.as_str().into(),
        created_at: TimeText::utc(pipeline.created_at),
        updated_at: TimeText::utc(pipeline.updated_at),
        web_url,
        name: Some(pipeline.identity.key.as_str().into()).filter(|key: &Cow<'_, str>| !key.is_empty()),
    }
}

/// The commit with this address, which is known since then.
fn commit_brief<'p>(
    sha: &'p str,
    known_since: Timestamp,
    web_url: Cow<'p, str>,
) -> CommitBrief<Cow<'p, str>, TimeText> {
    let created_at = TimeText::utc(known_since);
    let empty = || Cow::Borrowed("");
    CommitBrief {
        id: sha.into(),
        short_id: sha.get(..8).unwrap_or(sha).into(),
        title: empty(),
        parent_ids: Vec::new(),
        message: empty(),
        author_name: empty(),
        author_email: empty(),
        authored_date: created_at,
        committer_name: empty(),
        committer_email: empty(),
        committed_date: created_at,
        created_at,
        trailers: Default::default(),
        extended_trailers: Default::default(),
        web_url,
    }
}

/// The mean coverage of the jobs that have one, as text with two decimals.
fn coverage(state: &PipelineState) -> Option<String> {
    let values = state.jobs.iter().filter(|job| job.newest).filter_map(|job| job.attempt.coverage);
    let (count, sum) = values.fold((0_u32, 0.0), |(count, sum), coverage| (count + 1, sum + coverage));
    (count > 0).then(|| format!("{:.2}", sum / f64::from(count)))
}
