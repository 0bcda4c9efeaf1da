//! One request to the server: its address, its credential, the retries, and the answer's status and body. Every
//! call of every noun goes through here.
//!
//! Must not know: what the bodies mean.

use crate::builder::Builder;
use crate::clock::Clock;
use crate::error::{Error, Kind};
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, RETRY_AFTER};
use reqwest::{Method, Url};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::sync::Arc;
use std::time::Duration;
use wire::signing::{Algorithm, DATE_HEADER, SdkDate, SignedRequest, sign};

const X_AUTH_TOKEN: HeaderName = HeaderName::from_static("x-auth-token");
const PRIVATE_TOKEN: HeaderName = HeaderName::from_static("private-token");
const X_REQUEST_ID: &str = "x-request-id";
const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
const JSON: &str = "application/json";

/// The longest pause before another try, whatever the server asks for.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);
/// The pause before the second try; it doubles with each one more.
const FIRST_PAUSE: Duration = Duration::from_millis(200);
/// No answer of this API comes near it; a wrong address might have no end.
const LONGEST_BODY: usize = 64 << 20;

/// An answer without end has no time-out of its own.
const NO_END: Duration = Duration::from_secs(10 * 365 * 86_400);
/// How long such an answer may take to begin.
const OPENING: Duration = Duration::from_secs(30);

/// A connection to one Stagepost server. Cheap to clone; clones share connections.
#[derive(Clone)]
pub struct Client {
    parts: Arc<Parts>,
}

pub(crate) struct Parts {
    pub http: reqwest::Client,
    pub base: Url,
    pub authorize: Option<Authorize>,
    pub tries: u32,
    pub clock: Clock,
}

pub(crate) enum Authorize {
    Token(HeaderValue),
    Sign { access: String, secret: String },
}

/// A body to send as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RawBody {
    /// Its media type.
    pub content_type: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// An answer as it came, success or not.
#[derive(Debug, Clone)]
pub struct RawResponse {
    /// The HTTP status.
    pub status: u16,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its bytes.
    pub body: Vec<u8>,
}

/// What to ask. The body is kept, for another try.
pub(crate) struct Request {
    pub method: Method,
    pub url: Url,
    pub body: Option<RawBody>,
    /// Makes a repeat safe even if the first one arrived.
    pub idempotency_key: Option<String>,
    /// How long one try may take, where that is not the client's own.
    pub timeout: Option<Duration>,
}

impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Client").field("base", &self.parts.base.as_str()).finish_non_exhaustive()
    }
}

impl RawResponse {
    /// A header's value, if it is there and text.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// # Errors
    /// The [`Error`] that this answer is, unless its status is a success.
    pub fn success(self) -> Result<Self, Error> {
        if (200..300).contains(&self.status) {
            return Ok(self);
        }
        let id = self.header(X_REQUEST_ID).map(str::to_owned);
        Err(Error::from_answer(self.status, id, &self.body))
    }

    pub(crate) fn json<T: DeserializeOwned>(&self) -> Result<T, Error> {
        serde_json::from_slice(&self.body)
            .map_err(|error| Error::unexpected(self.status, &format!("the answer cannot be read: {error}")))
    }
}

impl Request {
    pub fn new(method: Method, url: Url) -> Self {
        Self { method, url, body: None, idempotency_key: None, timeout: None }
    }

    pub fn json<B: Serialize + ?Sized>(method: Method, url: Url, body: &B) -> Result<Self, Error> {
        let bytes = serde_json::to_vec(body)
            .map_err(|error| Error::local(Kind::Invalid, format!("the body cannot be written: {error}")))?;
        Ok(Self { body: Some(RawBody { content_type: JSON.to_owned(), bytes }), ..Self::new(method, url) })
    }
}

impl Client {
    /// Begins a client for the server at `base`, such as `https://127.0.0.1:8443`.
    pub fn builder(base: impl Into<String>) -> Builder {
        Builder::new(base)
    }

