//! Identities: accounts at identity providers that sign users in.

use crate::error::Error;
use crate::transport::{Client, Request};
use reqwest::Method;
pub use wire::native::accounts::{Identity, IdentityList, NewIdentity};

impl Client {
    /// The identities of a user, oldest first.
    ///
    /// # Errors
    /// [`Error`]
    pub async fn identities(&self, user: &str) -> Result<Vec<Identity>, Error> {
        let list: IdentityList =
            self.get(self.url(&["native", "v1", "users", user, "identities"], &[])).await?;
        Ok(list.identities)
    }

    /// Links an account to a user, who then signs in with it.
    ///
    /// # Errors
    /// [`Error`]
    pub async fn link_identity(&self, user: &str, new: &NewIdentity) -> Result<Identity, Error> {
        let url = self.url(&["native", "v1", "users", user, "identities"], &[]);
        self.call(&Request::json(Method::POST, url, new)?).await
    }

    /// Unlinks an account. The sessions and tokens that came from it end.
    ///
    /// # Errors
    /// [`Error`]
    pub async fn unlink_identity(&self, user: &str, id: i64) -> Result<(), Error> {
        let url = self.url(&["native", "v1", "users", user, "identities", &id.to_string()], &[]);
        self.call_empty(&Request::new(Method::DELETE, url)).await
    }
}
