//! `/livez`, `/readyz` and `/metrics`.

use crate::http::reply::Reply;
use crate::routes::{Context, MetricsReader, Public};
use domain::error::Result;
use domain::model::integrity::{IntegrityProgress, IntegrityState};
use domain::model::storage::{StorageProblem, StorageState};
use domain::model::trusted_time::TrustedTime;
use http::{HeaderValue, StatusCode};

/// The greatest number of repositories with few ids that is counted.
const COUNTED_MAX: u32 = 1_000;

const TEXT: HeaderValue = HeaderValue::from_static("text/plain; charset=utf-8");
const PROMETHEUS_TEXT: HeaderValue = HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");

/// Whether the process responds. The store is not read, so that a slow disk does not make a supervisor kill
/// the process.
pub async fn livez(_: Context<Public>) -> Result<Reply> {
    Ok(Reply::new(StatusCode::OK, TEXT, "ok\n"))
}

/// Whether the store reads and commits and no stop is in progress. `?verbose` lists the checks.
pub async fn readyz(ctx: Context<Public>) -> Result<Reply> {
    let readiness = &ctx.edge.readiness;
    // A damaged store refuses every write.
    let state = ctx.edge.app.store.integrity();
    let is_damaged = state.as_ref().is_some_and(IntegrityState::is_damaged);
    let store = !is_damaged && readiness.store_works(&ctx.edge.app).await;
    let verbose = ctx.request.query.get("verbose")?.is_some();
    let checks = [("store", store), ("not stopping", !readiness.is_draining())];
    let ready = checks.iter().all(|(_, passed)| *passed);
    let mut text = String::new();
    if !ready || verbose {
        for (name, passed) in checks {
            text += &format!("[{}] {name}\n", if passed { "+" } else { "-" });
        }
    }
    if store && verbose {
        text += &format!("durability: {}\n", ctx.edge.app.store.durability().await?.as_str());
    }
    if verbose {
        text += &clock(&ctx.edge.app.trusted_time());
        text += &free_ids(ctx.edge.app.store.repositories_with_few_ids(COUNTED_MAX).await?.len());
        text += &storage(&ctx.edge.app.store.storage().await?);
        text += &state.as_ref().map(integrity).unwrap_or_default();
    }
    text += if ready { "ok\n" } else { "not ready\n" };
    let status = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    Ok(Reply::new(status, TEXT, text))
}

/// The state of the clock by which rules delete.
fn clock(time: &TrustedTime) -> String {
    let ahead = time.pending();
    if ahead.is_zero() {
        return "clock: ok\n".to_owned();
    }
    let (ahead, wait) = (ahead.as_secs(), time.wait_left().as_secs());
    format!("clock: {ahead} s ahead of the time last seen, counts for rules that delete by age in {wait} s\n")
}

/// Whether repositories have enough ids for new pipelines, stages and jobs. It names none, because every client may
/// read this; the log of the server does.
fn free_ids(few: usize) -> String {
    match few {
        0 => "ids: ok\n".to_owned(),
        1 => "ids: nearly used up in 1 repository\n".to_owned(),
        few => format!("ids: nearly used up in {few} repositories\n"),
    }
}

/// The space that the store uses.
fn storage(state: &StorageState) -> String {
    let problems = state.problems(&[]);
    let line = |name: &str, bytes: Option<u64>, problem, reason: &str| {
        let mebibytes = bytes? >> 20;
        let reason = if problems.contains(&problem) { reason } else { "ok" };
        Some(format!("{name}: {reason}, {mebibytes} MiB\n"))
    };
    let log = line(
        "write-ahead log",
        state.log_bytes,
        StorageProblem::LogLarge,
        "large because a reader keeps an old state of the database",
    );
    let free = line("free space", state.free_bytes, StorageProblem::DiskNearlyFull, "nearly full");
    log.unwrap_or_default() + &free.unwrap_or_default()
}

/// The state of the integrity check. The log has what it found, which names rows.
fn integrity(state: &IntegrityState) -> String {
    let text = match state {
        IntegrityState { damage, .. } if state.is_damaged() => {
            format!("damage found, writes are refused; findings in the log: {}", damage.len())
        }
        IntegrityState { progress: Some(progress), .. } => {
            let IntegrityProgress { table, tables_checked, tables, rows } = progress;
            format!("running, {tables_checked} of {tables} tables, now {table}, {rows} rows")
        }
        IntegrityState { is_due: true, .. } => "due, because the server did not stop normally".to_owned(),
        IntegrityState { ended_at: Some(ended_at), .. } => format!("ok, ended at {ended_at}"),
        _ => "ok, not due".to_owned(),
    };
    format!("integrity check: {text}\n")
}

/// The metrics of this process, in Prometheus' text format.
pub async fn metrics(ctx: Context<MetricsReader>) -> Result<Reply> {
    Ok(Reply::new(StatusCode::OK, PROMETHEUS_TEXT, ctx.edge.metrics(ctx.proof)))
}
