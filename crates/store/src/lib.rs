//! The store: it persists what the domain decides, and makes no decisions.
//!
//! Each noun has a file here with the methods of its port, in SQL that every engine accepts (`sql`), and a
//! file in `rows` with its tables and columns. An engine has its own folder, and runs that SQL (`engine`).
//! Each node has one writer (`writer`), which runs the writes of the nouns as groups in a transaction
//! (`unit_of_work`). `tests/contract` tests the port on every engine.

mod as_of;
mod audit;
mod cleanup;
mod comparisons;
mod deliveries;
mod destinations;
mod engine;
mod events;
mod figures;
mod forwarded_states;
mod gates;
mod grid;
mod health;
mod identities;
mod imports;
mod insights;
mod job_closings;
mod job_runs;
mod jobs;
mod journal;
mod keys;
mod lists;
pub mod loss;
mod mark;
mod members;
mod merge_requests;
pub mod metric_counters;
mod notifier;
mod pipeline_cache;
mod pipelines;
pub mod postgres;
pub mod read_only;
mod readers;
mod reports;
mod repositories;
mod repository_health;
mod retention;
mod row_moves;
mod rows;
pub mod schema;
mod search;
mod signatures;
mod sql;
pub mod sqlite;
mod tokens;
pub mod transfer;
mod unapplied;
mod unit_of_work;
mod users;
mod verdicts;
mod verification;
mod webhooks;
mod writer;

pub use engine::SqlStore;
