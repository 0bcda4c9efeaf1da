//! Statistics of the recent jobs of a repository.

use crate::error::Error;
use crate::transport::Client;
pub use wire::native::insights::{Day, Insights, JobInsight, OutcomeCounts};

/// The filter of the statistics. `None` means the server's default.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct InsightFilter {
    /// The number of days: 7, 30 or 90.
    pub days: Option<u32>,
    /// Branch or tag.
    pub git_ref: Option<String>,
    /// The order: `runs`, `name`, `success_rate`, `median`, `p95`, `retried` or `flaky`.
    pub sort: Option<String>,
}

impl Client {
    /// Success rates, durations, retries and flaky commits of each job.
    ///
    /// # Errors
    /// [`Error`]
    pub async fn insights(&self, repository: i32, filter: &InsightFilter) -> Result<Insights, Error> {
        let query = [
            ("days", filter.days.map(|days| days.to_string())),
            ("ref", filter.git_ref.clone()),
            ("sort", filter.sort.clone()),
        ];
        let path = ["native", "v1", "repositories", &repository.to_string(), "insights"];
        self.get(self.url(&path, &query)).await
    }
}
