//! Authentication: from the headers of a request to the proof that a user signed in. Lookups are cached under
//! the store's version of access, which changes with every account, member and repository.

mod concurrency_limit;
pub mod cookie;
mod credential;
pub mod external;
mod failures;
mod fair_queue;
mod feeds;
mod guessing;
mod lockout;
mod lookups;
pub mod password;
mod rate_limits;
pub mod secrets;
mod signature;

pub use credential::{Accepts, IN_QUERY, is_in_address};
pub use failures::Failure;
pub use rate_limits::{CountedCredential, RateLimitSettings, RateLimits};

use crate::http::forwarded::TrustedProxies;
use crate::http::shares::{Place, Shares};
use crate::request::IncomingRequest;
use concurrency_limit::ConcurrencyLimit;
use credential::{Credential, find};
use domain::App;
use domain::actions::access::{self, CredentialId, RepositoryAccess, SignedIn};
use domain::error::{AuthFailure, Error, Result};
use domain::model::keys::Key;
use domain::model::memory::MemoryLimits;
use domain::model::repositories::RepositoryKey;
use domain::model::users::User;
use domain::ports::{Requester, current_origin, current_requester, with_origin};
use external::SignInMethods;
use failures::Failures;
use fair_queue::{CheckRequest, FairQueue};
use guessing::Guessing;
use lockout::Lockout;
use lookups::{Cached, Lookups};
use std::net::IpAddr;
use std::sync::Arc;
use wire::signing::{Claim, Mismatch, Verified};

/// Verifications of the slow signature algorithms at the same time: each takes up to a few milliseconds.
const VERIFICATIONS_AT_ONCE: usize = 2;
/// Verifications running or queued; further ones are rejected.
const VERIFICATIONS_QUEUED: usize = 256;
/// Explanations of signatures at the same time: each takes up to hundreds of verifications.
const EXPLANATIONS_AT_ONCE: usize = 1;
/// Explanations running or queued; further ones are rejected.
const EXPLANATIONS_QUEUED: usize = 8;
/// Requests that wait for identity providers at the same time; further ones are rejected.
const PROVIDER_PLACES: usize = 64;

/// Signs callers in; holds the caches, the lockout and the concurrency limits of authentication.
pub struct Auth {
    lookups: Lookups,
    hashes: FairQueue,
    guessing: Guessing,
    verifications: ConcurrencyLimit,
    verification_places: Arc<Shares<Requester>>,
    explanations: ConcurrencyLimit,
    explanation_places: Arc<Shares<Requester>>,
    provider_places: Arc<Shares<Requester>>,
    sign_in: Arc<SignInMethods>,
    lockout: Lockout,
    failures: Failures,
    /// The secret that signatures of unknown access keys are verified with. It is random: with a known one, a
    /// caller could find out that the key is unknown.
    decoy_secret: [u8; 32],
    /// The digest of a token that is not in the store, and whom it signs in.
    local: Option<([u8; 32], SignedIn)>,
}

/// The access key and its user, or the reason why it authenticates no user.
type FoundKey = Result<(Key, User), &'static str>;

impl Auth {
    /// `decoy_secret` is random; `proxies` are trusted reverse proxies; `local` is the digest of a token that is not
    /// in the store, and whom it signs in; `sign_in` says how people sign in; `memory` has the bytes of the caches.
    pub fn new(
        decoy_secret: [u8; 32],
        proxies: &[IpAddr],
        local: Option<([u8; 32], SignedIn)>,
        sign_in: Arc<SignInMethods>,
        memory: &MemoryLimits,
    ) -> Self {
        Self {
            lookups: Lookups::new(memory.credentials),
            hashes: FairQueue::new(),
            guessing: Guessing::new(TrustedProxies::new(proxies), memory.guesses / 4 * 3),
            verifications: ConcurrencyLimit::new(VERIFICATIONS_AT_ONCE, VERIFICATIONS_QUEUED),
            verification_places: Shares::new(VERIFICATIONS_QUEUED),
            explanations: ConcurrencyLimit::new(EXPLANATIONS_AT_ONCE, EXPLANATIONS_QUEUED),
            explanation_places: Shares::new(EXPLANATIONS_QUEUED),
            provider_places: Shares::new(PROVIDER_PLACES),
            sign_in,
            lockout: Lockout::new(TrustedProxies::new(proxies), memory.guesses / 4),
            failures: Failures::new(memory.refused_signatures),
            decoy_secret,
            local,
        }
    }

