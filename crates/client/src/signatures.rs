//! Explanations of rejected signatures.
//!
//! Must not know: the format of captured requests.

use crate::error::Error;
use crate::transport::{Client, Request};
use reqwest::Method;
pub use wire::native::signatures::{
    CapturedRequest, Difference, Explanation, FailureList, Finding, Received,
};

impl Client {
    /// The recently rejected signatures of an access key, newest first: at most `limit` (1 to 32). The server
    /// stores them in memory only.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) for a key that is not the caller's.
    pub async fn signature_failures(&self, access: &str, limit: u32) -> Result<Vec<Explanation>, Error> {
        let url = self.url(
            &["native", "v1", "keys", access, "signature-failures"],
            &[("limit", Some(limit.to_string()))],
        );
        let list: FailureList = self.get(url).await?;
        Ok(list.failures)
    }

    /// Explains the signature of a request captured at the sender. If the server recently rejected this
    /// request, the explanation compares it with the received one.
    ///
    /// # Errors
    /// [`ErrorKind::Invalid`](crate::ErrorKind::Invalid) with the field;
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) for a key that is not the caller's.
    pub async fn explain_signature(&self, captured: &CapturedRequest) -> Result<Explanation, Error> {
        let url = self.url(&["native", "v1", "signature-explanations"], &[]);
        self.call(&Request::json(Method::POST, url, captured)?).await
    }
}
