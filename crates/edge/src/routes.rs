//! Routes: how a handler is registered and called. The type of a handler's argument [`Context`] names what
//! the route requires of its caller, and carries the proof of it. A handler without a requirement cannot be
//! registered, and the domain's actions take the proof.

mod recheck;
mod request_metrics;
mod requirement;

pub use recheck::AccessRecheck;
pub use requirement::{Admin, Authenticated, Public, PublicReader, Requirement, WithRole};

use crate::dialect::Dialect;
use crate::http::listen::ToKnownCaller;
use crate::http::reply::Reply;
use crate::request::IncomingRequest;
use crate::state::Edge;
use axum::extract::Request;
use axum::response::Response;
use axum::routing::{MethodFilter, MethodRouter, on};
use domain::error::{AuthFailure, Error, Result};
use domain::model::ids::{PipelineId, RepositoryId};
use domain::ports::{CurrentVersions, Requester, as_requester};
use http::{HeaderMap, Method};
use request_metrics::RequestMetrics;
use std::collections::BTreeMap;
use std::panic::AssertUnwindSafe;
use std::pin::pin;
use std::sync::Arc;
use std::time::Instant;

/// The argument of a handler.
pub struct Context<N: Requirement> {
    /// The shared state.
    pub edge: Arc<Edge>,
    /// The proof that the caller meets the requirement.
    pub proof: N::Proof,
    /// The request.
    pub request: IncomingRequest,
}

/// A route, for tests and documents.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct RouteInfo {
    /// Path, with parameters in braces.
    pub path: &'static str,
    /// Method.
    pub method: String,
    /// Name of the dialect.
    pub dialect: &'static str,
    /// Name of the operation in its API.
    pub operation: &'static str,
    /// The callers that the route admits.
    pub admits: &'static str,
}

/// Makes the router of a route for the shared state.
type Connect = Box<dyn FnOnce(&Arc<Edge>) -> MethodRouter>;

/// Collects the routes.
#[derive(Default)]
pub struct Routes(Vec<(RouteInfo, Connect)>);

impl Routes {
    /// Adds a route. `operation` is the name of the operation in its API.
    pub fn add<N, H, F>(
        &mut self,
        dialect: &'static Dialect,
        method: Method,
        path: &'static str,
        operation: &'static str,
        handler: H,
    ) where
        N: Requirement,
        H: Fn(Context<N>) -> F + Clone + Send + Sync + 'static,
        F: Future<Output = Result<Reply>> + Send + 'static,
    {
        let info = RouteInfo {
            path,
            method: method.to_string(),
            dialect: dialect.name,
            operation,
            admits: N::ADMITS,
        };
        let connect = move |edge: &Arc<Edge>| {
            let (edge, metrics) = (Arc::clone(edge), RequestMetrics::new(dialect.name, operation));
            let serve = move |request: Request| {
                serve(Arc::clone(&edge), dialect, path, handler.clone(), metrics.clone(), request)
            };
            on(MethodFilter::try_from(method).unwrap_or(MethodFilter::GET), serve)
        };
        self.0.push((info, Box::new(connect)));
    }

    /// The table of the routes, in order of registration.
    pub fn into_table(self) -> Vec<RouteInfo> {
        self.0.into_iter().map(|(info, _)| info).collect()
    }

    /// The router of the routes, without a fallback.
    pub fn into_router(self, edge: &Arc<Edge>) -> axum::Router {
        let mut paths: BTreeMap<&'static str, MethodRouter> = BTreeMap::new();
        for (info, connect) in self.0 {
            let methods = paths.remove(info.path).unwrap_or_default();
            paths.insert(info.path, methods.merge(connect(edge)));
        }
        let routes = paths.into_iter();
        routes.fold(axum::Router::new(), |router, (path, methods)| router.route(path, methods))
    }
}

