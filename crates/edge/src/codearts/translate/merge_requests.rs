//! Merge requests and commits.

use super::{time, with_facts};
use crate::routes::{Context, Requirement};
use crate::state::Settings;
use domain::Timestamp;
use domain::model::merge_requests::MergeRequest;
use domain::model::pipelines::Pipeline;
use domain::model::repositories::Repository;
use domain::model::users::User;
use wire::codearts::commits::{Commit, MergeRequestBrief, PipelineBasic, ShowCommit};
pub use wire::codearts::merge_request_lists::MergeRequestListed;
use wire::codearts::merge_request_lists::{CommitMergeRequest, RepositoryBrief};
use wire::codearts::show_merge_request::ShowMergeRequest;

/// The state of every merge request: that it was merged or closed is never known.
const OPENED: &str = "opened";
/// The `merge_status` of every merge request: whether git can merge it is never known.
const UNCHECKED: &str = "unchecked";

/// Converts merge requests and commits for a caller.
pub struct Presenter<'a> {
    settings: &'a Settings,
    caller: &'a User,
    public_url: String,
}

impl<'a> Presenter<'a> {
    pub fn new<R: Requirement>(ctx: &'a Context<R>, caller: &'a User) -> Self {
        Self { settings: &ctx.edge.settings, caller, public_url: ctx.request.public_url() }
    }

    fn time(&self, at: Timestamp) -> Option<String> {
        Some(time(at, self.settings.offset))
    }

    fn brief(&self, repository: &Repository) -> RepositoryBrief {
        with_facts(repository, None, self.caller, self.settings, RepositoryBrief::new)
    }

    /// The page of the head commit.
    fn web_url(&self, repository: &Repository, found: &MergeRequest) -> String {
        format!("{}/repositories/{}/commits/{}", self.public_url, repository.id, found.head_sha)
    }

    /// An item of a list.
    pub fn listed(&self, repository: &Repository, found: &MergeRequest) -> MergeRequestListed {
        let (source_branch, target_branch) = found.branches.clone().unzip();
        let status = found.head_pipeline().map(|pipeline| pipeline.status.as_str().to_owned());
        MergeRequestListed {
            id: found.iid.get(),
            iid: found.iid.get(),
            title: String::new(),
            source_branch,
            target_branch,
            state: OPENED.to_owned(),
            created_at: self.time(found.created_at),
            updated_at: self.time(found.updated_at),
            source_repository_id: repository.id.get(),
            review_mode: None,
            author: None,
            closed_at: None,
            closed_by: None,
            merged_at: None,
            merged_by: None,
            pipeline_status: status.clone(),
            codequality_status: None,
            pipeline_status_with_code_quality: status,
            notes: None,
            source_repository: self.brief(repository),
            target_repository: self.brief(repository),
            web_url: self.web_url(repository, found),
            added_lines: None,
            removed_lines: None,
            merge_request_type: None,
            source_git_url: repository.http_url.clone(),
            labels: Vec::new(),
            score: None,
            min_merged_score: None,
            source_product_id: repository.project.id.to_string(),
            target_product_id: repository.project.id.to_string(),
            product_name: repository.project.name.clone(),
            notes_count: None,
            moderation_result: None,
            moderation_time: None,
            moderation_status: None,
        }
    }

