//! Tests with the real binary as server and command line: crashes, races, maintenance and commands.
#![expect(clippy::unwrap_used, reason = "test helpers may panic")]

mod backups;
mod command;
mod crash;
mod doctor;
mod earlier_versions;
mod env;
mod http;
mod maintenance;
mod merge_requests;
mod migration;
mod postgres;
mod race;
mod receiver;
mod server;
mod signatures;
mod streams;
mod watch;
mod webhooks;
