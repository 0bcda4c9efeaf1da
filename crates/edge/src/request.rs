//! A request as read from the connection: what it asks for, and what a response needs to know about the
//! client. It takes limits and settings, not the shared state, and knows no dialect.

mod body;

pub use body::{BodyBudgets, PUBLIC_BODY_MAX};

use crate::http::forwarded::TrustedProxies;
use crate::http::listen::{Peer, Stopping};
use crate::http::query::{Query, decode};
use crate::http::request_id::RequestIds;
use crate::language::{self, Language};
use axum::extract::Request;
use body::{RequestBody, Unread};
use bytes::Bytes;
use domain::error::{Invalid, Result};
use domain::model::access::Caller;
use domain::ports::CurrentVersions;
use http::header::EXPECT;
use http::{HeaderMap, Method, Uri, Version, request::Parts};
use hyper::body::Body as _;
use jiff::tz::Offset;
use std::net::IpAddr;
use std::sync::{Arc, OnceLock};

/// The byte order mark that some programs write at the start of a text.
const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();

/// The part of an `Accept` header that asks for JSON.
const JSON_TYPE: &str = "application/json";
/// The part of an `Accept` header that asks for a page.
const HTML_TYPE: &str = "text/html";

/// A request, read from the connection.
pub struct IncomingRequest {
    /// The method.
    pub method: Method,
    /// The target exactly as sent. A signature covers it.
    pub target: Uri,
    /// The headers.
    pub headers: HeaderMap,
    /// Path parameters, percent-decoded.
    pub params: Vec<(&'static str, String)>,
    /// Query parameters, percent-decoded.
    pub query: Query,
    /// The request id of the log and of `X-Request-Id`.
    pub request_id: String,
    /// The language of texts in the response.
    pub language: Language,
    /// Whether the connection to this server uses TLS.
    pub tls: bool,
    /// Whether the client's own connection is encrypted: to this server, or to a trusted reverse proxy that
    /// says so.
    pub secure: bool,
    /// Whether a page is to respond with JSON.
    pub wants_json: bool,
    /// The zone of the server's times.
    pub home_zone: Offset,
    /// The address of the peer: of the reverse proxy, where there is one.
    pub from: Option<IpAddr>,
    /// The store's versions when the request arrived: of access, and of the pipeline that the path names.
    pub versions: CurrentVersions,
    /// Resolves when the server is about to stop.
    pub stopping: Stopping,
    /// The user that the session cookie signed in. Error pages show the name; they have no proof of access.
    pub visitor: OnceLock<Caller>,
    /// The first parameter of path or query that is refused whatever it means.
    malformed: Option<Invalid>,
    body: RequestBody,
    /// The body without a byte order mark, once it is needed.
    text: OnceLock<Bytes>,
}

impl IncomingRequest {
    /// A path parameter; empty if the path has none of that name.
    pub fn param(&self, name: &str) -> &str {
        self.params.iter().find(|(n, _)| *n == name).map_or("", |(_, value)| value)
    }

    /// The body, without a byte order mark at its start.
    ///
    /// # Errors
    /// Those of [`IncomingRequest::raw_body`].
    pub fn body(&self) -> Result<&Bytes> {
        let raw = self.body.bytes()?;
        let marked = raw.starts_with(BYTE_ORDER_MARK);
        Ok(if marked { self.text.get_or_init(|| raw.slice(BYTE_ORDER_MARK.len()..)) } else { raw })
    }

    /// The body as it was sent. A signature covers it.
    ///
    /// # Errors
    /// [`domain::Error::TooLarge`]; [`domain::Error::Invalid`] if the body did not arrive completely.
    pub fn raw_body(&self) -> Result<&Bytes> {
        self.body.bytes()
    }

    /// Whether the client announced a body.
    pub fn has_body(&self) -> bool {
        self.body.is_announced()
    }

    /// Reads the body of a request whose sender is not known yet.
    ///
    /// # Errors
    /// [`domain::Error::Overloaded`] if there is no memory for it.
    pub async fn load_unverified_body(&self) -> Result<()> {
        self.body.load(false).await
    }

    /// Reads the body for the handler of a route that admits `verified` senders only, or anybody.
    ///
    /// # Errors
    /// [`domain::Error::Overloaded`] if there is no memory for it.
    pub async fn load_body(&self, verified: bool) -> Result<()> {
        // No handler reads the body of a request that changes nothing.
        if matches!(self.method, Method::GET | Method::HEAD) {
            self.body.discard();
            return Ok(());
        }
        self.body.load(verified).await
    }

    /// Refuses a path or a query that contains what no text may contain.
    ///
    /// # Errors
    /// [`domain::Problem::NotUtf8`] and [`domain::Problem::ControlCharacter`], each with the parameter.
    pub fn check_text(&self) -> Result<(), Invalid> {
        self.malformed.clone().map_or(Ok(()), Err)
    }

    /// Scheme and host as the client addressed them, for links.
    pub fn base_url(&self) -> String {
        let host = self.header("host").or(self.target.authority().map(|a| a.as_str())).unwrap_or("localhost");
        format!("{}://{host}", if self.secure { "https" } else { "http" })
    }

    /// A header whose value is text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// Whether the client accepts HTML.
    pub fn accepts_html(&self) -> bool {
        accept(&self.headers).contains(HTML_TYPE)
    }

