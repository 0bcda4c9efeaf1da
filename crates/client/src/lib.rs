//! The Stagepost client: one async method per route of the native API, and the IAM and CodeArts calls that
//! check whether an official SDK works.
//!
//! ```no_run
//! # async fn example() -> Result<(), stagepost_client::Error> {
//! use stagepost_client::{Client, Credentials, reports};
//!
//! let client = Client::builder("https://127.0.0.1:8443").credentials(Credentials::token("...")).build()?;
//! let report = reports::Report {
//!     sha: "1c46c505c84853887efe2ea9ea02a1333bae2237".into(),
//!     git_ref: "dev".into(),
//!     name: "unit tests".into(),
//!     status: "success".into(),
//!     ..Default::default()
//! };
//! client.report(2111976239, &report, &reports::new_idempotency_key()).await?;
//! # Ok(())
//! # }
//! ```
//!
//! Long lists are fetched page by page as a [`Paged`]. [`Client::follow_pipeline`] returns each change of a
//! pipeline until it has finished, [`Client::events`] all changes of a repository. All are streams, and their
//! methods `next` need no other crate. [`Client::notifications`] also works behind a proxy that buffers streams.
//!
//! A call is retried only where that is safe: if connecting failed, after 429 and 503, and, for reads and calls
//! with an idempotency key, after a lost connection and a gateway's 502 or 504. [`retry_during_outage`] repeats a
//! call for minutes.
//!
//! Must not know: the domain, the server's crates, terminals, configuration files or environment variables.

mod builder;
mod clock;
mod credentials;
mod error;
mod outage;
mod paging;
mod problem;
mod tls;
mod transport;

pub mod audit;
pub mod codearts;
pub mod destinations;
pub mod events;
pub mod follow;
pub mod gates;
pub mod health;
pub mod history;
pub mod iam;
pub mod identities;
pub mod imports;
pub mod insights;
pub mod job_closings;
pub mod jobs;
pub mod keys;
pub mod members;
pub mod merge_requests;
pub mod notifications;
pub mod pipelines;
pub mod policies;
pub mod reports;
pub mod repositories;
pub mod retention;
pub mod search;
pub mod signatures;
pub mod subscriptions;
pub mod tokens;
pub mod users;
pub mod webhooks;

pub use builder::{ClientBuilder, Language};
pub use clock::{Clock, system_clock, system_clock_millis};
pub use credentials::Credentials;
pub use error::{Error, ErrorKind};
pub use outage::{retry_and_notify, retry_during_outage};
pub use paging::Paged;
pub use problem::Problem;
pub use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
pub use reqwest::{Method, Url};
pub use transport::{Client, RawBody, RawResponse};
