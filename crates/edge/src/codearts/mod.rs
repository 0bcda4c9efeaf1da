//! The CodeArts Repo dialect: v4, and the v1 and v2 repository calls that its users need.
//! `compat/` contains what the official SDKs send and parse.

pub mod approver_settings;
mod commits;
mod dialect;
mod error;
pub mod jobs;
pub mod members;
pub mod merge_requests;
pub mod refs;
pub mod repositories;
mod repositories_v2;
mod routes;
mod translate;

pub use dialect::{V2, V4};
pub use routes::routes;
