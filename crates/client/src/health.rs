//! The health checks `/livez` and `/readyz`.

use crate::error::Error;
use crate::transport::{Client, Request};
use reqwest::Method;

/// The response of `/livez`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Liveness {
    /// Header `Date`, unchanged.
    pub date: Option<String>,
}

impl Client {
    /// `GET /livez`.
    ///
    /// # Errors
    /// [`Error`]
    pub async fn livez(&self) -> Result<Liveness, Error> {
        let response = self.send(&Request::new(Method::GET, self.url(&["livez"], &[]))).await?.success()?;
        Ok(Liveness { date: response.header("date").map(str::to_owned) })
    }

    /// `GET /readyz?verbose`: the state of the server as lines of text, also of one that is not ready.
    ///
    /// # Errors
    /// [`Error`]
    pub async fn readyz_details(&self) -> Result<String, Error> {
        let url = self.url(&["readyz"], &[("verbose", Some("1".to_owned()))]);
        let response = self.send(&Request::new(Method::GET, url)).await?;
        let response = if response.status == 503 { response } else { response.success()? };
        Ok(String::from_utf8_lossy(&response.body).into_owned())
    }

    /// `GET /readyz`: succeeds if the server can read and write its store.
    ///
    /// # Errors
    /// [`crate::ErrorKind::Overloaded`] while the server is not ready.
    pub async fn readyz(&self) -> Result<(), Error> {
        self.call_empty(&Request::new(Method::GET, self.url(&["readyz"], &[]))).await
    }
}
