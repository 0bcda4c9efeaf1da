//! A response before it is sent: a whole one, which can be measured, compressed and cached, or a streamed
//! one, which cannot.

use super::{compress, json_writer};
use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, VARY, X_CONTENT_TYPE_OPTIONS};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use serde::Serialize;
use sha2::{Digest as _, Sha256};
use std::convert::Infallible;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

/// The media type of JSON, in the form that every SDK reads.
pub const JSON: HeaderValue = HeaderValue::from_static("application/json;charset=UTF-8");

/// A body, and its compressed form and its digest once they were needed.
#[derive(Debug, Default)]
struct Content {
    body: StoredBody,
    gzip: OnceLock<Bytes>,
    digest: OnceLock<[u8; 32]>,
}

/// A body in memory.
#[derive(Debug)]
enum StoredBody {
    Plain(Bytes),
    /// A block of LZ4, which is decompressed for each response: that takes less than a tenth of the time of making
    /// the body again.
    Packed {
        block: Box<[u8]>,
        len: usize,
    },
}

impl Default for StoredBody {
    fn default() -> Self {
        Self::Plain(Bytes::new())
    }
}

impl Content {
    fn new(body: StoredBody) -> Self {
        Self { body, ..Self::default() }
    }

    /// The body as it is sent to a client that accepts no compression.
    fn plain(&self) -> Bytes {
        match &self.body {
            StoredBody::Plain(body) => body.clone(),
            StoredBody::Packed { block, len } => lz4_flex::block::decompress(block, *len)
                .expect("a block has the body that it was made of")
                .into(),
        }
    }

    /// As [`Self::plain`]. A body that is not shared is not made shared.
    fn into_plain(self: Arc<Self>) -> Bytes {
        match Arc::try_unwrap(self) {
            Ok(Self { body: StoredBody::Plain(body), .. }) => body,
            Ok(content) => content.plain(),
            Err(shared) => shared.plain(),
        }
    }

    fn gzip(&self) -> &Bytes {
        self.gzip.get_or_init(|| compress::gzip(&self.plain()))
    }

    fn len(&self) -> usize {
        match &self.body {
            StoredBody::Plain(body) => body.len(),
            StoredBody::Packed { len, .. } => *len,
        }
    }

    /// The bytes of all forms in memory.
    fn stored_bytes(&self) -> usize {
        let body = match &self.body {
            StoredBody::Plain(body) => body.len(),
            StoredBody::Packed { block, .. } => block.len(),
        };
        size_of::<Self>() + body + self.gzip.get().map_or(0, Bytes::len)
    }
}

/// Bytes of a header in a map, beside its value.
const HEADER_BYTES: usize = 112;
/// A shorter body is not packed: its header takes as much.
const PACKED_MIN: usize = 512;

/// A response.
#[derive(Debug, Clone)]
pub struct Reply {
    /// The status.
    pub status: StatusCode,
    /// Its own headers. Those of every response are added when it is sent.
    pub headers: HeaderMap,
    content: Arc<Content>,
    stream: Option<Streamed>,
}

/// A streamed body. Of several clones of the response, the first one sent has it.
#[derive(Clone)]
struct Streamed(Arc<Mutex<Option<Body>>>);

impl std::fmt::Debug for Streamed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Streamed")
    }
}

impl Reply {
    /// A response with a body of this media type.
    pub fn new(status: StatusCode, content_type: HeaderValue, body: impl Into<Bytes>) -> Self {
        let content = Arc::new(Content::new(StoredBody::Plain(body.into())));
        let mut headers = HeaderMap::with_capacity(4);
        headers.insert(CONTENT_TYPE, content_type);
        Self { status, headers, content, stream: None }
    }

    /// A response with a streamed body, which is never compressed.
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
    /// [`domain::Error::Internal`] if `value` cannot be serialized, which does not happen for the types of
    /// this crate.
    pub fn json(value: &impl Serialize) -> domain::Result<Self> {
        Self::json_of_size(value, 128)
    }

    /// As [`Reply::json`], for a body of about this length.
    ///
    /// # Errors
    /// As [`Reply::json`].
    pub fn json_of_size(value: &impl Serialize, bytes: usize) -> domain::Result<Self> {
        let mut body = json_writer::to_vec(value, bytes)
            .map_err(|e| domain::Error::Internal(format!("a response cannot be serialized: {e}")))?;
        // A cached body stays.
        if body.capacity() > body.len() + body.len() / 4 {
            body.shrink_to_fit();
        }
        Ok(Self::new(StatusCode::OK, JSON, body))
    }

