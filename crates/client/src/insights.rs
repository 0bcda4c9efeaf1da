//! How the jobs of a repository did of late.
//!
//! Must not know: how it is shown.

use crate::error::Error;
use crate::transport::Client;
pub use wire::native::insights::{Day, Insights, JobInsight, OutcomeCounts};

/// What is asked for; what is `None` is as the server has it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct InsightFilter {
    /// 7, 30 or 90.
    pub days: Option<u32>,
    /// Branch or tag.
    pub git_ref: Option<String>,
    /// `runs`, `name`, `success_rate`, `median`, `p95`, `retried` or `flaky`.
    pub sort: Option<String>,
}

impl Client {
    /// How its jobs did: rates, durations, retries, and which fail and pass on the same commit.
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
