//! The table of routes.

use super::dialect::OPERATIONS;
use super::health;
use crate::routes::Routes;
use http::Method;

/// Adds the routes.
pub fn routes(routes: &mut Routes) {
    routes.add(&OPERATIONS, Method::GET, "/livez", "Livez", health::livez);
    routes.add(&OPERATIONS, Method::GET, "/healthz", "Healthz", health::livez);
    routes.add(&OPERATIONS, Method::GET, "/readyz", "Readyz", health::readyz);
    routes.add(&OPERATIONS, Method::GET, "/metrics", "Metrics", health::metrics);
}
