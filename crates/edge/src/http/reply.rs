//! An answer before it is sent: whole, so that it can be measured, compressed and kept; or one that comes bit by bit, which is none of these.

use super::compress;
use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, VARY};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use serde::Serialize;
use std::convert::Infallible;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

/// `application/json`, as every SDK reads it.
pub const JSON: HeaderValue = HeaderValue::from_static("application/json;charset=UTF-8");

/// A body, with its compressed form once somebody asked for it.
#[derive(Debug, Default)]
pub struct Content {
    plain: Bytes,
    gzip: OnceLock<Bytes>,
}

/// An answer.
#[derive(Debug, Clone)]
pub struct Reply {
    /// The status.
    pub status: StatusCode,
    /// Its own headers; those of every answer are added when it is sent.
    pub headers: HeaderMap,
    content: Arc<Content>,
    stream: Option<Streamed>,
}

/// A body that comes bit by bit. Whoever sends the answer first has it.
#[derive(Clone)]
struct Streamed(Arc<Mutex<Option<Body>>>);

impl std::fmt::Debug for Streamed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Streamed")
    }
}

impl Reply {
    /// An answer with a body of a type.
    pub fn new(status: StatusCode, content_type: HeaderValue, body: impl Into<Bytes>) -> Self {
        let content = Arc::new(Content { plain: body.into(), gzip: OnceLock::new() });
        let mut headers = HeaderMap::with_capacity(4);
        headers.insert(CONTENT_TYPE, content_type);
        Self { status, headers, content, stream: None }
    }

    /// An answer that comes bit by bit and is never compressed.
    pub fn streamed(
        content_type: HeaderValue,
        body: impl hyper::body::Body<Data = Bytes, Error = Infallible> + Send + 'static,
    ) -> Self {
        let stream = Streamed(Arc::new(Mutex::new(Some(Body::new(body)))));
        Self { stream: Some(stream), ..Self::new(StatusCode::OK, content_type, "") }
    }

    /// JSON with status 200.
    ///
    /// # Errors
    /// [`domain::Error::Internal`] when `value` cannot be written, which none of ours does.
    pub fn json(value: &impl Serialize) -> domain::Result<Self> {
        let body = serde_json::to_vec(value)
            .map_err(|e| domain::Error::Internal(format!("an answer cannot be written: {e}")))?;
        Ok(Self::new(StatusCode::OK, JSON, body))
    }

    /// Nothing, with status 204.
    pub fn nothing() -> Self {
        Self {
            status: StatusCode::NO_CONTENT,
            headers: HeaderMap::new(),
            content: Arc::default(),
            stream: None,
        }
    }

    /// With another status.
    pub fn status(mut self, status: u16) -> Self {
        self.status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        self
    }

    /// With a header more. Values that headers cannot carry are left out.
    pub fn header(mut self, name: &'static str, value: &str) -> Self {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.headers.insert(HeaderName::from_static(name), value);
        }
        self
    }

    /// With a header that may be there more than once, one line for each value.
    pub fn header_lines(mut self, name: &'static str, values: &[String]) -> Self {
        for value in values.iter().filter_map(|value| HeaderValue::from_str(value).ok()) {
            self.headers.append(HeaderName::from_static(name), value);
        }
        self
    }

    /// Sends a browser on, to be asked with GET.
    pub fn see_other(address: &str) -> Self {
        Self::nothing().status(303).header("location", address)
    }

    /// With `Retry-After` of one second, when the answer says so: 503.
    pub fn retry_when_busy(self) -> Self {
        if self.status == StatusCode::SERVICE_UNAVAILABLE { self.header("retry-after", "1") } else { self }
    }

    /// Length of the body, in bytes.
    pub fn len(&self) -> usize {
        self.content.plain.len()
    }

    /// True without a body.
    pub fn is_empty(&self) -> bool {
        self.content.plain.is_empty()
    }

    /// The body as it is before compression.
    pub fn body(&self) -> &Bytes {
        &self.content.plain
    }

    /// The answer as it is sent to who sent `asked`.
    pub fn into_response(mut self, asked: &HeaderMap) -> Response {
        let kind = self.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let mut body = self.content.plain.clone();
        if compress::worth(kind, body.len()) {
            self.headers.append(VARY, HeaderValue::from_static("Accept-Encoding"));
            if compress::accepts_gzip(asked) {
                body = self.content.gzip.get_or_init(|| compress::gzip(&self.content.plain)).clone();
                self.headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
            }
        }
        self.headers.entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
        self.headers.insert("x-content-type-options", HeaderValue::from_static("nosniff"));
        let stream =
            self.stream.and_then(|stream| stream.0.lock().unwrap_or_else(PoisonError::into_inner).take());
        let mut response = Response::new(stream.unwrap_or_else(|| Body::from(body)));
        *response.status_mut() = self.status;
        *response.headers_mut() = self.headers;
        response
    }
}
