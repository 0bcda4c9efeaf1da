//! The contract of [`domain::ports::Store`], tested on every engine.

mod accounts;
mod as_of;
mod audit;
mod change_versions;
mod commit_jobs;
mod comparisons;
pub mod credentials;
mod deliveries;
mod delivery_claims;
mod destination_overviews;
pub mod details;
mod events;
mod figures;
pub mod forwarded_state_claims;
pub mod forwarded_states;
pub mod gates;
mod identities;
mod insights;
mod job_closings;
mod job_runs;
mod lists;
mod merge_request_lists;
mod merge_request_results;
mod merge_requests;
pub mod refs;
pub mod reports;
mod repositories;
mod repository_health;
mod retention;
mod search;
mod signatures;
mod trusted_time;
pub mod verdicts;
pub mod webhooks;
mod writer;

use domain::model::ids::{Hex32, RepositoryId};
use domain::model::reports::Report;
use domain::model::repositories::NewRepository;
use domain::model::users::User;
use domain::ports::{NewUserRow, ReportBatch, RepositoryDefaults, Store};
use std::sync::atomic::{AtomicU8, Ordering};
use testkit::at;

static NEXT: AtomicU8 = AtomicU8::new(1);

pub fn hex() -> Hex32 {
    Hex32::from_bytes([NEXT.fetch_add(1, Ordering::SeqCst); 16])
}

/// The first user, an administrator.
pub async fn root(store: &dyn Store) -> User {
    user(store, "root", true).await
}

pub async fn user(store: &dyn Store, name: &str, admin: bool) -> User {
    let row = NewUserRow {
        uuid: hex(),
        name: name.into(),
        password_hash: Some("hash".into()),
        admin,
        created_at: at(0),
    };
    store.create_user(row).await.unwrap()
}

pub async fn repository(store: &dyn Store, creator: &User, path: &str) -> RepositoryId {
    let chosen = RepositoryDefaults { uuid: hex(), project_id: hex(), creator: creator.id, now: at(0) };
    let new = NewRepository { path: path.into(), ..NewRepository::default() };
    store.create_repository(new, chosen).await.unwrap().id
}

pub fn batch(repository_id: RepositoryId, reporter: &User, reports: Vec<Report>) -> ReportBatch {
    ReportBatch {
        repository_id,
        reporter: reporter.id,
        credential: None,
        dialect: "native",
        received_at: at(100),
        reports,
        idempotency: None,
        signature: None,
    }
}
