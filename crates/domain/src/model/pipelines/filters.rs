//! Which pipelines a list has, and in what order.

use crate::model::page::TimeRange;
use crate::model::status::Status;

/// Which pipelines a list has; what is `None` or empty does not matter.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PipelineFilter {
    /// Only of these statuses.
    pub statuses: Vec<Status>,
    /// Only of this ref.
    pub git_ref: Option<String>,
    /// Only of this commit, or of commits that begin so; lower case.
    pub sha: Option<String>,
    /// Only of this source.
    pub source: Option<String>,
    /// Only with this word of the reporters' own.
    pub key: Option<String>,
    /// Only started by this user: the one that a reporter named, else who reported first.
    pub trigger_user: Option<String>,
    /// Only created then.
    pub created: TimeRange,
    /// Only last changed then.
    pub updated: TimeRange,
    /// Only those whose ref or key contains this, any case, or whose commit begins so.
    pub text: Option<String>,
    /// Only the newest of each ref, of refs of this kind.
    pub newest_of_ref_kind: Option<RefKind>,
}

/// What a ref is, as far as its name tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RefKind {
    /// Any that is no tag.
    Branch,
    /// One that begins so: [`RefKind::TAGS`].
    Tag,
}

impl RefKind {
    /// How a tag begins that is told from a branch.
    pub const TAGS: &'static str = "refs/tags/";

    /// The kind of a ref.
    pub fn from_ref(git_ref: &str) -> Self {
        if git_ref.starts_with(Self::TAGS) { Self::Tag } else { Self::Branch }
    }
}

/// By what pipelines are ordered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PipelineOrder {
    /// By id.
    Id,
    /// By the word of the status.
    Status,
    /// By ref.
    Ref,
    /// By when they last changed.
    UpdatedAt,
}
