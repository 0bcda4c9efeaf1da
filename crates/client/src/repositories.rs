//! Repositories.
//!
//! Must not know: how they are shown.

use crate::error::Error;
use crate::paging;
use crate::transport::{Client, Request};
use reqwest::Method;
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

    /// All repositories the caller may see.
    ///
    /// # Errors
    /// [`Error`]
    pub async fn all_repositories(&self, filter: &RepositoryFilter) -> Result<Vec<Repository>, Error> {
        let ask = |at: Option<usize>, _| async move {
            let offset = at.unwrap_or_default();
            let page = self.list_repositories(filter, offset, PAGE).await?;
            Ok(paging::of_total(page.repositories, offset, page.total))
        };
        paging::all(None, |last, next| next > last, ask).await
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
