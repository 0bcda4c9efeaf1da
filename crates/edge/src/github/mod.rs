//! The GitHub dialect, `/api/v3` and, for clients that take the root of an API, `/repos`: commit statuses, check runs,
//! and what their clients look up before. `docs/api/github.md` documents it. Where GitHub distinguishes what was
//! reported last, this server distinguishes which attempt was reported, as in every dialect; everything else is as at
//! GitHub.

mod check_runs;
mod check_suites;
mod commits;
mod dialect;
pub mod error;
pub mod forwarding;
mod rate_limit;
mod repositories;
mod routes;
mod statuses;
pub mod translate;
mod users;

pub use dialect::GITHUB;
pub use routes::routes;
