//! Destinations: forges that receive the statuses of commits, and what each of them has.

use crate::error::Error;
use crate::paging::{Page, Paged};
use crate::transport::{Client, Request};
use reqwest::{Method, Url};
pub use wire::native::destinations::{
    Destination, DestinationChange, DestinationList, ForwardedState, ForwardedStateList, NewDestination,
    RetriedStates,
};

/// The largest page of states, set by the server.
const MAX_PAGE: usize = 100;

/// Which states of a destination are listed. A field that is `None` does not filter.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StateFilter {
    /// Only states of this commit.
    pub sha: Option<String>,
    /// Only states with this progress: `pending`, `sent` or `stopped`.
    pub progress: Option<String>,
}

impl Client {
    /// The destinations of a repository, oldest first, without their tokens.
    ///
    /// # Errors
    /// [`Error`]
    pub async fn destinations(&self, repository: i32) -> Result<Vec<Destination>, Error> {
        let list: DestinationList = self.get(self.destination_url(repository, &[])).await?;
        Ok(list.destinations)
    }

    /// Creates a destination.
    ///
    /// # Errors
    /// [`Error`]
    pub async fn create_destination(
        &self,
        repository: i32,
        new: &NewDestination,
    ) -> Result<Destination, Error> {
        self.call(&Request::json(Method::POST, self.destination_url(repository, &[]), new)?).await
    }

    /// One destination, without its token.
    ///
    /// # Errors
    /// [`Error`]
    pub async fn destination(&self, repository: i32, id: i32) -> Result<Destination, Error> {
        self.get(self.destination_url(repository, &[&id.to_string()])).await
    }

    /// Changes a destination. States that are not sent are retried immediately.
    ///
    /// # Errors
    /// [`Error`]
    pub async fn change_destination(
        &self,
        repository: i32,
        id: i32,
        change: &DestinationChange,
    ) -> Result<Destination, Error> {
        let url = self.destination_url(repository, &[&id.to_string()]);
        self.call(&Request::json(Method::PATCH, url, change)?).await
    }

    /// Deletes a destination.
    ///
    /// # Errors
    /// [`Error`]
    pub async fn remove_destination(&self, repository: i32, id: i32) -> Result<(), Error> {
        let url = self.destination_url(repository, &[&id.to_string()]);
        self.call_empty(&Request::new(Method::DELETE, url)).await
    }

    /// Tests whether the forge accepts the token. [`Client::forwarded_state`] returns the result.
    ///
    /// # Errors
    /// [`Error`]
    pub async fn test_destination(&self, repository: i32, id: i32) -> Result<ForwardedState, Error> {
        let url = self.destination_url(repository, &[&id.to_string(), "test"]);
        self.call(&Request::new(Method::POST, url)).await
    }

    /// Tries everything again that waits or is stopped. Returns how many states.
    ///
    /// # Errors
    /// [`Error`]
    pub async fn retry_destination(&self, repository: i32, id: i32) -> Result<RetriedStates, Error> {
        let url = self.destination_url(repository, &[&id.to_string(), "retry"]);
        self.call(&Request::new(Method::POST, url)).await
    }

    /// One state of a destination.
    ///
    /// # Errors
    /// [`Error`]
    pub async fn forwarded_state(
        &self,
        repository: i32,
        id: i32,
        state: i64,
    ) -> Result<ForwardedState, Error> {
        self.get(self.destination_url(repository, &[&id.to_string(), "states", &state.to_string()])).await
    }

    /// One page of the states of a destination, newest first. `before` is the last page's `next_before`.
    ///
    /// # Errors
    /// [`Error`]
    pub async fn list_forwarded_states(
        &self,
        repository: i32,
        id: i32,
        filter: &StateFilter,
        before: Option<i64>,
        limit: usize,
    ) -> Result<ForwardedStateList, Error> {
        let (repository, id) = (repository.to_string(), id.to_string());
        let path = ["native", "v1", "repositories", &repository, "destinations", &id, "states"];
        let query = [
            ("sha", filter.sha.clone()),
            ("progress", filter.progress.clone()),
            ("before", before.map(|before| before.to_string())),
            ("limit", Some(limit.clamp(1, MAX_PAGE).to_string())),
        ];
        self.get(self.url(&path, &query)).await
    }

    /// The states of a destination, newest first, page by page.
    pub fn paged_forwarded_states(
        &self,
        repository: i32,
        id: i32,
        filter: StateFilter,
    ) -> Paged<ForwardedState> {
        Paged::new(
            self.clone(),
            |last: &i64, next| next < last,
            move |client, before, limit| {
                let filter = filter.clone();
                async move {
                    let page = client.list_forwarded_states(repository, id, &filter, before, limit).await?;
                    let next = page.next_before.filter(|_| !page.states.is_empty());
                    Ok(Page { items: page.states, next })
                }
            },
        )
    }

    fn destination_url(&self, repository: i32, segments: &[&str]) -> Url {
        let repository = repository.to_string();
        let mut path = vec!["native", "v1", "repositories", &repository, "destinations"];
        path.extend(segments);
        self.url(&path, &[])
    }
}
