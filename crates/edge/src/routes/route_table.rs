//! The table of the routes: it finds the handler of a request by its method and path.

use axum::body::Body;
use axum::extract::Request;
use axum::response::Response;
use http::header::CONTENT_LENGTH;
use http::{HeaderValue, Method};
use hyper::body::Body as _;
use std::pin::Pin;
use std::sync::Arc;

/// A response that is being made.
pub type ResponseFuture = Pin<Box<dyn Future<Output = Response> + Send>>;
/// Responds to the requests of one route.
pub type Handler = Arc<dyn Fn(Request) -> ResponseFuture + Send + Sync>;

/// The handlers by path and method.
#[derive(Default)]
pub struct RouteTable(matchit::Router<Methods>);

#[derive(Default)]
struct Methods {
    handlers: Vec<(Method, Handler)>,
    /// The value of `Allow`: the methods, separated by commas.
    allowed: String,
}

/// A request that no handler serves.
pub struct Unmatched {
    /// The request.
    pub request: Request,
    /// The value of `Allow`, if the path has other methods.
    pub allowed: Option<HeaderValue>,
}

impl RouteTable {
    /// The table of these routes. A path has parameters in braces.
    ///
    /// # Panics
    /// When two paths contradict each other, which the start of any server shows.
    pub fn new(routes: impl Iterator<Item = (&'static str, Method, Handler)>) -> Self {
        let mut paths: Vec<(&'static str, Methods)> = Vec::new();
        for (path, method, handler) in routes {
            let known = paths.iter().position(|(known, _)| *known == path);
            let at = known.unwrap_or_else(|| {
                paths.push((path, Methods::default()));
                paths.len() - 1
            });
            let Methods { handlers, allowed } = &mut paths[at].1;
            if !allowed.is_empty() {
                allowed.push(',');
            }
            allowed.push_str(method.as_str());
            if method == Method::GET {
                allowed.push_str(",HEAD");
            }
            handlers.push((method, handler));
        }
        let mut table = matchit::Router::new();
        for (path, methods) in paths {
            table.insert(path, methods).unwrap_or_else(|error| panic!("{path}: {error}"));
        }
        Self(table)
    }

    /// Calls the handler of a request. One for GET also serves HEAD, and its response is sent without the body.
    ///
    /// # Errors
    /// The request, if no route has its path and method.
    pub fn call(&self, request: Request) -> Result<ResponseFuture, Box<Unmatched>> {
        let found = self.0.at(request.uri().path()).ok().map(|found| found.value);
        let Some(methods) = found else { return Err(Box::new(Unmatched { request, allowed: None })) };
        let is_head = request.method() == Method::HEAD;
        let of = |method: &Method| methods.handlers.iter().find(|(known, _)| known == method);
        let handler = of(request.method()).or_else(|| if is_head { of(&Method::GET) } else { None });
        let Some((_, handler)) = handler else {
            let allowed = HeaderValue::from_str(&methods.allowed).ok();
            return Err(Box::new(Unmatched { request, allowed }));
        };
        let response = handler(request);
        Ok(if is_head { Box::pin(async move { without_body(response.await) }) } else { response })
    }
}

/// The response to HEAD.
pub fn without_body(mut response: Response) -> Response {
    if let Some(length) = response.body().size_hint().exact() {
        response.headers_mut().entry(CONTENT_LENGTH).or_insert(length.into());
    }
    *response.body_mut() = Body::empty();
    response
}
