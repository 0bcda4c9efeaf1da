//! Everything that touches the outside: protocols in, answers out. It asks the domain and never names the store.
//!
//! `codearts`, `gitlab`, `iam`, `native` and `pages` are dialects: each knows its protocol and no other; only its `translate.rs` and `error.rs`
//! turn the domain's words into the wire's. `auth` finds out who asks. `http` is plumbing without a dialect. `routes` is how a
//! handler is made: without saying what its caller must be, it does not compile.

pub mod auth;
pub mod catalogue;
mod codearts;
mod explanation;
mod gitlab;
pub mod http;
mod iam;
pub mod language;
mod native;
mod openapi;
mod operations;
mod pages;
pub mod routes;

pub use native::{Signed, import_line, signed_message};
pub use openapi::documents;

use auth::Auth;
use codearts::jobs::Bodies;
use domain::App;
use domain::model::webhooks::networks::Networks;
use jiff::tz::Offset;
use routes::{RouteInfo, Routes};
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// What a server decides about its edge.
pub struct Settings {
    /// The zone of the CodeArts dialect's times.
    pub offset: Offset,
    /// Name of the one account (IAM's domain).
    pub account: String,
    /// Prometheus text for `/metrics`.
    pub metrics: Box<dyn Fn() -> String + Send + Sync>,
    /// Greatest body, in bytes.
    pub body_max: usize,
    /// How often a stream of events says that it is alive.
    pub events_ping: Duration,
    /// Reverse proxies, beside loopback addresses: whoever guesses at a key from there does not lock it for all behind them.
    pub proxies: Vec<IpAddr>,
    /// Networks beside the public ones that webhooks may reach.
    pub webhook_networks: Networks,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            offset: Offset::constant(8),
            account: "stagepost".into(),
            metrics: Box::new(String::new),
            body_max: 1 << 20,
            events_ping: Duration::from_secs(20),
            proxies: Vec::new(),
            webhook_networks: Networks::default(),
        }
    }
}

/// Everything that handlers share.
pub struct Edge {
    /// The domain.
    pub app: App,
    /// What the server decided.
    pub settings: Settings,
    pub(crate) auth: Auth,
    pub(crate) bodies: Bodies,
    pub(crate) documents: openapi::Documents,
    pub(crate) events: native::events::Hub,
    pub(crate) ids: http::request_id::RequestIds,
    draining: AtomicBool,
    pub(crate) readiness: operations::Readiness,
}

impl Edge {
    /// # Errors
    /// [`domain::Error::Internal`] without a source of randomness.
    pub fn new(app: App, settings: Settings) -> domain::Result<Arc<Self>> {
        let ids = http::request_id::RequestIds::new(app.random()?);
        let auth = Auth::new(app.random()?, &settings.proxies);
        Ok(Arc::new(Self {
            app,
            settings,
            auth,
            bodies: Bodies::new(),
            documents: openapi::Documents::new(),
            events: native::events::Hub::default(),
            ids,
            draining: AtomicBool::new(false),
            readiness: operations::Readiness::default(),
        }))
    }

    /// From now on `/readyz` says that this server is about to stop.
    pub fn drain(&self) {
        self.draining.store(true, Ordering::Relaxed);
    }

    /// True of a reverse proxy whose word on the client's connection is taken: one on this machine, or one that the settings name.
    pub(crate) fn trusts(&self, peer: Option<&http::listen::Peer>) -> bool {
        let address = peer.map(|peer| peer.addr.ip().to_canonical());
        address.is_some_and(|ip| {
            ip.is_loopback() || self.settings.proxies.iter().any(|p| p.to_canonical() == ip)
        })
    }

    pub(crate) fn is_draining(&self) -> bool {
        self.draining.load(Ordering::Relaxed)
    }
}

/// The whole route map.
fn routes(edge: &Arc<Edge>) -> Routes {
    let mut routes = Routes::new(Arc::clone(edge));
    operations::routes(&mut routes);
    codearts::routes(&mut routes);
    gitlab::routes(&mut routes);
    iam::routes(&mut routes);
    native::routes(&mut routes);
    pages::routes(&mut routes);
    openapi::routes(&mut routes);
    routes
}

/// The router of all dialects.
pub fn router(edge: &Arc<Edge>) -> axum::Router {
    routes(edge).into_router()
}

/// Every route with what it asks of its caller: what the table of the tests is made of.
pub fn route_table(edge: &Arc<Edge>) -> Vec<RouteInfo> {
    routes(edge).into_table()
}
