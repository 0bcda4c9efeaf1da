//! A request as it came, read once: what it asks for, and all that an answer needs to know of who sent it and how.

use super::Dialect;
use crate::Edge;
use crate::http::listen::{Peer, Stopping};
use crate::http::query::{Query, decode};
use crate::language::{self, Language};
use axum::body::Body;
use axum::extract::Request;
use bytes::Bytes;
use domain::error::{Error, Result};
use domain::model::access::Caller;
use domain::model::ids::{PipelineId, RepositoryId};
use domain::ports::CurrentVersions;
use http::{HeaderMap, Method, Uri, request::Parts};
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use jiff::tz::Offset;
use std::net::IpAddr;
use std::sync::OnceLock;
use std::time::Duration;

/// How long a body may take to arrive, whole (reliability section 4.5).
const BODY_TIMEOUT: Duration = Duration::from_secs(30);

/// A request, read.
pub struct Incoming {
    /// Method.
    pub method: Method,
    /// The target exactly as it was sent: what a signature covers.
    pub target: Uri,
    /// Headers.
    pub headers: HeaderMap,
    /// Path parameters, decoded.
    pub params: Vec<(&'static str, String)>,
    /// Query parameters, decoded.
    pub query: Query,
    /// What the log calls this request.
    pub request_id: String,
    /// The language of texts in the answer.
    pub language: Language,
    /// It came over TLS.
    pub tls: bool,
    /// The client's own connection is encrypted, here or at a reverse proxy that says so.
    pub secure: bool,
    /// JSON is wanted of a page.
    pub wants_json: bool,
    /// The zone of the server's times.
    pub home_zone: Offset,
    /// The other end of the connection; of a reverse proxy, if one is between.
    pub from: Option<IpAddr>,
    /// The store's marks when it had arrived: of who may do what, and of the pipeline that its path names.
    pub versions: CurrentVersions,
    /// Whether the server is about to stop.
    pub stopping: Stopping,
    /// Who the session's cookie signed in, for the page of an error: it has no proof.
    pub visitor: OnceLock<Caller>,
    body: Result<Bytes>,
}

impl Incoming {
    /// A path parameter.
    pub fn param(&self, name: &str) -> &str {
        self.params.iter().find(|(n, _)| *n == name).map_or("", |(_, value)| value)
    }

    /// The body.
    ///
    /// # Errors
    /// [`Error::TooLarge`], or that it did not arrive.
    pub fn body(&self) -> Result<&Bytes> {
        self.body.as_ref().map_err(Clone::clone)
    }

    /// Scheme and host as the client called them, for links.
    pub fn base_url(&self) -> String {
        let host = self.header("host").or(self.target.authority().map(|a| a.as_str())).unwrap_or("localhost");
        format!("{}://{host}", if self.secure { "https" } else { "http" })
    }

    /// What an answer needs of the request once a handler has taken it.
    pub(super) fn for_reply(&self) -> Self {
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
            body: Ok(Bytes::new()),
        }
    }

    /// A header that is text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }
}

/// The target as it was sent, when the router was asked with a tidied one.
#[derive(Clone)]
pub(crate) struct SentTarget(pub Uri);

/// The parameters of a path that fits `template`, decoded by us: the router's own extractor refuses what is no UTF-8 in its own way.
fn params(template: &'static str, path: &str) -> Vec<(&'static str, String)> {
    let parameter = |part: &'static str| part.strip_prefix('{').and_then(|part| part.strip_suffix('}'));
    let parts = template.split('/').zip(path.split('/'));
    parts.filter_map(|(part, value)| Some((parameter(part)?, decode(value, false)))).collect()
}

pub(crate) async fn read(
    edge: &Edge,
    dialect: &Dialect,
    template: &'static str,
    request: Request,
) -> Incoming {
    let (Parts { method, uri, headers, mut extensions, .. }, body) = request.into_parts();
    let target = extensions.remove::<SentTarget>().map_or_else(|| uri.clone(), |sent| sent.0);
    let peer = extensions.get::<Peer>();
    let tls = peer.is_some_and(|peer| peer.tls);
    let page = dialect.name == crate::pages::NAME;
    // Of a page that ends in a parameter, the router took the ending for a part of it.
    let path = if page { uri.path().strip_suffix(".json").unwrap_or(uri.path()) } else { uri.path() };
    Incoming {
        request_id: edge.ids.of(&headers),
        language: language::requested(&headers),
        tls,
        secure: tls || (edge.trusts(peer) && says_https(&headers)),
        wants_json: page && (target.path().ends_with(".json") || prefers_json(&headers)),
        home_zone: edge.settings.offset,
        from: peer.map(|peer| peer.addr.ip()),
        params: params(template, path),
        stopping: extensions.remove().unwrap_or_default(),
        visitor: OnceLock::new(),
        query: Query::parse(uri.query().unwrap_or_default()),
        versions: CurrentVersions::default(),
        body: read_body(body, edge.settings.body_max).await,
        method,
        target,
        headers,
    }
}

/// What a reverse proxy says of the connection to it.
fn says_https(headers: &HeaderMap) -> bool {
    headers.get("x-forwarded-proto").is_some_and(|proto| proto.as_bytes().eq_ignore_ascii_case(b"https"))
}

/// True where JSON is accepted and HTML is not named.
fn prefers_json(headers: &HeaderMap) -> bool {
    let accept = headers.get(http::header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    accept.contains("application/json") && !accept.contains("text/html")
}

/// The marks for a request. Without them nothing is remembered, and whoever reads next learns what is wrong with the store.
pub(super) async fn current_versions(edge: &Edge, request: &Incoming) -> CurrentVersions {
    let repository = RepositoryId::parse(request.param("repository_id")).ok();
    let pipeline = PipelineId::parse(request.param("pipeline_id")).ok();
    edge.app.store.current_versions(repository.zip(pipeline)).await.unwrap_or_default()
}

async fn read_body(body: Body, max: usize) -> Result<Bytes> {
    use hyper::body::Body as _;
    if body.is_end_stream() {
        return Ok(Bytes::new());
    }
    let too_large = || Error::TooLarge { max };
    if body.size_hint().lower() > max as u64 {
        return Err(too_large());
    }
    match tokio::time::timeout(BODY_TIMEOUT, Limited::new(body, max).collect()).await {
        Ok(Ok(collected)) => Ok(collected.to_bytes()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => Err(too_large()),
        _ => {
            let detail = "the body did not arrive whole".to_owned();
            Err(domain::Invalid::new("body", domain::Problem::NotJson { detail }).into())
        }
    }
}
