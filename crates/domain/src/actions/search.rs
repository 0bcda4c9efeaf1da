//! Search over the repositories of a caller. Only repositories that the caller may read are searched, so neither
//! results nor times depend on others.

use super::access::{self, SignedIn};
use crate::error::Result;
use crate::model::access::Caller;
use crate::model::ids::RepositoryId;
use crate::model::page::Page;
use crate::model::repositories::{Repository, RepositoryFilter, RepositoryKey, RepositoryOrder};
use crate::model::search::{FoundRows, REPOSITORIES_MAX, SearchLimits, SearchResult, SearchTerms};
use crate::ports::App;
use std::sync::Arc;

/// What a store reads and returns at most.
const LIMITS: SearchLimits = SearchLimits::SERVER;
/// Most repositories with the text in the path or description of which the best matches are taken: those that changed
/// or received a report last.
const MATCHING_MAX: u32 = 100;

/// Searches in the repositories that the caller may read, at most [`REPOSITORIES_MAX`], and first in `page`, the
/// repository of the page where the search began. The number of a pipeline belongs to `page`, if that has such a
/// pipeline. A `page` that the caller may not read is ignored. Terms with the path of a repository search in no other
/// one.
///
/// # Errors
/// [`Error::Unavailable`](crate::Error::Unavailable).
pub async fn search(
    app: &App,
    by: &SignedIn,
    terms: &SearchTerms,
    page: Option<RepositoryId>,
) -> Result<SearchResult> {
    let caller = by.caller();
    // A number after the path of a repository belongs to that one.
    let mut sought = terms.clone();
    sought.pipeline = terms.pipeline.filter(|_| terms.repository.is_none());
    if let Some(path) = &terms.within {
        let Some(only) = of_path(app, caller, path).await? else { return Ok(SearchResult::default()) };
        let rows = app.store.search(&[only.id], sought, LIMITS).await?;
        return Ok(SearchResult::of(terms, &[only], Vec::new(), rows));
    }
    if let Some(path) = &terms.repository
        && let Some(named) = readable(app, caller, RepositoryKey::Path(path.clone())).await?
        && let Some(number) = terms.pipeline
    {
        let pipelines = app.store.pipeline(named.id, number).await?.into_iter().collect();
        let rows = FoundRows { pipelines, ..FoundRows::default() };
        return Ok(SearchResult::of(terms, &[named], Vec::new(), rows));
    }
    let page = match page {
        Some(id) => readable(app, caller, RepositoryKey::Id(id)).await?,
        None => None,
    };
    let (others, total) = latest(app, caller, None, REPOSITORIES_MAX).await?;
    let others: Vec<_> =
        others.into_iter().filter(|other| page.as_ref().is_none_or(|page| page.id != other.id)).collect();
    let mut rows = FoundRows::default();
    if let Some(page) = &page {
        rows = app.store.search(&[page.id], sought.clone(), LIMITS).await?;
        if !rows.pipelines.is_empty() {
            sought.pipeline = None;
        }
    }
    let ids: Vec<_> = others.iter().map(|repository| repository.id).collect();
    rows.append(app.store.search(&ids, sought, LIMITS).await?);
    let searched: Vec<_> = page.iter().cloned().chain(others).collect();
    let matching = matching(app, caller, terms).await?;
    let found = SearchResult::of(terms, &searched, matching, rows);
    Ok(SearchResult { truncated: total > u64::from(REPOSITORIES_MAX), page, ..found })
}

/// The repositories whose path or description has the text, one of exactly this path first.
async fn matching(app: &App, caller: &Caller, terms: &SearchTerms) -> Result<Vec<Arc<Repository>>> {
    let Some(text) = &terms.name else { return Ok(Vec::new()) };
    let named = readable(app, caller, RepositoryKey::Path(text.clone())).await?;
    let (found, _) = latest(app, caller, Some(text.clone()), MATCHING_MAX).await?;
    let is_other = |other: &Arc<Repository>| named.as_ref().is_none_or(|named| named.id != other.id);
    let found: Vec<_> = found.into_iter().filter(is_other).collect();
    Ok(named.into_iter().chain(found).collect())
}

/// The repositories that the caller may read, those that changed or received a report last first, and the number of
/// all.
async fn latest(
    app: &App,
    caller: &Caller,
    search: Option<String>,
    limit: u32,
) -> Result<(Vec<Arc<Repository>>, u64)> {
    let filter = RepositoryFilter {
        search,
        order: RepositoryOrder::UpdatedAt,
        descending: true,
        ..RepositoryFilter::default()
    };
    let found = app.store.repositories(caller, filter, Page { offset: 0, limit }).await?;
    let repositories = found.items.into_iter().map(|(repository, _)| Arc::new(repository)).collect();
    Ok((repositories, found.total))
}

async fn readable(app: &App, caller: &Caller, key: RepositoryKey) -> Result<Option<Arc<Repository>>> {
    let access = access::repository_access(app, caller, &key).await?;
    Ok(access.map(|(repository, _)| repository))
}

/// The repository with exactly this path, or else in another case ([`RepositoryKey::PathIgnoringCase`]).
async fn of_path(app: &App, caller: &Caller, path: &str) -> Result<Option<Arc<Repository>>> {
    if let Some(exact) = readable(app, caller, RepositoryKey::Path(path.to_owned())).await? {
        return Ok(Some(exact));
    }
    readable(app, caller, RepositoryKey::PathIgnoringCase(path.to_ascii_lowercase())).await
}
