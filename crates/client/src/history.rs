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
        self.history_page(repository, job, None, (after, limit)).await
    }

    async fn history_page(
        &self,
        repository: i32,
        job: i32,
        as_of: Option<&str>,
        (after, limit): (Option<i64>, usize),
    ) -> Result<History, Error> {
        let (repository, job) = (repository.to_string(), job.to_string());
        let path = ["native", "v1", "repositories", &repository, "jobs", &job, "history"];
        let query = [
            ("after", after.map(|id| id.to_string())),
            ("as_of", as_of.map(str::to_owned)),
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

    /// Every report of the attempt until a moment: an RFC 3339 time, or `report:` and the id of a report.
    ///
    /// # Errors
    /// [`Error`]
    pub async fn all_history_as_of(
        &self,
        repository: i32,
        job: i32,
        as_of: &str,
    ) -> Result<Vec<Entry>, Error> {
        let as_of = as_of.to_owned();
        let pages = Paged::new(
            self.clone(),
            |last: &i64, next| next > last,
            move |client: Client, after, wanted| {
                let as_of = as_of.clone();
                async move {
                    let page = client.history_page(repository, job, Some(&as_of), (after, wanted)).await?;
                    Ok(Page { items: page.history, next: page.next_after })
                }
            },
        );
        pages.all().await
    }
}
