//! Retention: deleting the pipelines that the policies do not keep.

use crate::error::Error;
use crate::paging::{Page, Paged};
use crate::transport::{Client, Request};
use reqwest::Method;
use serde::de::DeserializeOwned;
pub use wire::native::retention::{Expired, Prune, PrunePreview, Pruned};

impl Client {
    /// One page of the pipelines that would be deleted now. `after` is the last page's `next_after`.
    ///
    /// # Errors
    /// [`Error`]
    pub async fn list_expired(&self, repository: i32, after: Option<String>) -> Result<PrunePreview, Error> {
        self.send_prune(repository, &Prune { dry_run: true, after }).await
    }

    /// Every pipeline that would be deleted now, page by page.
    pub fn paged_expired(&self, repository: i32) -> Paged<Expired> {
        Paged::new(
            self.clone(),
            |last: &String, next| next != last,
            move |client, after, _| async move {
                let page = client.list_expired(repository, after).await?;
                // Only the server can compare cursors; an empty page ends the list.
                let next = page.next_after.filter(|_| !page.would_go.is_empty());
                Ok(Page { items: page.would_go, next })
            },
        )
    }

    /// Every pipeline that would be deleted now.
    ///
    /// # Errors
    /// [`Error`]
    pub async fn all_expired(&self, repository: i32) -> Result<Vec<Expired>, Error> {
        self.paged_expired(repository).all().await
    }

    /// Deletes some of the expired pipelines. `more` in the response shows whether to call again.
    ///
    /// # Errors
    /// [`Error`]; pipelines deleted before it stay deleted.
    pub async fn prune(&self, repository: i32) -> Result<Pruned, Error> {
        self.send_prune(repository, &Prune::default()).await
    }

    /// Deletes all expired pipelines.
    ///
    /// # Errors
    /// [`Error`]; pipelines deleted before it stay deleted.
    pub async fn prune_all(&self, repository: i32) -> Result<Pruned, Error> {
        let mut total = Pruned::default();
        loop {
            let batch = self.prune(repository).await?;
            total.pipelines += batch.pipelines;
            total.jobs += batch.jobs;
            total.reports += batch.reports;
            if !batch.more || batch.pipelines == 0 {
                return Ok(total);
            }
        }
    }

    async fn send_prune<T: DeserializeOwned>(&self, repository: i32, prune: &Prune) -> Result<T, Error> {
        let url = self.url(&["native", "v1", "repositories", &repository.to_string(), "prune"], &[]);
        self.call(&Request::json(Method::POST, url, prune)?).await
    }
}
