//! How a handler is made. Its argument [`Ctx`] names what its caller must be, and the proof of it is in there: a handler without
//! cannot be registered, and the actions it wants to call want the proof.

pub mod repository;

use crate::Edge;
use crate::auth::Accepts;
use crate::http::listen::{Peer, Stopping};
use crate::http::query::{Query, decode};
use crate::http::reply::Reply;
use crate::language::Language;
use axum::body::Body;
use axum::extract::Request;
use axum::response::Response;
use axum::routing::{MethodFilter, MethodRouter, on};
use bytes::Bytes;
use domain::actions::access::{self, Administrator, Granted, Needs, Shown, SignedIn};
use domain::error::{Error, Refused, Result};
use domain::model::access::Role;
use domain::model::ids::{PipelineId, RepositoryId, UserId};
use domain::model::repositories::RepositoryKey;
use domain::ports::MarksNow;
use http::{HeaderMap, Method, Uri, request::Parts};
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use jiff::tz::Offset;
use std::collections::BTreeMap;
use std::future::Future;
use std::marker::PhantomData;
use std::net::IpAddr;
use std::panic::AssertUnwindSafe;
use std::pin::pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How long a body may take to arrive, whole (reliability section 4.5).
const BODY_TIMEOUT: Duration = Duration::from_secs(30);

/// A protocol spoken at the edge, as far as every route of it does the same.
pub struct Dialect {
    /// Its name, in the log and in metrics.
    pub name: &'static str,
    /// The credentials it takes.
    pub accepts: Accepts,
    /// Which repository a request's path names, on the routes that name one.
    pub repository: fn(&Incoming) -> Result<RepositoryKey>,
    /// Its error body.
    pub error: fn(&Error, &Incoming) -> Reply,
}

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
    pub marks: MarksNow,
    /// Whether the server is about to stop.
    pub stopping: Stopping,
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
    fn shadow(&self) -> Self {
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
            marks: self.marks,
            stopping: Stopping::default(),
            body: Ok(Bytes::new()),
        }
    }

    /// A header that is text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }
}

/// What a handler is given.
pub struct Ctx<N: Need> {
    /// Everything shared.
    pub edge: Arc<Edge>,
    /// That the caller is what the handler asks for.
    pub proof: N::Proof,
    /// The request.
    pub request: Incoming,
}

/// What a route asks of its caller.
pub trait Need: Sized + Send + Sync + 'static {
    /// What proves it.
    type Proof: Send + Sync;
    /// Who passes, for the table of routes.
    const ADMITS: &'static str;
    /// Whether the store is asked who the caller is.
    const LOOKS_UP: bool = true;
    /// Proves it.
    fn admit(
        edge: &Edge,
        dialect: &'static Dialect,
        request: &Incoming,
    ) -> impl Future<Output = Result<Self::Proof>> + Send;
}

/// Nothing: anybody may call.
pub struct Anybody;
/// To have signed in.
pub struct SomeUser;
/// To be an administrator.
pub struct AnAdministrator;
/// A role in the repository that the path names.
pub struct Member<N: Needs>(PhantomData<N>);

impl Need for Anybody {
    type Proof = ();
    const ADMITS: &'static str = "anybody";
    const LOOKS_UP: bool = false;
    async fn admit(_: &Edge, _: &'static Dialect, _: &Incoming) -> Result<()> {
        Ok(())
    }
}

impl Need for SomeUser {
    type Proof = SignedIn;
    const ADMITS: &'static str = "signed in";
    async fn admit(edge: &Edge, dialect: &'static Dialect, request: &Incoming) -> Result<SignedIn> {
        edge.auth.sign_in(edge, dialect.accepts, request).await
    }
}

impl Need for AnAdministrator {
    type Proof = Administrator;
    const ADMITS: &'static str = "administrator";
    async fn admit(edge: &Edge, dialect: &'static Dialect, request: &Incoming) -> Result<Administrator> {
        access::administrator(edge.auth.sign_in(edge, dialect.accepts, request).await?)
    }
}

impl<N: Needs> Need for Member<N> {
    type Proof = Granted<N>;
    const ADMITS: &'static str = match N::ROLE {
        Role::Read => "role read",
        Role::Report => "role report",
        Role::Manage => "role manage",
    };
    async fn admit(edge: &Edge, dialect: &'static Dialect, request: &Incoming) -> Result<Granted<N>> {
        let signed_in = edge.auth.sign_in(edge, dialect.accepts, request).await?;
        let key = (dialect.repository)(request)?;
        let standing = edge.auth.standing(edge, &signed_in, &key, request.marks.access).await?;
        access::grant(signed_in, standing)
    }
}

