//! Upkeep: what a server does without being asked. The watchdog ends jobs that nobody reports on, every few seconds; pipelines that
//! the policies do not keep are deleted, and old events and deliveries are forgotten, once an hour.

use super::background::Background;
use domain::App;
use domain::SignedDuration;
use domain::actions::{deliveries, events, job_closings, retention};
use std::time::Duration;
use tokio::sync::watch;

/// How often pipelines are deleted, and events and deliveries forgotten.
const PRUNE_EVERY: Duration = Duration::from_secs(3_600);

/// Begins the rounds, the first of each after `every`. Events are forgotten after `events_kept`. What a round leaves undone when the server stops, the
/// next start does.
pub fn start(app: App, every: Duration, events_kept: Duration) -> Background {
    store::counters::begin();
    let listening_since = app.clock.now();
    Background::start(|stopped| async move {
        tokio::join!(
            watch_all(&app, every, listening_since, stopped.clone()),
            prune_all(&app, every, stopped.clone()),
            forget_events(&app, every, events_kept, stopped.clone()),
            forget_deliveries(&app, every, stopped)
        );
    })
}

/// Waits. False when the server stops.
async fn goes_on(stopped: &mut watch::Receiver<()>, time: Duration) -> bool {
    tokio::time::timeout(time, stopped.changed()).await.is_err()
}

async fn watch_all(
    app: &App,
    every: Duration,
    listening_since: domain::Timestamp,
    mut stopped: watch::Receiver<()>,
) {
    while goes_on(&mut stopped, every).await {
        let (closed, ended) = job_closings::watch(app, listening_since).await;
        for (repository, receipt) in closed {
            let (job, pipeline) = (receipt.job_id, receipt.pipeline_id);
            tracing::info!(%repository, %job, %pipeline, "gave up a job that nobody reported on");
        }
        if let Err(error) = ended {
            tracing::warn!(%error, "the watchdog's round broke off");
        }
    }
}

async fn prune_all(app: &App, first: Duration, mut stopped: watch::Receiver<()>) {
    let mut wait = first;
    while goes_on(&mut stopped, wait).await {
        wait = PRUNE_EVERY;
        let (done, ended) = retention::prune_all(app).await;
        for (repository, pruned) in done {
            let retention::Pruned { pipelines, jobs, reports, .. } = pruned;
            tracing::info!(%repository, pipelines, jobs, reports, "deleted what the policies do not keep");
        }
        if let Err(error) = ended {
            tracing::warn!(%error, "deleting pipelines broke off");
        }
    }
}

async fn forget_events(app: &App, first: Duration, kept: Duration, mut stopped: watch::Receiver<()>) {
    let kept = SignedDuration::try_from(kept).unwrap_or(SignedDuration::MAX);
    let mut wait = first;
    while goes_on(&mut stopped, wait).await {
        wait = PRUNE_EVERY;
        match events::delete_old(app, kept).await {
            Ok(0) => {}
            Ok(events) => tracing::info!(events, "forgot old events"),
            Err(error) => tracing::warn!(%error, "forgetting old events broke off"),
        }
    }
}

async fn forget_deliveries(app: &App, first: Duration, mut stopped: watch::Receiver<()>) {
    let mut wait = first;
    while goes_on(&mut stopped, wait).await {
        wait = PRUNE_EVERY;
        match deliveries::delete_old(app).await {
            Ok(0) => {}
            Ok(deliveries) => tracing::info!(deliveries, "forgot old deliveries to webhooks"),
            Err(error) => tracing::warn!(%error, "forgetting old deliveries broke off"),
        }
    }
}
