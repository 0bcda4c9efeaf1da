//! Background maintenance. The watchdog times out inactive jobs every few seconds. Once an hour, pipelines
//! that the policies do not keep, old events and old webhook deliveries are deleted.

use super::background::Background;
use domain::App;
use domain::SignedDuration;
use domain::actions::{deliveries, events, job_closings, retention};
use std::time::Duration;
use tokio::sync::watch;

/// How often pipelines, events and deliveries are deleted.
const DELETE_INTERVAL: Duration = Duration::from_secs(3_600);

/// Starts the tasks. The first run of each is after `interval`. Events are deleted after `event_retention`. A
/// run that the server's stop interrupts is completed after the next start.
pub fn start(app: App, interval: Duration, event_retention: Duration) -> Background {
    store::metric_counters::register();
    let listening_since = app.clock.now();
    Background::start(|stopped| async move {
        tokio::join!(
            time_out_jobs(&app, interval, listening_since, stopped.clone()),
            prune_pipelines(&app, interval, stopped.clone()),
            delete_events(&app, interval, event_retention, stopped.clone()),
            delete_deliveries(&app, interval, stopped)
        );
    })
}

/// Waits. Returns false when the server stops.
async fn wait_for(stopped: &mut watch::Receiver<()>, time: Duration) -> bool {
    tokio::time::timeout(time, stopped.changed()).await.is_err()
}

async fn time_out_jobs(
    app: &App,
    interval: Duration,
    listening_since: domain::Timestamp,
    mut stopped: watch::Receiver<()>,
) {
    while wait_for(&mut stopped, interval).await {
        let (closed, result) = job_closings::watch(app, listening_since).await;
        for (repository, receipt) in closed {
            let (job, pipeline) = (receipt.job_id, receipt.pipeline_id);
            tracing::info!(%repository, %job, %pipeline, "timed out an inactive job");
        }
        if let Err(error) = result {
            tracing::warn!(%error, "the watchdog run failed");
        }
    }
}

async fn prune_pipelines(app: &App, first: Duration, mut stopped: watch::Receiver<()>) {
    let mut wait = first;
    while wait_for(&mut stopped, wait).await {
        wait = DELETE_INTERVAL;
        let (done, result) = retention::prune_all(app).await;
        for (repository, pruned) in done {
            let retention::Pruned { pipelines, jobs, reports, .. } = pruned;
            tracing::info!(%repository, pipelines, jobs, reports, "deleted expired pipelines");
        }
        if let Err(error) = result {
            tracing::warn!(%error, "deleting expired pipelines failed");
        }
    }
}

async fn delete_events(app: &App, first: Duration, retention: Duration, mut stopped: watch::Receiver<()>) {
    let retention = SignedDuration::try_from(retention).unwrap_or(SignedDuration::MAX);
    let mut wait = first;
    while wait_for(&mut stopped, wait).await {
        wait = DELETE_INTERVAL;
        match events::delete_old(app, retention).await {
            Ok(0) => {}
            Ok(events) => tracing::info!(events, "deleted old events"),
            Err(error) => tracing::warn!(%error, "deleting old events failed"),
        }
    }
}

async fn delete_deliveries(app: &App, first: Duration, mut stopped: watch::Receiver<()>) {
    let mut wait = first;
    while wait_for(&mut stopped, wait).await {
        wait = DELETE_INTERVAL;
        match deliveries::delete_old(app).await {
            Ok(0) => {}
            Ok(deliveries) => tracing::info!(deliveries, "deleted old webhook deliveries"),
            Err(error) => tracing::warn!(%error, "deleting old webhook deliveries failed"),
        }
    }
}
