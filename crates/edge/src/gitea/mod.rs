//! The dialect of Gitea and Forgejo, `/api/v1`: commit statuses, and what their clients look up before.
//! `docs/api/gitea.md` documents it.

mod commits;
mod dialect;
pub mod error;
pub mod forwarding;
mod repositories;
mod routes;
mod statuses;
pub mod translate;
mod users;
mod version;

pub use dialect::GITEA;
pub use routes::routes;
