//! Users, and the identity of the caller.

use crate::error::Error;
use crate::transport::{Client, Request};
use reqwest::Method;
pub use wire::native::accounts::{NewUser, User, UserChange, UserList, WhoAmI};

impl Client {
    /// The user and the scope of the credential.
    ///
    /// # Errors
    /// [`Error`]
    pub async fn whoami(&self) -> Result<WhoAmI, Error> {
        self.get(self.url(&["native", "v1", "whoami"], &[])).await
    }

    /// All users, by name.
    ///
    /// # Errors
    /// [`Error`]
    pub async fn users(&self) -> Result<Vec<User>, Error> {
        let list: UserList = self.get(self.url(&["native", "v1", "users"], &[])).await?;
        Ok(list.users)
    }

    /// Creates a user.
    ///
    /// # Errors
    /// [`Error`]
    pub async fn create_user(&self, new: &NewUser) -> Result<User, Error> {
        let url = self.url(&["native", "v1", "users"], &[]);
        self.call(&Request::json(Method::POST, url, new)?).await
    }

    /// Changes the fields that are not `None`.
    ///
    /// # Errors
    /// [`Error`]
    pub async fn change_user(&self, name: &str, change: &UserChange) -> Result<User, Error> {
        let url = self.url(&["native", "v1", "users", name], &[]);
        self.call(&Request::json(Method::PATCH, url, change)?).await
    }
}
