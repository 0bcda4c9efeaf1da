//! Tests with the real binary as server and command line: crashes, races, maintenance and commands.
#![expect(clippy::unwrap_used, reason = "test helpers may panic")]

mod backups;
mod ci_reports;
mod clock;
mod command;
mod connect;
mod connections;
mod crash;
mod doctor;
mod earlier_versions;
mod env;
mod exec;
mod gates;
mod generated;
mod http;
mod integrity;
mod lost_data;
mod maintenance;
mod memory;
mod merge_requests;
mod migration;
mod postgres;
mod proxy;
mod race;
mod receiver;
mod reports;
mod security;
mod server;
mod settings;
mod signals;
mod signatures;
mod streams;
mod stub;
mod terminal;
mod watch;
mod webhooks;
