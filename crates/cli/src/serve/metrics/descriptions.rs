//! The description of each metric of the recorder, for the lines `HELP`. A metric that is not described here fails a
//! test.

use metrics::{counter, describe_counter, describe_gauge, describe_histogram, gauge};

const COUNTERS: &[(&str, &str)] = &[
    (
        "stagepost_budget_refusals_total",
        "Requests refused because a memory budget was exhausted, by budget and limit.",
    ),
    ("stagepost_certificate_reloads_total", "Times the certificate was read again, by result."),
    (
        "stagepost_connections_refused_total",
        "Connections closed because of the behavior of the client, by reason.",
    ),
    ("stagepost_event_followers_refused_total", "Event streams and requests with `wait` that were refused."),
    ("stagepost_forward_attempts_total", "Requests to forges, by outcome."),
    ("stagepost_gate_verdicts_recorded_total", "Recorded gate verdicts."),
    ("stagepost_log_lines_lost_total", "Log lines that could not be written."),
    ("stagepost_log_lines_suppressed_total", "Log lines about refused requests that were left out."),
    ("stagepost_migrated_rows_total", "Rows that this process moved to a newer form when it started."),
    ("stagepost_pruned_jobs_total", "Attempts deleted with their pipelines."),
    ("stagepost_pruned_pipelines_total", "Pipelines deleted by retention."),
    ("stagepost_pruned_reports_total", "Reports deleted with their pipelines."),
    ("stagepost_reports_total", "Reports received, by dialect and result."),
    ("stagepost_requests_limited_total", "Requests refused with 429 because of a rate limit, by limit."),
    ("stagepost_signatures_refused_total", "Signed requests that were refused, by reason."),
    ("stagepost_store_commits_failed_total", "Commits of the store that failed."),
    ("stagepost_store_commits_repeated_total", "Commits to PostgreSQL that were repeated after a conflict."),
    ("stagepost_store_reads_refused_total", "Reads of the store that were refused, by class and limit."),
    ("stagepost_store_writes_refused_total", "Writes refused because the queue was full, by queue."),
    ("stagepost_watchdog_closed_total", "Jobs ended by the watchdog."),
    ("stagepost_webhook_attempts_total", "Requests to webhooks, by outcome."),
    ("stagepost_webhooks_disabled_total", "Webhooks that were disabled, by reason."),
];

const GAUGES: &[(&str, &str)] = &[
    ("stagepost_budget_bytes", "Bytes in use of a memory budget."),
    ("stagepost_build_info", "1, with the version of the server."),
    ("stagepost_cache_bytes", "Bytes that a cache uses."),
    ("stagepost_certificate_reload_failed", "1: the certificate could not be replaced at the last reload."),
    (
        "stagepost_clock_ahead_seconds",
        "Seconds by which the clock is ahead of the time by which rules delete.",
    ),
    ("stagepost_clock_wait_seconds", "Running time until a jump of the clock counts for rules that delete."),
    ("stagepost_connections", "Open connections."),
    ("stagepost_event_streams", "Open event streams."),
    ("stagepost_forward_attempts_under_way", "Requests to forges that are in progress."),
    ("stagepost_integrity_check_due", "1: an integrity check of the database is due or running."),
    (
        "stagepost_integrity_check_ended_timestamp_seconds",
        "When an integrity check last read the whole database.",
    ),
    (
        "stagepost_integrity_check_findings",
        "Findings of the last integrity check; unless 0, the database is damaged.",
    ),
    ("stagepost_integrity_check_rows", "Rows that the running integrity check has read."),
    ("stagepost_integrity_check_tables", "Tables that the running integrity check reads."),
    ("stagepost_integrity_check_tables_checked", "Tables that the running integrity check has read."),
    ("stagepost_memory_limit_bytes", "Bytes that a cache or a queue may use."),
    ("stagepost_store_free_bytes", "Free space on the disk of the database."),
    ("stagepost_store_journal_age_seconds", "Age of the oldest report that only the journal has."),
    (
        "stagepost_store_journal_generation",
        "The generation of the journal that takes reports, since the start.",
    ),
    ("stagepost_store_journal_reports", "Reports that only the journal has."),
    ("stagepost_store_queue_bytes", "Bytes of the writes that wait for the writer."),
    ("stagepost_store_queue_writes", "Writes that wait for the writer."),
    ("stagepost_store_reads_waiting", "Reads that wait for a reader of the store, by class."),
    ("stagepost_store_wal_bytes", "Size of the write-ahead log of SQLite."),
    ("stagepost_webhook_attempts_under_way", "Requests to webhooks that are in progress."),
];

const HISTOGRAMS: &[(&str, &str)] = &[
    ("stagepost_forward_attempt_seconds", "Duration of requests to forges."),
    (
        "stagepost_http_request_duration_seconds",
        "Time until the response began, by dialect, class of the route (read, report, change; wait: long polls) and status.",
    ),
    ("stagepost_store_commit_group", "Writes of one commit."),
    ("stagepost_store_commit_seconds", "Duration of commits."),
    ("stagepost_webhook_attempt_seconds", "Duration of requests to webhooks."),
];

/// Counters that begin with 0, so that the first increase is visible. Others are registered where they count.
const AT_ZERO: [&str; 3] = [
    "stagepost_log_lines_suppressed_total",
    "stagepost_store_commits_failed_total",
    "stagepost_store_commits_repeated_total",
];

/// Describes all metrics.
pub fn register() {
    for name in AT_ZERO {
        counter!(name).increment(0);
    }
    counter!("stagepost_connections_refused_total", "reason" => "address").increment(0);
    gauge!("stagepost_event_streams").set(0.0);
    for (name, help) in COUNTERS {
        describe_counter!(*name, *help);
    }
    for (name, help) in GAUGES {
        describe_gauge!(*name, *help);
    }
    for (name, help) in HISTOGRAMS {
        describe_histogram!(*name, *help);
    }
}
