//! The response to a request that matches no route.

use crate::dialect::Dialect;
use crate::operations;
use crate::request::OriginalTarget;
use crate::routes::finish;
use crate::state::Edge;
use axum::extract::Request;
use axum::response::Response;
use http::Uri;
use std::sync::Arc;
use tower_service::Service as _;

/// The dialect that a path belongs to.
pub type DialectOfPath = fn(&str) -> &'static Dialect;

/// Adds the fallback to a router.
pub fn with_fallback(routes: axum::Router, edge: &Arc<Edge>, dialect_of: DialectOfPath) -> axum::Router {
    let shared = Arc::clone(edge);
    let not_found = move |request: Request| {
        let edge = Arc::clone(&shared);
        async move { not_found(&edge, dialect_of, request).await }
    };
    let exact = routes.clone().fallback(not_found.clone()).method_not_allowed_fallback(not_found);
    let shared = Arc::clone(edge);
    let fallback =
        move |request: Request| normalized(Arc::clone(&shared), exact.clone(), dialect_of, request);
    routes.fallback(fallback.clone()).method_not_allowed_fallback(fallback)
}

/// Tries a target with `//` or a `/` at its end again without them: clients whose endpoint ends in `/` send
/// it so (wire fact 10.2). Every other target is not found.
async fn normalized(
    edge: Arc<Edge>,
    mut exact: axum::Router,
    dialect_of: DialectOfPath,
    mut request: Request,
) -> Response {
    if let Some(target) = normalized_target(request.uri(), dialect_of) {
        let original = std::mem::replace(request.uri_mut(), target);
        request.extensions_mut().insert(OriginalTarget(original));
        let Ok(response) = exact.call(request).await;
        return response;
    }
    not_found(&edge, dialect_of, request).await
}

/// The response of the dialect that the path belongs to.
async fn not_found(edge: &Edge, dialect_of: DialectOfPath, request: Request) -> Response {
    let request = edge.requests.read("", false, true, request);
    let dialect = dialect_of(request.target.path());
    if dialect.serves_pages && request.accepts_html() {
        // The page names the signed-in user, if there is one.
        let _ = edge.auth.sign_in(&edge.app, dialect.accepts, &request).await;
    }
    let reply = (dialect.unknown_route)(&request).unwrap_or_else(|| operations::unknown_route(&request));
    finish((dialect.complete)(reply, &request), &request.headers, &request.request_id)
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
    let query = uri.query().map(|query| format!("?{query}")).unwrap_or_default();
    format!("/{}{query}", parts.join("/")).parse().ok()
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
