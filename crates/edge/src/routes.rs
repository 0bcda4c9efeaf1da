//! Routes: how a handler is registered and called. The type of a handler's argument [`Context`] names what
//! the route requires of its caller, and carries the proof of it. A handler without a requirement cannot be
//! registered, and the domain's actions take the proof.

mod cached;
mod recheck;
mod request_metrics;
mod requirement;
mod route_table;

pub use cached::{Source, Validity, by_address, cached, cached_in_turn};
pub use recheck::AccessRecheck;
pub use requirement::{
    Admin, Authenticated, FeedReader, FeedReaderOfRepository, MetricsReader, Public, PublicReader,
    Requirement, WithRole, WithRoleInTokenRepository,
};
pub use route_table::{Handler, ResponseFuture, RouteTable, Unmatched, without_body};

use crate::audit;
use crate::dialect::{Dialect, OPERATIONS_NAME};
use crate::http::listen::ToKnownCaller;
use crate::http::reply::Reply;
use crate::http::request_id::X_REQUEST_ID;
use crate::request::IncomingRequest;
use crate::state::Edge;
use axum::extract::Request;
use axum::response::Response;
use domain::error::{AuthFailure, Error, Result};
use domain::model::ids::PipelineId;
use domain::model::repositories::RepositoryKey;
use domain::ports::{CurrentVersions, Requester, as_requester, with_origin};
use http::{HeaderMap, HeaderValue, Method};
use request_metrics::RequestMetrics;
use std::panic::AssertUnwindSafe;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::time::Instant;

/// The argument of a handler.
pub struct Context<N: Requirement> {
    /// The shared state.
    pub edge: Arc<Edge>,
    /// The proof that the caller meets the requirement.
    pub proof: N::Proof,
    /// The request.
    pub request: Arc<IncomingRequest>,
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

impl RouteInfo {
    /// Whether it changes something other than reports, so that the audit log has it.
    pub fn is_administrative(&self) -> bool {
        let method = self.method.parse().unwrap_or(Method::POST);
        audit::is_administrative(&method, self.operation, self.admits)
    }
}

/// Makes the handler of a route for the shared state.
type Connect = Box<dyn FnOnce(&Arc<Edge>) -> Handler>;

/// Collects the routes.
#[derive(Default)]
pub struct Routes(Vec<(RouteInfo, Method, Connect)>);

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
        self.add_kind(dialect, method, path, Operation::of(operation), handler);
    }

    /// Adds a route whose signed requests may be repeated: its handler records reports with the signature, so that a
    /// repeat gets the first receipts, or sets what never changes back.
    pub fn add_repeatable<N, H, F>(
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
        let operation = Operation { is_repeatable: true, ..Operation::of(operation) };
        self.add_kind(dialect, method, path, operation, handler);
    }

    fn add_kind<N, H, F>(
        &mut self,
        dialect: &'static Dialect,
        method: Method,
        path: &'static str,
        operation: Operation,
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
            operation: operation.name,
            admits: N::ADMITS,
        };
        let of_route = method.clone();
        let connect = move |edge: &Arc<Edge>| {
            let (edge, metrics) =
                (Arc::clone(edge), Arc::new(RequestMetrics::new(dialect.name, class(&of_route, N::ADMITS))));
            if audit::is_report(&of_route, N::ADMITS) {
                request_metrics::register_reports(dialect.name);
            }
            let route = Route { dialect, operation };
            let serve = move |request: Request| -> ResponseFuture {
                let mut request = edge.requests.read(path, dialect.serves_pages, !N::AUTHENTICATES, request);
                request.is_repeatable = operation.is_repeatable;
                let request = Arc::new(request);
                // Made in its box: a future that is boxed later is copied, with its kilobytes.
                let response = Box::new_uninit();
                let (edge, handler, metrics) = (Arc::clone(&edge), handler.clone(), Arc::clone(&metrics));
                let response = Box::write(response, serve(edge, route, handler, metrics, request));
                Box::into_pin(response)
            };
            Arc::new(serve) as Handler
        };
        self.0.push((info, method, Box::new(connect)));
    }

    /// The table of the routes, in order of registration.
    pub fn into_table(self) -> Vec<RouteInfo> {
        self.0.into_iter().map(|(info, ..)| info).collect()
    }

    /// The handlers of the routes.
    pub fn into_handlers(self, edge: &Arc<Edge>) -> RouteTable {
        RouteTable::new(self.0.into_iter().map(|(info, method, connect)| (info.path, method, connect(edge))))
    }
}