    pub(crate) fn new(parts: Parts) -> Self {
        Self { parts: Arc::new(parts) }
    }

    /// The server's address.
    #[must_use]
    pub fn base(&self) -> &Url {
        &self.parts.base
    }

    /// Sends any request with the credential and gives the answer as it came. `target` is a path from the root,
    /// with its query.
    ///
    /// # Errors
    /// [`Kind::Unreachable`] if there is no answer, [`Kind::Invalid`] for a target that is no path.
    pub async fn raw(
        &self,
        method: Method,
        target: &str,
        body: Option<RawBody>,
    ) -> Result<RawResponse, Error> {
        let base = self.parts.base.as_str().trim_end_matches('/');
        let url = Url::parse(&format!("{base}/{}", target.trim_start_matches('/')))
            .map_err(|error| Error::local(Kind::Invalid, format!("'{target}' is no path: {error}")))?;
        self.send(&Request { body, ..Request::new(method, url) }).await
    }

    /// An address below the base: path segments, which may hold anything, and a query.
    pub(crate) fn url(&self, segments: &[&str], query: &[(&str, Option<String>)]) -> Url {
        let mut url = self.parts.base.clone();
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
        // Signatures read a plus as a plus, forms as a space; %20 is the same to both.
        if let Some(query) = url.query().filter(|query| query.contains('+')) {
            let query = query.replace('+', "%20");
            url.set_query(Some(&query));
        }
        url
    }

    pub(crate) async fn get<T: DeserializeOwned>(&self, url: Url) -> Result<T, Error> {
        self.call(&Request::new(Method::GET, url)).await
    }

    /// Sends and reads a JSON answer.
    pub(crate) async fn call<T: DeserializeOwned>(&self, request: &Request) -> Result<T, Error> {
        self.send(request).await?.success()?.json()
    }

    /// Sends where no body is expected.
    pub(crate) async fn call_empty(&self, request: &Request) -> Result<(), Error> {
        self.send(request).await?.success().map(drop)
    }

    /// Sends, again where that is safe, and gives whatever answer came last.
    pub(crate) async fn send(&self, request: &Request) -> Result<RawResponse, Error> {
        let mut tried = 1;
        loop {
            let outcome = self.send_once(request).await;
            let asked = match &outcome {
                Ok(answer) if matches!(answer.status, 429 | 503) => {
                    let seconds = answer.headers.get(RETRY_AFTER).and_then(|value| value.to_str().ok());
                    seconds.and_then(|text| text.trim().parse().ok()).map(Duration::from_secs)
                }
                Err((_, true)) => None,
                Ok(_) | Err((_, false)) => return outcome.map_err(|(error, _)| error),
            };
            if tried >= self.parts.tries {
                return outcome.map_err(|(error, _)| error);
            }
            tokio::time::sleep(pause(tried, asked, random_fraction())).await;
            tried += 1;
        }
    }

    /// Opens an answer that has no end, by one try. It is read by whoever opened it.
    pub(crate) async fn open(&self, request: &Request) -> Result<reqwest::Response, Error> {
        let builder = self.prepare(request)?.timeout(NO_END);
        let opened = tokio::time::timeout(OPENING, builder.send()).await;
        let opened = opened.map_err(|_| Error::unreachable("the server does not answer"))?;
        let mut response = opened.map_err(|error| Error::from_transport(&error))?;
        let status = response.status().as_u16();
        if (200..300).contains(&status) {
            return Ok(response);
        }
        let headers = std::mem::take(response.headers_mut());
        let body = response.bytes().await.map_err(|error| Error::from_transport(&error))?;
        Err(match (RawResponse { status, headers, body: body.into() }.success()) {
            Err(error) => error,
            Ok(_) => Error::unexpected(status, "neither success nor failure"),
        })
    }

    fn prepare(&self, request: &Request) -> Result<reqwest::RequestBuilder, Error> {
        let headers = self.headers(request)?;
        let mut builder =
            self.parts.http.request(request.method.clone(), request.url.clone()).headers(headers);
        if let Some(body) = &request.body {
            builder = builder.body(body.bytes.clone());
        }
        Ok(match request.timeout {
            Some(timeout) => builder.timeout(timeout),
            None => builder,
        })
    }

