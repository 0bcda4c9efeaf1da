//! The metrics of the server, in the format of Prometheus.

mod descriptions;
mod process;
mod store;
mod text;

pub use store::StoreMetrics;

use domain::Timestamp;
use domain::model::memory::MemoryLimits;
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use std::time::Duration;
use text::MetricsText;

/// Upper bounds of durations, in seconds: from a lookup in memory to the longest long poll.
const SECONDS: &[f64] = &[0.0001, 0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 10.0, 60.0];
/// Upper bounds of the number of writes in one transaction.
const WRITES: &[f64] = &[1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0, 512.0];
/// How often recorded durations are added to their histograms.
const UPKEEP_INTERVAL: Duration = Duration::from_secs(5);

/// Records the metrics of this process from now on.
///
/// Distributions are histograms with fixed bounds. The default of the exporter, quantiles of the last minute, takes up
/// to 200 KiB for each operation and 20 seconds, and Prometheus cannot add the quantiles of several nodes.
///
/// # Errors
/// A message, if the process records metrics already.
pub fn install() -> Result<PrometheusHandle, String> {
    let builder = PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Suffix("_seconds".into()), SECONDS)
        .and_then(|builder| builder.set_buckets(WRITES))
        .map_err(|error| error.to_string())?;
    let exporter = builder.install_recorder().map_err(|error| error.to_string())?;
    descriptions::register();
    ::store::metric_counters::register();
    Ok(exporter)
}

/// Records how many bytes each cache and each queue may use.
pub fn record_memory_limits(memory: &MemoryLimits) {
    for (part, bytes) in memory.parts() {
        metrics::gauge!("stagepost_memory_limit_bytes", "part" => part).set(bytes as f64);
    }
}

/// The text of the metrics: those that were recorded, those of this process, and those of the store, with the names of
/// repositories if `has_names`.
pub fn render(exporter: &PrometheusHandle, store: &StoreMetrics, now: Timestamp, has_names: bool) -> String {
    let mut text = MetricsText::default();
    process::add(&mut text, store.started_at());
    store.add(&mut text, now, has_names);
    exporter.render() + &text.into_text()
}

/// Bounds the memory of what was recorded, until it is dropped.
pub async fn keep_up(metrics: PrometheusHandle) {
    let mut interval = tokio::time::interval(UPKEEP_INTERVAL);
    loop {
        interval.tick().await;
        metrics.run_upkeep();
    }
}
