//! Converts between the domain's types and those of the native API.

pub mod as_of;
pub mod audit;
pub mod build_systems;
pub mod chat;
pub mod comparisons;
pub mod destinations;
pub mod details;
pub mod gates;
pub mod grid;
pub mod insights;
pub mod job_runs;
pub mod repository_health;
pub mod search;
pub mod signatures;
pub mod subscriptions;
pub mod webhooks;

pub use crate::events::translate::time;
pub use as_of::{past_job_list, past_pipeline};

use crate::http::time_text::TimeText;
use crate::language::Language;
use domain::actions::retention::Pruned;
use domain::error::{Invalid, Problem};
use domain::model::history::HistoryEntry;
use domain::model::identities::{Identity, PathPattern};
use domain::model::ids::PipelineId;
use domain::model::jobs::ListedJob;
use domain::model::jobs::filters::FoundJob;
use domain::model::keys::Key;
use domain::model::members::Member;
use domain::model::merge_requests::MergeRequest;
use domain::model::pipelines::{Pipeline, Stage, stage_name};
use domain::model::policies::Policies;
use domain::model::reports::{AdjustmentKind, Adjustments, Receipt, ReportInput};
use domain::model::repositories::Repository;
use domain::model::retention::{ExpiredCursor, ExpiredPipeline};
use domain::model::roles::Role;
use domain::model::tokens::Token;
use domain::model::users::User;
use domain::ports::JobList;
use domain::{SignedDuration, Timestamp};
use wire::native;
use wire::native::reports::ReceivedReport;

/// The fields of a report, not yet checked.
pub fn report(report: ReceivedReport) -> ReportInput {
    ReportInput {
        sha: report.sha,
        git_ref: report.git_ref,
        stage: report.stage,
        stage_order: report.stage_order,
        name: report.name,
        status: report.status,
        pipeline_id: report.pipeline_id,
        pipeline_key: report.pipeline_key,
        third_build_id: report.third_build_id,
        target_url: report.target_url,
        description: report.description,
        coverage: report.coverage,
        allow_failure: report.allow_failure,
        occurred_at: report.occurred_at,
        occurred_at_receipt: false,
        started_at: report.started_at,
        finished_at: report.finished_at,
        source: report.source,
        web_url: report.web_url,
        trigger_user: report.trigger_user,
        details: report.details.map(|given| Box::new(details::input(*given))),
        // The native dialect requires a ref.
        default_ref: None,
        adjusted: Adjustments::default(),
        name_ignores_case: false,
        conclusion: None,
        job_id: None,
    }
}

pub fn adjustments(adjusted: Adjustments) -> Vec<native::reports::Adjustment> {
    let one = |(field, kind): (&str, AdjustmentKind)| native::reports::Adjustment {
        field: field.to_owned(),
        change: kind.as_str().to_owned(),
    };
    adjusted.iter().map(one).collect()
}

pub fn receipt(receipt: &Receipt) -> native::reports::Receipt<&'static str> {
    native::reports::Receipt {
        report_id: receipt.report_id,
        pipeline_id: receipt.pipeline_id.get(),
        stage_id: receipt.stage_id.get(),
        job_id: receipt.job_id.get(),
        attempt: receipt.attempt,
        effect: receipt.effect.as_str(),
        changed: receipt.changed.names().collect(),
        adjusted: adjustments(receipt.adjusted),
        status: receipt.status.as_str(),
        pipeline_status: receipt.pipeline_status.as_str(),
    }
}

pub fn pipeline(p: &Pipeline) -> native::pipelines::Pipeline {
    native::pipelines::Pipeline {
        id: p.id.get(),
        repository_id: p.repository_id.get(),
        sha: p.identity.sha.clone(),
        git_ref: p.identity.git_ref.clone(),
        source: p.identity.source.clone(),
        pipeline_key: Some(p.identity.key.clone()).filter(|key| !key.is_empty()),
        status: p.status.as_str().to_owned(),
        web_url: p.web_url.clone(),
        trigger_user: p.trigger_user.clone(),
        created_at: time(p.created_at),
        updated_at: time(p.updated_at),
        started_at: p.started_at.map(time),
        finished_at: p.finished_at.map(time),
        job_count: p.job_count,
        version: p.version,
        as_of: None,
    }
}

/// A page of the attempts of a pipeline.
pub fn job_list(list: &JobList) -> native::jobs::JobList<&str, TimeText> {
    native::jobs::JobList {
        jobs: jobs(&list.pipeline, &list.stages, list.jobs.iter()),
        total: u64::from(list.pipeline.job_count),
        as_of: None,
    }
}

