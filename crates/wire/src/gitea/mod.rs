//! Bodies of the API of Gitea and Forgejo, limited to commit statuses and to what their clients look up before.
//! Times are UTC with seconds, like `2016-01-19T09:05:50Z`.
//!
//! Must not know: what a status means, who may see what, how errors are chosen.

pub mod commits;
pub mod error;
pub mod repositories;
pub mod statuses;
pub mod users;
pub mod version;
