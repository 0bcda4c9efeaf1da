//! The real binary as a process: killed under load, raced, left to itself, and driven by its own command line.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on stops")]

mod backups;
mod crash;
mod doctor;
mod earlier_versions;
mod env;
mod http;
mod merge_requests;
mod moving;
mod postgres;
mod race;
mod server;
mod signatures;
mod streams;
mod upkeep;
mod watch;
mod webhooks;
