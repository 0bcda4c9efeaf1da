//! Users, and who the caller is.
//!
//! Must not know: how they are shown; where passwords come from.

use crate::error::Error;
use crate::transport::{Client, Request};
use reqwest::Method;
pub use wire::native::accounts::{NewUser, User, UserChange, UserList, WhoAmI};

impl Client {
    /// Who the credential stands for, and how far it reaches.
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

    /// Makes a user.
    ///
    /// # Errors
    /// [`Error`]
    pub async fn create_user(&self, new: &NewUser) -> Result<User, Error> {
        let url = self.url(&["native", "v1", "users"], &[]);
        self.call(&Request::json(Method::POST, url, new)?).await
    }

    /// Changes what is not `None`.
    ///
    /// # Errors
    /// [`Error`]
    pub async fn change_user(&self, name: &str, change: &UserChange) -> Result<User, Error> {
        let url = self.url(&["native", "v1", "users", name], &[]);
        self.call(&Request::json(Method::PATCH, url, change)?).await
    }
}
