//! Bodies of the CodeArts Repo API: v4, and the v1 and v2 repository calls that its users need.
//!
//! Types are as strict as in the Java and Go SDKs: ids and counts are JSON integers of 32 bits, every text is
//! a JSON string or null. Times are texts formatted by the caller, like `2025-05-17T11:02:25.000+08:00`.
//! Unknown fields are ignored on reading.
//!
//! Must not know: what a status means, who may see what, how errors are chosen.

pub mod approver_settings;
pub mod commits;
pub mod error;
pub mod jobs;
pub mod members;
pub mod merge_request_lists;
pub mod merge_requests;
pub mod mergeable_state;
pub mod refs;
pub mod repositories;
pub mod repositories_v2;
pub mod show_merge_request;
pub mod show_repository;
