//! The dialect of Bitbucket Server and Data Center, `/rest`: both APIs for build statuses of commits.
//! `docs/api/bitbucket.md` documents it.

mod builds;
mod capabilities;
mod dialect;
pub mod error;
pub mod forwarding;
mod routes;
pub mod translate;

pub use dialect::BITBUCKET;
pub use routes::routes;
