//! The commands. Each is an API client, except those that copy, migrate and verify whole stores.

pub mod api;
pub mod api_values;
pub mod audit;
pub mod backups;
pub mod build_systems;
pub mod ci;
pub mod completion;
pub mod configuration;
pub mod doctor;
pub mod env;
pub mod exec;
pub mod forwarding;
pub mod gates;
pub mod history;
pub mod imports;
pub mod insights;
pub mod job_closings;
pub mod job_details;
pub mod job_names;
pub mod job_reporter;
pub mod jobs;
pub mod keys;
pub mod lists;
pub mod login;
pub mod man;
pub mod members;
pub mod merge_requests;
pub mod migration;
pub mod open;
pub mod pipelines;
pub mod policies;
pub mod report_args;
pub mod report_details;
pub mod report_sender;
pub mod reports;
pub mod repositories;
pub mod retention;
pub mod signatures;
pub mod spool;
pub mod subscriptions;
pub mod time_limits;
pub mod tokens;
pub mod users;
pub mod values;
pub mod verification;
pub mod wait;
pub mod watch;
pub mod webhooks;

/// The flag of administration commands that work without a server.
#[derive(Debug, Clone, Copy, clap::Args)]
pub struct OfflineArgs {
    /// Work on the data directory directly; no server may be using it
    #[arg(id = "offline", long = "offline")]
    pub enabled: bool,
}

/// The flag that selects a repository.
#[derive(Debug, clap::Args)]
pub struct RepositoryArgs {
    /// Id or path of the repository [env: STAGEPOST_REPO]
    #[arg(long)]
    pub repo: Option<String>,
}
