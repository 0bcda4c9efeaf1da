//! Pure types and decisions. Nothing here is async, reads a clock, or depends on a protocol or a store.

pub mod access;
pub mod attempts;
pub mod deliveries;
pub mod events;
pub mod history;
pub mod ids;
pub mod imports;
pub mod insights;
pub mod job_closings;
pub mod jobs;
pub mod keys;
pub mod members;
pub mod merge_requests;
pub mod page;
pub mod pipelines;
pub mod policies;
pub mod reports;
pub mod repositories;
pub mod retention;
pub mod roles;
pub mod status;
pub mod text;
pub mod tokens;
pub mod users;
pub mod verification;
pub mod webhooks;
