//! Approver settings, which are the rules of merge gates.

use wire::codearts::approver_settings::ApproverSetting;

/// The setting of a target branch. `number`: its position among them, from 1.
pub fn approver_setting(number: usize, target: &str) -> ApproverSetting {
    ApproverSetting {
        id: number.to_string(),
        target: target.to_owned(),
        target_type: "branch".to_owned(),
        is_use_approval: None,
        approval_required_reviewers: None,
        approval_required_approvers: None,
        reset_approvals_on_push: None,
        reset_reviewers_on_push: None,
        approvers_from_project: None,
        append_reviewer_ids: Vec::new(),
        append_reviewers: Vec::new(),
        append_approver_ids: Vec::new(),
        append_approvers: Vec::new(),
        only_merge_when_pipeline_pass: true,
        assignee_ids: Vec::new(),
        assignees: Vec::new(),
        approver_ids: Vec::new(),
        approvers: Vec::new(),
        reviewer_ids: Vec::new(),
        reviewers: Vec::new(),
    }
}
