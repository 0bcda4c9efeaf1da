//! Merge requests of a commit.

use super::Presenter;
use crate::http::time_text::TimeText;
use domain::model::merge_requests as model;
use std::borrow::Cow;
use wire::gitlab::merge_requests::MergeRequest;

impl Presenter<'_> {
    pub fn merge_request<'m>(
        &self,
        merge_request: &'m model::MergeRequest,
    ) -> MergeRequest<Cow<'m, str>, TimeText> {
        let branches = merge_request.branches.as_ref();
        let (source, target) =
            branches.map(|(source, target)| (source.as_str(), target.as_str())).unwrap_or_default();
        let iid = merge_request.iid.get();
        MergeRequest {
            id: iid,
            iid,
            project_id: self.repository.id.get(),
            title: "".into(),
            description: "".into(),
            state: "opened".into(),
            created_at: TimeText::utc(merge_request.created_at),
            updated_at: TimeText::utc(merge_request.updated_at),
            target_branch: target.into(),
            source_branch: source.into(),
            author: None,
            assignees: Vec::new(),
            reviewers: Vec::new(),
            labels: Vec::new(),
            upvotes: 0,
            downvotes: 0,
            draft: false,
            merge_status: "unchecked".into(),
            detailed_merge_status: "unchecked".into(),
            sha: merge_request.head_sha.as_str().into(),
            merge_commit_sha: None,
            squash_commit_sha: None,
            web_url: self.url(&format!("/-/merge_requests/{iid}")).into(),
        }
    }
}
