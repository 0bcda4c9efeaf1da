//! What operators ask, `/livez`, `/readyz`, `/metrics`, and the answer to what no route knows.

use crate::auth::Accepts;
use crate::catalogue::{self, UNKNOWN_ROUTE};
use crate::http::reply::{JSON, Reply};
use crate::routes::{Anybody, Ctx, Dialect, Incoming, Routes, SentTarget, finish, read, repository};
use crate::{Edge, gitlab, native, pages};
use axum::extract::Request;
use axum::response::Response;
use domain::error::{Error, Result};
use http::{HeaderValue, Method, StatusCode, Uri};
use std::sync::Arc;
use tokio::sync::Mutex;
use tower_service::Service as _;

const TEXT: HeaderValue = HeaderValue::from_static("text/plain; charset=utf-8");

pub static OPERATIONS: Dialect =
    Dialect { name: "operations", accepts: Accepts::NONE, repository: repository::by_id, error: flat };

pub fn routes(routes: &mut Routes) {
    routes.add(&OPERATIONS, Method::GET, "/livez", "Livez", livez);
    routes.add(&OPERATIONS, Method::GET, "/healthz", "Healthz", livez);
    routes.add(&OPERATIONS, Method::GET, "/readyz", "Readyz", readyz);
    routes.add(&OPERATIONS, Method::GET, "/metrics", "Metrics", metrics);
}

/// Alive: asks nothing of the store, so that a slow disk does not make a supervisor kill the process.
async fn livez(_: Ctx<Anybody>) -> Result<Reply> {
    Ok(Reply::new(StatusCode::OK, TEXT, "ok\n"))
}

/// What the last check of the store found, and when, in milliseconds: a check commits, so anybody who asks may cause one a second
/// at most.
#[derive(Default)]
pub struct Readiness(Mutex<(i64, bool)>);

impl Readiness {
    async fn store_works(&self, app: &domain::App) -> bool {
        let now = app.clock.now().as_millisecond();
        let mut last = self.0.lock().await;
        if !(0..1_000).contains(&(now - last.0)) {
            let checked = app.store.check().await;
            if let Err(error) = &checked {
                tracing::warn!(%error, "not ready");
            }
            *last = (now, checked.is_ok());
        }
        last.1
    }
}

/// Ready: the store reads and commits, and no stop is under way. `?verbose` lists the checks.
async fn readyz(ctx: Ctx<Anybody>) -> Result<Reply> {
    let store = ctx.edge.readiness.store_works(&ctx.edge.app).await;
    let verbose = ctx.request.query.get("verbose")?.is_some();
    let checks = [("store", store), ("not stopping", !ctx.edge.is_draining())];
    let ready = checks.iter().all(|(_, good)| *good);
    let mut text = String::new();
    if !ready || verbose {
        for (name, good) in checks {
            text += &format!("[{}] {name}\n", if good { "+" } else { "-" });
        }
    }
    if store && verbose {
        text += &format!("durability: {}\n", ctx.edge.app.store.durability().await?.as_str());
    }
    text += if ready { "ok\n" } else { "not ready\n" };
    let status = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    Ok(Reply::new(status, TEXT, text))
}

async fn metrics(ctx: Ctx<Anybody>) -> Result<Reply> {
    let text = HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");
    Ok(Reply::new(StatusCode::OK, text, (ctx.edge.settings.metrics)()))
}

fn flat(error: &Error, request: &Incoming) -> Reply {
    let described = catalogue::describe(error, request.language);
    flat_body(described.entry.code, &described.message, described.entry.status, &request.request_id)
}

fn flat_body(code: &str, message: &str, status: u16, request_id: &str) -> Reply {
    let body = serde_json::json!({ "error_code": code, "error_msg": message, "request_id": request_id });
    Reply::new(StatusCode::OK, JSON, body.to_string()).status(status)
}

/// Where no route fits: a target with `//` or a `/` at its end is tried again without (clients with an endpoint that ends in `/`
/// send it so, wire fact 10.2); everything else does not exist.
pub async fn unknown(edge: Arc<Edge>, mut inner: axum::Router, mut request: Request) -> Response {
    if let Some(tidy) = tidied(request.uri()) {
        let sent = std::mem::replace(request.uri_mut(), tidy);
        request.extensions_mut().insert(SentTarget(sent));
        let Ok(response) = inner.call(request).await;
        return response;
    }
    not_found(&edge, request).await
}

/// The answer to what no route knows, in the words of the dialect whose path it is.
pub async fn not_found(edge: &Edge, request: Request) -> Response {
    let request = read(edge, &OPERATIONS, "", request).await;
    let (language, request_id) = (request.language, &request.request_id);
    let path = request.target.path();
    let of_page = path.ends_with(".json") && pages::may_be_page(path);
    let reply = if path.starts_with("/native/") || of_page {
        native::error::unknown_route(language, request_id)
    } else if path == "/api/v4" || path.starts_with("/api/v4/") {
        gitlab::error::unknown_route()
    } else {
        let flat =
            || flat_body(UNKNOWN_ROUTE.code, UNKNOWN_ROUTE.text(language), UNKNOWN_ROUTE.status, request_id);
        pages::error::unknown_route(edge, &request).await.unwrap_or_else(flat)
    };
    finish(reply, &request.headers, request_id)
}

fn tidied(uri: &Uri) -> Option<Uri> {
    // The native JSON of a page; see `routes::Incoming::wants_json`.
    let page = uri.path().strip_suffix(".json").filter(|path| pages::may_be_page(path));
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

    #[test]
    fn targets_are_tidied_once() {
        let tidy = |target: &str| tidied(&target.parse().unwrap()).map(|uri| uri.to_string());
        assert_eq!(tidy("//v3/projects?name=a//b"), Some("/v3/projects?name=a//b".into()));
        assert_eq!(tidy("/v4/user/repositories/"), Some("/v4/user/repositories".into()));
        assert_eq!(tidy("/v4/user/repositories"), None);
        assert_eq!(tidy("/"), None);
        assert_eq!(tidy("//"), Some("/".into()));
        assert_eq!(
            tidy("/repositories/1/pipelines.json?q=.json"),
            Some("/repositories/1/pipelines?q=.json".into())
        );
        assert_eq!(tidy("/v4/x.json"), None);
    }
}
