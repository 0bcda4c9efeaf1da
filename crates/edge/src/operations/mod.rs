//! The dialect of operators: health checks, which require no credential, and metrics.

mod dialect;
mod health;
mod routes;

pub use dialect::{OPERATIONS, unknown_route};
pub use routes::routes;
