//! Check runs and check suites: reports, and attempts and pipelines as GitHub shows them.

use super::{Presenter, nobody};
use crate::code_hosts::{self, Fields};
use crate::request::IncomingRequest;
use domain::Timestamp;
use domain::error::{Invalid, Problem};
use domain::model::conclusions::Conclusion;
use domain::model::details::{Annotation, AnnotationInput, Details, DetailsInput};
use domain::model::jobs::filters::FoundJob;
use domain::model::pipelines::Pipeline;
use domain::model::pipelines::filters::RefKind;
use domain::model::reports::{AdjustmentKind, Adjustments, CHECKS_STAGE, ReportInput};
use domain::model::repositories::Repository as StoredRepository;
use domain::model::status::Status;
use domain::model::text::{NAME_MAX, same_ignoring_case, sha, single_line};
use wire::github::checks as wire_checks;
use wire::github::checks::{CheckRun, CheckSuite, CheckSuiteId, HeadCommit, Output};

/// The statuses of a report. The last three are those that GitHub sets itself; here they are `queued`.
pub const CHECK_RUN_STATUSES: &[&str] =
    &["queued", "in_progress", "completed", "waiting", "requested", "pending"];
/// The statuses that a list can be limited to.
pub const LISTED_STATUSES: &[&str] = CHECK_RUN_STATUSES.split_at(3).0;
/// The conclusions of a report.
pub const CONCLUSIONS: &[&str] = &[
    "action_required",
    "cancelled",
    "failure",
    "neutral",
    "success",
    "skipped",
    "stale",
    "timed_out",
    "startup_failure",
];
/// Most annotations of one report.
const ANNOTATIONS_MAX: usize = 50;

/// A report of a check run.
///
/// # Errors
/// [`Invalid`] with the field.
pub fn new_check_run(
    fields: &mut Fields,
    request: &IncomingRequest,
    repository: &StoredRepository,
) -> Result<ReportInput, Invalid> {
    let required = |name| fields.text(name)?.ok_or_else(|| Invalid::new(name, Problem::Missing));
    let name = single_line("name", required("name")?, NAME_MAX)?;
    let head_sha = sha("head_sha", required("head_sha")?)?;
    let (status, conclusion) = status(fields)?.unwrap_or((Status::Pending, None));
    let reported = reported(fields, Some(status), true)?;
    Ok(ReportInput {
        sha: Some(head_sha),
        git_ref: request.query.get("ref")?.map(str::to_owned),
        source: request.query.get("source")?.map(str::to_owned),
        default_ref: Some(repository.default_branch.clone()),
        stage: Some(CHECKS_STAGE.to_owned()),
        name: Some(name),
        status: Some(status.as_str().to_owned()),
        conclusion,
        ..reported
    })
}

/// A report that changes the check run `found`, which keeps what the report does not give. Its status may change before
/// the report is recorded, so a report without a status has none.
///
/// # Errors
/// [`Invalid`] with the field.
pub fn changed_check_run(fields: &mut Fields, found: &FoundJob) -> Result<ReportInput, Invalid> {
    let (job, attempt, identity) = (&found.job, &found.job.attempt, &found.pipeline.identity);
    let (status, conclusion) = status(fields)?.unzip();
    let head_sha = fields.text("head_sha")?.map(|head| sha("head_sha", head)).transpose()?;
    if head_sha.is_some_and(|head| head != identity.sha) {
        return Err(Invalid::new("head_sha", Problem::Contradicts { other: "check_run_id" }));
    }
    let mut report = reported(fields, status, false)?;
    // The name is that of the job, whatever a client sends.
    if fields.text("name")?.is_some_and(|name| !same_ignoring_case(name, &job.name)) {
        report.adjusted.add("name", AdjustmentKind::Dropped);
    }
    Ok(ReportInput {
        sha: Some(identity.sha.clone()),
        git_ref: Some(identity.git_ref.clone()),
        source: Some(identity.source.clone()),
        pipeline_id: Some(found.pipeline.id.get().into()),
        job_id: Some(job.id),
        stage: Some(found.stage.clone()),
        name: Some(job.name.clone()),
        status: status.map(|status| status.as_str().to_owned()),
        conclusion: conclusion.flatten(),
        third_build_id: report.third_build_id.take().or_else(|| attempt.third_build_id.clone()),
        ..report
    })
}

/// The status that a report gives; `None`: none. A conclusion or the time of the end completes the check run.
fn status(fields: &Fields) -> Result<Option<(Status, Option<Conclusion>)>, Invalid> {
    let one_of = |name, allowed| match fields.text(name)? {
        Some(_) => fields.one_of(name, allowed).map(Some),
        None => Ok(None),
    };
    let status = one_of("status", CHECK_RUN_STATUSES)?;
    let conclusion = one_of("conclusion", CONCLUSIONS)?;
    if conclusion.is_none() && (status == Some("completed") || fields.has("completed_at")) {
        return Err(Invalid::new("conclusion", Problem::Missing));
    }
    let status = match (conclusion, status) {
        (Some(conclusion), _) => return Ok(Some(status_of_conclusion(conclusion))),
        (None, Some("in_progress")) => Status::Running,
        (None, Some(_)) => Status::Pending,
        (None, None) => return Ok(None),
    };
    Ok(Some((status, None)))
}

