//! Repositories.

use crate::error::Error;
use crate::paging::{self, Paged};
use crate::transport::{Client, Request};
use reqwest::Method;
use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};
pub use wire::native::repositories::{NewRepository, Repository, RepositoryChange, RepositoryList};

/// The largest page, set by the server.
const MAX_PAGE: usize = 100;

/// A filter of repositories. `None` fields are not applied.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RepositoryFilter {
    /// A part of the path.
    pub search: Option<String>,
    /// `true`: only archived repositories; `false`: only others.
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
            ("limit", Some(limit.clamp(1, MAX_PAGE).to_string())),
        ];
        self.get(self.url(&["native", "v1", "repositories"], &query)).await
    }

    /// The matching repositories that the caller may see, page by page. None is returned twice. A repository
    /// created meanwhile may be missing.
    pub fn paged_repositories(&self, filter: &RepositoryFilter) -> Paged<Repository> {
        let seen_ids = Arc::new(Mutex::new(HashSet::new()));
        Paged::new(
            (self.clone(), filter.clone(), seen_ids),
            |last: &usize, next| next > last,
            |(client, filter, seen_ids), cursor, _| async move {
                let offset = cursor.unwrap_or_default();
                let page = client.list_repositories(&filter, offset, MAX_PAGE).await?;
                let mut page = paging::offset_page(page.repositories, offset, page.total);
                let mut seen_ids = seen_ids.lock().unwrap_or_else(PoisonError::into_inner);
                page.items.retain(|repository| seen_ids.insert(repository.id));
                Ok(page)
            },
        )
    }

    /// All matching repositories that the caller may see.
    ///
    /// # Errors
    /// [`Error`]
    pub async fn all_repositories(&self, filter: &RepositoryFilter) -> Result<Vec<Repository>, Error> {
        self.paged_repositories(filter).all().await
    }

    /// The repository with exactly this path; `None` if the caller may see none.
    ///
    /// # Errors
    /// [`Error`]
    pub async fn repository_by_path(&self, path: &str) -> Result<Option<Repository>, Error> {
        let path = path.trim_matches('/');
        let filter = RepositoryFilter { search: Some(path.to_owned()), archived: None };
        let repositories = self.all_repositories(&filter).await?;
        Ok(repositories.into_iter().find(|repository| repository.path == path))
    }

    /// Creates a repository.
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

    /// Changes the fields that are not `None`.
    ///
    /// # Errors
    /// [`Error`]
    pub async fn change_repository(&self, id: i32, change: &RepositoryChange) -> Result<Repository, Error> {
        let url = self.url(&["native", "v1", "repositories", &id.to_string()], &[]);
        self.call(&Request::json(Method::PATCH, url, change)?).await
    }
}
