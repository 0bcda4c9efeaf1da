//! The use cases. Each takes a proof of the rights of its caller. Code that several use cases share is in the
//! model.

pub mod access;
pub mod as_of;
pub mod audit;
pub mod badges;
pub mod cleanup;
pub mod commits;
pub mod comparisons;
pub mod deliveries;
pub mod destinations;
pub mod events;
pub mod forwarded_states;
pub mod gates;
pub mod grid;
pub mod history;
pub mod identities;
pub mod imports;
pub mod insights;
pub mod job_closings;
pub mod job_runs;
pub mod jobs;
pub mod keys;
pub mod members;
pub mod merge_requests;
pub mod pipelines;
pub mod policies;
pub mod refs;
pub mod reports;
pub mod repositories;
pub mod retention;
pub mod tokens;
pub mod trusted_time;
pub mod users;
pub mod verdicts;
pub mod verification;
pub mod webhooks;
