//! The metadata and the keys of a provider, cached. A failure is cached too, so that a provider that does not respond
//! is not asked by every visitor of the page.

use crate::http_client::{Adapter, HttpClient};
use crate::provider::causes;
use domain::SignedDuration;
use domain::ports::{Clock, ProviderError};
use openidconnect::{IssuerUrl, ProviderMetadataWithLogout};
use std::sync::Arc;
use tokio::sync::Mutex;

/// How long metadata and keys are used without asking again.
const FRESH: SignedDuration = SignedDuration::from_hours(1);
/// How long a failure is repeated without asking again.
const FAILED: SignedDuration = SignedDuration::from_secs(5);
/// The least time between two requests for an unknown key.
const KEYS: SignedDuration = SignedDuration::from_mins(1);

/// The cached metadata of a provider.
pub struct Discovery {
    issuer: IssuerUrl,
    http: Arc<dyn HttpClient>,
    clock: Arc<dyn Clock>,
    cached: Mutex<Cached>,
}

#[derive(Default)]
struct Cached {
    /// With the uptime when it was asked for.
    metadata: Option<(Arc<ProviderMetadataWithLogout>, SignedDuration)>,
    failure: Option<(ProviderError, SignedDuration)>,
}

impl Discovery {
    pub fn new(issuer: IssuerUrl, http: Arc<dyn HttpClient>, clock: Arc<dyn Clock>) -> Self {
        Self { issuer, http, clock, cached: Mutex::default() }
    }

    /// The metadata with the keys. Old metadata is used while the provider does not respond.
    ///
    /// # Errors
    /// [`ProviderError::Unreachable`].
    pub async fn metadata(&self) -> Result<Arc<ProviderMetadataWithLogout>, ProviderError> {
        self.newer_than(FRESH).await
    }

    /// The metadata with the keys after a signature by an unknown key: asked for again, but at most once a minute.
    ///
    /// # Errors
    /// [`ProviderError::Unreachable`].
    pub async fn metadata_with_new_keys(&self) -> Result<Arc<ProviderMetadataWithLogout>, ProviderError> {
        self.newer_than(KEYS).await
    }

    async fn newer_than(
        &self,
        age: SignedDuration,
    ) -> Result<Arc<ProviderMetadataWithLogout>, ProviderError> {
        // Held during the request: visitors who come meanwhile wait for its result.
        let mut cached = self.cached.lock().await;
        let now = self.clock.uptime();
        if let Some((metadata, at)) = &cached.metadata
            && now - *at < age
        {
            return Ok(Arc::clone(metadata));
        }
        let old = cached.metadata.as_ref().map(|(metadata, _)| Arc::clone(metadata));
        if let Some((failure, at)) = &cached.failure
            && now - *at < FAILED
        {
            return old.ok_or_else(|| failure.clone());
        }
        match self.ask().await {
            Ok(metadata) => {
                let metadata = Arc::new(metadata);
                *cached = Cached { metadata: Some((Arc::clone(&metadata), now)), failure: None };
                Ok(metadata)
            }
            Err(failure) => {
                tracing::warn!(issuer = self.issuer.as_str(), %failure, "cannot read the metadata of a provider");
                // After the request, which may last longer than the failure is repeated.
                cached.failure = Some((failure.clone(), self.clock.uptime()));
                old.ok_or(failure)
            }
        }
    }

    async fn ask(&self) -> Result<ProviderMetadataWithLogout, ProviderError> {
        let client = Adapter(&*self.http);
        let found = ProviderMetadataWithLogout::discover_async(self.issuer.clone(), &client).await;
        let metadata = found.map_err(|error| ProviderError::Unreachable(causes(&error)))?;
        self.check(&metadata)?;
        Ok(metadata)
    }

    /// An encrypted issuer must not lead to addresses that are not.
    fn check(&self, metadata: &ProviderMetadataWithLogout) -> Result<(), ProviderError> {
        let token = metadata.token_endpoint().map(|url| url.url());
        let userinfo = metadata.userinfo_endpoint().map(|url| url.url());
        let always = [metadata.authorization_endpoint().url(), metadata.jwks_uri().url()];
        let encrypted = self.issuer.url().scheme() == "https";
        for url in always.into_iter().chain(token).chain(userinfo) {
            if url.scheme() != "https" && (encrypted || url.scheme() != "http") {
                return Err(ProviderError::Unreachable(format!("its address {url} is not encrypted")));
            }
        }
        if token.is_none() {
            return Err(ProviderError::Unreachable("it has no token endpoint".into()));
        }
        Ok(())
    }
}
