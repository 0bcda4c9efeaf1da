//! A request as read from the connection: the requested resource, and the data that a response needs about the
//! client. It takes limits and settings, not the shared state, and knows no dialect.

mod addresses;
mod body;
mod claimed;

pub use body::{BodyBudgets, PUBLIC_BODY_MAX};
pub use claimed::Claimed;

use crate::http::forwarded::{self, Client, TrustedProxies};
use crate::http::listen::{Peer, Stopping};
use crate::http::public_url::PublicUrl;
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

/// The part of an `Accept` header that requests JSON.
const JSON_TYPE: &str = "application/json";
/// The part of an `Accept` header that requests a page.
const HTML_TYPE: &str = "text/html";

/// A request, read from the connection.
pub struct IncomingRequest {
    /// The method.
    pub method: Method,
    /// The target as sent, without the path of the public URL.
    pub target: Uri,
    /// The target exactly as sent, where it has the path of the public URL.
    sent_target: Option<Uri>,
    public: Option<Arc<PublicUrl>>,
    /// Whether the client addressed the host of the public URL.
    is_at_public_host: bool,
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
    /// says so, or to the host of a public URL with `https`.
    pub secure: bool,
    /// Whether a page is to respond with JSON.
    pub wants_json: bool,
    /// The zone of the server's times.
    pub home_zone: Offset,
    /// The address of the peer: of the client, or of the last reverse proxy.
    pub peer: Option<IpAddr>,
    /// The address of the client: the one that a trusted reverse proxy names, else that of the peer.
    pub from: Option<IpAddr>,
    /// The client's own connection, as far as it is known.
    pub client: Client,
    /// The sender of the request, according to its credential.
    pub claimed: Claimed,
    /// The store's versions when the request arrived: of access, and of the pipeline that the path names.
    pub versions: CurrentVersions,
    /// Whether a repeat of a signed request to the route changes nothing.
    pub is_repeatable: bool,
    /// Whether it came to the listener for monitoring.
    pub is_for_monitoring: bool,
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

    /// Whether a program of this machine sent it. A request that a local reverse proxy passes on does not count; only
    /// the headers of the proxy distinguish it.
    pub fn is_from_this_machine(&self) -> bool {
        self.from.is_some_and(|from| from.is_loopback()) && !forwarded::is_proxied(&self.headers)
    }

    /// A header whose value is text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// Whether the client accepts HTML.
    pub fn accepts_html(&self) -> bool {
        accept(&self.headers).contains(HTML_TYPE)
    }

    /// The request without its body, for a response that is sent for long.
    pub fn without_body(&self) -> Self {
        Self {
            method: self.method.clone(),
            target: self.target.clone(),
            sent_target: self.sent_target.clone(),
            public: self.public.clone(),
            is_at_public_host: self.is_at_public_host,
            headers: self.headers.clone(),
            params: self.params.clone(),
            query: self.query.clone(),
            request_id: self.request_id.clone(),
            language: self.language,
            tls: self.tls,
            secure: self.secure,
            wants_json: self.wants_json,
            home_zone: self.home_zone,
            peer: self.peer,
            from: self.from,
            client: self.client.clone(),
            claimed: self.claimed.clone(),
            versions: self.versions,
            is_repeatable: self.is_repeatable,
            is_for_monitoring: self.is_for_monitoring,
            stopping: self.stopping.clone(),
            visitor: OnceLock::new(),
            malformed: self.malformed.clone(),
            body: RequestBody::default(),
            text: OnceLock::new(),
        }
    }
}

/// The target as sent, below the path of the public URL, where the router was called with a normalized one.
#[derive(Clone)]
pub struct OriginalTarget(pub Uri);

/// The target exactly as sent, where the router was called with the rest below the path of the public URL.
#[derive(Clone)]
pub struct SentTarget(pub Uri);

/// Marks a request that came to the listener for monitoring.
#[derive(Clone, Copy)]
pub struct ForMonitoring;

/// Reads requests within the limits of the server's settings.
pub struct RequestReader {
    /// Issues request ids.
    pub ids: RequestIds,
    /// Greatest body, in bytes.
    pub body_max: usize,
    /// The memory for bodies.
    pub bodies: Arc<BodyBudgets>,
    /// The reverse proxies whose headers are trusted.
    pub proxies: TrustedProxies,
    /// The address of the server, if the settings name it.
    pub public: Option<Arc<PublicUrl>>,
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
        let sent_target = extensions.remove::<SentTarget>().map(|sent| sent.0);
        let is_for_monitoring = extensions.remove::<ForMonitoring>().is_some();
        let peer = extensions.get::<Peer>();
        let tls = peer.is_some_and(|peer| peer.tls);
        let peer_address = peer.map(|peer| peer.addr.ip());
        let client = Client::of(&headers, peer.map(|peer| peer.addr.ip()), tls, &self.proxies);
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
                client: client.address.filter(|address| !self.proxies.contains(*address)),
                budgets: Arc::clone(&self.bodies),
                stopping: stopping.clone(),
                discard: version < Version::HTTP_2 && !headers.contains_key(EXPECT),
            })
        };
        let mut incoming = IncomingRequest {
            request_id: self.ids.of(&headers),
            language: language::requested(&headers),
            tls,
            secure: client.secure,
            wants_json: page && (target.path().ends_with(".json") || prefers_json(&headers)),
            home_zone: self.home_zone,
            peer: peer_address,
            from: client.address,
            client,
            claimed: Claimed::default(),
            params,
            stopping,
            visitor: OnceLock::new(),
            query,
            versions: CurrentVersions::default(),
            is_repeatable: false,
            is_for_monitoring,
            malformed: malformed.or(malformed_query),
            body,
            text: OnceLock::new(),
            method,
            target,
            sent_target,
            public: self.public.clone(),
            is_at_public_host: false,
            headers,
        };
        if let Some(public) = &self.public {
            incoming.is_at_public_host = public.is_host(incoming.host());
            incoming.secure |= incoming.is_at_public_host && public.is_https();
        }
        incoming
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

fn accept(headers: &HeaderMap) -> &str {
    headers.get(http::header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

/// Whether `Accept` lists JSON and not HTML.
fn prefers_json(headers: &HeaderMap) -> bool {
    accept(headers).contains(JSON_TYPE) && !accept(headers).contains(HTML_TYPE)
}
