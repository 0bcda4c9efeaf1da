//! Closes jobs that no build system finishes.

use crate::error::Error;
use crate::transport::{Client, Request};
use reqwest::Method;
pub use wire::native::job_closings::{Closed, JobClosing};
use wire::native::reports::Receipt;

impl Client {
    /// Closes one attempt, or some of the unfinished attempts of a commit. `more` in the response shows
    /// whether to call again.
    ///
    /// # Errors
    /// [`Error`]
    pub async fn close_jobs(&self, repository: i32, closing: &JobClosing) -> Result<Closed, Error> {
        let url = self.url(&["native", "v1", "repositories", &repository.to_string(), "closings"], &[]);
        self.call(&Request::json(Method::POST, url, closing)?).await
    }

    /// Closes one attempt, or all unfinished attempts of a commit.
    ///
    /// # Errors
    /// [`Error`]; jobs closed before it stay closed.
    pub async fn close_all_jobs(&self, repository: i32, closing: &JobClosing) -> Result<Vec<Receipt>, Error> {
        // Each call closes the first of the remaining jobs.
        let mut receipts = Vec::new();
        loop {
            let batch = self.close_jobs(repository, closing).await?;
            let more = batch.more && !batch.closed.is_empty();
            receipts.extend(batch.closed);
            if !more {
                return Ok(receipts);
            }
        }
    }
}
