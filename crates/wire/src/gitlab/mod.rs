//! Bodies of GitLab's REST API v4, as far as build systems and those who watch them use it.
//!
//! Types are as its typed clients read them: ids and counts are JSON integers, a text that a client holds as a plain string is one even
//! where there is nothing to say. Times are texts that the caller has formatted, like `2016-01-19T09:05:50.355Z`: UTC, milliseconds, a
//! literal `Z` (reporters fact 1.5). Unknown fields are ignored on reading.
//!
//! Must not know: what a status means, who may see what, how errors are chosen.

pub mod commits;
pub mod error;
pub mod jobs;
pub mod pipelines;
pub mod projects;
pub mod statuses;
pub mod users;
pub mod version;
