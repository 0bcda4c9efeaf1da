//! The HTTP interfaces of the server. This crate calls the domain and never names the store.
//!
//! Its modules form layers, and none imports from a layer above its own (`tests/it/layers.rs` checks it):
//! - `http`: HTTP without a dialect; `language`, `catalogue` and `explanation`: texts for people;
//! - `request`: a request as read;
//! - `auth`: who the caller is; `audit`: the log of refusals and of administrative changes; `events`: the events
//!   of repositories;
//! - `state`: what all handlers share; `dialect`: what a dialect is;
//! - `routes`: how a handler is registered: without a requirement for its caller it does not compile;
//! - `code_hosts`: what the dialects of code hosts have in common;
//! - `bitbucket`, `codearts`, `gitea`, `github`, `gitlab`, `iam`, `native`, `operations` and `pages`: the dialects.
//!   Only their `translate.rs` and `error.rs` convert between the domain and the wire. None imports another, except
//!   that `pages` uses the JSON of `native`;
//! - `forwarding`: requests to forges, in the dialect of each; `openapi`: the documents of all dialects;
//! - `dialects`, `fallback` and this file: the list of dialects and the router.

mod audit;
pub mod auth;
mod bitbucket;
pub mod catalogue;
mod code_hosts;
mod codearts;
mod dialect;
mod dialects;
mod events;
mod explanation;
mod fallback;
pub mod forwarding;
mod gitea;
mod github;
mod gitlab;
pub mod http;
mod iam;
pub mod language;
mod native;
mod openapi;
mod operations;
mod pages;
mod request;
pub mod routes;
mod state;

pub use dialects::{documents, public_url, table as route_table};
pub use fallback::{MonitoringRouter, Router};
pub use native::{
    OutgoingMessage, SignedMessage, audit_line, chat_refusal, import_line, outgoing_message,
    settings_of_build_system, signed_message, without_credentials,
};
pub use state::{ApiDocument, Edge, LocalAdministrator, RepositoryNames, Settings};

use domain::App;
use std::sync::Arc;

impl Edge {
    /// The state of a server.
    ///
    /// # Errors
    /// [`domain::Error::Internal`] if the system provides no random bytes.
    pub fn new(app: App, settings: Settings) -> domain::Result<Arc<Self>> {
        Self::with_documents(app, settings, documents)
    }
}

/// The router of a listener that serves health checks and metrics only, without a credential.
pub fn monitoring_router(edge: &Arc<Edge>) -> MonitoringRouter {
    MonitoringRouter(router(edge))
}

/// The router of all dialects.
pub fn router(edge: &Arc<Edge>) -> Router {
    Router::new(dialects::routes().into_handlers(edge), edge, dialects::dialect_of)
}