/// Attempts of a pipeline with these stages.
pub fn jobs<'a>(
    pipeline: &'a Pipeline,
    stages: &'a [Stage],
    jobs: impl Iterator<Item = ListedJob<'a>>,
) -> Vec<native::jobs::Job<&'a str, TimeText>> {
    jobs.map(|found| job(pipeline, stage_name(stages, found.stage_id), found)).collect()
}

pub fn found_job(found: &FoundJob) -> native::jobs::FoundJob<&str, TimeText> {
    native::jobs::FoundJob {
        job: job(&found.pipeline, &found.stage, (&found.job).into()),
        heard_at: TimeText::utc(found.last_report_at),
        reporter: found.reporter.as_ref().map(|reporter| reporter.name.as_str()),
    }
}

fn job<'a>(p: &'a Pipeline, stage: &'a str, job: ListedJob<'a>) -> native::jobs::Job<&'a str, TimeText> {
    native::jobs::Job {
        id: job.id.get(),
        pipeline_id: p.id.get(),
        stage_id: job.stage_id.get(),
        stage,
        name: job.name,
        attempt: job.attempt_number,
        newest: job.newest,
        status: job.status.as_str(),
        sha: &p.identity.sha,
        git_ref: &p.identity.git_ref,
        third_build_id: job.third_build_id,
        target_url: job.target_url,
        description: job.description,
        coverage: job.coverage,
        allow_failure: job.allow_failure,
        created_at: TimeText::utc(job.created_at),
        updated_at: TimeText::utc(job.updated_at),
        started_at: job.started_at.map(TimeText::utc),
        finished_at: job.finished_at.map(TimeText::utc),
    }
}

fn credential(entry: &HistoryEntry) -> Option<native::history::Credential> {
    entry.credential.as_ref().map(|credential| native::history::Credential {
        kind: credential.kind().to_owned(),
        id: credential.id(),
        name: entry.credential_name.clone(),
    })
}

/// A report in the history of an attempt.
pub fn entry(entry: &HistoryEntry, language: Language) -> native::history::Entry {
    let state = &entry.state;
    native::history::Entry {
        report_id: entry.report_id,
        reporter: entry.reporter.clone(),
        credential: credential(entry),
        dialect: entry.dialect.clone(),
        authority: state.authority.as_str().to_owned(),
        received_at: time(entry.received_at),
        occurred_at: state.occurred_at.map(time),
        status: state.status.as_str().to_owned(),
        third_build_id: state.third_build_id.clone(),
        target_url: state.target_url.clone(),
        description: state.description.clone(),
        coverage: state.coverage,
        allow_failure: state.allow_failure,
        started_at: state.started_at.map(time),
        finished_at: state.finished_at.map(time),
        details: state.details.as_deref().map(details::reported),
        effect: entry.effect.as_str().to_owned(),
        changed: entry.changed.names().map(str::to_owned).collect(),
        adjusted: adjustments(state.adjusted),
        status_after: entry.status_after.map(|status| status.as_str().to_owned()),
        reason: entry.closing_reason.clone(),
        why: crate::explanation::explain(entry, language),
    }
}

pub fn member(member: &Member) -> native::repositories::Member {
    native::repositories::Member { user: member.user_name.clone(), role: member.role.as_str().to_owned() }
}

pub fn merge_request(m: &MergeRequest) -> native::merge_requests::MergeRequest {
    let (source_branch, target_branch) = m.branches.clone().unzip();
    native::merge_requests::MergeRequest {
        iid: m.iid.get(),
        source_branch,
        target_branch,
        head_sha: m.head_sha.clone(),
        updated_at: time(m.updated_at),
        head_pipeline: m.head_pipeline().map(|p| native::merge_requests::HeadPipeline {
            id: p.id.get(),
            status: p.status.as_str().to_owned(),
        }),
    }
}

pub fn policies(policies: &Policies) -> native::policies::Policies {
    let seconds = |time: SignedDuration| time.as_secs();
    let stages = policies.stage_timeouts.iter();
    native::policies::Policies {
        silence_limit: policies.inactivity_timeout.map(seconds),
        stage_limits: stages.map(|(stage, limit)| (stage.clone(), limit.map(seconds))).collect(),
        keep_for: policies.keep_for.map(seconds),
        keep_per_ref: policies.keep_per_ref.map(i64::from),
    }
}

