//! Why signatures do not fit.
//!
//! Must not know: how a captured request looks, how an explanation is shown.

use crate::error::Error;
use crate::transport::{Client, Request};
use reqwest::Method;
pub use wire::native::signatures::{
    CapturedRequest, Difference, Explanation, FailureList, Finding, Received,
};

impl Client {
    /// The signatures of an access key that the server refused of late, the newest first: at most `limit` (1 to 32), and only those since its
    /// start.
    ///
    /// # Errors
    /// [`Kind::NotFound`](crate::Kind::NotFound) for a key that is not the caller's.
    pub async fn signature_failures(&self, access: &str, limit: u32) -> Result<Vec<Explanation>, Error> {
        let url = self.url(
            &["native", "v1", "keys", access, "signature-failures"],
            &[("limit", Some(limit.to_string()))],
        );
        let list: FailureList = self.get(url).await?;
        Ok(list.failures)
    }

    /// What the server makes of a request that was captured where it was sent, beside what arrived of it if the server refused it of late.
    ///
    /// # Errors
    /// [`Kind::Invalid`](crate::Kind::Invalid) naming the field; [`Kind::NotFound`](crate::Kind::NotFound) for a key that is not the
    /// caller's.
    pub async fn explain_signature(&self, captured: &CapturedRequest) -> Result<Explanation, Error> {
        let url = self.url(&["native", "v1", "signature-explanations"], &[]);
        self.call(&Request::json(Method::POST, url, captured)?).await
    }
}
