//! Sends requests to the server: URL, credential, retries, and the response's status and body. Every call of
//! the client passes through this file.
//!
//! Must not know: what the bodies mean.

use crate::clock::{Clock, system_clock};
use crate::error::{Error, ErrorKind};
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, DATE, HeaderMap, HeaderName, HeaderValue, RETRY_AFTER};
use reqwest::{Method, Url};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::sync::Arc;
use std::time::Duration;
use wire::signing::{Algorithm, DATE_HEADER, SdkDate, SignedRequest, sign};
use wire::{parse_http_date, parse_retry_after};

const X_AUTH_TOKEN: HeaderName = HeaderName::from_static("x-auth-token");
const PRIVATE_TOKEN: HeaderName = HeaderName::from_static("private-token");
const X_REQUEST_ID: &str = "x-request-id";
const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
const JSON: &str = "application/json";

/// The longest pause before a retry. If the server's `Retry-After` is longer, the call fails at once.
const MAX_PAUSE: Duration = Duration::from_secs(5);
/// The pause before the first retry. It doubles with every further retry.
const FIRST_PAUSE: Duration = Duration::from_millis(200);
/// The longest response body, in bytes. It protects against an endless body from a wrong address.
const MAX_BODY_BYTES: usize = 64 << 20;

/// The total timeout of a streamed response: in effect none.
const STREAM_TIMEOUT: Duration = Duration::from_secs(10 * 365 * 86_400);
/// How long the server may take to send the headers of a streamed response.
const STREAM_START_TIMEOUT: Duration = Duration::from_secs(30);

/// A client of one Stagepost server. Cloning is cheap; clones share connections.
#[derive(Clone)]
pub struct Client {
    inner: Arc<ClientInner>,
}

pub(crate) struct ClientInner {
    pub http: reqwest::Client,
    pub base_url: Url,
    pub authentication: Option<Authentication>,
    /// At least 1.
    pub max_tries: u32,
    pub clock: Clock,
    /// The message with which calls that may change something are refused.
    pub read_only: Option<String>,
}

/// How requests are authenticated.
pub(crate) enum Authentication {
    Token(HeaderValue),
    Sign { access: String, secret: String },
}

/// A request body that is sent unchanged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RawBody {
    /// The media type.
    pub content_type: String,
    /// The bytes.
    pub bytes: Vec<u8>,
}

/// A response of any status.
#[derive(Debug, Clone)]
pub struct RawResponse {
    /// The HTTP status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The bytes of the body.
    pub body: Vec<u8>,
}

/// A request. It can be sent several times.
pub(crate) struct Request {
    pub method: Method,
    pub url: Url,
    pub body: Option<RawBody>,
    /// Makes a retry safe even if the server processed the first try.
    pub idempotency_key: Option<String>,
    /// How long one try may take; `None` for the client's timeout.
    pub timeout: Option<Duration>,
    /// Further headers.
    pub headers: HeaderMap,
}

impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Client").field("base_url", &self.inner.base_url.as_str()).finish_non_exhaustive()
    }
}

impl RawResponse {
    /// The value of a header; `None` if it is missing or not ASCII text.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The response itself if its status is 2xx.
    ///
    /// # Errors
    /// Otherwise the [`Error`] that the response describes.
    pub fn success(self) -> Result<Self, Error> {
        if (200..300).contains(&self.status) {
            return Ok(self);
        }
        let id = self.header(X_REQUEST_ID).map(str::to_owned);
        let error = Error::from_response(self.status, id, &self.body);
        Err(Error { retry_after: self.retry_after(), ..error })
    }

    /// The pause of `Retry-After`, measured by the server's clock if it sends a date.
    fn retry_after(&self) -> Option<Duration> {
        let now = self.header(DATE.as_str()).and_then(parse_http_date).unwrap_or_else(system_clock);
        parse_retry_after(self.header(RETRY_AFTER.as_str())?, now)
    }

    pub(crate) fn json<T: DeserializeOwned>(&self) -> Result<T, Error> {
        serde_json::from_slice(&self.body)
            .map_err(|error| Error::unexpected(self.status, &format!("invalid response: {error}")))
    }
}

impl Request {
    pub fn new(method: Method, url: Url) -> Self {
        Self { method, url, body: None, idempotency_key: None, timeout: None, headers: HeaderMap::new() }
    }

    /// Whether a repetition has no further effect. A long poll, which has its own timeout, is repeated by its
    /// caller.
    fn is_repeatable(&self) -> bool {
        self.idempotency_key.is_some() || (self.method.is_safe() && self.timeout.is_none())
    }

    /// Whether a response with this status is worth a retry. 429 and 503 refuse the request before it has an
    /// effect; after 502 and 504 of a gateway the effect is unknown.
    fn retries_status(&self, status: u16) -> bool {
        matches!(status, 429 | 503) || (matches!(status, 502 | 504) && self.is_repeatable())
    }