    /// An empty response with status 204.
    pub fn no_content() -> Self {
        Self {
            status: StatusCode::NO_CONTENT,
            headers: HeaderMap::new(),
            content: Arc::default(),
            stream: None,
        }
    }

    /// Sets the status.
    pub fn status(mut self, status: u16) -> Self {
        self.status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        self
    }

    /// Sets a header. A value that a header cannot contain is left out.
    pub fn header(mut self, name: &'static str, value: &str) -> Self {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.headers.insert(HeaderName::from_static(name), value);
        }
        self
    }

    /// Adds a header that may be repeated, one line for each value.
    pub fn append_headers(mut self, name: &'static str, values: &[String]) -> Self {
        for value in values.iter().filter_map(|value| HeaderValue::from_str(value).ok()) {
            self.headers.append(HeaderName::from_static(name), value);
        }
        self
    }

    /// A redirect (303) to an address, which the browser requests with GET.
    pub fn see_other(address: &str) -> Self {
        Self::no_content().status(303).header("location", address)
    }

    /// Adds `Retry-After: 1` to a response with status 503.
    pub fn retry_when_busy(self) -> Self {
        if self.status == StatusCode::SERVICE_UNAVAILABLE { self.header("retry-after", "1") } else { self }
    }

    /// Length of the uncompressed body, in bytes.
    pub fn len(&self) -> usize {
        self.content.len()
    }

    /// Whether the body is empty.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The uncompressed body.
    pub fn body(&self) -> Bytes {
        self.content.plain()
    }

    /// The SHA-256 digest of the uncompressed body.
    pub fn digest(&self) -> &[u8; 32] {
        self.content.digest.get_or_init(|| Sha256::digest(self.content.plain()).into())
    }

    /// The same response with its body in less memory, for a cache. The digest stays known.
    pub fn packed(&self) -> Self {
        let StoredBody::Plain(body) = &self.content.body else { return self.clone() };
        if body.len() < PACKED_MIN {
            return self.clone();
        }
        let block = lz4_flex::block::compress(body);
        if block.len() > body.len() / 4 * 3 {
            return self.clone();
        }
        let body = StoredBody::Packed { block: block.into(), len: body.len() };
        let content = Content { body, gzip: self.content.gzip.clone(), digest: self.content.digest.clone() };
        Self { content: Arc::new(content), ..self.clone() }
    }

    /// Makes the compressed form now, if the client of these request headers gets it.
    pub fn compress_for(&self, request: &HeaderMap) {
        if compress::accepts_gzip(request) {
            self.compress();
        }
    }

    /// Makes the compressed form now, if the body is compressed for any client.
    pub fn compress(&self) {
        if self.is_compressible() {
            self.content.gzip();
        }
    }

    /// The bytes in memory, with those of the forms of the body that were made.
    pub fn stored_bytes(&self) -> u64 {
        let values = self.headers.values().map(HeaderValue::len).sum::<usize>();
        (size_of::<Self>() + self.content.stored_bytes() + self.headers.len() * HEADER_BYTES + values) as u64
    }

    fn is_compressible(&self) -> bool {
        let kind = self.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        compress::is_compressible(kind, self.len())
    }

    /// The response as sent to a client with these request headers.
    pub fn into_response(mut self, request: &HeaderMap) -> Response {
        let mut compressed = None;
        if self.is_compressible() {
            self.headers.append(VARY, HeaderValue::from_static("Accept-Encoding"));
            if compress::accepts_gzip(request) {
                compressed = Some(self.content.gzip().clone());
                self.headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
            }
        }
        self.headers.entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
        self.headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        let stream =
            self.stream.and_then(|stream| stream.0.lock().unwrap_or_else(PoisonError::into_inner).take());
        let body = || Body::from(compressed.unwrap_or_else(|| Content::into_plain(self.content)));
        let mut response = Response::new(stream.unwrap_or_else(body));
        *response.status_mut() = self.status;
        *response.headers_mut() = self.headers;
        response
    }
}
