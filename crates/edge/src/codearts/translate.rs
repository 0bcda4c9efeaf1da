//! Converts the domain's types to those of the CodeArts API.

mod approver_settings;
mod merge_requests;
mod refs;

pub use approver_settings::approver_setting;
pub use merge_requests::{MergeRequestListed, Presenter};
pub use refs::{branch, show_branch, show_tag, tag};

use crate::http::time_text::TimeText;
use domain::Timestamp;
use domain::model::jobs::ListedJob;
use domain::model::members::Member;
use domain::model::merge_requests::MergeRequestDetails;
use domain::model::page::Page;
use domain::model::pipelines::{Pipeline, PipelineState, Stage, in_display_order, stage_name};
use domain::model::repositories::Repository;
use domain::model::roles::Role;
use domain::ports::JobList;
use jiff::tz::Offset;
use std::borrow::Cow;
use wire::codearts::jobs::{BaseJob, JobWithStage, LatestJobs, LatestStage};
use wire::codearts::members::RepositoryMember;
use wire::codearts::merge_requests::{ActualHeadPipeline, MERGE_REQUEST, PipelineDetail, PipelineStage};
use wire::codearts::repositories::RepositoryFacts;

/// A time of a body that is written seldom.
pub fn time(at: Timestamp, offset: Offset) -> String {
    TimeText::with_offset(at, offset).to_string()
}

/// The attempts of a page.
pub fn jobs(list: &JobList, offset: Offset) -> Vec<JobWithStage<'_, TimeText>> {
    let job = |job| {
        let BaseJob {
            id,
            sha,
            git_ref,
            status,
            name,
            target_url,
            created_at,
            started_at,
            finished_at,
            updated_at,
            third_build_id,
        } = base(&list.pipeline, job, offset);
        JobWithStage {
            id,
            sha,
            git_ref,
            status,
            name,
            target_url,
            created_at,
            started_at,
            finished_at,
            updated_at,
            third_build_id,
            stage_id: job.stage_id.get(),
            stage: Cow::Borrowed(stage_name(&list.stages, job.stage_id)),
        }
    };
    list.jobs.iter().map(job).collect()
}

/// The newest attempt of each job, by stage in `sort_id` order.
pub fn latest(state: &PipelineState, offset: Offset) -> LatestJobs<'_, TimeText> {
    let stages = state.ordered_stages().into_iter().map(|stage| {
        let jobs = state.jobs.iter().filter(|job| job.newest && job.stage_id == stage.id);
        LatestStage {
            id: stage.id.get(),
            name: Cow::Borrowed(&stage.name),
            sort_id: stage.sort_id,
            status: Cow::Borrowed(stage.status.as_str()),
            jobs: jobs.map(|job| base(&state.pipeline, job.into(), offset)).collect(),
        }
    });
    LatestJobs {
        id: state.pipeline.id.get(),
        status: Cow::Borrowed(state.pipeline.status.as_str()),
        stages: stages.collect(),
    }
}

fn base<'a>(pipeline: &'a Pipeline, job: ListedJob<'a>, offset: Offset) -> BaseJob<'a, TimeText> {
    let time = |at| TimeText::with_offset(at, offset);
    BaseJob {
        id: job.id.get(),
        sha: Cow::Borrowed(&pipeline.identity.sha),
        git_ref: Cow::Borrowed(&pipeline.identity.git_ref),
        status: Cow::Borrowed(job.status.as_str()),
        name: Cow::Borrowed(job.name),
        target_url: job.target_url.map(Cow::Borrowed),
        created_at: Some(time(job.created_at)),
        started_at: job.started_at.map(time),
        finished_at: job.finished_at.map(time),
        updated_at: Some(time(job.updated_at)),
        third_build_id: job.third_build_id.map(Cow::Borrowed),
    }
}