    pub fn json<B: Serialize + ?Sized>(method: Method, url: Url, body: &B) -> Result<Self, Error> {
        let bytes = serde_json::to_vec(body).map_err(|error| {
            Error::local(ErrorKind::Invalid, format!("the request body cannot be serialized: {error}"))
        })?;
        Ok(Self { body: Some(RawBody { content_type: JSON.to_owned(), bytes }), ..Self::new(method, url) })
    }
}

impl Client {
    pub(crate) fn from_inner(inner: ClientInner) -> Self {
        Self { inner: Arc::new(inner) }
    }

    /// The URL of the server.
    #[must_use]
    pub fn base_url(&self) -> &Url {
        &self.inner.base_url
    }

    /// Sends any request with the credential and returns the response unchanged. `target` is a path below the
    /// base URL, with an optional query.
    ///
    /// # Errors
    /// [`ErrorKind::Unreachable`] without a response, [`ErrorKind::Invalid`] for an invalid path.
    pub async fn raw(
        &self,
        method: Method,
        target: &str,
        body: Option<RawBody>,
    ) -> Result<RawResponse, Error> {
        self.raw_with_headers(method, target, HeaderMap::new(), body).await
    }

    /// As [`Client::raw`], with further headers. A credential among them is sent instead of that of the client.
    ///
    /// # Errors
    /// As [`Client::raw`].
    pub async fn raw_with_headers(
        &self,
        method: Method,
        target: &str,
        headers: HeaderMap,
        body: Option<RawBody>,
    ) -> Result<RawResponse, Error> {
        let base = self.inner.base_url.as_str().trim_end_matches('/');
        let url = Url::parse(&format!("{base}/{}", target.trim_start_matches('/')))
            .map_err(|error| Error::local(ErrorKind::Invalid, format!("invalid path '{target}': {error}")))?;
        self.send(&Request { body, headers, ..Request::new(method, url) }).await
    }

