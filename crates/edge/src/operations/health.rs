//! `/livez`, `/readyz` and `/metrics`.

use crate::http::reply::Reply;
use crate::routes::{Context, Public};
use domain::error::Result;
use domain::model::storage::{StorageProblem, StorageState};
use domain::model::trusted_time::TrustedTime;
use http::{HeaderValue, StatusCode};

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
    let store = readiness.store_works(&ctx.edge.app).await;
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
        text += &storage(&ctx.edge.app.store.storage().await?);
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

/// The metrics of this process, in Prometheus' text format.
pub async fn metrics(ctx: Context<Public>) -> Result<Reply> {
    Ok(Reply::new(StatusCode::OK, PROMETHEUS_TEXT, ctx.edge.metrics()))
}
