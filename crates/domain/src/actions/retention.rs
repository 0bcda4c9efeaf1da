//! Taking away what a repository's policies do not keep.

use super::access::{Granted, Manages};
use crate::error::Result;
use crate::model::ids::RepositoryId;
use crate::model::retention::{ExpiredCursor, ExpiredPipeline};
use crate::ports::{App, Retention};

/// Pipelines listed in one call at most.
pub const PREVIEW_MAX: u32 = 1_000;
/// Pipelines taken away in one call at most: each is several commits, and somebody waits for the answer.
const TAKEN_AT_ONCE: u32 = 100;

/// What was taken away.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Pruned {
    /// Pipelines.
    pub pipelines: u64,
    /// Attempts.
    pub jobs: u64,
    /// Reports.
    pub reports: u64,
    /// There may be more to take away: ask again.
    pub more: bool,
}

/// What would go now, at most [`AT_ONCE`] pipelines, from where the list before ended.
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
    match policies.expiry(app.clock.now()) {
        Some(expiry) => app.store.expired_pipelines(repository, expiry, after, PREVIEW_MAX).await,
        None => Ok(Vec::new()),
    }
}

/// Takes away now what may go, at most 100 pipelines; [`Pruned::more`] tells whether to ask again.
///
/// # Errors
/// [`crate::Error::Unavailable`]; what was taken away before it stays away.
pub async fn prune(app: &App, by: &Granted<Manages>) -> Result<Pruned> {
    let mut pruned = Pruned::default();
    prune_repository(app, by.repository().id, &mut pruned).await?;
    Ok(pruned)
}

/// The round over all repositories with a policy, or with rows that a round which broke off left, that a server makes by itself. Says what
/// went, and what broke off; the trouble of one repository does not keep it from the others.
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
    let mut ended = Ok(());
    match repositories.await {
        Err(error) => ended = Err(error),
        Ok(repositories) => {
            for repository in repositories {
                let mut pruned = Pruned::default();
                let all = prune_to_the_end(app, repository, &mut pruned).await;
                ended = ended.and(all);
                if pruned.pipelines + pruned.jobs + pruned.reports > 0 {
                    done.push((repository, pruned));
                }
            }
        }
    }
    (done, ended)
}

async fn prune_to_the_end(app: &App, repository: RepositoryId, pruned: &mut Pruned) -> Result<()> {
    loop {
        prune_repository(app, repository, pruned).await?;
        if !pruned.more {
            return Ok(());
        }
    }
}

/// One batch, by the policies as they are now: who switches them off is heard at once.
async fn prune_repository(app: &App, repository: RepositoryId, pruned: &mut Pruned) -> Result<()> {
    pruned.more = false;
    // What a run that broke off left behind.
    sweep(&*app.store, repository, pruned).await?;
    let policies = app.store.policies(repository).await?;
    let Some(expiry) = policies.expiry(app.clock.now()) else { return Ok(()) };
    let expired = app.store.expired_pipelines(repository, expiry, None, TAKEN_AT_ONCE).await?;
    pruned.more = expired.len() == TAKEN_AT_ONCE as usize;
    for pipeline in expired {
        if app.store.delete_expired_pipeline(repository, pipeline.id, expiry, app.clock.now()).await? {
            pruned.pipelines += 1;
            sweep(&*app.store, repository, pruned).await?;
        }
    }
    Ok(())
}

async fn sweep(store: &dyn crate::ports::Store, repository: RepositoryId, pruned: &mut Pruned) -> Result<()> {
    loop {
        let swept = Retention::delete_pipeline_rows(store, repository).await?;
        pruned.jobs += swept.jobs;
        pruned.reports += swept.reports;
        if !swept.more {
            return Ok(());
        }
    }
}
