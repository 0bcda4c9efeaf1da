//! Bodies of GitHub's REST API, limited to commit statuses, check runs and what their
//! clients look up before.
//!
//! Types are those of typed clients: every field that GitHub's description requires exists. Addresses of what does
//! not exist here have GitHub's form. Times are UTC with seconds, like `2016-01-19T09:05:50Z`.
//!
//! Must not know: what a status means, who may see what, how errors are chosen.

pub mod checks;
pub mod commits;
pub mod error;
mod links;
pub mod rate_limit;
pub mod repositories;
pub mod statuses;
pub mod users;
