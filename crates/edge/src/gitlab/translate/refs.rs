//! Branches and tags, with the commits of their newest pipelines.

use super::{Presenter, commit_brief};
use crate::http::time_text::TimeText;
use domain::model::pipelines::Pipeline;
use domain::model::pipelines::filters::RefKind;
use std::borrow::Cow;
use wire::gitlab::commits::CommitBrief;
use wire::gitlab::refs::{Branch, Tag};

impl Presenter<'_> {
    /// The branch with this newest pipeline.
    pub fn branch<'p>(&self, newest: &'p Pipeline) -> Branch<Cow<'p, str>, TimeText> {
        let name = newest.identity.git_ref.as_str();
        Branch {
            name: name.into(),
            commit: self.commit_of(newest),
            merged: false,
            protected: false,
            developers_can_push: false,
            developers_can_merge: false,
            can_push: false,
            default: name == self.repository.default_branch,
            web_url: self.url(&format!("/-/tree/{name}")).into(),
        }
    }

    /// The tag with this newest pipeline.
    pub fn tag<'p>(&self, newest: &'p Pipeline) -> Tag<Cow<'p, str>, TimeText> {
        let git_ref = newest.identity.git_ref.as_str();
        Tag {
            name: RefKind::short_name(git_ref).into(),
            message: "".into(),
            target: newest.identity.sha.as_str().into(),
            commit: self.commit_of(newest),
            release: None,
            protected: false,
            created_at: None,
        }
    }

    fn commit_of<'p>(&self, pipeline: &'p Pipeline) -> CommitBrief<Cow<'p, str>, TimeText> {
        let sha = pipeline.identity.sha.as_str();
        commit_brief(sha, pipeline.created_at, self.commit_url(sha).into())
    }
}