/// The status of one of [`CONCLUSIONS`].
fn status_of_conclusion(conclusion: &str) -> (Status, Option<Conclusion>) {
    let own = match conclusion {
        "success" => return (Status::Success, None),
        "skipped" => return (Status::Skipped, None),
        "cancelled" => return (Status::Canceled, None),
        "timed_out" => return (Status::TimedOut, None),
        "neutral" => Conclusion::Neutral,
        "action_required" => Conclusion::ActionRequired,
        "startup_failure" => Conclusion::StartupFailure,
        "stale" => Conclusion::Stale,
        _ => return (Status::Failed, None),
    };
    (own.status(), Some(own))
}

/// The fields that a new and a changed check run have in common. The time of a status change is known only for the
/// end: it is the time of the end, else, as on GitHub, of the request.
fn reported(fields: &mut Fields, status: Option<Status>, is_new: bool) -> Result<ReportInput, Invalid> {
    let mut adjusted = Adjustments::default();
    let details = output(fields, is_new, &mut adjusted)?;
    let completed_at = fields.displayed_as("completed_at", "finished_at", &mut adjusted);
    let is_end = status.is_some_and(Status::is_finished);
    Ok(ReportInput {
        third_build_id: fields.text_or_number("external_id")?,
        target_url: fields.displayed_as("details_url", "target_url", &mut adjusted),
        description: details.as_ref().and_then(|details| details.title.clone()),
        details: details.map(Box::new),
        occurred_at: completed_at.clone().filter(|_| is_end),
        occurred_at_receipt: is_end,
        started_at: fields.displayed("started_at", &mut adjusted),
        finished_at: completed_at,
        adjusted,
        ..ReportInput::default()
    })
}

/// The output of a check run. A new one has a title and a summary, a changed one has a summary.
fn output(
    fields: &mut Fields,
    is_new: bool,
    adjusted: &mut Adjustments,
) -> Result<Option<DetailsInput>, Invalid> {
    let Some(mut output) = fields.take_object("output")? else { return Ok(None) };
    let annotations = output.take_objects("annotations").map_err(|invalid| below("output", invalid))?;
    if annotations.len() > ANNOTATIONS_MAX {
        return Err(Invalid::new("output.annotations", Problem::TooMany { max: ANNOTATIONS_MAX }));
    }
    for (name, required) in [("title", is_new), ("summary", true)] {
        if required && !output.has(name) {
            return Err(Invalid::new(format!("output.{name}"), Problem::Missing));
        }
    }
    let mut text = |name| output.displayed_as(name, "details", adjusted);
    let (title, summary, text) = (text("title"), text("summary"), text("text"));
    let annotation = |(at, mut fields): (usize, Fields)| {
        annotation(&mut fields).map_err(|invalid| below(&format!("output.annotations[{at}]"), invalid))
    };
    let annotations = annotations.into_iter().enumerate().map(annotation).collect::<Result<_, _>>()?;
    Ok(Some(DetailsInput { title, summary, text, annotations, tests: None }))
}

/// An annotation, of which the domain checks the values.
fn annotation(fields: &mut Fields) -> Result<AnnotationInput, Invalid> {
    let text = |name| Ok::<_, Invalid>(fields.text(name)?.map(str::to_owned));
    let whole = |name| Ok::<_, Invalid>(fields.untrimmed_text(name)?.map(str::to_owned));
    let end_line = fields.whole_number("end_line")?;
    Ok(AnnotationInput {
        path: text("path")?,
        start_line: fields.whole_number("start_line")?,
        end_line: Some(end_line.ok_or_else(|| Invalid::new("end_line", Problem::Missing))?),
        start_column: fields.whole_number("start_column")?,
        end_column: fields.whole_number("end_column")?,
        level: text("annotation_level")?,
        title: text("title")?,
        message: whole("message")?,
        raw_details: whole("raw_details")?,
    })
}

/// The problem of a field of the object with this name.
fn below(name: &str, invalid: Invalid) -> Invalid {
    Invalid::new(format!("{name}.{}", invalid.field), invalid.problem)
}