/// To see how the refs of the repository stand that the path names: the role read, and of a public one nothing. What signs nobody in is
/// a stranger's, so that a picture of a page is there or is not.
pub struct Onlooker;

impl Need for Onlooker {
    type Proof = Shown;
    const ADMITS: &'static str = "role read; public: anybody";
    async fn admit(edge: &Edge, dialect: &'static Dialect, request: &Incoming) -> Result<Shown> {
        let key = (dialect.repository)(request)?;
        let standing = match edge.auth.sign_in(edge, dialect.accepts, request).await {
            Ok(signed_in) => edge.auth.standing(edge, &signed_in, &key, request.marks.access).await?,
            Err(Error::Unauthenticated(_) | Error::ManyCredentials) => None,
            Err(error) => return Err(error),
        };
        access::shown(&edge.app, standing, &key).await
    }
}

/// A caller of an answer that takes long: asked again and again whether it still is what it was at the beginning.
pub struct StillMember<N: Needs> {
    dialect: &'static Dialect,
    request: Incoming,
    user: UserId,
    role: PhantomData<N>,
}

impl<N: Needs> StillMember<N> {
    /// Who has shown to be one by this request.
    pub fn new(dialect: &'static Dialect, request: Incoming, proof: &Granted<N>) -> Self {
        Self { dialect, request, user: proof.caller().user.id, role: PhantomData }
    }

    /// The proof that the caller is one now.
    ///
    /// # Errors
    /// As at the beginning, but that the time of a signature is over.
    pub async fn proof(&mut self, edge: &Edge) -> Result<Granted<N>> {
        self.request.marks = edge.app.store.marks(None).await?;
        let signed_in = edge.auth.sign_in_again(edge, self.dialect.accepts, &self.request).await?;
        if signed_in.caller().user.id != self.user {
            return Err(Error::Forbidden);
        }
        let key = (self.dialect.repository)(&self.request)?;
        let standing = edge.auth.standing(edge, &signed_in, &key, self.request.marks.access).await?;
        access::grant(signed_in, standing)
    }
}

/// A route, as the tests and the documentation see it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct RouteInfo {
    /// Path, parameters in braces.
    pub path: &'static str,
    /// Method.
    pub method: String,
    /// Dialect.
    pub dialect: &'static str,
    /// The operation's name in its API.
    pub operation: &'static str,
    /// Who passes.
    pub admits: &'static str,
}

/// The routes, as they are collected.
pub struct Routes {
    edge: Arc<Edge>,
    paths: BTreeMap<&'static str, MethodRouter>,
    table: Vec<RouteInfo>,
}

impl Routes {
    pub(crate) fn new(edge: Arc<Edge>) -> Self {
        Self { edge, paths: BTreeMap::new(), table: Vec::new() }
    }

    /// Adds a route. `operation` is its name in its API.
    pub fn add<N, H, F>(
        &mut self,
        dialect: &'static Dialect,
        method: Method,
        path: &'static str,
        operation: &'static str,
        handler: H,
    ) where
        N: Need,
        H: Fn(Ctx<N>) -> F + Clone + Send + Sync + 'static,
        F: Future<Output = Result<Reply>> + Send + 'static,
    {
        let info = RouteInfo {
            path,
            method: method.to_string(),
            dialect: dialect.name,
            operation,
            admits: N::ADMITS,
        };
        let seconds = metrics::histogram!("stagepost_http_request_seconds", "operation" => operation);
        let counters = Counters::new(dialect.name, operation);
        self.table.push(info);
        let edge = Arc::clone(&self.edge);
        let serve = move |request: Request| {
            let (edge, handler, seconds, counters) =
                (Arc::clone(&edge), handler.clone(), seconds.clone(), counters.clone());
            async move {
                let began = Instant::now();
                let mut incoming = read(&edge, dialect, path, request).await;
                if N::LOOKS_UP {
                    incoming.marks = marks(&edge, &incoming).await;
                }
                let asked = incoming.shadow();
                let reply = guarded(answer(edge, dialect, handler, incoming, &asked)).await;
                let reply = reply.unwrap_or_else(|| crashed(dialect, &asked));
                seconds.record(began.elapsed().as_secs_f64());
                counters.count(reply.status.as_u16());
                finish(reply, &asked.headers, &asked.request_id)
            }
        };
        let filter = MethodFilter::try_from(method).unwrap_or(MethodFilter::GET);
        let methods = self.paths.remove(path).unwrap_or_default();
        self.paths.insert(path, methods.merge(on(filter, serve)));
    }

    pub(crate) fn into_table(self) -> Vec<RouteInfo> {
        self.table
    }