/// The pipeline of a merge request: that of its head, or one that is no longer valid.
pub fn actual_head(found: &MergeRequestDetails, offset: Offset) -> ActualHeadPipeline {
    let is_valid = found.merge_request.head_pipeline().is_some();
    let detail = |p: &Pipeline| PipelineDetail {
        id: p.id.get(),
        web_url: p.web_url.clone(),
        sha: p.identity.sha.clone(),
        git_ref: p.identity.git_ref.clone(),
        status: p.status.as_str().to_owned(),
        created_at: Some(time(p.created_at, offset)),
        updated_at: Some(time(p.updated_at, offset)),
        started_at: p.started_at.map(|at| time(at, offset)),
        finished_at: p.finished_at.map(|at| time(at, offset)),
        repository_id: p.repository_id.get(),
        is_invalid: !is_valid,
        kind: MERGE_REQUEST.to_owned(),
        stages: in_display_order(&found.stages).into_iter().map(|stage| pipeline_stage(p, stage)).collect(),
        is_latest: found.is_latest,
        trigger_user: p.trigger_user.clone(),
        // A pipeline's status is final only when the newest attempt of every job is finished.
        all_job_finished: p.status.is_finished(),
    };
    ActualHeadPipeline { data: found.merge_request.pipeline.as_ref().map(detail), is_valid }
}

fn pipeline_stage(p: &Pipeline, stage: &Stage) -> PipelineStage {
    PipelineStage {
        id: stage.id.get(),
        repository_id: p.repository_id.get(),
        pipeline_id: p.id.get(),
        name: stage.name.clone(),
        sort_id: stage.sort_id,
        status: stage.status.as_str().to_owned(),
    }
}

/// Makes a body from the facts about a repository and the caller's access to it.
pub fn with_facts<T>(
    r: &Repository,
    role: Option<Role>,
    caller: &domain::model::users::User,
    settings: &crate::state::Settings,
    make: impl FnOnce(&RepositoryFacts<'_>) -> T,
) -> T {
    let (created_at, updated_at) = (time(r.created_at, settings.offset), time(r.updated_at, settings.offset));
    make(&RepositoryFacts {
        id: r.id.get(),
        uuid: r.uuid.as_str(),
        project_id: r.project.id.as_str(),
        project_name: &r.project.name,
        path_with_namespace: &r.path,
        description: r.description.as_deref(),
        default_branch: &r.default_branch,
        visibility: r.visibility.as_str(),
        visibility_level: r.visibility.level(),
        archived: r.archived,
        web_url: r.web_url.as_deref(),
        http_url: r.http_url.as_deref(),
        ssh_url: r.ssh_url.as_deref(),
        creator_id: r.creator_id.get(),
        creator_name: &r.creator_name,
        domain_name: &settings.account,
        created_at: &created_at,
        updated_at: &updated_at,
        access_level: role.map(level),
        is_owner: r.creator_id == caller.id,
    })
}

/// A member of a repository. `account` is the name of the account that all users belong to.
pub fn member(repository: &Repository, account: &str, member: &Member) -> RepositoryMember {
    RepositoryMember {
        user_id: member.user_id.get(),
        user_iam_id: member.user_uuid.to_string(),
        user_name: member.user_name.clone(),
        user_nick_name: None,
        tenant_name: account.to_owned(),
        tenant_id: None,
        is_repo_creator: i32::from(member.user_id == repository.creator_id),
        is_group_creator: None,
        is_project_admin: None,
        project_role_name: None,
        repository_role_name: member.role.as_str().to_owned(),
        repository_role_id: level(member.role).to_string(),
        member_source: None,
        member_group_source: None,
        member_source_id: None,
        service_license_status: None,
        action_enabled: None,
    }
}

/// The items of a page of a list that is in memory.
pub fn on_page<T>(all: &[T], page: Page) -> impl Iterator<Item = &T> {
    all.iter().skip(page.offset as usize).take(page.limit as usize)
}

/// The corresponding access level of CodeArts: 20 read-only, 30 member, 40 administrator (wire fact 3.1).
fn level(role: Role) -> i32 {
    match role {
        Role::Read => 20,
        Role::Report => 30,
        Role::Manage => 40,
    }
}

#[cfg(test)]
mod tests;
