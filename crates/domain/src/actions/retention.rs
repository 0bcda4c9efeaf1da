//! Taking away what a repository's policies do not keep.

use super::access::{Granted, Manages};
use crate::error::Result;
use crate::model::ids::RepositoryId;
use crate::model::policies::Policies;
use crate::model::retention::{Expired, ExpiredPlace};
use crate::ports::{App, Retention};

/// Pipelines listed in one call at most.
pub const AT_ONCE: u32 = 1_000;
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
pub async fn preview(app: &App, by: &Granted<Manages>, after: Option<ExpiredPlace>) -> Result<Vec<Expired>> {
    let repository = by.repository().id;
    let policies = app.store.policies(repository).await?;
    match policies.expiry(app.clock.now()) {
        Some(expiry) => app.store.expired(repository, expiry, after, AT_ONCE).await,
        None => Ok(Vec::new()),
    }
}

/// Takes away now what may go, at most 100 pipelines; [`Pruned::more`] tells whether to ask again.
///
/// # Errors
/// [`crate::Error::Unavailable`]; what was taken away before it stays away.
pub async fn prune(app: &App, by: &Granted<Manages>) -> Result<Pruned> {
    let repository = by.repository().id;
    let policies = app.store.policies(repository).await?;
    prune_repository(app, repository, &policies).await
}

/// The round over all repositories with a policy that a server makes by itself. Says what went, also when the round broke off.
pub async fn prune_all(app: &App) -> (Vec<(RepositoryId, Pruned)>, Result<()>) {
    let mut done = Vec::new();
    let ended = prune_each(app, &mut done).await;
    (done, ended)
}

async fn prune_each(app: &App, done: &mut Vec<(RepositoryId, Pruned)>) -> Result<()> {
    for (repository, policies) in app.store.all_policies().await? {
        let mut sum = Pruned::default();
        let ended = loop {
            match prune_repository(app, repository, &policies).await {
                Ok(pruned) => {
                    sum.pipelines += pruned.pipelines;
                    sum.jobs += pruned.jobs;
                    sum.reports += pruned.reports;
                    if !pruned.more {
                        break Ok(());
                    }
                }
                Err(error) => break Err(error),
            }
        };
        if sum != Pruned::default() {
            done.push((repository, sum));
        }
        ended?;
    }
    Ok(())
}

async fn prune_repository(app: &App, repository: RepositoryId, policies: &Policies) -> Result<Pruned> {
    let mut pruned = Pruned::default();
    if let Some(expiry) = policies.expiry(app.clock.now()) {
        let expired = app.store.expired(repository, expiry, None, TAKEN_AT_ONCE).await?;
        pruned.more = expired.len() == TAKEN_AT_ONCE as usize;
        for pipeline in expired {
            if app.store.expire(repository, pipeline.id, expiry).await? {
                pruned.pipelines += 1;
                sweep(&*app.store, repository, &mut pruned).await?;
            }
        }
    }
    // Also what a run that broke off left behind.
    sweep(&*app.store, repository, &mut pruned).await?;
    Ok(pruned)
}

async fn sweep(store: &dyn crate::ports::Store, repository: RepositoryId, pruned: &mut Pruned) -> Result<()> {
    loop {
        let swept = Retention::sweep(store, repository).await?;
        pruned.jobs += swept.jobs;
        pruned.reports += swept.reports;
        if !swept.more {
            return Ok(());
        }
    }
}
