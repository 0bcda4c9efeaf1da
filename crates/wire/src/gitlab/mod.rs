//! Bodies of GitLab's REST API v4, limited to the calls of build systems and of tools that watch them.
//!
//! Types are those of the typed clients: ids and counts are JSON integers; a text that a client reads as a
//! string without null is never null, but empty. Times are texts formatted by the caller, like
//! `2016-01-19T09:05:50.355Z`: UTC, milliseconds, a literal `Z` (reporters fact 1.5). Unknown fields are
//! ignored on reading. The types have parameters for their texts and times, which are strings unless others
//! are named: the server borrows texts, and writes times without an allocation.
//!
//! Must not know: what a status means, who may see what, how errors are chosen.

pub mod commits;
pub mod error;
pub mod jobs;
pub mod merge_requests;
pub mod pipelines;
pub mod projects;
pub mod refs;
pub mod statuses;
pub mod test_reports;
pub mod users;
pub mod version;
