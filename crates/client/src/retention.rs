//! Retention: taking away what the policies do not keep.
//!
//! Must not know: how it is shown.

use crate::error::Error;
use crate::paging::{Page, Paged};
use crate::transport::{Client, Request};
use reqwest::Method;
use serde::de::DeserializeOwned;
pub use wire::native::retention::{Expired, Prune, PrunePreview, Pruned};

impl Client {
    /// Some of the pipelines that would go now. `after` is the last list's `next_after`.
    ///
    /// # Errors
    /// [`Error`]
    pub async fn list_expired(&self, repository: i32, after: Option<String>) -> Result<PrunePreview, Error> {
        self.ask_prune(repository, &Prune { dry_run: true, after }).await
    }

    /// Every pipeline that would go now, page by page.
    pub fn paged_expired(&self, repository: i32) -> Paged<Expired> {
        Paged::new(
            self.clone(),
            |last: &String, next| next != last,
            move |client, after, _| async move {
                let page = client.list_expired(repository, after).await?;
                // Where one cursor stands before another only the server knows; a page that has nothing leads nowhere.
                let next = page.next_after.filter(|_| !page.would_go.is_empty());
                Ok(Page { items: page.would_go, next })
            },
        )
    }

    /// All of them.
    ///
    /// # Errors
    /// [`Error`]
    pub async fn all_expired(&self, repository: i32) -> Result<Vec<Expired>, Error> {
        self.paged_expired(repository).all().await
    }

    /// Takes some of what may go away.
    ///
    /// # Errors
    /// [`Error`]; what went before it is gone.
    pub async fn prune(&self, repository: i32) -> Result<Pruned, Error> {
        self.ask_prune(repository, &Prune::default()).await
    }

    /// Takes all that may go away.
    ///
    /// # Errors
    /// [`Error`]; what went before it is gone.
    pub async fn prune_all(&self, repository: i32) -> Result<Pruned, Error> {
        let mut sum = Pruned::default();
        loop {
            let done = self.prune(repository).await?;
            sum.pipelines += done.pipelines;
            sum.jobs += done.jobs;
            sum.reports += done.reports;
            if !done.more || done.pipelines == 0 {
                return Ok(sum);
            }
        }
    }

    async fn ask_prune<T: DeserializeOwned>(&self, repository: i32, prune: &Prune) -> Result<T, Error> {
        let url = self.url(&["native", "v1", "repositories", &repository.to_string(), "prune"], &[]);
        self.call(&Request::json(Method::POST, url, prune)?).await
    }
}
