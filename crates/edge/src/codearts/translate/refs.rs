//! Branches and tags, with the commits of their newest pipelines.

use domain::model::pipelines::Pipeline;
use domain::model::pipelines::filters::RefKind;
use domain::model::repositories::Repository;
use wire::codearts::commits::Commit;
use wire::codearts::refs::{BranchSimple, ShowBranch, ShowTag, TagSimple};

/// The branch with this newest pipeline. A caller of this server may do nothing in git.
pub fn branch(repository: &Repository, newest: &Pipeline) -> BranchSimple {
    let name = &newest.identity.git_ref;
    BranchSimple {
        name: name.clone(),
        default: *name == repository.default_branch,
        can_delete: false,
        can_read: true,
        can_download: false,
        can_push: false,
    }
}

/// The branch with this newest pipeline and its commit.
pub fn show_branch(repository: &Repository, newest: &Pipeline, commit: Commit) -> ShowBranch {
    let BranchSimple { name, default, can_push, .. } = branch(repository, newest);
    ShowBranch {
        name,
        commit,
        merged: None,
        protected: None,
        developers_can_push: None,
        developers_can_merge: None,
        can_push,
        default,
    }
}

/// The tag with this newest pipeline.
pub fn tag(newest: &Pipeline) -> TagSimple {
    TagSimple {
        name: RefKind::short_name(&newest.identity.git_ref).to_owned(),
        message: None,
        target: newest.identity.sha.clone(),
        gpg_key: None,
        can_delete: false,
        can_read: true,
        can_download: false,
    }
}

/// The tag with this newest pipeline and its commit.
pub fn show_tag(newest: &Pipeline, commit: Commit) -> ShowTag {
    let TagSimple { name, message, target, .. } = tag(newest);
    ShowTag { name, message, target, commit }
}
