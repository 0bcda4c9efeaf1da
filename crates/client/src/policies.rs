//! The policies of a repository: inactivity timeouts and retention.

use crate::error::Error;
use crate::transport::{Client, Request};
use reqwest::{Method, Url};
pub use wire::native::policies::Policies;

impl Client {
    /// The current policies.
    ///
    /// # Errors
    /// [`Error`]
    pub async fn policies(&self, repository: i32) -> Result<Policies, Error> {
        self.get(self.policies_url(repository)).await
    }

    /// Replaces all policies.
    ///
    /// # Errors
    /// [`Error`]
    pub async fn set_policies(&self, repository: i32, policies: &Policies) -> Result<Policies, Error> {
        self.call(&Request::json(Method::PUT, self.policies_url(repository), policies)?).await
    }

    fn policies_url(&self, repository: i32) -> Url {
        self.url(&["native", "v1", "repositories", &repository.to_string(), "policies"], &[])
    }
}