/// Policies as a request describes them. The domain checks their values.
pub fn read_policies(policies: native::policies::Policies) -> Policies {
    let seconds = |time: Option<i64>| time.map(SignedDuration::from_secs);
    let stages = policies.stage_limits.into_iter();
    Policies {
        inactivity_timeout: seconds(policies.silence_limit),
        stage_timeouts: stages.map(|(stage, limit)| (stage, seconds(limit))).collect(),
        keep_for: seconds(policies.keep_for),
        // A value outside 32 bits stays out of range.
        keep_per_ref: policies.keep_per_ref.map(|n| u32::try_from(n.max(0)).unwrap_or(u32::MAX)),
    }
}

pub fn expired(pipeline: &ExpiredPipeline) -> native::retention::Expired {
    native::retention::Expired {
        id: pipeline.id.get(),
        sha: pipeline.sha.clone(),
        git_ref: pipeline.git_ref.clone(),
        status: pipeline.status.as_str().to_owned(),
        updated_at: time(pipeline.updated_at),
        job_count: pipeline.job_count,
    }
}

pub fn pruned(pruned: Pruned) -> native::retention::Pruned {
    let Pruned { pipelines, jobs, reports, more } = pruned;
    native::retention::Pruned { pipelines, jobs, reports, more }
}

/// The position at which a list of expired pipelines continues, as callers pass it.
pub fn cursor(last: &ExpiredPipeline) -> String {
    format!("{}.{}.{}", last.updated_at.as_millisecond(), last.id, last.git_ref)
}

/// Reads a cursor.
pub fn read_cursor(text: &str) -> Result<ExpiredCursor, Invalid> {
    let read = || {
        let (updated_at, rest) = text.split_once('.')?;
        let (id, git_ref) = rest.split_once('.')?;
        Some(ExpiredCursor {
            updated_at: Timestamp::from_millisecond(updated_at.parse().ok()?).ok()?,
            git_ref: git_ref.to_owned(),
            id: PipelineId::parse(id).ok()?,
        })
    };
    read().ok_or_else(|| Invalid::new("after", Problem::Unknown))
}

pub fn repository(r: &Repository, role: Option<Role>) -> native::repositories::Repository {
    native::repositories::Repository {
        id: r.id.get(),
        uuid: r.uuid.to_string(),
        project_id: r.project.id.to_string(),
        project_name: r.project.name.clone(),
        path: r.path.clone(),
        description: r.description.clone(),
        default_branch: r.default_branch.clone(),
        visibility: r.visibility.as_str().to_owned(),
        archived: r.archived,
        has_pipeline: r.has_pipeline,
        web_url: r.web_url.clone(),
        http_url: r.http_url.clone(),
        ssh_url: r.ssh_url.clone(),
        created_at: time(r.created_at),
        updated_at: time(r.updated_at),
        role: role.map(|role| role.as_str().to_owned()),
    }
}

pub fn user(user: &User) -> native::accounts::User {
    native::accounts::User {
        id: user.id.get(),
        name: user.name.clone(),
        admin: user.admin,
        disabled: user.disabled,
        created_at: time(user.created_at),
    }
}

pub fn identity(identity: &Identity) -> native::accounts::Identity {
    let role = |(pattern, role): &(PathPattern, Role)| native::accounts::GroupRole {
        path: pattern.as_str().to_owned(),
        role: role.as_str().to_owned(),
    };
    native::accounts::Identity {
        id: identity.id,
        issuer: identity.issuer.clone(),
        subject: identity.subject.clone(),
        display: identity.display.clone(),
        created_at: time(identity.created_at),
        signed_in_at: identity.signed_in_at.map(time),
        admin: identity.rights.admin,
        roles: identity.rights.roles.iter().map(role).collect(),
    }
}

/// An access key, with its secret only in the response that creates it.
pub fn key(key: &Key, user: &str, secret: Option<&str>) -> native::accounts::Key {
    native::accounts::Key {
        access: key.access.clone(),
        secret: secret.map(str::to_owned),
        user: user.to_owned(),
        description: key.description.clone(),
        disabled: key.disabled,
        created_at: time(key.created_at),
    }
}

/// A token, with its secret only in the response that creates it.
pub fn token(token: &Token, user: &str, secret: Option<&str>) -> native::accounts::Token {
    native::accounts::Token {
        id: token.id,
        token: secret.map(str::to_owned),
        user: user.to_owned(),
        name: token.name.clone(),
        scope: token.scope.as_str().to_owned(),
        repositories: token.repositories.as_ref().map(|only| only.iter().map(|id| id.get()).collect()),
        created_at: time(token.created_at),
        expires_at: token.expires_at.map(time),
    }
}
