//! Records the verdicts of gates: evaluates the commits that were marked, and those whose waits end. Every server of a
//! store runs it. Two servers may evaluate one commit at the same time; the store records a change once.

use super::background::Background;
use domain::actions::verdicts;
use domain::model::ids::RepositoryId;
use domain::ports::{DueGate, EvaluatedGate};
use domain::{App, Error};
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, sleep_until};

/// How often due commits are polled, including those that another server has left.
const POLL_INTERVAL: Duration = Duration::from_secs(1);
/// The least time between the evaluation of some commits, or the notice of a mark, and the next read of due commits. A
/// commit is evaluated at most once in this time, and a read delays the reports of all repositories.
const PAUSE: Duration = Duration::from_secs(1);
/// About how many commits are read at once, and how many are recorded in one write.
const BATCH: usize = 64;
/// How many commits are evaluated at the same time.
const EVALUATIONS_MAX: usize = 4;

/// Starts the recorder. An evaluation that the server's stop interrupts is made again later.
pub fn start(app: App) -> Background {
    metrics::counter!("stagepost_gate_verdicts_recorded_total").increment(0);
    Background::start(|stopped| run(app, stopped))
}

async fn run(app: App, mut stopped: watch::Receiver<()>) {
    let mut is_noticed = false;
    loop {
        let next = Instant::now() + PAUSE;
        let found = match verdicts::due(&app, BATCH as u32).await {
            Ok(due) => due,
            // The integrity check has logged it.
            Err(Error::Damaged) => Vec::new(),
            Err(error) => {
                tracing::warn!(%error, "cannot read the commits whose gate is to be evaluated; retrying");
                Vec::new()
            }
        };
        let (is_quiet, is_full) = (found.is_empty() && !is_noticed, found.len() >= BATCH);
        if !found.is_empty() {
            let all_recorded = tokio::select! {
                _ = stopped.changed() => break,
                all_recorded = record_all(&app, found) => all_recorded,
            };
            if all_recorded && is_full {
                continue;
            }
        }
        tokio::select! {
            _ = stopped.changed() => break,
            noticed = wait(&app, is_quiet, next) => is_noticed = noticed,
        }
    }
}

/// Waits for a mark, or until the next poll; at least until `next`, unless it was quiet. True if there is a mark.
async fn wait(app: &App, is_quiet: bool, next: Instant) -> bool {
    let is_noticed = tokio::select! {
        () = app.store.wait_for_gate() => true,
        () = sleep(POLL_INTERVAL) => false,
    };
    if !is_quiet {
        sleep_until(next).await;
    }
    is_noticed
}

/// Evaluates these commits, some at the same time, and records them. False if one of them could not be recorded.
async fn record_all(app: &App, due: Vec<DueGate>) -> bool {
    let mut all_recorded = true;
    for gates in due.chunks(BATCH) {
        let (mut running, mut evaluated) = (JoinSet::new(), Vec::new());
        for gate in gates {
            if running.len() >= EVALUATIONS_MAX {
                evaluated.extend(running.join_next().await);
            }
            let (app, gate) = (app.clone(), gate.clone());
            running.spawn(async move { evaluate(&app, gate).await });
        }
        evaluated.extend(running.join_all().await.into_iter().map(Ok));
        let evaluated: Vec<EvaluatedGate> =
            evaluated.into_iter().filter_map(|done| done.ok().flatten()).collect();
        all_recorded &= evaluated.len() == gates.len();
        all_recorded &= record_batch(app, evaluated).await;
    }
    all_recorded
}

async fn evaluate(app: &App, gate: DueGate) -> Option<EvaluatedGate> {
    let (repository, sha) = (gate.repository, gate.sha.clone());
    let evaluated = verdicts::evaluated(app, gate).await;
    evaluated.inspect_err(|error| warn(&sha, repository, error)).ok()
}

/// Records these evaluations in one write. If that is not possible, each in its own: one that cannot be recorded then
/// delays no others.
async fn record_batch(app: &App, evaluated: Vec<EvaluatedGate>) -> bool {
    let gates: Vec<DueGate> = evaluated.iter().map(|evaluated| evaluated.gate.clone()).collect();
    if gates.is_empty() {
        return true;
    }
    match verdicts::record_all(app, evaluated).await {
        Ok(count) => {
            count_records(count);
            return true;
        }
        Err(Error::Unavailable(reason)) => {
            tracing::warn!(reason, "cannot record the verdicts of gates; trying again");
            return false;
        }
        Err(Error::Damaged) => return false,
        Err(_) => {}
    }
    let mut all_recorded = true;
    for gate in gates {
        let (repository, sha) = (gate.repository, gate.sha.clone());
        match verdicts::record(app, gate).await {
            Ok(count) => count_records(count),
            Err(error) => {
                warn(&sha, repository, &error);
                all_recorded = false;
            }
        }
    }
    all_recorded
}

fn warn(sha: &str, repository: RepositoryId, error: &Error) {
    tracing::warn!(%repository, sha, %error, "cannot record the verdict of a gate; trying again");
}

fn count_records(count: usize) {
    metrics::counter!("stagepost_gate_verdicts_recorded_total").increment(count as u64);
}
