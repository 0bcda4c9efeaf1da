//! The members of a repository and their roles.

use crate::error::Error;
use crate::transport::{Client, Request};
use reqwest::{Method, Url};
pub use wire::native::repositories::{Member, MemberList, NewRole};

impl Client {
    /// All members, by name.
    ///
    /// # Errors
    /// [`Error`]
    pub async fn members(&self, repository: i32) -> Result<Vec<Member>, Error> {
        let path = ["native", "v1", "repositories", &repository.to_string(), "members"];
        let list: MemberList = self.get(self.url(&path, &[])).await?;
        Ok(list.members)
    }

    /// Adds a member or changes the role of one: `read`, `report` or `manage`.
    ///
    /// # Errors
    /// [`Error`]
    pub async fn set_member(&self, repository: i32, user: &str, role: &str) -> Result<(), Error> {
        let body = NewRole { role: role.to_owned() };
        self.call_empty(&Request::json(Method::PUT, self.member_url(repository, user), &body)?).await
    }

    /// Removes a member.
    ///
    /// # Errors
    /// [`Error`]
    pub async fn remove_member(&self, repository: i32, user: &str) -> Result<(), Error> {
        self.call_empty(&Request::new(Method::DELETE, self.member_url(repository, user))).await
    }

    fn member_url(&self, repository: i32, user: &str) -> Url {
        self.url(&["native", "v1", "repositories", &repository.to_string(), "members", user], &[])
    }
}
