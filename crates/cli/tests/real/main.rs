//! The real binary as a process: killed under load, raced, left to itself, and driven by its own command line.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on stops")]

mod crash;
mod doctor;
mod env;
mod http;
mod merge_requests;
mod race;
mod server;
mod signatures;
mod streams;
mod upkeep;
mod watch;
mod webhooks;
