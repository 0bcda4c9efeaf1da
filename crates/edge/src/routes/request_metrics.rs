//! The time of requests: one family of histograms with few labels, which can be added up over nodes.

use http::StatusCode;
use metrics::Histogram;
use std::sync::OnceLock;
use std::time::Duration;

/// The metric.
const SECONDS: &str = "stagepost_http_request_duration_seconds";
/// The class of requests with `wait`.
const LONG_POLL: &str = "wait";
/// The classes of status from 200 on.
const STATUSES: [&str; 4] = ["2xx", "3xx", "4xx", "5xx"];

/// The metrics of one route. A series exists from its first request on, so that an idle server has few.
pub struct RequestMetrics {
    dialect: &'static str,
    class: &'static str,
    answered: [OnceLock<Histogram>; STATUSES.len()],
    long_polls: [OnceLock<Histogram>; STATUSES.len()],
}

/// Registers the reports of a dialect, which the store counts, so that the first one is visible.
pub fn register_reports(dialect: &'static str) {
    for result in ["accepted", "refused"] {
        metrics::counter!("stagepost_reports_total", "dialect" => dialect, "result" => result).increment(0);
    }
}

impl RequestMetrics {
    /// The metrics of a route of this class: `read`, `report` or `change`.
    pub fn new(dialect: &'static str, class: &'static str) -> Self {
        Self { dialect, class, answered: Default::default(), long_polls: Default::default() }
    }

    /// Records a request that was answered with this status after this time.
    pub fn record(&self, status: StatusCode, is_long_poll: bool, elapsed: Duration) {
        let (series, class) =
            if is_long_poll { (&self.long_polls, LONG_POLL) } else { (&self.answered, self.class) };
        let at = usize::from(status.as_u16() / 100).saturating_sub(2);
        let (Some(series), Some(status)) = (series.get(at), STATUSES.get(at)) else { return };
        let histogram = series.get_or_init(
            || metrics::histogram!(SECONDS, "dialect" => self.dialect, "class" => class, "status" => *status),
        );
        histogram.record(elapsed.as_secs_f64());
    }
}
