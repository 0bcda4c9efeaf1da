//! Repositories.
//!
//! Must not know: how they are shown.

use crate::error::Error;
use crate::paging::{self, Paged};
use crate::transport::{Client, Request};
use reqwest::Method;
use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};
pub use wire::native::repositories::{NewRepository, Repository, RepositoryChange, RepositoryList};

/// The most the server gives at once.
const PAGE: usize = 100;

/// Which repositories; what is `None` does not matter.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RepositoryFilter {
    /// A part of the path.
    pub search: Option<String>,
    /// Only those that are archived, or only those that are not.
    pub archived: Option<bool>,
}

impl Client {
    /// One page of the repositories the caller may see. `limit` is 1 to 100.
    ///
    /// # Errors
    /// [`Error`]
    pub async fn list_repositories(
        &self,
        filter: &RepositoryFilter,
        offset: usize,
        limit: usize,
    ) -> Result<RepositoryList, Error> {
        let query = [
            ("search", filter.search.clone()),
            ("archived", filter.archived.map(|archived| archived.to_string())),
            ("offset", Some(offset.to_string())),
            ("limit", Some(limit.clamp(1, PAGE).to_string())),
        ];
        self.get(self.url(&["native", "v1", "repositories"], &query)).await
    }

    /// The repositories that may be seen and fit, page by page. One that is made meanwhile may be missed, none comes twice.
    pub fn paged_repositories(&self, filter: &RepositoryFilter) -> Paged<Repository> {
        let known = Arc::new(Mutex::new(HashSet::new()));
        Paged::new(
            (self.clone(), filter.clone(), known),
            |last: &usize, next| next > last,
            |(client, filter, known), at, _| async move {
                let offset = at.unwrap_or_default();
                let page = client.list_repositories(&filter, offset, PAGE).await?;
                let mut page = paging::of_total(page.repositories, offset, page.total);
                let mut known = known.lock().unwrap_or_else(PoisonError::into_inner);
                page.items.retain(|repository| known.insert(repository.id));
                Ok(page)
            },
        )
    }

    /// All of them.
    ///
    /// # Errors
    /// [`Error`]
    pub async fn all_repositories(&self, filter: &RepositoryFilter) -> Result<Vec<Repository>, Error> {
        self.paged_repositories(filter).all().await
    }

    /// The repository with exactly this path; `None` if the caller sees none.
    ///
    /// # Errors
    /// [`Error`]
    pub async fn repository_by_path(&self, path: &str) -> Result<Option<Repository>, Error> {
        let path = path.trim_matches('/');
        let filter = RepositoryFilter { search: Some(path.to_owned()), archived: None };
        let found = self.all_repositories(&filter).await?;
        Ok(found.into_iter().find(|repository| repository.path == path))
    }

    /// Makes a repository.
    ///
    /// # Errors
    /// [`Error`]
    pub async fn create_repository(&self, new: &NewRepository) -> Result<Repository, Error> {
        let url = self.url(&["native", "v1", "repositories"], &[]);
        self.call(&Request::json(Method::POST, url, new)?).await
    }

    /// One repository.
    ///
    /// # Errors
    /// [`Error`]
    pub async fn repository(&self, id: i32) -> Result<Repository, Error> {
        self.get(self.url(&["native", "v1", "repositories", &id.to_string()], &[])).await
    }

    /// Changes what is not `None`.
    ///
    /// # Errors
    /// [`Error`]
    pub async fn change_repository(&self, id: i32, change: &RepositoryChange) -> Result<Repository, Error> {
        let url = self.url(&["native", "v1", "repositories", &id.to_string()], &[]);
        self.call(&Request::json(Method::PATCH, url, change)?).await
    }
}
