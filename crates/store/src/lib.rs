//! Keeps what the domain decided, and decides nothing.
//!
//! One file a noun, in SQL that every engine takes (`sql`); an engine has a folder of its own and says where that SQL runs (`engine`).
//! Writes go through one writer a node (`writer`), which works at a `desk`. `tests/contract` holds the port's promises and runs on every
//! engine.

mod job_closings;
pub mod counters;
mod deliveries;
mod unit_of_work;
mod engine;
mod events;
mod health;
mod history;
mod imports;
mod insights;
mod jobs;
mod keys;
mod lists;
mod members;
mod merge_requests;
pub mod moving;
mod pipelines;
mod policies;
pub mod postgres;
pub mod reading;
mod idempotency;
mod reports;
mod repositories;
mod retention;
mod rows;
mod pipeline_cache;
mod sql;
pub mod sqlite;
mod tables;
mod tokens;
mod users;
mod verification;
mod notifier;
mod webhooks;
mod writer;

pub use engine::SqlStore;
