//! The interface of an HTTP client. It must not follow redirects, and must limit time and size of a response.

use async_trait::async_trait;
use openidconnect::AsyncHttpClient;
use std::fmt;
use std::pin::Pin;

/// A request.
pub type HttpRequest = http::Request<Vec<u8>>;
/// A response.
pub type HttpResponse = http::Response<Vec<u8>>;

/// Why there is no response, as text for the log.
#[derive(Debug, Clone)]
pub struct HttpError(pub String);

impl fmt::Display for HttpError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for HttpError {}

/// Sends requests.
#[async_trait]
pub trait HttpClient: Send + Sync {
    /// Sends a request once.
    ///
    /// # Errors
    /// [`HttpError`].
    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, HttpError>;
}

/// A client as `openidconnect` needs it.
pub struct Adapter<'a>(pub &'a dyn HttpClient);

impl<'c> AsyncHttpClient<'c> for Adapter<'_> {
    type Error = HttpError;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, HttpError>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        self.0.send(request)
    }
}