    pub(crate) fn into_router(self) -> axum::Router {
        let mut router = axum::Router::new();
        for (path, methods) in self.paths {
            router = router.route(path, methods);
        }
        let edge = Arc::clone(&self.edge);
        let nowhere = move |request: Request| {
            let edge = Arc::clone(&edge);
            async move { crate::operations::nowhere(&edge, request).await }
        };
        let inner = router.clone().fallback(nowhere.clone()).method_not_allowed_fallback(nowhere);
        let edge = self.edge;
        let unknown =
            move |request: Request| crate::operations::unknown(Arc::clone(&edge), inner.clone(), request);
        router.fallback(unknown.clone()).method_not_allowed_fallback(unknown)
    }
}

/// Requests of one operation, counted by the hundred of their status.
#[derive(Clone)]
struct Counters([metrics::Counter; 5]);

impl Counters {
    fn new(dialect: &'static str, operation: &'static str) -> Self {
        let counter = |class: &'static str| metrics::counter!("stagepost_http_requests_total", "dialect" => dialect, "operation" => operation, "status" => class);
        Self(["1xx", "2xx", "3xx", "4xx", "5xx"].map(counter))
    }

    fn count(&self, status: u16) {
        if let Some(counter) = self.0.get(usize::from(status / 100).saturating_sub(1)) {
            counter.increment(1);
        }
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
        language: Language::of(&headers),
        tls,
        secure: tls || (edge.trusts(peer) && says_https(&headers)),
        wants_json: page && (target.path().ends_with(".json") || prefers_json(&headers)),
        home_zone: edge.settings.offset,
        from: peer.map(|peer| peer.addr.ip()),
        params: params(template, path),
        stopping: extensions.remove().unwrap_or_default(),
        query: Query::parse(uri.query().unwrap_or_default()),
        marks: MarksNow::default(),
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
async fn marks(edge: &Edge, request: &Incoming) -> MarksNow {
    let repository = RepositoryId::parse(request.param("repository_id")).ok();
    let pipeline = PipelineId::parse(request.param("pipeline_id")).ok();
    edge.app.store.marks(repository.zip(pipeline)).await.unwrap_or_default()
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

async fn answer<N, H, F>(
    edge: Arc<Edge>,
    dialect: &'static Dialect,
    handler: H,
    request: Incoming,
    asked: &Incoming,
) -> Reply
where
    N: Need,
    H: Fn(Ctx<N>) -> F,
    F: Future<Output = Result<Reply>>,
{
    let proof = match N::admit(&edge, dialect, &request).await {
        Ok(proof) => proof,
        Err(error) => return refuse(dialect, &error, asked),
    };
    match handler(Ctx { edge, proof, request }).await {
        Ok(reply) => reply,
        Err(error) => refuse(dialect, &error, asked),
    }
}

/// The dialect's error body; and a line in the log where the fault is ours, or the reason is only for the log.
fn refuse(dialect: &Dialect, error: &Error, request: &Incoming) -> Reply {
    let (request_id, method, path) = (request.request_id.as_str(), &request.method, request.target.path());
    match error {
        Error::Internal(_) | Error::Unavailable(_) => {
            tracing::error!(request_id, %method, path, %error, "a request failed");
        }
        // The canonical request holds signed values, such as temporary tokens: it is the caller's, not the log's.
        Error::Unauthenticated(Refused::Signature { reason, .. }) => {
            tracing::info!(request_id, %method, path, reason, "a signature was refused");
        }
        Error::Unauthenticated(refused) => {
            tracing::info!(request_id, %method, path, ?refused, "a credential was refused")
        }
        _ => tracing::debug!(request_id, %method, path, %error, "a request was refused"),
    }
    (dialect.error)(error, request).retry_when_busy()
}

/// The last words on an answer, the same for every route.
pub(crate) fn finish(reply: Reply, asked: &HeaderMap, request_id: &str) -> Response {
    reply.header("x-request-id", request_id).into_response(asked)
}

/// The answer of a handler that broke. `None`: it did.
async fn guarded(work: impl Future<Output = Reply>) -> Option<Reply> {
    let mut work = pin!(work);
    std::future::poll_fn(|cx| {
        let poll = std::panic::catch_unwind(AssertUnwindSafe(|| work.as_mut().poll(cx)));
        match poll {
            Ok(poll) => poll.map(Some),
            Err(_) => std::task::Poll::Ready(None),
        }
    })
    .await
}

fn crashed(dialect: &Dialect, asked: &Incoming) -> Reply {
    refuse(dialect, &Error::Internal("a handler broke; the panic is in the log above".into()), asked)
}
