//! Background maintenance. The watchdog times out inactive jobs every few seconds. Once an hour, pipelines
//! that the policies do not keep, old events, old webhook deliveries and expired credentials are deleted. All
//! rules use the trusted time, which does not follow a jump of the clock at once.

use super::background::Background;
use super::clock::ClockLog;
use super::integrity;
use super::storage::StorageLog;
use domain::App;
use domain::SignedDuration;
use domain::actions::{
    audit, cleanup, deliveries, events, forwarded_states, job_closings, retention, trusted_time,
};
use domain::model::storage::FreeIds;
use edge::Edge;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;

/// How often pipelines, events and deliveries are deleted, and the free ids are checked.
const DELETE_INTERVAL: Duration = Duration::from_secs(3_600);

/// The greatest number of repositories with few ids that is logged each time.
const FEW_IDS_LOGGED_MAX: u32 = 20;

/// How often the wall clock and the space of the store are observed.
const OBSERVE_INTERVAL: Duration = Duration::from_secs(30);

/// How often refused requests are recorded.
const REFUSALS_INTERVAL: Duration = Duration::from_secs(60);

/// Starts the tasks. The first run of each is after `interval`. Events are deleted after `event_retention`, entries of
/// the audit log after `audit_retention`, if there is one. The integrity check takes `integrity_share` percent of the
/// time. A run that the server's stop interrupts is completed after the next start.
pub fn start(
    app: App,
    clock: ClockLog,
    interval: Duration,
    (event_retention, audit_retention): (Duration, Option<Duration>),
    integrity_share: u32,
) -> Background {
    Background::start(|stopped| async move {
        tokio::join!(
            integrity::check(&app, integrity_share, stopped.clone()),
            observe(&app, clock, interval.min(OBSERVE_INTERVAL), stopped.clone()),
            time_out_jobs(&app, interval, stopped.clone()),
            check_ids(&app, interval, stopped.clone()),
            prune_pipelines(&app, interval, stopped.clone()),
            delete_events(&app, interval, event_retention, stopped.clone()),
            delete_audit(&app, interval, audit_retention, stopped.clone()),
            delete_deliveries(&app, interval, stopped.clone()),
            tend_forwarded_states(&app, interval, stopped.clone()),
            delete_expired(&app, interval, stopped)
        );
    })
}

/// Waits. Returns false when the server stops.
pub(super) async fn wait_for(stopped: &mut watch::Receiver<()>, time: Duration) -> bool {
    tokio::time::timeout(time, stopped.changed()).await.is_err()
}

async fn observe(app: &App, mut clock: ClockLog, interval: Duration, mut stopped: watch::Receiver<()>) {
    let mut storage = StorageLog::default();
    while wait_for(&mut stopped, interval).await {
        if let Err(error) = clock.observe(app).await {
            tracing::warn!(%error, "cannot compare the clock with the time last seen");
        }
        if let Err(error) = storage.check(app).await {
            tracing::warn!(%error, "cannot read the size of the store");
        }
    }
    if let Err(error) = trusted_time::save(app).await {
        tracing::warn!(%error, "cannot save the time last seen");
    }
}

async fn time_out_jobs(app: &App, interval: Duration, mut stopped: watch::Receiver<()>) {
    while wait_for(&mut stopped, interval).await {
        let (closed, result) = job_closings::watch(app, app.listening_for()).await;
        for (repository, receipt) in closed {
            let (job, pipeline) = (receipt.job_id, receipt.pipeline_id);
            tracing::info!(%repository, %job, %pipeline, "timed out an inactive job");
        }
        if let Err(error) = result {
            tracing::warn!(%error, "the watchdog run failed");
        }
    }
}

/// Names the repositories that will soon accept no new pipelines or jobs.
async fn check_ids(app: &App, first: Duration, mut stopped: watch::Receiver<()>) {
    let mut wait = first;
    while wait_for(&mut stopped, wait).await {
        wait = DELETE_INTERVAL;
        match app.store.repositories_with_few_ids(FEW_IDS_LOGGED_MAX).await {
            Ok(few) => {
                for FreeIds { repository, pipelines, stages, jobs } in few {
                    tracing::warn!(
                        %repository, pipelines, stages, jobs,
                        "few ids remain for new pipelines, stages or jobs: import the repository again with smaller ids"
                    );
                }
            }
            Err(error) => tracing::warn!(%error, "cannot read the last ids of the repositories"),
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

async fn delete_audit(
    app: &App,
    first: Duration,
    retention: Option<Duration>,
    mut stopped: watch::Receiver<()>,
) {
    let Some(retention) = retention else { return };
    let retention = SignedDuration::try_from(retention).unwrap_or(SignedDuration::MAX);
    let mut wait = first;
    while wait_for(&mut stopped, wait).await {
        wait = DELETE_INTERVAL;
        match audit::delete_old(app, retention).await {
            Ok(0) => {}
            Ok(entries) => tracing::info!(entries, "deleted old entries of the audit log"),
            Err(error) => tracing::warn!(%error, "deleting old entries of the audit log failed"),
        }
    }
}

/// Records refused requests in the audit log, once a minute and at the stop of the server. No request waits for it.
pub fn record_refusals(edge: Arc<Edge>, interval: Duration) -> Background {
    Background::start(|mut stopped| async move {
        loop {
            let is_running = wait_for(&mut stopped, interval.min(REFUSALS_INTERVAL)).await;
            if let Err(error) = edge.record_refusals().await {
                tracing::warn!(%error, "cannot record refused requests; trying again");
            }
            if !is_running {
                return;
            }
        }
    })
}

async fn delete_deliveries(app: &App, first: Duration, mut stopped: watch::Receiver<()>) {
    let mut wait = first;
    while wait_for(&mut stopped, wait).await {
        wait = DELETE_INTERVAL;
        match deliveries::bring_forward(app).await {
            Ok(0) => {}
            Ok(deliveries) => tracing::warn!(
                deliveries,
                "made webhook deliveries due that a wrong clock had planned too late"
            ),
            Err(error) => tracing::warn!(%error, "cannot read the schedule of webhook deliveries"),
        }
        match deliveries::delete_old(app).await {
            Ok(0) => {}
            Ok(deliveries) => tracing::info!(deliveries, "deleted old webhook deliveries"),
            Err(error) => tracing::warn!(%error, "deleting old webhook deliveries failed"),
        }
    }
}

async fn tend_forwarded_states(app: &App, first: Duration, mut stopped: watch::Receiver<()>) {
    let mut wait = first;
    while wait_for(&mut stopped, wait).await {
        wait = DELETE_INTERVAL;
        match forwarded_states::bring_forward(app).await {
            Ok(0) => {}
            Ok(states) => {
                tracing::warn!(states, "made forwarded states due that a wrong clock had planned too late")
            }
            Err(error) => tracing::warn!(%error, "cannot read the schedule of forwarded states"),
        }
        match forwarded_states::delete_orphans(app).await {
            Ok(0) => {}
            Ok(states) => tracing::info!(states, "deleted the states of deleted destinations"),
            Err(error) => tracing::warn!(%error, "deleting the states of deleted destinations failed"),
        }
    }
}

async fn delete_expired(app: &App, first: Duration, mut stopped: watch::Receiver<()>) {
    let mut wait = first;
    while wait_for(&mut stopped, wait).await {
        wait = DELETE_INTERVAL;
        match cleanup::delete_expired(app).await {
            Ok(0) => {}
            Ok(rows) => tracing::debug!(rows, "deleted expired credentials and old responses"),
            Err(error) => tracing::warn!(%error, "deleting expired credentials failed"),
        }
    }
}
