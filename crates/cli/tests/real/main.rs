//! Tests with the real binary as server and command line: crashes, races, maintenance and commands.
#![expect(clippy::unwrap_used, reason = "test helpers may panic")]

mod backups;
mod command;
mod connections;
mod crash;
mod doctor;
mod earlier_versions;
mod env;
mod gates;
mod generated;
mod http;
mod lost_data;
mod maintenance;
mod merge_requests;
mod migration;
mod postgres;
mod proxy;
mod race;
mod receiver;
mod server;
mod settings;
mod signatures;
mod streams;
mod terminal;
mod watch;
mod webhooks;
