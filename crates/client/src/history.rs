//! The history of a job: its reports and their effects.

use crate::error::Error;
use crate::paging::{Page, Paged};
use crate::transport::Client;
pub use wire::native::history::{Credential, Entry, History};

/// The largest page, set by the server.
const MAX_PAGE: usize = 1_000;

impl Client {
    /// One page of the reports of an attempt, in order of arrival. `after` is the last page's `next_after`,
    /// `limit` 1 to 1,000.
    ///
    /// # Errors
    /// [`Error`]
    pub async fn list_history(
        &self,
        repository: i32,
        job: i32,
        after: Option<i64>,
        limit: usize,
    ) -> Result<History, Error> {
        let (repository, job) = (repository.to_string(), job.to_string());
        let path = ["native", "v1", "repositories", &repository, "jobs", &job, "history"];
        let query = [
            ("after", after.map(|id| id.to_string())),
            ("limit", Some(limit.clamp(1, MAX_PAGE).to_string())),
        ];
        self.get(self.url(&path, &query)).await
    }

    /// Every report of the attempt in order of arrival, page by page.
    pub fn paged_history(&self, repository: i32, job: i32) -> Paged<Entry> {
        Paged::new(
            self.clone(),
            |last: &i64, next| next > last,
            move |client, after, wanted| async move {
                let page = client.list_history(repository, job, after, wanted).await?;
                Ok(Page { items: page.history, next: page.next_after })
            },
        )
    }

    /// Every report of the attempt in order of arrival.
    ///
    /// # Errors
    /// [`Error`]
    pub async fn all_history(&self, repository: i32, job: i32) -> Result<Vec<Entry>, Error> {
        self.paged_history(repository, job).all().await
    }
}
