//! Access keys (AK and SK), with which the official SDKs sign.

use crate::error::Error;
use crate::transport::{Client, Request};
use reqwest::Method;
pub use wire::native::accounts::{Key, KeyList, NewKey};

impl Client {
    /// The user's keys, oldest first, without their secrets.
    ///
    /// # Errors
    /// [`Error`]
    pub async fn keys(&self, user: &str) -> Result<Vec<Key>, Error> {
        let list: KeyList = self.get(self.url(&["native", "v1", "users", user, "keys"], &[])).await?;
        Ok(list.keys)
    }

    /// Creates a key. Only this response contains its secret.
    ///
    /// # Errors
    /// [`Error`]
    pub async fn create_key(&self, user: &str, new: &NewKey) -> Result<Key, Error> {
        let url = self.url(&["native", "v1", "users", user, "keys"], &[]);
        self.call(&Request::json(Method::POST, url, new)?).await
    }

    /// Deletes a key.
    ///
    /// # Errors
    /// [`Error`]
    pub async fn remove_key(&self, access: &str) -> Result<(), Error> {
        let url = self.url(&["native", "v1", "keys", access], &[]);
        self.call_empty(&Request::new(Method::DELETE, url)).await
    }
}