/// The statuses that a list is limited to by `status`; empty: all.
///
/// # Errors
/// [`Problem::NotOneOf`].
pub fn listed_statuses(request: &IncomingRequest) -> Result<&'static [Status], Invalid> {
    Ok(match request.query.get("status")? {
        None => &[],
        Some("queued") => &[Status::Pending],
        Some("in_progress") => &[Status::Running],
        Some("completed") => {
            &[Status::Success, Status::Failed, Status::Canceled, Status::Skipped, Status::TimedOut]
        }
        Some(_) => return Err(Invalid::new("status", Problem::NotOneOf { allowed: LISTED_STATUSES })),
    })
}

/// A status with its conclusion, as GitHub calls them.
fn shown_status(status: Status, conclusion: Option<Conclusion>) -> (&'static str, Option<&'static str>) {
    let conclusion = match (status, conclusion) {
        (Status::Pending, _) => return ("queued", None),
        (Status::Running, _) => return ("in_progress", None),
        (_, Some(Conclusion::Neutral)) => "neutral",
        (_, Some(Conclusion::ActionRequired)) => "action_required",
        (_, Some(Conclusion::StartupFailure)) => "startup_failure",
        (_, Some(Conclusion::Stale)) => "stale",
        (Status::Success, _) => "success",
        (Status::Failed, _) => "failure",
        (Status::Canceled, _) => "cancelled",
        (Status::Skipped, _) => "skipped",
        (Status::TimedOut, _) => "timed_out",
    };
    ("completed", Some(conclusion))
}

impl Presenter<'_> {
    /// An attempt with its details as a check run.
    pub fn check_run(&self, found: &FoundJob, details: &Details) -> CheckRun {
        let (job, attempt) = (&found.job, &found.job.attempt);
        let (status, conclusion) = shown_status(attempt.status, attempt.conclusion());
        let url = self.url(&format!("/check-runs/{}", job.id));
        let name = match found.stage.as_str() {
            CHECKS_STAGE => job.name.clone(),
            _ => code_hosts::context(found).into_owned(),
        };
        CheckRun {
            id: job.id.get(),
            head_sha: found.pipeline.identity.sha.clone(),
            node_id: format!("CheckRun:{}", job.id),
            external_id: attempt.third_build_id.clone(),
            html_url: Some(self.page(&format!("/pipelines/{}/jobs/{}", found.pipeline.id, job.id))),
            details_url: attempt.target_url.clone(),
            status: status.to_owned(),
            conclusion: conclusion.map(str::to_owned),
            started_at: attempt.started_at.map(code_hosts::seconds),
            completed_at: attempt.finished_at.map(code_hosts::seconds),
            output: Output {
                title: details.title.clone(),
                summary: details.summary.clone(),
                text: details.text.clone(),
                annotations_count: details.annotations.len() as u64,
                annotations_url: format!("{url}/annotations"),
            },
            name,
            check_suite: Some(CheckSuiteId { id: found.pipeline.id.get() }),
            app: (),
            pull_requests: Vec::new(),
            url,
        }
    }

    /// A pipeline as a check suite. Its commit is known since then.
    pub fn check_suite(&self, pipeline: &Pipeline, known_since: Timestamp) -> CheckSuite {
        let (status, conclusion) = shown_status(pipeline.status, None);
        let sha = &pipeline.identity.sha;
        let url = self.url(&format!("/check-suites/{}", pipeline.id));
        let git_ref = &pipeline.identity.git_ref;
        let nobody = nobody(known_since);
        CheckSuite {
            id: pipeline.id.get(),
            node_id: format!("CheckSuite:{}", pipeline.id),
            head_branch: Some(git_ref.strip_prefix(RefKind::TAGS).unwrap_or(git_ref).to_owned()),
            head_sha: sha.clone(),
            status: Some(status.to_owned()),
            conclusion: conclusion.map(str::to_owned),
            before: None,
            after: Some(sha.clone()),
            pull_requests: Vec::new(),
            app: (),
            repository: self.repository(None),
            created_at: Some(code_hosts::seconds(pipeline.created_at)),
            updated_at: Some(code_hosts::seconds(pipeline.updated_at)),
            rerequestable: false,
            runs_rerequestable: false,
            head_commit: HeadCommit {
                id: sha.clone(),
                tree_id: "0".repeat(sha.len()),
                message: String::new(),
                timestamp: nobody.date.clone(),
                author: nobody.clone(),
                committer: nobody,
            },
            latest_check_runs_count: pipeline.job_count,
            check_runs_url: format!("{url}/check-runs"),
            url: Some(url),
        }
    }
}

/// An annotation of a check run.
pub fn annotation_of(annotation: &Annotation) -> wire_checks::Annotation {
    wire_checks::Annotation {
        path: annotation.path.clone(),
        start_line: annotation.start_line,
        end_line: annotation.end_line,
        start_column: annotation.start_column,
        end_column: annotation.end_column,
        annotation_level: Some(annotation.level.as_str().to_owned()),
        title: annotation.title.clone(),
        message: Some(annotation.message.clone()),
        raw_details: annotation.raw_details.clone(),
        blob_href: String::new(),
    }
}
