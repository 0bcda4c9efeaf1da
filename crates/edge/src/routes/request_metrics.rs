//! The metrics of the requests of one operation.

use http::StatusCode;
use metrics::{Counter, Histogram};
use std::time::Duration;

/// The metrics of one operation: the time of requests, and their number by class of status.
pub struct RequestMetrics {
    seconds: Histogram,
    by_class: [Counter; 5],
}

impl RequestMetrics {
    /// Registers the metrics of an operation.
    pub fn new(dialect: &'static str, operation: &'static str) -> Self {
        let counter = |class: &'static str| metrics::counter!("stagepost_http_requests_total", "dialect" => dialect, "operation" => operation, "status" => class);
        Self {
            seconds: metrics::histogram!("stagepost_http_request_seconds", "operation" => operation),
            by_class: ["1xx", "2xx", "3xx", "4xx", "5xx"].map(counter),
        }
    }

    /// Records a request that was answered with this status after this time.
    pub fn record(&self, status: StatusCode, elapsed: Duration) {
        self.seconds.record(elapsed.as_secs_f64());
        if let Some(counter) = self.by_class.get(usize::from(status.as_u16() / 100).saturating_sub(1)) {
            counter.increment(1);
        }
    }
}
