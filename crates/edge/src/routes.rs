//! How a handler is made. Its argument [`Ctx`] names what its caller must be, and the proof of it is in there: a handler without
//! cannot be registered, and the actions it wants to call want the proof.

mod incoming;
pub mod repository;

pub use incoming::Incoming;
use incoming::current_versions;
pub(crate) use incoming::{SentTarget, read};

use crate::Edge;
use crate::auth::Accepts;
use crate::http::reply::Reply;
use axum::extract::Request;
use axum::response::Response;
use axum::routing::{MethodFilter, MethodRouter, on};
use domain::actions::access::{self, Administrator, Granted, RefStatusAccess, RequiredRole, SignedIn};
use domain::error::{AuthFailure, Error, Result};
use domain::model::ids::UserId;
use domain::model::repositories::RepositoryKey;
use domain::model::roles::Role;
use http::{HeaderMap, Method};
use std::collections::BTreeMap;
use std::future::Future;
use std::marker::PhantomData;
use std::panic::AssertUnwindSafe;
use std::pin::pin;
use std::sync::Arc;
use std::time::Instant;

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

/// What a handler is given.
pub struct Ctx<N: Requirement> {
    /// Everything shared.
    pub edge: Arc<Edge>,
    /// That the caller is what the handler asks for.
    pub proof: N::Proof,
    /// The request.
    pub request: Incoming,
}

/// What a route asks of its caller.
pub trait Requirement: Sized + Send + Sync + 'static {
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
pub struct Member<N: RequiredRole>(PhantomData<N>);

impl Requirement for Anybody {
    type Proof = ();
    const ADMITS: &'static str = "anybody";
    const LOOKS_UP: bool = false;
    async fn admit(_: &Edge, _: &'static Dialect, _: &Incoming) -> Result<()> {
        Ok(())
    }
}

impl Requirement for SomeUser {
    type Proof = SignedIn;
    const ADMITS: &'static str = "signed in";
    async fn admit(edge: &Edge, dialect: &'static Dialect, request: &Incoming) -> Result<SignedIn> {
        edge.auth.sign_in(edge, dialect.accepts, request).await
    }
}

impl Requirement for AnAdministrator {
    type Proof = Administrator;
    const ADMITS: &'static str = "administrator";
    async fn admit(edge: &Edge, dialect: &'static Dialect, request: &Incoming) -> Result<Administrator> {
        access::administrator(edge.auth.sign_in(edge, dialect.accepts, request).await?)
    }
}

impl<N: RequiredRole> Requirement for Member<N> {
    type Proof = Granted<N>;
    const ADMITS: &'static str = match N::ROLE {
        Role::Read => "role read",
        Role::Report => "role report",
        Role::Manage => "role manage",
    };
    async fn admit(edge: &Edge, dialect: &'static Dialect, request: &Incoming) -> Result<Granted<N>> {
        let signed_in = edge.auth.sign_in(edge, dialect.accepts, request).await?;
        let key = (dialect.repository)(request)?;
        let standing = edge.auth.repository_access(edge, &signed_in, &key, request.versions.access).await?;
        access::grant(signed_in, standing)
    }
}

/// To see how the refs of the repository stand that the path names: the role read, and of a public one nothing. What signs nobody in is
/// a stranger's, so that a picture of a page is there or is not.
pub struct PublicReader;

impl Requirement for PublicReader {
    type Proof = RefStatusAccess;
    const ADMITS: &'static str = "role read; public: anybody";
    async fn admit(edge: &Edge, dialect: &'static Dialect, request: &Incoming) -> Result<RefStatusAccess> {
        let key = (dialect.repository)(request)?;
        let standing = match edge.auth.sign_in(edge, dialect.accepts, request).await {
            Ok(signed_in) => {
                edge.auth.repository_access(edge, &signed_in, &key, request.versions.access).await?
            }
            Err(Error::Unauthenticated(_) | Error::ManyCredentials) => None,
            Err(error) => return Err(error),
        };
        access::ref_status_access(&edge.app, standing, &key).await
    }
}

/// A caller of an answer that takes long: asked again and again whether it still is what it was at the beginning.
pub struct StillMember<N: RequiredRole> {
    dialect: &'static Dialect,
    request: Incoming,
    user: UserId,
    role: PhantomData<N>,
}

impl<N: RequiredRole> StillMember<N> {
    /// Who has shown to be one by this request.
    pub fn new(dialect: &'static Dialect, request: Incoming, proof: &Granted<N>) -> Self {
        Self { dialect, request, user: proof.caller().user.id, role: PhantomData }
    }

    /// The proof that the caller is one now.
    ///
    /// # Errors
    /// As at the beginning, but that the time of a signature is over.
    pub async fn proof(&mut self, edge: &Edge) -> Result<Granted<N>> {
        self.request.versions = edge.app.store.current_versions(None).await?;
        let signed_in = edge.auth.sign_in_again(edge, self.dialect.accepts, &self.request).await?;
        if signed_in.caller().user.id != self.user {
            return Err(Error::Forbidden);
        }
        let key = (self.dialect.repository)(&self.request)?;
        let standing =
            edge.auth.repository_access(edge, &signed_in, &key, self.request.versions.access).await?;
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
        N: Requirement,
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
                    incoming.versions = current_versions(&edge, &incoming).await;
                }
                let asked = incoming.for_reply();
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
            async move { crate::operations::not_found(&edge, request).await }
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

async fn answer<N, H, F>(
    edge: Arc<Edge>,
    dialect: &'static Dialect,
    handler: H,
    request: Incoming,
    asked: &Incoming,
) -> Reply
where
    N: Requirement,
    H: Fn(Ctx<N>) -> F,
    F: Future<Output = Result<Reply>>,
{
    let admitted = N::admit(&edge, dialect, &request).await;
    if let Some(visitor) = request.visitor.get() {
        let _ = asked.visitor.set(visitor.clone());
    }
    let proof = match admitted {
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
        Error::Unauthenticated(AuthFailure::Signature { reason, .. }) => {
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
