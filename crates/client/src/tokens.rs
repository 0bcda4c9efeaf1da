//! Personal tokens.

use crate::error::Error;
use crate::transport::{Client, Request};
use reqwest::Method;
pub use wire::native::accounts::{NewToken, Token, TokenList};

impl Client {
    /// The user's tokens, oldest first, without their secrets.
    ///
    /// # Errors
    /// [`Error`]
    pub async fn tokens(&self, user: &str) -> Result<Vec<Token>, Error> {
        let list: TokenList = self.get(self.url(&["native", "v1", "users", user, "tokens"], &[])).await?;
        Ok(list.tokens)
    }

    /// Creates a token. Only this response contains its secret.
    ///
    /// # Errors
    /// [`Error`]
    pub async fn create_token(&self, user: &str, new: &NewToken) -> Result<Token, Error> {
        let url = self.url(&["native", "v1", "users", user, "tokens"], &[]);
        self.call(&Request::json(Method::POST, url, new)?).await
    }

    /// Revokes a token.
    ///
    /// # Errors
    /// [`Error`]
    pub async fn revoke_token(&self, user: &str, id: i64) -> Result<(), Error> {
        let url = self.url(&["native", "v1", "users", user, "tokens", &id.to_string()], &[]);
        self.call_empty(&Request::new(Method::DELETE, url)).await
    }
}
