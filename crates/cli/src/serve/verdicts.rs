//! Records the verdicts of gates: evaluates the commits that were marked, and those whose waits end. Every server of a
//! store runs it. Two servers may evaluate one commit at the same time; the store records a change once.

use super::background::Background;
use domain::actions::verdicts;
use domain::ports::DueGate;
use domain::{App, Error};
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::JoinSet;

/// How often due commits are polled, including those that another server has left.
const POLL_INTERVAL: Duration = Duration::from_secs(1);
/// About how many commits are read at once.
const BATCH: u32 = 64;
/// How many commits are evaluated at the same time.
const EVALUATIONS_MAX: usize = 4;

/// Starts the recorder. An evaluation that the server's stop interrupts is made again later.
pub fn start(app: App) -> Background {
    metrics::counter!("stagepost_gate_verdicts_recorded_total").increment(0);
    Background::start(|stopped| run(app, stopped))
}

async fn run(app: App, mut stopped: watch::Receiver<()>) {
    loop {
        let found = match verdicts::due(&app, BATCH).await {
            Ok(due) => due,
            // The integrity check has logged it.
            Err(Error::Damaged) => Vec::new(),
            Err(error) => {
                tracing::warn!(%error, "cannot read the commits whose gate is to be evaluated; retrying");
                Vec::new()
            }
        };
        if !found.is_empty() {
            let all_recorded = tokio::select! {
                _ = stopped.changed() => break,
                all_recorded = record_all(&app, found) => all_recorded,
            };
            if all_recorded {
                continue;
            }
        }
        tokio::select! {
            _ = stopped.changed() => break,
            () = app.store.wait_for_gate() => {}
            () = tokio::time::sleep(POLL_INTERVAL) => {}
        }
    }
}

/// Evaluates these commits, some at the same time. False if one of them could not be recorded.
async fn record_all(app: &App, due: Vec<DueGate>) -> bool {
    let (mut running, mut all_recorded) = (JoinSet::new(), true);
    for gate in due {
        if running.len() >= EVALUATIONS_MAX {
            all_recorded &= running.join_next().await.is_some_and(|done| done.unwrap_or(false));
        }
        let app = app.clone();
        running.spawn(async move { record(&app, gate).await });
    }
    while let Some(done) = running.join_next().await {
        all_recorded &= done.unwrap_or(false);
    }
    all_recorded
}

async fn record(app: &App, gate: DueGate) -> bool {
    let (repository, sha) = (gate.repository, gate.sha.clone());
    match verdicts::record(app, gate).await {
        Ok(count) => {
            metrics::counter!("stagepost_gate_verdicts_recorded_total").increment(count as u64);
            true
        }
        Err(error) => {
            tracing::warn!(%repository, sha, %error, "cannot record the verdict of a gate; trying again");
            false
        }
    }
}
