//! Bodies of the native API, `/native/v1`. Times are RFC 3339 texts in UTC; ids are integers of 32 bits.
//! Unknown fields are ignored in both directions.

pub mod accounts;
pub mod as_of;
pub mod audit;
pub mod build_systems;
pub mod catalogue;
pub mod comparisons;
pub mod destinations;
pub mod details;
pub mod events;
pub mod gates;
pub mod grid;
pub mod history;
pub mod imports;
pub mod insights;
pub mod job_closings;
pub mod job_runs;
pub mod jobs;
pub mod merge_requests;
pub mod pipelines;
pub mod policies;
pub mod problem;
pub mod reports;
pub mod repositories;
pub mod repository_health;
pub mod retention;
pub mod search;
pub mod signatures;
pub mod subscriptions;
pub mod webhooks;
