//! The interfaces that the domain needs: a store, a clock, and secrets. Other crates implement them and pass
//! them in.
//!
//! A store saves what the model decides and decides nothing itself. Inside its own transaction it loads a
//! [`PipelineState`](crate::model::pipelines::PipelineState), calls
//! [`PipelineState::apply`](crate::model::pipelines::PipelineState::apply), and writes the rows that changed.
//! The contract suite of the store crate tests the promises in the comments of the methods, for every engine.

mod as_of;
mod audit;
mod change_versions;
mod cleanup;
mod comparisons;
mod deliveries;
mod destinations;
mod events;
mod forwarded_states;
mod gates;
mod grid;
mod health;
mod identities;
mod identity_provider;
mod imports;
mod insights;
mod job_runs;
mod jobs;
mod keys;
mod members;
mod merge_requests;
mod pipelines;
mod reports;
mod repositories;
mod repository_health;
mod requester;
mod retention;
mod search;
mod signatures;
mod tokens;
mod trusted_clock;
mod users;
mod verdicts;
mod verification;
mod webhooks;

pub use as_of::{PastCommit, PastGateRecord, PastPipeline};
pub use audit::AuditSink;
pub use change_versions::CurrentVersions;
pub use cleanup::ExpiredRows;
pub use deliveries::NewDelivery;
pub use events::EventPage;
pub use forwarded_states::{DestinationOverview, ListedState, StateFilter};
pub use gates::{GateRecord, KnownRules, NewOverride};
pub use health::Durability;
pub use identities::{IdentitySignIn, NewIdentity, NewIdentityUser, RecordedSignIn};
pub use identity_provider::{AuthorizationRequest, IdentityProvider, ProviderError};
pub use insights::EndedAttempts;
pub use jobs::{CommitJobs, JobList};
pub use merge_requests::IdempotentRequest;
pub use pipelines::CommitPipeline;
pub use reports::{Idempotency, Receipts, ReportBatch};
pub use repositories::RepositoryDefaults;
pub use requester::{Requester, as_requester, current_origin, current_requester, with_origin};
pub use trusted_clock::TrustedClock;
pub use users::{NewUserRow, UserRowChange};
pub use verdicts::{DueGate, EvaluatedGate, GateHints, RecordRange};
pub use verification::Verification;

use crate::error::{Error, Result};
use jiff::{SignedDuration, Timestamp};
use std::sync::Arc;

/// The clocks. The domain reads the time only through this trait.
pub trait Clock: Send + Sync {
    /// The current time of the wall clock, in whole milliseconds.
    fn now(&self) -> Timestamp;
    /// The time since some moment, by a clock that never jumps. It may stop while the machine is suspended.
    fn uptime(&self) -> SignedDuration;
}

/// Randomness, digests and password hashes.
pub trait Secrets: Send + Sync {
    /// Fills `bytes` from the random number generator of the system.
    ///
    /// # Errors
    /// [`Error::Internal`] when the system has no generator.
    fn random(&self, bytes: &mut [u8]) -> Result<()>;
    /// The SHA-256 digest of `bytes`.
    fn digest(&self, bytes: &[u8]) -> [u8; 32];
    /// A salted, slow hash (Argon2id). It takes tens of milliseconds of CPU time.
    ///
    /// # Errors
    /// [`Error::Internal`] when hashing fails.
    fn hash_password(&self, password: &str) -> Result<String>;
    /// True when `hash` is a hash of `password`. It takes as long as hashing, also when `hash` is `None`,
    /// which is false.
    fn verify_password(&self, password: &str, hash: Option<&str>) -> bool;
}

/// Re-exports the traits of a store and declares `Store`, the trait of a type that implements all of them.
macro_rules! store_traits {
    ($($module:ident::$name:ident),* $(,)?) => {
        $(pub use $module::$name;)*

        /// All traits of a store.
        pub trait Store: $($name +)* {}

        impl<T: $($name +)*> Store for T {}
    };
}

store_traits! {
    as_of::PastStates,
    audit::Audit,
    change_versions::ChangeVersions,
    cleanup::Cleanup,
    comparisons::Comparisons,
    deliveries::Deliveries,
    destinations::Destinations,
    events::Events,
    forwarded_states::ForwardedStates,
    gates::Gates,
    grid::Grids,
    health::Health,
    identities::Identities,
    imports::Imports,
    insights::Insights,
    job_runs::JobRuns,
    jobs::Jobs,
    keys::Keys,
    members::Members,
    merge_requests::MergeRequests,
    pipelines::Pipelines,
    reports::Reports,
    repositories::Repositories,
    repository_health::RepositoryHealths,
    retention::Retention,
    search::Search,
    signatures::Signatures,
    tokens::Tokens,
    users::Users,
    verdicts::Verdicts,
    webhooks::Webhooks,
}

/// The interfaces that the actions use.
#[derive(Clone)]
pub struct App {
    /// The store.
    pub store: Arc<dyn Store>,
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// Randomness and password hashes.
    pub secrets: Arc<dyn Secrets>,
    /// The clock of the rules that delete or end something.
    pub trusted: Arc<TrustedClock>,
}

impl App {
    /// `N` random bytes.
    ///
    /// # Errors
    /// [`Error::Internal`] when the system has no random number generator.
    pub fn random<const N: usize>(&self) -> Result<[u8; N]> {
        let mut bytes = [0; N];
        self.secrets.random(&mut bytes)?;
        Ok(bytes)
    }
}

/// [`Error::Unavailable`] with the text of `cause`, for the log.
pub fn unavailable(cause: impl std::fmt::Display) -> Error {
    Error::Unavailable(cause.to_string())
}
