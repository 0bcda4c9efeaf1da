//! Filter and order of lists of merge requests.

use crate::model::ids::RepositoryId;
use crate::model::page::TimeRange;
use crate::model::refs;

/// The filter and order of a list of merge requests. A field that is `None` does not filter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MergeRequestFilter {
    /// Only merge requests of this repository.
    pub repository: Option<RepositoryId>,
    /// Only merge requests whose last update gives this source branch.
    pub source_branch: Option<String>,
    /// Only merge requests whose last update gives this target branch.
    pub target_branch: Option<String>,
    /// Only merge requests with this text in the source or target branch, ignoring the case of ASCII letters.
    pub text: Option<String>,
    /// Only merge requests that became known in this range.
    pub created: TimeRange,
    /// Only merge requests last changed in this range.
    pub updated: TimeRange,
    /// The order; equal ones are ordered by repository and iid.
    pub order: MergeRequestOrder,
    /// True for descending order.
    pub descending: bool,
}

impl MergeRequestFilter {
    /// The filter with branches as they are stored.
    pub fn normalized(self) -> Self {
        Self {
            source_branch: refs::filter(self.source_branch),
            target_branch: refs::filter(self.target_branch),
            text: refs::filter(self.text),
            ..self
        }
    }
}

impl Default for MergeRequestFilter {
    fn default() -> Self {
        Self {
            repository: None,
            source_branch: None,
            target_branch: None,
            text: None,
            created: TimeRange::default(),
            updated: TimeRange::default(),
            order: MergeRequestOrder::CreatedAt,
            descending: true,
        }
    }
}

/// The order of a list of merge requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MergeRequestOrder {
    /// By creation. Code hosts number the merge requests of a repository in this order, so in one repository it is by
    /// iid; between repositories it is by the time when a merge request became known.
    CreatedAt,
    /// By the time of the last change.
    UpdatedAt,
}
