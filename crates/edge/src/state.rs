//! The state that all handlers share.

mod readiness;

use crate::audit::Refusals;
use crate::auth::Auth;
use crate::events::hub::Hub;
use crate::http::bodies::BodyCache;
use crate::http::forwarded::TrustedProxies;
use crate::http::request_id::RequestIds;
use crate::language::Language;
use crate::request::RequestReader;
use domain::App;
use domain::actions::access;
use domain::model::users::User;
use domain::model::webhooks::networks::Networks;
use jiff::tz::Offset;
use readiness::Readiness;
use serde_json::Value;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

/// Bytes of responses in the cache.
const CACHED_BODIES: u64 = 64 << 20;

/// The settings of a server's interfaces.
pub struct Settings {
    /// The zone of the times of the CodeArts dialect.
    pub offset: Offset,
    /// Name of the one account (IAM's domain).
    pub account: String,
    /// Renders the Prometheus text of `/metrics`.
    pub metrics: Box<dyn Fn() -> String + Send + Sync>,
    /// Greatest request body, in bytes.
    pub body_max: usize,
    /// Interval of `ping` events in a stream of events.
    pub events_ping: Duration,
    /// Most streams of events and requests that wait for a change, at the same time. One user and one repository
    /// may have half of them, if nobody else has any.
    pub followers_max: usize,
    /// Reverse proxies, beside those on loopback addresses: the headers in which they name the client are
    /// trusted. Many clients share the address of a proxy that names none, so failures from there lock no access
    /// key.
    pub proxies: Vec<IpAddr>,
    /// The administrator of a command that serves the API for itself.
    pub local_administrator: Option<LocalAdministrator>,
    /// Networks, beside the public ones, that webhooks may be sent to.
    pub webhook_networks: Networks,
}

/// An administrator with a token that is in memory only: it ends with the process, and what is created with it may
/// last.
#[derive(Clone)]
pub struct LocalAdministrator {
    /// The token.
    pub token: String,
    /// The user.
    pub user: User,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            offset: Offset::constant(8),
            account: "stagepost".into(),
            metrics: Box::new(String::new),
            body_max: 1 << 20,
            events_ping: Duration::from_secs(20),
            followers_max: 5_000,
            proxies: Vec::new(),
            local_administrator: None,
            webhook_networks: Networks::default(),
        }
    }
}

/// An OpenAPI document in one language. It does not contain the address of the server.
pub struct ApiDocument {
    /// Its name, without `.json`.
    pub name: &'static str,
    /// Its title.
    pub title: &'static str,
    /// The document.
    pub json: Value,
}

/// The OpenAPI documents of a language. They are built once for each process.
pub type ApiDocuments = fn(Language) -> &'static [ApiDocument];

/// The state that all handlers share.
pub struct Edge {
    /// The domain.
    pub app: App,
    /// The settings.
    pub settings: Settings,
    pub(crate) auth: Auth,
    pub(crate) bodies: BodyCache,
    pub(crate) documents: ApiDocuments,
    pub(crate) events: Hub,
    pub(crate) readiness: Readiness,
    pub(crate) refusals: Refusals,
    pub(crate) requests: RequestReader,
}

impl Edge {
    /// The state of a server that serves these documents.
    ///
    /// # Errors
    /// [`domain::Error::Internal`] if the system provides no random bytes.
    pub(crate) fn with_documents(
        app: App,
        settings: Settings,
        documents: ApiDocuments,
    ) -> domain::Result<Arc<Self>> {
        let requests = RequestReader {
            ids: RequestIds::new(app.random()?),
            body_max: settings.body_max,
            bodies: Arc::default(),
            proxies: TrustedProxies::new(&settings.proxies),
            home_zone: settings.offset,
        };
        let followers_max = settings.followers_max;
        let local = settings.local_administrator.clone().map(|LocalAdministrator { token, user }| {
            (app.secrets.digest(token.as_bytes()), access::by_verified_user(user))
        });
        let auth = Auth::new(app.random()?, &settings.proxies, local);
        Ok(Arc::new(Self {
            app,
            settings,
            auth,
            bodies: BodyCache::new(CACHED_BODIES),
            documents,
            events: Hub::new(followers_max),
            readiness: Readiness::default(),
            refusals: Refusals::default(),
            requests,
        }))
    }

    /// From now on `/readyz` reports that this server is about to stop.
    pub fn drain(&self) {
        self.readiness.drain();
    }
}
