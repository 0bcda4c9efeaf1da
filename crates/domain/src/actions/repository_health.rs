//! Reading the health of repositories, and of one branch.

use super::access::{Granted, Reads, SignedIn};
use super::pipelines;
use crate::error::Result;
use crate::model::page::{Page, Start, Window};
use crate::model::pipelines::filters::{PipelineFilter, PipelineOrder};
use crate::model::refs;
use crate::model::repositories::{RepositoryFilter, RepositoryOrder};
use crate::model::repository_health::{BranchHealth, Health, HealthPage, RANKED_MAX, RECENT};
use crate::ports::App;

/// Which repositories a list by health has.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HealthFilter {
    /// Only repositories with this text in the path or description, ignoring case.
    pub search: Option<String>,
    /// Only repositories with one of these healths; empty: all.
    pub only: Vec<Health>,
}

/// A page of the repositories that the caller may see: failing ones first. With more than [`RANKED_MAX`] matches it is
/// in the order of their paths.
///
/// # Errors
/// [`crate::Error::Unavailable`].
pub async fn list(app: &App, by: &SignedIn, filter: HealthFilter, page: Page) -> Result<HealthPage> {
    let HealthFilter { search, only } = filter;
    let by_path = RepositoryFilter {
        search,
        order: RepositoryOrder::Name,
        descending: false,
        ..RepositoryFilter::default()
    };
    let found = app.store.repository_health(by.caller(), by_path, page, RANKED_MAX).await?;
    Ok(HealthPage::arrange(found, &only, page))
}

/// The health of a branch or tag of a repository; without `git_ref`, of the default branch.
///
/// # Errors
/// [`crate::Error::Invalid`] on `ref`, [`crate::Error::Unavailable`].
pub async fn of_ref(app: &App, by: &Granted<Reads>, git_ref: Option<&str>) -> Result<(String, BranchHealth)> {
    let git_ref = refs::check("ref", git_ref.unwrap_or(&by.repository().default_branch))?;
    let filter = PipelineFilter { git_ref: Some(git_ref.clone()), ..PipelineFilter::default() };
    let window =
        Window { order: PipelineOrder::Id, descending: true, start: Start::After(None), limit: RECENT };
    let found = pipelines::find(app, by, filter, window).await?;
    Ok((git_ref, BranchHealth { pipelines: found.items.iter().map(Into::into).collect() }))
}