/// Reads a request, authorizes it, runs its handler and writes the response.
async fn serve<N, H, F>(
    edge: Arc<Edge>,
    dialect: &'static Dialect,
    path: &'static str,
    handler: H,
    metrics: RequestMetrics,
    request: Request,
) -> Response
where
    N: Requirement,
    H: Fn(Context<N>) -> F,
    F: Future<Output = Result<Reply>>,
{
    let started = Instant::now();
    let mut request = edge.requests.read(path, dialect.serves_pages, !N::AUTHENTICATES, request);
    if N::AUTHENTICATES {
        request.versions = current_versions(&edge, &request).await;
    }
    let for_reply = request.for_reply();
    let reply = catch_panic(respond(edge, dialect, handler, request, &for_reply)).await;
    let (reply, is_known) = reply.unwrap_or_else(|| (panicked(dialect, &for_reply), false));
    let reply = (dialect.complete)(reply, &for_reply);
    metrics.record(reply.status, started.elapsed());
    let mut response = finish(reply, &for_reply.headers, &for_reply.request_id);
    if is_known {
        response.extensions_mut().insert(ToKnownCaller);
    }
    response
}

/// Authorizes a request and runs its handler. Returns also whether the caller is a user.
async fn respond<N, H, F>(
    edge: Arc<Edge>,
    dialect: &'static Dialect,
    handler: H,
    request: IncomingRequest,
    for_reply: &IncomingRequest,
) -> (Reply, bool)
where
    N: Requirement,
    H: Fn(Context<N>) -> F,
    F: Future<Output = Result<Reply>>,
{
    let anonymous = Requester::Anonymous(request.from);
    let authorized = as_requester(anonymous, N::authorize(&edge, dialect, &request)).await;
    if let Some(visitor) = request.visitor.get() {
        let _ = for_reply.visitor.set(visitor.clone());
    }
    let proof = match authorized {
        Ok(proof) => proof,
        Err(error) => return (error_reply(dialect, &error, for_reply), false),
    };
    let user = N::user(&proof);
    // The caller is known: 401 and 404 have precedence over errors of path, query and body.
    if let Err(error) = prepare::<N>(&request).await {
        return (error_reply(dialect, &error, for_reply), user.is_some());
    }
    let requester = user.map_or(anonymous, Requester::User);
    let reply = match as_requester(requester, handler(Context { edge, proof, request })).await {
        Ok(reply) => reply,
        Err(error) => error_reply(dialect, &error, for_reply),
    };
    (reply, user.is_some())
}

/// Checks the texts of path and query, and reads the body.
async fn prepare<N: Requirement>(request: &IncomingRequest) -> Result<()> {
    request.check_text()?;
    request.load_body(N::AUTHENTICATES).await
}

/// The store's versions for a request. If they cannot be read, nothing is cached, and the next read of the
/// store returns its error.
async fn current_versions(edge: &Edge, request: &IncomingRequest) -> CurrentVersions {
    let repository = RepositoryId::parse(request.param("repository_id")).ok();
    let pipeline = PipelineId::parse(request.param("pipeline_id")).ok();
    edge.app.store.current_versions(repository.zip(pipeline)).await.unwrap_or_default()
}

/// The error body of the dialect. Server errors and the reasons for refused credentials are logged, because
/// no response shows them.
fn error_reply(dialect: &Dialect, error: &Error, request: &IncomingRequest) -> Reply {
    let (request_id, method, path) = (request.request_id.as_str(), &request.method, request.target.path());
    match error {
        Error::Internal(_) | Error::Unavailable(_) => {
            tracing::error!(request_id, %method, path, %error, "a request failed");
        }
        // The canonical request is not logged: it contains signed values, such as temporary tokens.
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

/// Adds what every response has, and makes the response for a client that sent these headers.
pub fn finish(reply: Reply, headers: &HeaderMap, request_id: &str) -> Response {
    reply.header("x-request-id", request_id).into_response(headers)
}

/// Runs a handler; `None`: it panicked.
async fn catch_panic<T>(handler: impl Future<Output = T>) -> Option<T> {
    let mut handler = pin!(handler);
    std::future::poll_fn(|cx| {
        let poll = std::panic::catch_unwind(AssertUnwindSafe(|| handler.as_mut().poll(cx)));
        match poll {
            Ok(poll) => poll.map(Some),
            Err(_) => std::task::Poll::Ready(None),
        }
    })
    .await
}

fn panicked(dialect: &Dialect, request: &IncomingRequest) -> Reply {
    error_reply(
        dialect,
        &Error::Internal("a handler panicked; the panic is in the log above".into()),
        request,
    )
}
