//! The GitLab dialect, `/api/v4`: what build systems report with and merge bots read. `docs/api/gitlab.md`
//! documents it. Where GitLab refuses what a correct reporter sends (a repeated or late report), this server
//! accepts it. Everything else is as in GitLab, down to the texts that clients compare. It covers the
//! requests of GitLab's clients (reporters fact 3).

mod commits;
mod dialect;
pub mod error;
pub mod forwarding;
mod headers;
mod jobs;
mod paging;
mod parameters;
pub mod pipelines;
pub mod projects;
pub mod refs;
mod routes;
mod statuses;
mod test_reports;
pub mod translate;
mod users;
mod version;

pub use dialect::GITLAB;
pub use routes::routes;
