//! Converts between the domain's types and those of Bitbucket Server.

use crate::code_hosts::{self, Fields};
use crate::request::IncomingRequest;
use domain::error::{Invalid, Problem};
use domain::model::details::{DetailsInput, TestCountsInput, TitleAndTests};
use domain::model::jobs::filters::FoundJob;
use domain::model::page::Page;
use domain::model::reports::{Adjustments, ReportInput};
use domain::model::repositories::Repository;
use domain::model::status::Status;
use domain::model::text::{NAME_MAX, sha, single_line};
use domain::{SignedDuration, Timestamp};
use wire::bitbucket::builds::{BuildStatus, TestResults};

/// The states of a report.
pub const STATES: &[&str] = &["SUCCESSFUL", "FAILED", "INPROGRESS", "CANCELLED", "UNKNOWN"];
/// The state of a canceled build.
pub const CANCELED: &str = "CANCELLED";
/// The state of a canceled build in the old API.
pub const OLD_CANCELED: &str = "FAILED";
/// Items of a page: by default, and at most.
const LIMIT: u32 = 25;
const LIMIT_MAX: u32 = 100;

/// A report on a commit.
///
/// # Errors
/// [`Invalid`] with the field.
pub fn report(
    fields: &Fields,
    request: &IncomingRequest,
    repository: &Repository,
) -> Result<ReportInput, Invalid> {
    let status = match fields.one_of("state", STATES)? {
        "SUCCESSFUL" => Status::Success,
        "FAILED" => Status::Failed,
        "INPROGRESS" => Status::Running,
        "CANCELLED" => Status::Canceled,
        _ => Status::Pending,
    };
    let key = fields.text("key")?.ok_or_else(|| Invalid::new("key", Problem::Missing))?;
    let key = single_line("key", key, NAME_MAX)?;
    let mut adjusted = Adjustments::default();
    let at = fields.time("lastUpdated", "occurred_at", &mut adjusted);
    let duration = fields.integer("duration", "started_at", &mut adjusted).filter(|duration| *duration >= 0);
    let tests = fields.object("testResults", "details", &mut adjusted).map(|results| {
        let mut count = |name| results.integer(name, "details", &mut adjusted);
        TestCountsInput { failed: count("failed"), passed: count("successful"), skipped: count("skipped") }
    });
    // A name that repeats the key is dropped.
    let title = fields.displayed_as("name", "details", &mut adjusted).filter(|name| *name != key);
    let details = (tests.is_some() || title.is_some())
        .then(|| Box::new(DetailsInput { tests, title, ..DetailsInput::default() }));
    // How long a build ran is known at its end.
    let started_at = at
        .filter(|_| status.is_finished())
        .zip(duration)
        .and_then(|(end, duration)| end.checked_sub(SignedDuration::from_millis(duration)).ok());
    Ok(ReportInput {
        sha: Some(sha("sha", request.param("sha"))?),
        git_ref: fields.text("ref")?.map(str::to_owned),
        default_ref: Some(repository.default_branch.clone()),
        source: request.query.get("source")?.map(str::to_owned),
        name: Some(key),
        status: Some(status.as_str().to_owned()),
        third_build_id: fields.text_or_number("buildNumber")?,
        target_url: fields.displayed_as("url", "target_url", &mut adjusted),
        description: fields.displayed("description", &mut adjusted),
        occurred_at: at.map(|at| at.to_string()),
        started_at: started_at.map(|at| at.to_string()),
        details,
        adjusted,
        ..ReportInput::default()
    })
}

/// The attempt of a job with its title and counts of tests as a build status. A canceled one has this state.
pub fn build(found: &FoundJob, canceled: &str, details: TitleAndTests) -> BuildStatus {
    let (job, attempt) = (&found.job, &found.job.attempt);
    let state = match attempt.status {
        Status::Pending | Status::Running => "INPROGRESS",
        Status::Success | Status::Skipped => "SUCCESSFUL",
        Status::Failed | Status::TimedOut => "FAILED",
        Status::Canceled => canceled,
    };
    let key = code_hosts::context(found).into_owned();
    let times = attempt.started_at.zip(attempt.finished_at);
    let git_ref = &found.pipeline.identity.git_ref;
    let updated = job.updated_at.as_millisecond();
    BuildStatus {
        name: details.title.unwrap_or_else(|| key.clone()),
        key,
        state: state.to_owned(),
        url: attempt.target_url.clone().unwrap_or_default(),
        description: attempt.description.clone(),
        build_number: attempt.third_build_id.clone(),
        git_ref: if git_ref.starts_with("refs/") { git_ref.clone() } else { format!("refs/heads/{git_ref}") },
        duration: times.map(|(start, end)| milliseconds(start, end)),
        created_date: attempt.created_at.as_millisecond(),
        updated_date: updated,
        date_added: updated,
        test_results: details.tests.map(|tests| TestResults {
            failed: tests.failed,
            successful: tests.passed,
            skipped: tests.skipped,
        }),
    }
}

fn milliseconds(start: Timestamp, end: Timestamp) -> i64 {
    (end.as_millisecond() - start.as_millisecond()).max(0)
}

/// The requested page. A text that is no number is absent.
pub fn page(request: &IncomingRequest) -> Page {
    let number = |name: &str| request.query.all(name).last().and_then(|text| text.trim().parse::<u32>().ok());
    let limit = number("limit").filter(|limit| *limit > 0).unwrap_or(LIMIT).min(LIMIT_MAX);
    Page { offset: number("start").unwrap_or(0), limit }
}