/// An operation of an API.
#[derive(Clone, Copy)]
struct Operation {
    name: &'static str,
    is_repeatable: bool,
}

impl Operation {
    fn of(name: &'static str) -> Self {
        Self { name, is_repeatable: false }
    }
}

/// The data of its route that a request needs.
#[derive(Clone, Copy)]
struct Route {
    dialect: &'static Dialect,
    operation: Operation,
}

/// Authorizes a request, runs its handler and writes the response.
async fn serve<N, H, F>(
    edge: Arc<Edge>,
    route: Route,
    handler: H,
    metrics: Arc<RequestMetrics>,
    mut request: Arc<IncomingRequest>,
) -> Response
where
    N: Requirement,
    H: Fn(Context<N>) -> F,
    F: Future<Output = Result<Reply>>,
{
    let started = Instant::now();
    let dialect = route.dialect;
    if N::AUTHENTICATES {
        let versions = current_versions(&edge, dialect, &request).await;
        // Nothing else refers to it yet.
        if let Some(request) = Arc::get_mut(&mut request) {
            request.versions = versions;
        }
    }
    // Pinned here and below, because a future that takes another one by value has room for it twice.
    let reply = catch_panic(pin!(respond(&edge, route, handler, &request))).await;
    let (reply, is_known) = reply.unwrap_or_else(|| (panicked(&edge, dialect, &request), false));
    let reply = (dialect.complete)(reply, &request);
    metrics.record(reply.status, is_long_poll(&request), started.elapsed());
    let mut response = finish(reply, &request.headers, &request.request_id);
    if is_known {
        response.extensions_mut().insert(ToKnownCaller);
    }
    response
}

/// Authorizes a request and runs its handler. Returns also whether the caller is a user.
async fn respond<N, H, F>(
    edge: &Arc<Edge>,
    route: Route,
    handler: H,
    request: &Arc<IncomingRequest>,
) -> (Reply, bool)
where
    N: Requirement,
    H: Fn(Context<N>) -> F,
    F: Future<Output = Result<Reply>>,
{
    let dialect = route.dialect;
    if let Err(error) = admit_address(edge, dialect, request) {
        return (error_reply(edge, dialect, &error, request), false);
    }
    let anonymous = Requester::anonymous(request.from);
    let authorized = as_requester(anonymous, pin!(N::authorize(edge, dialect, request))).await;
    // Refused requests count too.
    let proof = match admit_credential(edge, N::ADMITS, request).and(authorized) {
        Ok(proof) => proof,
        Err(error) => return (error_reply(edge, dialect, &error, request), false),
    };
    let user = N::user(&proof);
    // The caller is known: 401 and 404 have precedence over errors of path, query and body.
    if let Err(error) = prepare::<N>(request).await {
        return (error_reply(edge, dialect, &error, request), user.is_some());
    }
    let requester = user.map_or(anonymous, Requester::User);
    let change = audit::Change::of(route.operation.name, N::ADMITS, request);
    let operator = edge.settings.local_administrator.as_ref().map(|local| local.operator.as_str());
    let by = (&*edge.app.clock, operator);
    let origin = audit::origin(by, (route.operation.name, N::ADMITS), user, request);
    let context = Context { edge: Arc::clone(edge), proof, request: Arc::clone(request) };
    let handled = pin!(handler(context));
    let reply = match as_requester(requester, pin!(with_origin(origin, handled))).await {
        Ok(reply) => {
            if let Some(change) = change.filter(|_| reply.status.as_u16() < 400) {
                change.log(request);
            }
            reply
        }
        Err(error) => error_reply(edge, dialect, &error, request),
    };
    (reply, user.is_some())
}

