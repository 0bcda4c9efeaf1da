//! What the domain needs from the world: a store, a clock, and secrets. Implemented elsewhere; handed in.
//!
//! A store keeps what the model decided and decides nothing. Inside its own transaction it loads a [`Run`](crate::model::pipelines::Run), lets
//! [`Run::apply`](crate::model::pipelines::Run::apply) decide, and writes what that touched; so a second store only adds files. The promises written at the
//! methods are tests in the store's contract suite, run on every store.

mod change_versions;
mod deliveries;
mod events;
mod health;
mod imports;
mod insights;
mod jobs;
mod keys;
mod members;
mod merge_requests;
mod pipelines;
mod reports;
mod repositories;
mod retention;
mod tokens;
mod users;
mod verification;
mod webhooks;

pub use change_versions::{ChangeVersions, CurrentVersions};
pub use deliveries::{Deliveries, NewDelivery};
pub use events::{EventPage, Events};
pub use health::{Durability, Health};
pub use imports::Imports;
pub use insights::{EndedAttempts, Insights};
pub use jobs::{JobList, Jobs};
pub use keys::Keys;
pub use members::Members;
pub use merge_requests::{IdempotentRequest, MergeRequests};
pub use pipelines::{CommitPipeline, Pipelines};
pub use reports::{Idempotency, Receipts, ReportBatch, Reports};
pub use repositories::{Repositories, RepositoryDefaults};
pub use retention::Retention;
pub use tokens::Tokens;
pub use users::{NewUserRow, UserRowChange, Users};
pub use verification::Verification;
pub use webhooks::Webhooks;

use crate::error::{Error, Result};
use jiff::Timestamp;
use std::sync::Arc;

/// Reads the time. Nothing else in the domain does.
pub trait Clock: Send + Sync {
    /// Now, in whole milliseconds.
    fn now(&self) -> Timestamp;
}

/// Randomness, digests and password hashes.
pub trait Secrets: Send + Sync {
    /// Fills `bytes` from the system's generator.
    ///
    /// # Errors
    /// [`Error::Internal`] when the system has none.
    fn random(&self, bytes: &mut [u8]) -> Result<()>;
    /// SHA-256.
    fn digest(&self, bytes: &[u8]) -> [u8; 32];
    /// A salted, deliberately slow hash (Argon2id); takes tens of milliseconds of CPU.
    ///
    /// # Errors
    /// [`Error::Internal`].
    fn hash_password(&self, password: &str) -> Result<String>;
    /// True when `hash` was made of `password`. Takes as long as hashing. A hash of `None` costs the same and is false.
    fn verify_password(&self, password: &str, hash: Option<&str>) -> bool;
}

/// The whole store.
pub trait Store:
    Reports
    + Imports
    + Pipelines
    + Jobs
    + MergeRequests
    + Insights
    + Retention
    + Events
    + Webhooks
    + Deliveries
    + Repositories
    + Members
    + Users
    + Keys
    + Tokens
    + ChangeVersions
    + Health
{
}
impl<
    T: Reports
        + Imports
        + Pipelines
        + Jobs
        + MergeRequests
        + Insights
        + Retention
        + Events
        + Webhooks
        + Deliveries
        + Repositories
        + Members
        + Users
        + Keys
        + Tokens
        + ChangeVersions
        + Health,
> Store for T
{
}

/// Everything the actions need.
#[derive(Clone)]
pub struct App {
    /// What is kept.
    pub store: Arc<dyn Store>,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// Randomness and hashes.
    pub secrets: Arc<dyn Secrets>,
}

impl App {
    /// Random bytes.
    ///
    /// # Errors
    /// [`Error::Internal`].
    pub fn random<const N: usize>(&self) -> Result<[u8; N]> {
        let mut bytes = [0; N];
        self.secrets.random(&mut bytes)?;
        Ok(bytes)
    }
}

/// The error of a store that lost its footing.
pub fn unavailable(what: impl std::fmt::Display) -> Error {
    Error::Unavailable(what.to_string())
}
