//! Whether the server lives, and what time it thinks it is.
//!
//! Must not know: what else there is to check.

use crate::error::Error;
use crate::transport::{Client, Request};
use reqwest::Method;

/// A server that answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alive {
    /// Header `Date`, as sent.
    pub date: Option<String>,
}

impl Client {
    /// `GET /livez`.
    ///
    /// # Errors
    /// [`Error`]
    pub async fn livez(&self) -> Result<Alive, Error> {
        let response = self.send(&Request::new(Method::GET, self.url(&["livez"], &[]))).await?.success()?;
        Ok(Alive { date: response.header("date").map(str::to_owned) })
    }

    /// `GET /readyz`: whether it can read and write its store.
    ///
    /// # Errors
    /// [`crate::Kind::Overloaded`] while it is not ready.
    pub async fn readyz(&self) -> Result<(), Error> {
        self.call_empty(&Request::new(Method::GET, self.url(&["readyz"], &[]))).await
    }
}
