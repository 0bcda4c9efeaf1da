//! The commands, one noun a file. Each is a client of the API, but for those that copy, move and verify whole stores.

pub mod api;
pub mod backups;
pub mod ci;
pub mod doctor;
pub mod env;
pub mod event_text;
pub mod exec;
pub mod history;
pub mod imports;
pub mod insights;
pub mod job_closings;
pub mod jobs;
pub mod keys;
pub mod lists;
pub mod members;
pub mod merge_requests;
pub mod moving;
pub mod open;
pub mod pipelines;
pub mod policies;
pub mod reports;
pub mod repositories;
pub mod retention;
pub mod signatures;
pub mod tokens;
pub mod users;
pub mod verification;
pub mod wait;
pub mod watch;
pub mod webhooks;

/// For administration.
#[derive(Debug, Clone, Copy, clap::Args)]
pub struct Where {
    /// Work on the data directory itself; no server may be using it
    #[arg(long)]
    pub offline: bool,
}