    /// Sets the metrics of the caches.
    pub fn record_cache_bytes(&self) {
        let bytes = |cache: &'static str, bytes: u64| {
            metrics::gauge!("stagepost_cache_bytes", "cache" => cache).set(bytes as f64);
        };
        bytes("credentials", self.lookups.bytes());
        bytes("guesses", self.guessing.bytes() + self.lockout.bytes());
        bytes("refused signatures", self.failures.bytes());
    }

    /// Authenticates the caller of a request.
    ///
    /// # Errors
    /// [`Error::Unauthenticated`], [`Error::ManyCredentials`].
    pub async fn sign_in(&self, app: &App, accepts: Accepts, request: &IncomingRequest) -> Result<SignedIn> {
        let signed_in = self.authenticate(app, accepts, request).await?;
        self.claim(&signed_in, request);
        Ok(signed_in)
    }

    /// Notes for the log who a request is from.
    pub fn claim(&self, signed_in: &SignedIn, request: &IncomingRequest) {
        request.claimed.set_signed_in(&signed_in.caller().user, signed_in.credential());
    }

    async fn authenticate(&self, app: &App, accepts: Accepts, request: &IncomingRequest) -> Result<SignedIn> {
        match find(&request.headers, &request.query, accepts)? {
            None => match cookie::token(request, accepts.cookie)? {
                Some(token) => {
                    let signed_in = self.sign_in_with_token(app, token.as_bytes(), request).await?;
                    self.check_named_by_header(app, &signed_in, request).await?;
                    let _ = request.visitor.set(signed_in.caller().clone());
                    Ok(signed_in)
                }
                None => Err(Error::Unauthenticated(AuthFailure::Missing)),
            },
            Some(Credential::Other) => Err(Error::Unauthenticated(AuthFailure::WrongKind)),
            Some(Credential::Token(token)) => self.check_token(app, &token, request).await,
            // Boxed, so that the future of every other request is small.
            Some(Credential::Signature(authorization)) => {
                Box::pin(signature::sign_in(self, app, authorization, request)).await
            }
        }
    }

    /// Authenticates again the caller of a request whose response is still being sent.
    ///
    /// # Errors
    /// [`Error::Unauthenticated`] when the credential no longer signs in. The age of a signature is not
    /// checked.
    pub async fn sign_in_again(
        &self,
        app: &App,
        accepts: Accepts,
        request: &IncomingRequest,
    ) -> Result<SignedIn> {
        match find(&request.headers, &request.query, accepts)? {
            Some(Credential::Signature(authorization)) => {
                signature::sign_in_again(self, app, authorization, request).await
            }
            _ => self.sign_in(app, accepts, request).await,
        }
    }

    /// Whether a request has the token with this digest, wherever it has it.
    ///
    /// # Errors
    /// [`Error::ManyCredentials`].
    pub fn has_token(
        &self,
        app: &App,
        accepts: Accepts,
        request: &IncomingRequest,
        digest: &[u8; 32],
    ) -> Result<bool> {
        let found = find(&request.headers, &request.query, accepts)?;
        // Comparing digests takes a time that does not depend on the token.
        Ok(matches!(found, Some(Credential::Token(token)) if app.secrets.digest(&token) == *digest))
    }

    /// Whether requests of an access key from this address are locked out now.
    pub fn is_locked(&self, app: &App, access: &str, from: Option<IpAddr>) -> bool {
        self.lockout.is_locked(access, from, app.clock.now())
    }

    /// The recently refused signatures of an access key, newest first.
    pub fn failures(&self, access: &str) -> Vec<Arc<Failure>> {
        self.failures.list(access)
    }

    /// Authenticates the caller of a request by this token, wherever the request has it.
    ///
    /// # Errors
    /// [`Error::Unauthenticated`].
    pub async fn sign_in_with_token(
        &self,
        app: &App,
        token: &[u8],
        request: &IncomingRequest,
    ) -> Result<SignedIn> {
        let signed_in = self.check_token(app, token, request).await?;
        self.claim(&signed_in, request);
        Ok(signed_in)
    }

    /// As [`Self::sign_in_with_token`], but only notes a refused token.
    async fn check_token(&self, app: &App, token: &[u8], request: &IncomingRequest) -> Result<SignedIn> {
        let signed_in = self.by_token(app, token, request.versions.access).await;
        signed_in.inspect_err(|refused| self.note_refused(refused, request))
    }

    /// Notes the user and the refused token of a request for the log.
    fn note_refused(&self, refused: &Error, request: &IncomingRequest) {
        if let Error::Unauthenticated(AuthFailure::TokenUnusable { id, user, .. }) = refused {
            request.claimed.set_user(user);
            request.claimed.set_credential(CredentialId::Token(*id));
        }
    }

    /// Authenticates by a token; `version` is the request's version of access.
    async fn by_token(&self, app: &App, token: &[u8], version: Option<u64>) -> Result<SignedIn> {
        let digest = app.secrets.digest(token);
        if let Some((local, signed_in)) = &self.local
            && *local == digest
        {
            return Ok(signed_in.clone());
        }
        if let (Some(version), Some(cached)) = (version, self.lookups.tokens.get(&digest))
            && cached.version == version
            && cached.value.1.is_none_or(|end| app.clock.now() < end)
        {
            return Ok(cached.value.0);
        }
        let signed_in = access::by_token(app, token).await?;
        if let Some(version) = unchanged(app, version).await {
            let value = (signed_in.clone(), signed_in.unchanged_until());
            self.lookups.tokens.insert(digest, Cached { version, value });
        }
        Ok(signed_in)
    }

    async fn key(&self, app: &App, name: &str, version: Option<u64>) -> Result<FoundKey> {
        // Both caches are read in any case, so that the time does not depend on which one has the key.
        let (valid, refused) = (self.lookups.keys.get(name), self.lookups.refused_keys.get(name));
        if let (Some(version), Some(valid)) = (version, valid)
            && valid.version == version
        {
            return Ok(Ok(valid.value));
        }
        if let (Some(version), Some(refused)) = (version, refused)
            && refused.version == version
        {
            return Ok(Err(refused.value));
        }
        let found = access::key(app, name).await?;
        if let Some(version) = unchanged(app, version).await {
            match &found {
                Ok(value) => {
                    self.lookups.keys.insert(name.to_owned(), Cached { version, value: value.clone() })
                }
                Err(reason) => {
                    self.lookups.refused_keys.insert(name.to_owned(), Cached { version, value: *reason })
                }
            }
        }
        Ok(found)
    }

    /// The caller's access to a repository; `version` is the request's version of access.
    ///
    /// # Errors
    /// [`Error::Unavailable`].
    pub async fn repository_access(
        &self,
        app: &App,
        signed_in: &SignedIn,
        key: &RepositoryKey,
        version: Option<u64>,
    ) -> Result<RepositoryAccess> {
        let caller = signed_in.caller();
        // The cache holds the access of the user, before the credential narrows it.
        let cache_key = (caller.user.id.get(), key.clone());
        if let (Some(version), Some(cached)) = (version, self.lookups.repository_access.get(&cache_key))
            && cached.version == version
            && cached.value.1.is_none_or(|end| app.clock.now() < end)
        {
            return Ok(access::access_by_credential(caller, cached.value.0));
        }
        let full = access::repository_access(app, &access::with_full_scope(caller), key).await?;
        // The number of paths without a repository is unlimited, so they are not cached.
        let cacheable = full.is_some() || matches!(key, RepositoryKey::Id(_));
        if cacheable && let Some(version) = unchanged(app, version).await {
            let value = (full.clone(), caller.user.rights_until());
            self.lookups.repository_access.insert(cache_key, Cached { version, value });
        }
        Ok(access::access_by_credential(caller, full))
    }

    /// Refuses a session of another person than the one whom a listed reverse proxy names, so that a new one starts.
    async fn check_named_by_header(
        &self,
        app: &App,
        signed_in: &SignedIn,
        request: &IncomingRequest,
    ) -> Result<()> {
        let Some(header) = &self.sign_in.header else { return Ok(()) };
        let (Some(claims), Some(id)) = (header.claims(request), signed_in.identity()) else { return Ok(()) };
        let identities = app.store.identities(signed_in.caller().user.id).await?;
        let session = identities.into_iter().find(|identity| identity.id == id);
        let is_other = session.is_some_and(|of| of.issuer == claims.issuer && of.subject != claims.subject);
        if is_other {
            let reason = "the session is of another account than the header of the reverse proxy names";
            return Err(Error::Unauthenticated(AuthFailure::Token(reason)));
        }
        Ok(())
    }

    /// A place to wait for an identity provider.
    ///
    /// # Errors
    /// [`Error::Overloaded`] when the client has a full share of them.
    pub fn provider_place(&self) -> Result<Place<Requester>> {
        self.provider_places.take(&[current_requester()]).ok_or(Error::Overloaded)
    }

    /// Runs work of a signed-in user that hashes a password, in a slot for hashes.
    ///
    /// # Errors
    /// [`Error::Throttled`] and [`Error::Overloaded`] when too many passwords are being checked; the errors of the
    /// work.
    pub async fn run_hashing<T: Send + 'static>(
        &self,
        by: &SignedIn,
        work: impl Future<Output = Result<T>> + Send + 'static,
    ) -> Result<T> {
        let user = u64::try_from(by.caller().user.id.get()).unwrap_or_default();
        let place = self.hashes.enter(CheckRequest { from: None, name: user, known_pair: Some(user) })?;
        let runtime = tokio::runtime::Handle::current();
        // The other thread does not inherit it.
        let work = with_origin(current_origin(), work);
        place.run(true, move || runtime.block_on(work), || Err(Error::Overloaded)).await?
    }

    /// Runs work that explains signatures, within the concurrency limit of explanations.
    ///
    /// # Errors
    /// [`Error::Overloaded`] when the user has a full share of the queue; the errors of the work.
    pub async fn run_explanation<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let place = self.explanation_places.take(&[current_requester()]);
        let _place = place.ok_or(Error::Overloaded)?;
        self.explanations.run(work).await?
    }

    /// Verifies a signature: on this thread if the algorithm is quick, else on a blocking thread. Derived
    /// keys are not cached: that of an unknown access key cannot be, and the time would show the difference.
    async fn verify(&self, claim: Claim, secret: &[u8]) -> Result<Result<Verified, Mismatch>> {
        if !claim.is_slow() {
            return Ok(claim.verify(secret));
        }
        let place = self.verification_places.take(&[current_requester()]);
        let _place = place.ok_or(Error::Overloaded)?;
        let secret = secret.to_vec();
        self.verifications.run(move || claim.verify(&secret)).await
    }
}

/// The version, if it is still the current one: what was read since is valid for it and may be cached.
async fn unchanged(app: &App, version: Option<u64>) -> Option<u64> {
    let version = version?;
    let now = app.store.current_versions(None).await.ok()?.access;
    (now == Some(version)).then_some(version)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limits_of_slow_work_are_those_of_the_documentation() {
        assert_eq!((VERIFICATIONS_AT_ONCE, VERIFICATIONS_QUEUED), (2, 256));
        assert_eq!((EXPLANATIONS_AT_ONCE, EXPLANATIONS_QUEUED), (1, 8));
        let document = include_str!("../../../../docs/operating/limits.md");
        for row in [
            "| verifications of the slow signature algorithms | 2 at a time, 256 waiting | an address may have as many waiting as are free |",
            "| explanations of signatures | 1 at a time, 8 waiting | a user may have as many waiting as are free |",
        ] {
            assert!(document.contains(row), "{row}");
        }
    }
}