    /// The parts of the request that a response needs once a handler owns the request.
    pub fn for_reply(&self) -> Self {
        Self {
            method: self.method.clone(),
            target: self.target.clone(),
            headers: self.headers.clone(),
            params: Vec::new(),
            query: Query::default(),
            request_id: self.request_id.clone(),
            language: self.language,
            tls: self.tls,
            secure: self.secure,
            wants_json: self.wants_json,
            home_zone: self.home_zone,
            from: self.from,
            versions: self.versions,
            stopping: Stopping::default(),
            visitor: OnceLock::new(),
            malformed: None,
            body: RequestBody::default(),
            text: OnceLock::new(),
        }
    }
}

/// The target as sent, where the router was called with a normalized one.
#[derive(Clone)]
pub struct OriginalTarget(pub Uri);

/// Reads requests within the limits of the server's settings.
pub struct RequestReader {
    /// Issues request ids.
    pub ids: RequestIds,
    /// Greatest body, in bytes.
    pub body_max: usize,
    /// The memory for bodies.
    pub bodies: Arc<BodyBudgets>,
    /// Reverse proxies whose `X-Forwarded-Proto` and `X-Forwarded-For` are trusted.
    pub proxies: TrustedProxies,
    /// The zone of the server's times.
    pub home_zone: Offset,
}

impl RequestReader {
    /// Reads a request to a route with this path template, without its body. `page`: the route serves a page,
    /// whose address may end in `.json`. `anybody`: its sender need not be known, so the body is short.
    pub fn read(
        &self,
        template: &'static str,
        page: bool,
        anybody: bool,
        request: Request,
    ) -> IncomingRequest {
        let (Parts { method, uri, headers, mut extensions, version, .. }, body) = request.into_parts();
        let target = extensions.remove::<OriginalTarget>().map_or_else(|| uri.clone(), |original| original.0);
        let peer = extensions.get::<Peer>();
        let tls = peer.is_some_and(|peer| peer.tls);
        // Where a page's path ends in a parameter, the router took `.json` for a part of the value.
        let path = if page { uri.path().strip_suffix(".json").unwrap_or(uri.path()) } else { uri.path() };
        let (params, malformed) = params(template, path);
        let (query, malformed_query) = Query::parse(uri.query().unwrap_or_default().as_bytes());
        let stopping: Stopping = extensions.get().cloned().unwrap_or_default();
        let body = if body.is_end_stream() {
            RequestBody::default()
        } else {
            RequestBody::unread(Unread {
                body: Some(body),
                max: if anybody { self.body_max.min(PUBLIC_BODY_MAX) } else { self.body_max },
                head: headers.iter().map(|(name, value)| name.as_str().len() + value.len()).sum(),
                client: peer.and_then(|peer| self.proxies.client(peer.addr.ip(), &headers)),
                budgets: Arc::clone(&self.bodies),
                stopping: stopping.clone(),
                discard: version < Version::HTTP_2 && !headers.contains_key(EXPECT),
            })
        };
        IncomingRequest {
            request_id: self.ids.of(&headers),
            language: language::requested(&headers),
            tls,
            secure: tls || (self.trusts(peer) && forwarded_over_https(&headers)),
            wants_json: page && (target.path().ends_with(".json") || prefers_json(&headers)),
            home_zone: self.home_zone,
            from: peer.map(|peer| peer.addr.ip()),
            params,
            stopping,
            visitor: OnceLock::new(),
            query,
            versions: CurrentVersions::default(),
            malformed: malformed.or(malformed_query),
            body,
            text: OnceLock::new(),
            method,
            target,
            headers,
        }
    }

    /// Whether the peer is a trusted reverse proxy: one on this machine, or one that the settings name.
    fn trusts(&self, peer: Option<&Peer>) -> bool {
        peer.is_some_and(|peer| self.proxies.contains(peer.addr.ip()))
    }
}

/// The parameters of a path that matches `template`, and the first that is refused, which is empty. They are
/// decoded here, because the router's extractor rejects what is not UTF-8 with its own error body.
fn params(template: &'static str, path: &str) -> (Vec<(&'static str, String)>, Option<Invalid>) {
    let parameter = |part: &'static str| part.strip_prefix('{').and_then(|part| part.strip_suffix('}'));
    let parts = template.split('/').zip(path.split('/'));
    let mut refused = None;
    let params = parts.filter_map(|(part, value)| {
        let name = parameter(part)?;
        let value = decode(value.as_bytes(), false).unwrap_or_else(|problem| {
            refused.get_or_insert(Invalid::new(name, problem));
            String::new()
        });
        Some((name, value))
    });
    (params.collect(), refused)
}

/// Whether the reverse proxy received the request over HTTPS.
fn forwarded_over_https(headers: &HeaderMap) -> bool {
    headers.get("x-forwarded-proto").is_some_and(|proto| proto.as_bytes().eq_ignore_ascii_case(b"https"))
}

fn accept(headers: &HeaderMap) -> &str {
    headers.get(http::header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

/// Whether `Accept` lists JSON and not HTML.
fn prefers_json(headers: &HeaderMap) -> bool {
    accept(headers).contains(JSON_TYPE) && !accept(headers).contains(HTML_TYPE)
}
