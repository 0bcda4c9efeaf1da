//! The native dialect, `/native/v1`: what neither the CodeArts nor the GitLab API offers.
//! `docs/api/native.md` documents it.

pub mod audit;
pub mod comparisons;
mod deliveries;
pub mod destinations;
mod details;
mod dialect;
mod displayed_fields;
pub mod error;
pub mod events;
pub mod filters;
pub mod forwarded_states;
mod gates;
pub mod grid;
pub mod history;
mod idempotency;
mod identities;
mod imports;
pub mod insights;
pub mod job_closings;
pub mod job_runs;
mod jobs;
mod keys;
mod members;
mod merge_requests;
mod pipelines;
mod policies;
mod reports;
mod repositories;
mod retention;
mod routes;
pub mod search;
pub mod signatures;
pub mod subscriptions;
mod tokens;
pub mod translate;
mod users;
pub mod webhooks;

pub use dialect::NATIVE;
pub use imports::import_line;
pub use routes::routes;
pub use translate::audit::line as audit_line;
pub use translate::build_systems::settings as settings_of_build_system;
pub use translate::chat::{refusal as chat_refusal, without_credentials};
pub use translate::webhooks::{OutgoingMessage, SignedMessage, outgoing_message, signed_message};

use idempotency::idempotency;
