//! Deleting the pipelines that the policies of a repository do not keep.

use super::access::{Granted, Manages};
use crate::error::Result;
use crate::model::audit::Origin;
use crate::model::ids::RepositoryId;
use crate::model::retention::{ExpiredCursor, ExpiredPipeline};
use crate::ports::{App, Retention, with_origin};
use std::sync::Arc;

/// Most pipelines in one preview.
pub const PREVIEW_MAX: u32 = 1_000;
/// Most pipelines that one call deletes: each takes several commits, and a client waits for the response.
const PRUNE_MAX: u32 = 100;

/// The number of deleted rows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Pruned {
    /// Pipelines.
    pub pipelines: u64,
    /// Attempts.
    pub jobs: u64,
    /// Reports.
    pub reports: u64,
    /// There may be more expired pipelines: call again.
    pub more: bool,
}

/// At most [`PREVIEW_MAX`] pipelines that are expired at the trusted time, after the cursor `after`.
///
/// # Errors
/// [`crate::Error::Unavailable`].
pub async fn preview(
    app: &App,
    by: &Granted<Manages>,
    after: Option<ExpiredCursor>,
) -> Result<Vec<ExpiredPipeline>> {
    let repository = by.repository().id;
    let policies = app.store.policies(repository).await?;
    match policies.expiry(&app.trusted_time()) {
        Some(expiry) => app.store.expired_pipelines(repository, expiry, after, PREVIEW_MAX).await,
        None => Ok(Vec::new()),
    }
}

/// Deletes at most 100 expired pipelines, and the announcements and overrides of merge gates of at most 100 commits
/// that never had a pipeline. [`Pruned::more`] shows whether to call again.
///
/// # Errors
/// [`crate::Error::Unavailable`]; pipelines deleted before the error stay deleted.
pub async fn prune(app: &App, by: &Granted<Manages>) -> Result<Pruned> {
    let mut pruned = Pruned::default();
    prune_repository(app, by.repository().id, &mut pruned).await?;
    Ok(pruned)
}

/// Deletes the expired pipelines of all repositories with policies, and the remaining rows of an interrupted
/// run. The server calls it periodically. Returns the counts and the first error; an error in one repository
/// does not stop the others.
pub async fn prune_all(app: &App) -> (Vec<(RepositoryId, Pruned)>, Result<()>) {
    let repositories = async {
        let with_policies = app.store.all_policies().await?.into_iter().map(|(repository, _)| repository);
        let mut all: Vec<RepositoryId> =
            app.store.repositories_with_deleted_pipelines().await?.into_iter().chain(with_policies).collect();
        all.sort_unstable();
        all.dedup();
        Ok::<_, crate::Error>(all)
    };
    let mut done = Vec::new();
    let mut result = Ok(());
    match repositories.await {
        Err(error) => result = Err(error),
        Ok(repositories) => {
            for repository in repositories {
                let mut pruned = Pruned::default();
                let origin = Some(Arc::new(Origin::server(app.clock.now())));
                let complete = with_origin(origin, prune_completely(app, repository, &mut pruned)).await;
                result = result.and(complete);
                if pruned.pipelines + pruned.jobs + pruned.reports > 0 {
                    done.push((repository, pruned));
                }
            }
        }
    }
    (done, result)
}

async fn prune_completely(app: &App, repository: RepositoryId, pruned: &mut Pruned) -> Result<()> {
    loop {
        prune_repository(app, repository, pruned).await?;
        if !pruned.more {
            return Ok(());
        }
    }
}

/// Deletes one batch by the current policies, so that a change of the policies takes effect immediately.
async fn prune_repository(app: &App, repository: RepositoryId, pruned: &mut Pruned) -> Result<()> {
    pruned.more = false;
    // Rows that an interrupted run left.
    delete_rows(&*app.store, repository, pruned).await?;
    let policies = app.store.policies(repository).await?;
    let Some(expiry) = policies.expiry(&app.trusted_time()) else { return Ok(()) };
    let expired = app.store.expired_pipelines(repository, expiry, None, PRUNE_MAX).await?;
    pruned.more = expired.len() == PRUNE_MAX as usize;
    if let Some(since) = expiry.unchanged_since {
        let deleted = app.store.delete_expired_gate_facts(repository, since, expiry.at, PRUNE_MAX).await?;
        pruned.more |= deleted == PRUNE_MAX as usize;
    }
    for pipeline in expired {
        if app.store.delete_expired_pipeline(repository, pipeline.id, expiry, app.clock.now()).await? {
            pruned.pipelines += 1;
            delete_rows(&*app.store, repository, pruned).await?;
        }
    }
    Ok(())
}

async fn delete_rows(
    store: &dyn crate::ports::Store,
    repository: RepositoryId,
    pruned: &mut Pruned,
) -> Result<()> {
    loop {
        let deleted = Retention::delete_pipeline_rows(store, repository).await?;
        pruned.jobs += deleted.jobs;
        pruned.reports += deleted.reports;
        if !deleted.more {
            return Ok(());
        }
    }
}
