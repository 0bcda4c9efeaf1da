//! Runs the integrity check of the database in the background, in short steps with pauses, and reports
//! it in the log and in `/metrics`.

use super::maintenance::wait_for;
use domain::App;
use domain::model::integrity::IntegrityState;
use metrics::gauge;
use std::time::{Duration, Instant};
use tokio::sync::watch;

const DUE: &str = "stagepost_integrity_check_due";
const TABLES: &str = "stagepost_integrity_check_tables";
const TABLES_CHECKED: &str = "stagepost_integrity_check_tables_checked";
const ROWS: &str = "stagepost_integrity_check_rows";
const FINDINGS: &str = "stagepost_integrity_check_findings";
const ENDED: &str = "stagepost_integrity_check_ended_timestamp_seconds";

/// The pause after a step that failed.
const RETRY_PAUSE: Duration = Duration::from_secs(5);

/// Runs the check, if one is due, until its end or the server's stop. It takes `share` percent of the time.
pub async fn check(app: &App, share: u32, mut stopped: watch::Receiver<()>) {
    let Some(mut state) = app.store.integrity() else { return };
    publish(&state);
    for finding in &state.damage {
        tracing::error!(finding, "the database is damaged, as an earlier check found; writes are refused");
    }
    if !state.is_due {
        return;
    }
    if share == 0 {
        return tracing::warn!("the integrity check of the database is due, and switched off");
    }
    tracing::info!(
        "the server did not stop normally: checking the integrity of the database in the background"
    );
    let begin = Instant::now();
    let mut rows = 0;
    loop {
        let started = Instant::now();
        let result = app.store.check_integrity(app.clock.now()).await;
        let pause = started.elapsed() * (100 - share) / share;
        let Some(now) = app.store.integrity() else { return };
        publish(&now);
        for finding in now.damage.iter().filter(|finding| !state.damage.contains(finding)) {
            tracing::error!(finding, "the database is damaged; writes are refused");
        }
        state = now;
        rows = state.progress.as_ref().map_or(rows, |progress| progress.rows);
        let pause = match result {
            Ok(true) => pause,
            Ok(false) => break,
            Err(error) => {
                tracing::warn!(%error, "a step of the integrity check failed; it is tried again");
                RETRY_PAUSE
            }
        };
        if !wait_for(&mut stopped, pause).await {
            return tracing::info!(
                rows,
                "the integrity check of the database continues after the next start"
            );
        }
    }
    let seconds = begin.elapsed().as_secs();
    if state.is_damaged() {
        let findings = state.damage.len();
        tracing::error!(rows, seconds, findings, "the integrity check found damage; restore a backup");
    } else {
        tracing::info!(rows, seconds, "the integrity check found no damage");
    }
}

fn publish(state: &IntegrityState) {
    gauge!(DUE).set(if state.is_due { 1.0 } else { 0.0 });
    gauge!(FINDINGS).set(state.damage.len() as f64);
    if let Some(ended_at) = state.ended_at {
        gauge!(ENDED).set(ended_at.as_second() as f64);
    }
    if let Some(progress) = &state.progress {
        gauge!(TABLES).set(progress.tables as f64);
        gauge!(TABLES_CHECKED).set(progress.tables_checked as f64);
        gauge!(ROWS).set(progress.rows as f64);
    }
}
