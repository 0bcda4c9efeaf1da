//! The dialect of operators: health checks and metrics. Nothing in it requires a credential.

mod dialect;
mod health;
mod routes;

pub use dialect::{OPERATIONS, unknown_route};
pub use routes::routes;
