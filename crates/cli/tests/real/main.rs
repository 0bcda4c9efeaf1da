//! Tests with the real binary as server and command line: crashes, races, maintenance and commands.
#![expect(clippy::unwrap_used, reason = "test helpers may panic")]

mod backups;
mod clock;
mod ci_reports;
mod command;
mod crash;
mod doctor;
mod earlier_versions;
mod env;
mod exec;
mod generated;
mod http;
mod lost_data;
mod maintenance;
mod merge_requests;
mod migration;
mod postgres;
mod race;
mod receiver;
mod reports;
mod server;
mod signals;
mod signatures;
mod streams;
mod stub;
mod watch;
mod webhooks;
