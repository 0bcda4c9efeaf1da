//! Closings: the end of jobs that no build system ends.
//!
//! Must not know: why.

use crate::error::Error;
use crate::transport::{Client, Request};
use reqwest::Method;
pub use wire::native::job_closings::{Closed, JobClosing};
use wire::native::reports::Receipt;

impl Client {
    /// Closes one attempt, or some of the unfinished ones of a commit.
    ///
    /// # Errors
    /// [`Error`]
    pub async fn close_jobs(&self, repository: i32, closing: &JobClosing) -> Result<Closed, Error> {
        let url = self.url(&["native", "v1", "repositories", &repository.to_string(), "closings"], &[]);
        self.call(&Request::json(Method::POST, url, closing)?).await
    }

    /// Closes one attempt, or all the unfinished ones of a commit.
    ///
    /// # Errors
    /// [`Error`]; what was closed before it stays closed.
    pub async fn close_all_jobs(&self, repository: i32, closing: &JobClosing) -> Result<Vec<Receipt>, Error> {
        // What is closed is no longer found: each call is about the first that are left.
        let mut receipts = Vec::new();
        loop {
            let done = self.close_jobs(repository, closing).await?;
            let more = done.more && !done.closed.is_empty();
            receipts.extend(done.closed);
            if !more {
                return Ok(receipts);
            }
        }
    }
}