    /// A URL below the base URL. Path segments may contain any character; they are percent-encoded.
    pub(crate) fn url(&self, segments: &[&str], query: &[(&str, Option<String>)]) -> Url {
        let mut url = self.inner.base_url.clone();
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().extend(segments);
        }
        if query.iter().any(|(_, value)| value.is_some()) {
            let mut pairs = url.query_pairs_mut();
            for (name, value) in query {
                if let Some(value) = value {
                    pairs.append_pair(name, value);
                }
            }
        }
        // A plus means a plus in signatures and a space in forms. %20 is unambiguous.
        if let Some(query) = url.query().filter(|query| query.contains('+')) {
            let query = query.replace('+', "%20");
            url.set_query(Some(&query));
        }
        url
    }

    pub(crate) async fn get<T: DeserializeOwned>(&self, url: Url) -> Result<T, Error> {
        self.call(&Request::new(Method::GET, url)).await
    }

    /// Sends a request and parses the JSON response.
    pub(crate) async fn call<T: DeserializeOwned>(&self, request: &Request) -> Result<T, Error> {
        self.send(request).await?.success().map_err(|error| error.of(request))?.json()
    }

    /// Sends a request and ignores the response body.
    pub(crate) async fn call_empty(&self, request: &Request) -> Result<(), Error> {
        self.send(request).await?.success().map(drop).map_err(|error| error.of(request))
    }

    /// Sends a request, retries where that is safe, and returns the last response.
    pub(crate) async fn send(&self, request: &Request) -> Result<RawResponse, Error> {
        if let Some(message) = &self.inner.read_only
            && !matches!(request.method, Method::GET | Method::HEAD)
        {
            return Err(Error::local(ErrorKind::Other, message.as_str()));
        }
        let mut tries = 1;
        loop {
            let outcome = self.send_once(request).await;
            let retry_after = match &outcome {
                Ok(response) if request.retries_status(response.status) => response.retry_after(),
                Err((_, true)) => None,
                Ok(_) | Err((_, false)) => return outcome.map_err(|(error, _)| error),
            };
            let too_long = retry_after.is_some_and(|pause| pause > MAX_PAUSE);
            if tries >= self.inner.max_tries || too_long {
                return outcome.map_err(|(error, _)| error);
            }
            tokio::time::sleep(retry_pause(tries, retry_after, random_fraction())).await;
            tries += 1;
        }
    }

    /// Opens a streamed response, without retries.
    pub(crate) async fn open(&self, request: &Request) -> Result<reqwest::Response, Error> {
        let builder = self.prepare(request)?.timeout(STREAM_TIMEOUT);
        let sent = tokio::time::timeout(STREAM_START_TIMEOUT, builder.send()).await;
        let sent = sent.map_err(|_| Error::unreachable("the request timed out"))?;
        let mut response = sent.map_err(|error| Error::from_transport(&error))?;
        let status = response.status().as_u16();
        if (200..300).contains(&status) {
            return Ok(response);
        }
        let headers = std::mem::take(response.headers_mut());
        let body = response.bytes().await.map_err(|error| Error::from_transport(&error))?;
        Err(match (RawResponse { status, headers, body: body.into() }.success()) {
            Err(error) => error,
            Ok(_) => Error::unexpected(status, "unexpected status"),
        })
    }

    fn prepare(&self, request: &Request) -> Result<reqwest::RequestBuilder, Error> {
        let headers = self.headers(request)?;
        let mut builder =
            self.inner.http.request(request.method.clone(), request.url.clone()).headers(headers);
        if let Some(body) = &request.body {
            builder = builder.body(body.bytes.clone());
        }
        Ok(match request.timeout {
            Some(timeout) => builder.timeout(timeout),
            None => builder,
        })
    }

    /// One attempt. The flag beside an error is true if a retry is safe.
    async fn send_once(&self, request: &Request) -> Result<RawResponse, (Error, bool)> {
        let builder = self.prepare(request).map_err(|error| (error, false))?;
        let classify = |error: &reqwest::Error| {
            let failure = Error::from_transport(error);
            // The server may have processed the request; then only an idempotent one is sent again.
            let safe = error.is_connect() || (request.is_repeatable() && !error.is_timeout());
            let retry = safe && !failure.certificate;
            (failure, retry)
        };
        let mut response = builder.send().await.map_err(|error| classify(&error))?;
        let (status, headers) = (response.status().as_u16(), std::mem::take(response.headers_mut()));
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|error| classify(&error))? {
            if body.len() + chunk.len() > MAX_BODY_BYTES {
                return Err((Error::unexpected(status, "the response is too long"), false));
            }
            body.extend_from_slice(&chunk);
        }
        Ok(RawResponse { status, headers, body })
    }

    fn headers(&self, request: &Request) -> Result<HeaderMap, Error> {
        let mut headers = request.headers.clone();
        if let Some(body) = &request.body {
            headers.insert(CONTENT_TYPE, header_value(&body.content_type)?);
        }
        if let Some(key) = &request.idempotency_key {
            headers.insert(IDEMPOTENCY_KEY, header_value(key)?);
        }
        let has_credential =
            [X_AUTH_TOKEN, PRIVATE_TOKEN, AUTHORIZATION].iter().any(|name| headers.contains_key(name));
        match &self.inner.authentication {
            None => {}
            Some(_) if has_credential => {}
            // The GitLab dialect accepts only its own header.
            Some(Authentication::Token(token)) if request.url.path().contains("/api/v4/") => {
                headers.insert(PRIVATE_TOKEN, token.clone());
            }
            Some(Authentication::Token(token)) => {
                headers.insert(X_AUTH_TOKEN, token.clone());
            }
            Some(Authentication::Sign { access, secret }) => {
                self.sign(request, access, secret, &mut headers)?;
            }
        }
        Ok(headers)
    }

    fn sign(
        &self,
        request: &Request,
        access: &str,
        secret: &str,
        headers: &mut HeaderMap,
    ) -> Result<(), Error> {
        let host = match (request.url.host_str().unwrap_or_default(), request.url.port()) {
            (host, Some(port)) => format!("{host}:{port}"),
            (host, None) => host.to_owned(),
        };
        let mut signed_headers: Vec<(&str, &[u8])> = vec![("host", host.as_bytes())];
        signed_headers.extend(headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes())));
        let path = request.url.path();
        let target = match request.url.query() {
            Some(query) => format!("{path}?{query}"),
            None => path.to_owned(),
        };
        let body = request.body.as_ref().map_or(&[][..], |body| &body.bytes);
        let date = SdkDate::from_unix_seconds((self.inner.clock)());
        let signed_request = SignedRequest {
            method: request.method.as_str(),
            target: target.as_bytes(),
            headers: &signed_headers,
            body,
        };
        let signature = sign(Algorithm::SdkHmacSha256, access, secret.as_bytes(), &signed_request, date)
            .map_err(|error| Error::local(ErrorKind::Invalid, error.to_string()))?;
        headers.insert(HeaderName::from_static(DATE_HEADER), header_value(&signature.x_sdk_date)?);
        headers.insert(AUTHORIZATION, header_value(&signature.authorization)?);
        Ok(())
    }
}

fn header_value(text: &str) -> Result<HeaderValue, Error> {
    HeaderValue::from_str(text)
        .map_err(|_| Error::local(ErrorKind::Invalid, "a header value contains invalid characters"))
}

/// How long to wait after the given number of tries. `jitter` in 0..1 spreads the retries of several clients.
fn retry_pause(tries: u32, retry_after: Option<Duration>, jitter: f64) -> Duration {
    let pause = match retry_after {
        // Never earlier than the server requests.
        Some(retry_after) => retry_after + FIRST_PAUSE.mul_f64(jitter),
        None => (FIRST_PAUSE * 2_u32.saturating_pow(tries - 1)).mul_f64(0.5 + jitter),
    };
    pause.min(MAX_PAUSE)
}

pub(crate) fn random_fraction() -> f64 {
    // Without a random source there is no jitter, which is acceptable.
    f64::from(getrandom::u32().unwrap_or(u32::MAX / 2)) / f64::from(u32::MAX)
}
