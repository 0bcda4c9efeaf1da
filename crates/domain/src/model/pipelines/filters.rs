//! Filter and order of lists of pipelines.

use crate::model::page::TimeRange;
use crate::model::refs;
use crate::model::status::Status;

/// The filter of a list of pipelines. A field that is `None` or empty does not filter.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PipelineFilter {
    /// Only pipelines with one of these statuses.
    pub statuses: Vec<Status>,
    /// Only pipelines of this ref.
    pub git_ref: Option<String>,
    /// Only pipelines of this commit, or of commits with this prefix; lower case.
    pub sha: Option<String>,
    /// Only pipelines of this source.
    pub source: Option<String>,
    /// Only pipelines with this key.
    pub key: Option<String>,
    /// Only pipelines started by this user: the user that a report gives, else the user of the first report.
    pub trigger_user: Option<String>,
    /// Only pipelines created in this range.
    pub created: TimeRange,
    /// Only pipelines last changed in this range.
    pub updated: TimeRange,
    /// Only pipelines with this text in the ref or key, ignoring case, or with this prefix of the commit id.
    pub text: Option<String>,
    /// Only the newest pipeline of each ref of this kind.
    pub newest_of_ref_kind: Option<RefKind>,
    /// Only pipelines that have a job with one of these stages and names, at most
    /// [`CommitJobFilter::NAMED_MAX`](crate::model::jobs::filters::CommitJobFilter::NAMED_MAX).
    pub jobs: Vec<(String, String)>,
}

impl PipelineFilter {
    /// The filter with refs as they are stored.
    pub fn normalized(self) -> Self {
        Self { git_ref: refs::filter(self.git_ref), text: refs::filter(self.text), ..self }
    }
}

/// The kind of a ref, according to its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RefKind {
    /// A ref that is not a tag.
    Branch,
    /// A ref with the prefix [`RefKind::TAGS`].
    Tag,
}

impl RefKind {
    /// The prefix of the ref of a tag.
    pub const TAGS: &'static str = refs::TAGS;

    /// The name of a branch or tag without the prefix of its kind.
    pub fn short_name(git_ref: &str) -> &str {
        git_ref.strip_prefix(Self::TAGS).unwrap_or(git_ref)
    }

    /// The kind of a ref.
    pub fn from_ref(git_ref: &str) -> Self {
        if git_ref.starts_with(Self::TAGS) { Self::Tag } else { Self::Branch }
    }
}

/// The order of a list of pipelines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PipelineOrder {
    /// By id.
    Id,
    /// By the name of the status.
    Status,
    /// By ref.
    Ref,
    /// By the time of the last change.
    UpdatedAt,
}

/// The filter of a list of refs that have pipelines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefFilter {
    /// Only tags; or only branches, which are the refs without the prefix [`RefFilter::FULL`]; `None`: both.
    pub kind: Option<RefKind>,
    /// Only refs with a pipeline of this commit, by its full id, lower case.
    pub sha: Option<String>,
    /// Only refs with such a name. The name of a tag is without [`RefKind::TAGS`].
    pub name: Option<NameSearch>,
    /// The order.
    pub order: RefOrder,
    /// True for descending order.
    pub descending: bool,
}

impl RefFilter {
    /// The prefix of the full name of a ref. A branch has it not, because it is stored by its short name.
    pub const FULL: &'static str = "refs/";

    /// All branches and tags, by name.
    pub const ALL: Self =
        Self { kind: None, sha: None, name: None, order: RefOrder::Name, descending: false };
}

/// A text in a name, ignoring the case of ASCII letters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NameSearch {
    /// The text.
    pub text: String,
    /// Only at the start of the name.
    pub at_start: bool,
    /// Only at the end of the name.
    pub at_end: bool,
}

/// The order of a list of refs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RefOrder {
    /// By name.
    Name,
    /// By the id of the newest pipeline.
    NewestPipeline,
}