/// Counts a request for its address. Probes and scrapes of the operator have no limit.
///
/// # Errors
/// [`Error::Throttled`].
pub fn admit_address(edge: &Edge, dialect: &Dialect, request: &IncomingRequest) -> Result<()> {
    if dialect.name == OPERATIONS_NAME || !edge.rate_limits.count_addresses() {
        return Ok(());
    }
    edge.rate_limits.admit_address(request.from, edge.app.clock.now())
}

/// Counts a request for the credential that has signed its caller in, before its body is read, unless a signature
/// covers it.
fn admit_credential(edge: &Edge, admits: &str, request: &IncomingRequest) -> Result<()> {
    let limits = &edge.rate_limits;
    if !limits.count_credentials() {
        return Ok(());
    }
    let Some((user, credential)) = request.claimed.signed_in() else { return Ok(()) };
    let credential = limits.credential(user, &credential);
    limits.admit(credential, audit::is_report(&request.method, admits), edge.app.clock.now())
}

/// The class of a route in the metrics.
fn class(method: &Method, admits: &str) -> &'static str {
    match *method {
        Method::GET | Method::HEAD => "read",
        _ if audit::is_report(method, admits) => "report",
        _ => "change",
    }
}

/// Whether the client asks the server to respond later.
fn is_long_poll(request: &IncomingRequest) -> bool {
    matches!(request.query.get("wait"), Ok(Some(_)))
}

/// Checks the texts of path and query, and reads the body.
async fn prepare<N: Requirement>(request: &IncomingRequest) -> Result<()> {
    request.check_text()?;
    request.load_body(N::AUTHENTICATES).await
}

/// The store's versions for a request. If they cannot be read, nothing is cached, and the next read of the
/// store returns its error.
async fn current_versions(edge: &Edge, dialect: &Dialect, request: &IncomingRequest) -> CurrentVersions {
    let pipeline = PipelineId::parse(request.param("pipeline_id")).ok();
    let pipeline = pipeline.and_then(|id| match (dialect.repository)(request) {
        Ok(RepositoryKey::Id(repository)) => Some((repository, id)),
        _ => None,
    });
    edge.app.store.current_versions(pipeline).await.unwrap_or_default()
}

/// The error body of the dialect. Server errors and refusals are logged, because no response shows their reasons.
pub fn error_reply(edge: &Edge, dialect: &Dialect, error: &Error, request: &IncomingRequest) -> Reply {
    let (request_id, method, path) = (request.request_id.as_str(), &request.method, request.target.path());
    match error {
        Error::Internal(_) | Error::Unavailable(_) => {
            tracing::error!(request_id, %method, path, %error, "a request failed");
        }
        error => edge.note_refusal(error, request),
    }
    let reply = (dialect.error)(error, request).retry_when_busy();
    match error {
        // Only an administrator can change it.
        Error::Damaged => reply.header("retry-after", "60"),
        Error::Throttled { seconds } | Error::Unauthenticated(AuthFailure::PasswordLocked { seconds }) => {
            reply.header("retry-after", &seconds.to_string())
        }
        _ => reply,
    }
}

/// Adds what every response has, and makes the response for a client that sent these headers.
pub fn finish(mut reply: Reply, headers: &HeaderMap, request_id: &str) -> Response {
    if let Ok(id) = HeaderValue::from_str(request_id) {
        reply.headers.insert(X_REQUEST_ID.clone(), id);
    }
    reply.into_response(headers)
}

/// Runs a handler; `None`: it panicked.
async fn catch_panic<T>(mut handler: Pin<&mut impl Future<Output = T>>) -> Option<T> {
    std::future::poll_fn(|cx| {
        let poll = std::panic::catch_unwind(AssertUnwindSafe(|| handler.as_mut().poll(cx)));
        match poll {
            Ok(poll) => poll.map(Some),
            Err(_) => std::task::Poll::Ready(None),
        }
    })
    .await
}

fn panicked(edge: &Edge, dialect: &Dialect, request: &IncomingRequest) -> Reply {
    error_reply(
        edge,
        dialect,
        &Error::Internal("a handler panicked; the panic is in the log above".into()),
        request,
    )
}