    /// One merge request.
    pub fn merge_request(&self, repository: &Repository, found: &MergeRequest) -> ShowMergeRequest {
        let (source_branch, target_branch) = found.branches.clone().unzip();
        ShowMergeRequest {
            id: found.iid.get(),
            iid: found.iid.get(),
            repository_id: repository.id.get(),
            title: String::new(),
            description: None,
            state: OPENED.to_owned(),
            created_at: self.time(found.created_at),
            updated_at: self.time(found.updated_at),
            is_source_branch_protected: None,
            is_source_branch_default: source_branch
                .as_ref()
                .map(|branch| *branch == repository.default_branch),
            source_branch,
            target_branch,
            devcloud_source_branch: None,
            upvotes: None,
            downvotes: None,
            author: None,
            assignee: None,
            source_repository_id: repository.id.get(),
            target_repository_id: repository.id.get(),
            source_project_id: repository.project.id.to_string(),
            target_project_id: repository.project.id.to_string(),
            labels: Vec::new(),
            work_in_progress: None,
            milestone: None,
            merge_when_build_succeeds: false,
            merge_status: UNCHECKED.to_owned(),
            sha: found.head_sha.clone(),
            merge_commit_sha: None,
            subscribed: None,
            merged_by: None,
            merged_at: None,
            closed_by: None,
            closed_at: None,
            user_notes_count: None,
            should_remove_source_branch: None,
            force_remove_source_branch: None,
            web_url: self.web_url(repository, found),
            merge_request_diff: None,
            merge_request_reviewers_count: None,
            merge_request_review_count: None,
            merge_request_reviewer_list: None,
            merge_request_assignee_list: None,
            notes: None,
            codecheck_state: None,
            codecheck_defect_count: None,
            merge_request_related_work_items: None,
            diverged_commits_count: None,
            moderation_result: None,
            moderation_time: None,
            moderation_status: None,
            is_use_temp_branch: None,
            only_assignee_can_merge: None,
            review_mode: None,
            squash: None,
            approval_merge_request_approvers: None,
            approval_merge_request_reviewers: None,
            topic: None,
            source_repository: self.brief(repository),
            target_repository: self.brief(repository),
            is_source_branch_exist: None,
            merge_request_type: None,
            squash_commit_message: None,
            auto_merge: false,
            merge_error: None,
            json_merge_error: None,
            rebase_in_progress: None,
        }
    }

    /// A merge request of a commit.
    pub fn of_commit(&self, repository: &Repository, found: &MergeRequest) -> CommitMergeRequest {
        let (source_branch, target_branch) = found.branches.clone().unzip();
        CommitMergeRequest {
            id: found.iid.get(),
            iid: found.iid.get(),
            title: String::new(),
            description: None,
            state: OPENED.to_owned(),
            created_at: self.time(found.created_at),
            updated_at: self.time(found.updated_at),
            merged_by: None,
            merged_at: None,
            closed_by: None,
            closed_at: None,
            target_branch,
            source_branch,
            user_notes_count: None,
            upvotes: None,
            downvotes: None,
            author: None,
            assignee: None,
            source_repository_id: repository.id.get(),
            target_repository_id: repository.id.get(),
            labels: Vec::new(),
            work_in_progress: None,
            milestone: None,
            merge_when_pipeline_succeeds: false,
            merge_status: UNCHECKED.to_owned(),
            sha: found.head_sha.clone(),
            merge_commit_sha: None,
            discussion_locked: None,
            force_remove_source_branch: None,
            should_remove_source_branch: None,
            allow_collaboration: None,
            allow_maintainer_to_push: None,
            web_url: self.web_url(repository, found),
            time_stats: None,
            squash: None,
            merge_request_type: None,
        }
    }

    /// The commit with this full id, whose oldest pipeline is this one.
    pub fn commit(&self, sha: &str, oldest: Option<&Pipeline>) -> Commit {
        Commit::new(sha, oldest.and_then(|oldest| self.time(oldest.created_at)))
    }

    /// A commit with its newest pipeline and a merge request.
    pub fn show_commit(
        &self,
        repository: &Repository,
        commit: Commit,
        newest: Option<&Pipeline>,
        merge_request: Option<&MergeRequest>,
    ) -> ShowCommit {
        let last_pipeline = newest.map(|pipeline| PipelineBasic {
            id: pipeline.id.get(),
            web_url: pipeline.web_url.clone(),
            sha: pipeline.identity.sha.clone(),
            git_ref: pipeline.identity.git_ref.clone(),
            status: pipeline.status.as_str().to_owned(),
        });
        ShowCommit {
            commit,
            stats: None,
            status: newest.map(|pipeline| pipeline.status.as_str().to_owned()),
            last_pipeline,
            project_id: repository.id.get(),
            merge_request: merge_request.map(|found| self.merge_request_brief(found)),
            code_changes: None,
        }
    }

    fn merge_request_brief(&self, found: &MergeRequest) -> MergeRequestBrief {
        let (source_branch, target_branch) = found.branches.clone().unzip();
        MergeRequestBrief {
            id: found.iid.get(),
            iid: found.iid.get(),
            title: String::new(),
            description: None,
            source_branch,
            target_branch,
            state: OPENED.to_owned(),
            created_at: self.time(found.created_at),
            review_mode: None,
            author: None,
            merge_request_type: None,
            moderation_result: None,
            moderation_time: None,
            moderation_status: None,
            is_use_temp_branch: None,
        }
    }
}
