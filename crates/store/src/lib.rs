//! Keeps what the domain decided, and decides nothing.
//!
//! One file a noun, in SQL that every engine takes (`sql`); an engine has a folder of its own and says where that SQL runs (`engine`).
//! Writes go through one writer a node (`writer`), which works at a `unit`. `tests/contract` holds the port's promises and runs on every
//! engine.

pub mod counters;
mod deliveries;
mod engine;
mod events;
mod health;
mod history;
mod idempotency;
mod imports;
mod insights;
mod job_closings;
mod jobs;
mod keys;
mod lists;
mod members;
mod merge_requests;
pub mod moving;
mod notifier;
mod pipeline_cache;
mod pipelines;
mod policies;
pub mod postgres;
pub mod reading;
mod reports;
mod repositories;
mod retention;
mod rows;
mod sql;
pub mod sqlite;
mod tables;
mod tokens;
mod unit_of_work;
mod users;
mod verification;
mod webhooks;
mod writer;

pub use engine::SqlStore;
