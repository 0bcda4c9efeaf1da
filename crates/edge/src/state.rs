//! The state that all handlers share.

mod page_states;
mod readiness;
mod submitted_forms;
mod whole_pipelines;

use crate::audit::Refusals;
use crate::auth::external::SignInMethods;
use crate::auth::{Auth, RateLimitSettings, RateLimits};
use crate::events::hub::Hub;
use crate::http::bodies::BodyCache;
use crate::http::forwarded::TrustedProxies;
use crate::http::public_url::PublicUrl;
use crate::http::replies::ReplyCache;
use crate::http::request_id::RequestIds;
use crate::language::Language;
use crate::request::{BodyBudgets, IncomingRequest, RequestReader};
use domain::App;
use domain::actions::access;
use domain::model::memory::MemoryLimits;
use domain::model::users::User;
use domain::model::webhooks::networks::Networks;
use jiff::tz::Offset;
use page_states::PageStates;
pub use page_states::{PageState, PageVersion};
use readiness::Readiness;
use serde_json::Value;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;
pub use submitted_forms::FormClaim;
use submitted_forms::SubmittedForms;
use whole_pipelines::WholePipelines;

/// The settings of a server's interfaces.
pub struct Settings {
    /// The zone of the times of the CodeArts dialect.
    pub offset: Offset,
    /// Name of the one account (IAM's domain).
    pub account: String,
    /// Renders the Prometheus text of `/metrics`.
    pub metrics: Box<dyn Fn(RepositoryNames) -> String + Send + Sync>,
    /// Greatest request body, in bytes.
    pub body_max: usize,
    /// Interval of `ping` events in a stream of events.
    pub events_ping: Duration,
    /// Most streams of events and requests that wait for a change, at the same time. One user and one repository
    /// may have half of them, if no other user has any.
    pub followers_max: usize,
    /// Reverse proxies, beside those on loopback addresses: the headers in which they name the client are
    /// trusted. Many clients share the address of a proxy that names none, so failures from there lock no access
    /// key.
    pub proxies: Vec<IpAddr>,
    /// The address that people and clients use. Without it, addresses in responses are those that each client called.
    pub public_url: Option<Arc<PublicUrl>>,
    /// The administrator of a command that serves the API for itself.
    pub local_administrator: Option<LocalAdministrator>,
    /// Networks, beside the public ones, that webhooks may be sent to.
    pub webhook_networks: Networks,
    /// How people sign in.
    pub sign_in: Arc<SignInMethods>,
    /// The bytes of the caches and of what waits.
    pub memory: MemoryLimits,
    /// How often clients may send requests and reports.
    pub rate_limits: RateLimitSettings,
    /// A token that reads the metrics and nothing else.
    pub metrics_token: Option<String>,
    /// Whether programs of this machine read the metrics without a credential.
    pub metrics_on_loopback: bool,
}

/// Whether the metrics name repositories.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RepositoryNames {
    /// For a client with a credential, and for every client of a separate listener.
    Shown,
    /// For a program of this machine without a credential, which may be that of any user.
    Hidden,
}

/// An administrator with a token that is in memory only: it ends with the process, and what is created with it may
/// last.
#[derive(Clone)]
pub struct LocalAdministrator {
    /// The token.
    pub token: String,
    /// The user.
    pub user: User,
    /// Whom the audit log names: the account of the operating system that runs the command.
    pub operator: String,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            offset: Offset::constant(8),
            account: "stagepost".into(),
            metrics: Box::new(|_| String::new()),
            body_max: 1 << 20,
            events_ping: Duration::from_secs(20),
            followers_max: 5_000,
            proxies: Vec::new(),
            public_url: None,
            local_administrator: None,
            webhook_networks: Networks::default(),
            sign_in: Arc::default(),
            memory: MemoryLimits::default(),
            rate_limits: RateLimitSettings::default(),
            metrics_token: None,
            metrics_on_loopback: true,
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

/// The part of the cached responses that documents have.
const DOCUMENTS_PART: u64 = 8;

/// The state that all handlers share.
pub struct Edge {
    /// The domain.
    pub app: App,
    /// The settings.
    pub settings: Settings,
    pub(crate) auth: Auth,
    pub(crate) bodies: BodyCache,
    pub(crate) documents: ApiDocuments,
    /// By document, language and the URL of the server.
    pub(crate) document_replies: ReplyCache<(usize, Language, String)>,
    pub(crate) events: Hub,
    /// The digest of the token that reads the metrics.
    pub(crate) metrics_token: Option<[u8; 32]>,
    pub(crate) page_states: PageStates,
    pub(crate) rate_limits: RateLimits,
    pub(crate) readiness: Readiness,
    pub(crate) refusals: Refusals,
    pub(crate) requests: RequestReader,
    pub(crate) submitted_forms: SubmittedForms,
    pub(crate) whole_pipelines: WholePipelines,
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
            bodies: Arc::new(BodyBudgets::new(&settings.memory)),
            proxies: TrustedProxies::new(&settings.proxies),
            public: settings.public_url.clone(),
            home_zone: settings.offset,
        };
        let (memory, followers_max) = (settings.memory, settings.followers_max);
        let documents_bytes = memory.cached_responses / DOCUMENTS_PART;
        let local = settings.local_administrator.clone().map(|LocalAdministrator { token, user, .. }| {
            (app.secrets.digest(token.as_bytes()), access::by_verified_user(user))
        });
        let sign_in = Arc::clone(&settings.sign_in);
        let auth = Auth::new(app.random()?, &settings.proxies, local, sign_in, &memory);
        let metrics_token = settings.metrics_token.as_ref().map(|token| app.secrets.digest(token.as_bytes()));
        let rate_limits = RateLimits::new(settings.rate_limits, &settings.proxies);
        Ok(Arc::new(Self {
            app,
            metrics_token,
            rate_limits,
            settings,
            auth,
            bodies: BodyCache::new(memory.cached_responses - documents_bytes),
            document_replies: ReplyCache::new(documents_bytes),
            documents,
            events: Hub::new(followers_max, memory.events),
            page_states: PageStates::default(),
            readiness: Readiness::default(),
            refusals: Refusals::default(),
            requests,
            submitted_forms: SubmittedForms::default(),
            whole_pipelines: WholePipelines::default(),
        }))
    }

    /// The metrics of this process, in Prometheus' text format.
    pub(crate) fn metrics(&self, names: RepositoryNames) -> String {
        self.auth.record_cache_bytes();
        let replies = self.bodies.bytes() + self.document_replies.bytes();
        metrics::gauge!("stagepost_cache_bytes", "cache" => "cached responses").set(replies as f64);
        (self.settings.metrics)(names)
    }

    /// Logs a refused request, and counts it for the audit log.
    pub(crate) fn note_refusal(&self, error: &domain::Error, request: &IncomingRequest) {
        self.refusals.note(error, request, self.app.clock.now());
    }

    /// Records the refusals since the last call in the audit log. Their number is bounded. If the store cannot take
    /// them now, they are counted again.
    ///
    /// # Errors
    /// [`domain::Error::Unavailable`].
    pub async fn record_refusals(&self) -> domain::Result<()> {
        self.refusals.record(&self.app).await
    }

    /// From now on `/readyz` reports that this server is about to stop.
    pub fn drain(&self) {
        self.readiness.drain();
    }
}
