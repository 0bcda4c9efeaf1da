//! Searching in the repositories that the caller may read.

use crate::error::Error;
use crate::transport::Client;
pub use wire::native::search::{SearchHit, SearchResults};

impl Client {
    /// What a text names: a commit, ref, pipeline, job, build or repository. The search begins in `repository`.
    ///
    /// # Errors
    /// [`Error`]
    pub async fn search(&self, text: &str, repository: Option<i32>) -> Result<SearchResults, Error> {
        let query = [("q", Some(text.to_owned())), ("repository", repository.map(|id| id.to_string()))];
        self.get(self.url(&["native", "v1", "search"], &query)).await
    }
}
