//! The response to a request that matches no route.

use crate::code_hosts;
use crate::dialect::Dialect;
use crate::http::listen::Service;
use crate::http::public_url::PublicUrl;
use crate::operations;
use crate::request::{ForMonitoring, OriginalTarget, SentTarget};
use crate::routes::{
    ResponseFuture, RouteTable, Unmatched, admit_address, error_reply, finish, without_body,
};
use crate::state::Edge;
use axum::extract::Request;
use axum::response::Response;
use http::header::ALLOW;
use http::{Method, Uri};
use std::sync::Arc;

/// The dialect that a path belongs to.
pub type DialectOfPath = fn(&str) -> &'static Dialect;

/// The routes of all dialects, and the response to every other request.
#[derive(Clone)]
pub struct Router(Arc<Inner>);

struct Inner {
    routes: RouteTable,
    edge: Arc<Edge>,
    dialect_of: DialectOfPath,
}

impl Router {
    /// The routes, and the dialects of the paths that have none.
    pub(crate) fn new(routes: RouteTable, edge: &Arc<Edge>, dialect_of: DialectOfPath) -> Self {
        Self(Arc::new(Inner { routes, edge: Arc::clone(edge), dialect_of }))
    }

    /// Responds to a request. One below the path of the public URL is that of the rest of its path; a reverse
    /// proxy may have removed that path already. A target with `//` or a `/` at its end is tried again without
    /// them: clients whose endpoint ends in `/` send it so (wire fact 10.2). Then a `/` in a branch is tried as
    /// `%2F`. Every other target is not found.
    pub fn call(&self, mut request: Request) -> ResponseFuture {
        let Inner { routes, edge, dialect_of } = &*self.0;
        if let Some(public) = &edge.settings.public_url
            && let Some(target) = target_below(public, request.uri())
        {
            let sent = std::mem::replace(request.uri_mut(), target);
            request.extensions_mut().insert(SentTarget(sent));
        }
        let mut unmatched = match routes.call(request) {
            Ok(response) => return response,
            Err(unmatched) => unmatched,
        };
        for rewritten in [normalized_target, with_encoded_ref] {
            let Some(target) = rewritten(unmatched.request.uri(), *dialect_of) else { continue };
            let Unmatched { mut request, .. } = *unmatched;
            let sent = std::mem::replace(request.uri_mut(), target);
            request.extensions_mut().get_or_insert_with(|| OriginalTarget(sent));
            unmatched = match routes.call(request) {
                Ok(response) => return response,
                Err(unmatched) => unmatched,
            };
        }
        let (edge, dialect_of) = (Arc::clone(edge), *dialect_of);
        Box::pin(async move {
            let Unmatched { request, allowed } = *unmatched;
            let is_head = request.method() == Method::HEAD;
            let mut response = not_found(&edge, dialect_of, request).await;
            if let Some(allowed) = allowed {
                response.headers_mut().insert(ALLOW, allowed);
            }
            if is_head { without_body(response) } else { response }
        })
    }
}

/// The routes that the listener for monitoring serves. They need no credential: access to the listener is restricted by
/// the network.
const MONITORED: [&str; 4] = ["/livez", "/healthz", "/readyz", "/metrics"];

/// The part of a router that the listener for monitoring serves.
#[derive(Clone)]
pub struct MonitoringRouter(pub(crate) Router);

impl Service for MonitoringRouter {
    fn call(&self, mut request: Request) -> ResponseFuture {
        let Router(inner) = &self.0;
        if MONITORED.contains(&request.uri().path()) {
            request.extensions_mut().insert(ForMonitoring);
            return self.0.call(request);
        }
        let (edge, dialect_of) = (Arc::clone(&inner.edge), inner.dialect_of);
        Box::pin(async move { not_found(&edge, dialect_of, request).await })
    }
}

impl Service for Router {
    fn call(&self, request: Request) -> ResponseFuture {
        Self::call(self, request)
    }
}

/// The response of the dialect that the path belongs to.
async fn not_found(edge: &Edge, dialect_of: DialectOfPath, request: Request) -> Response {
    let request = edge.requests.read("", false, true, request);
    let dialect = dialect_of(request.target.path());
    if let Err(error) = admit_address(edge, dialect, &request) {
        let reply = error_reply(edge, dialect, &error, &request);
        return finish((dialect.complete)(reply, &request), &request.headers, &request.request_id);
    }
    if dialect.serves_pages && request.accepts_html() {
        // The page names the signed-in user, if there is one.
        let _ = edge.auth.sign_in(&edge.app, dialect.accepts, &request).await;
    }
    let reply = (dialect.unknown_route)(&request).unwrap_or_else(|| operations::unknown_route(&request));
    finish((dialect.complete)(reply, &request), &request.headers, &request.request_id)
}

/// The rest of a target below the path of the public URL; `None` if it is not below.
fn target_below(public: &PublicUrl, uri: &Uri) -> Option<Uri> {
    let path = public.below(uri.path())?;
    let query = uri.query().map(|query| format!("?{query}")).unwrap_or_default();
    let mut parts = uri.clone().into_parts();
    parts.path_and_query = Some(format!("{path}{query}").parse().ok()?);
    Uri::from_parts(parts).ok()
}

/// The target without repeated and trailing slashes, and for a page without `.json`; `None` if it is normal
/// already.
fn normalized_target(uri: &Uri, dialect_of: DialectOfPath) -> Option<Uri> {
    let page = uri.path().strip_suffix(".json").filter(|path| dialect_of(path).serves_pages);
    let path = page.unwrap_or(uri.path());
    if path == "/" || !(page.is_some() || path.contains("//") || path.ends_with('/')) {
        return None;
    }
    let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
    with_path(uri, &format!("/{}", parts.join("/")))
}

/// The target with a branch in one segment; `None` if it has none of several.
fn with_encoded_ref(uri: &Uri, _: DialectOfPath) -> Option<Uri> {
    with_path(uri, &code_hosts::with_encoded_ref(uri.path())?)
}

fn with_path(uri: &Uri, path: &str) -> Option<Uri> {
    let query = uri.query().map(|query| format!("?{query}")).unwrap_or_default();
    format!("{path}{query}").parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dialects::dialect_of;

    #[test]
    fn targets_are_normalized_once() {
        let normalized =
            |target: &str| normalized_target(&target.parse().unwrap(), dialect_of).map(|uri| uri.to_string());
        assert_eq!(normalized("//v3/projects?name=a//b"), Some("/v3/projects?name=a//b".into()));
        assert_eq!(normalized("/v4/user/repositories/"), Some("/v4/user/repositories".into()));
        assert_eq!(normalized("/v4/user/repositories"), None);
        assert_eq!(normalized("/"), None);
        assert_eq!(normalized("//"), Some("/".into()));
        assert_eq!(
            normalized("/repositories/1/pipelines.json?q=.json"),
            Some("/repositories/1/pipelines?q=.json".into())
        );
        assert_eq!(normalized("/v4/x.json"), None);
    }
}