    /// One try. With an error: whether another try is safe.
    async fn send_once(&self, request: &Request) -> Result<RawResponse, (Error, bool)> {
        let builder = self.prepare(request).map_err(|error| (error, false))?;
        let failed = |error: &reqwest::Error| {
            let said = Error::from_transport(error);
            // A request that was under way may have arrived; only its key makes a repeat harmless.
            let safe = error.is_connect() || (request.idempotency_key.is_some() && !error.is_timeout());
            let retry = safe && !said.certificate;
            (said, retry)
        };
        let mut response = builder.send().await.map_err(|error| failed(&error))?;
        let (status, headers) = (response.status().as_u16(), std::mem::take(response.headers_mut()));
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|error| failed(&error))? {
            if body.len() + chunk.len() > LONGEST_BODY {
                return Err((Error::unexpected(status, "the answer is too long"), false));
            }
            body.extend_from_slice(&chunk);
        }
        Ok(RawResponse { status, headers, body })
    }

    fn headers(&self, request: &Request) -> Result<HeaderMap, Error> {
        let mut headers = HeaderMap::new();
        if let Some(body) = &request.body {
            headers.insert(CONTENT_TYPE, header_value(&body.content_type)?);
        }
        if let Some(key) = &request.idempotency_key {
            headers.insert(IDEMPOTENCY_KEY, header_value(key)?);
        }
        match &self.parts.authorize {
            None => {}
            // GitLab's dialect knows its own header only.
            Some(Authorize::Token(token)) if request.url.path().contains("/api/v4/") => {
                headers.insert(PRIVATE_TOKEN, token.clone());
            }
            Some(Authorize::Token(token)) => {
                headers.insert(X_AUTH_TOKEN, token.clone());
            }
            Some(Authorize::Sign { access, secret }) => {
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
        let mut signed: Vec<(&str, &[u8])> = vec![("host", host.as_bytes())];
        signed.extend(headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes())));
        let path = request.url.path();
        let target = match request.url.query() {
            Some(query) => format!("{path}?{query}"),
            None => path.to_owned(),
        };
        let body = request.body.as_ref().map_or(&[][..], |body| &body.bytes);
        let date = SdkDate::from_unix_seconds((self.parts.clock)());
        let wanted = SignedRequest {
            method: request.method.as_str(),
            target: target.as_bytes(),
            headers: &signed,
            body,
        };
        let made = sign(Algorithm::SdkHmacSha256, access, secret.as_bytes(), &wanted, date)
            .map_err(|error| Error::local(Kind::Invalid, error.to_string()))?;
        headers.insert(HeaderName::from_static(DATE_HEADER), header_value(&made.x_sdk_date)?);
        headers.insert(AUTHORIZATION, header_value(&made.authorization)?);
        Ok(())
    }
}

fn header_value(text: &str) -> Result<HeaderValue, Error> {
    HeaderValue::from_str(text)
        .map_err(|_| Error::local(Kind::Invalid, "a header value has characters that no header can carry"))
}

/// How long to wait after try number `tried`. `fraction` in 0..1 spreads callers that failed together.
fn pause(tried: u32, asked: Option<Duration>, fraction: f64) -> Duration {
    let pause = match asked {
        // Never before the server's time, and not all at once after it.
        Some(asked) => asked + FIRST_PAUSE.mul_f64(fraction),
        None => (FIRST_PAUSE * 2_u32.saturating_pow(tried - 1)).mul_f64(0.5 + fraction),
    };
    pause.min(LONGEST_PAUSE)
}

pub(crate) fn random_fraction() -> f64 {
    // Without randomness there is no jitter, which is no reason to fail.
    f64::from(getrandom::u32().unwrap_or(u32::MAX / 2)) / f64::from(u32::MAX)
}
