//! Who asks: from the headers of a request to a proof that somebody signed in. What was looked up is remembered for as long as the
//! store's mark says that no account, member or repository changed.

mod concurrency_limit;
pub mod cookie;
mod failures;
mod lockout;
pub mod password;
pub mod secrets;
mod signature;

use crate::Edge;
use crate::http::query::Query;
use crate::routes::Incoming;
use concurrency_limit::ConcurrencyLimit;
use cookie::Cookie;
use domain::actions::access::{self, RepositoryAccess, SignedIn};
use domain::error::{AuthFailure, Error, Result};
use domain::model::keys::Key;
use domain::model::repositories::RepositoryKey;
use domain::model::users::User;
use domain::{App, Timestamp};
pub use failures::Failure;
use failures::Failures;
use http::HeaderMap;
use lockout::{Guessed, Lockout};
use quick_cache::sync::Cache;
use std::net::IpAddr;
use std::sync::Arc;
use wire::signing::{Claim, Mismatch, Payload};

/// Password hashes worked on at once: each takes a core for tens of milliseconds.
const HASHES_AT_ONCE: usize = 2;
/// Password hashes worked on or waiting; more are told to come back.
const HASHES_WAITING: usize = 64;
/// Signatures of the slow algorithms, of whoever sends one: up to a few milliseconds each.
const PROOFS_AT_ONCE: usize = 2;
const PROOFS_WAITING: usize = 256;
/// Signatures that are explained: up to hundreds of verifications each.
const EXPLANATIONS_AT_ONCE: usize = 1;
const EXPLANATIONS_WAITING: usize = 8;

/// The kinds of credential a dialect takes.
#[derive(Debug, Clone, Copy)]
pub struct Accepts {
    /// `X-Auth-Token`.
    pub x_auth_token: bool,
    /// `PRIVATE-TOKEN`.
    pub private_token: bool,
    /// `Authorization: Bearer`.
    pub bearer: bool,
    /// `Authorization: SDK-HMAC-SHA256 ...`.
    pub signature: bool,
    /// `private_token` or `access_token` in the query; then also the same token in more than one place.
    pub query: bool,
    /// The cookie of a session. Any other credential goes before it, because a browser sends it unasked.
    pub cookie: Cookie,
}

impl Accepts {
    /// None at all.
    pub const NONE: Self = Self {
        x_auth_token: false,
        private_token: false,
        bearer: false,
        signature: false,
        query: false,
        cookie: Cookie::No,
    };
}

/// A credential as it came.
enum Credential<'a> {
    Token(&'a [u8]),
    Signature(&'a [u8]),
    /// One that the dialect does not take.
    Other,
}

/// The parameters of a query that may hold a credential. What writes a query anywhere leaves them out.
pub const IN_QUERY: [&str; 3] = ["private_token", "access_token", "job_token"];

/// Finds the one credential of a request.
fn find<'a>(headers: &'a HeaderMap, query: &'a Query, accepts: Accepts) -> Result<Option<Credential<'a>>> {
    let mut found: Vec<Credential<'a>> = Vec::new();
    for (name, accepted) in [("x-auth-token", accepts.x_auth_token), ("private-token", accepts.private_token)]
    {
        for value in headers.get_all(name) {
            let token = value.as_bytes().trim_ascii();
            if !token.is_empty() {
                found.push(if accepted { Credential::Token(token) } else { Credential::Other });
            }
        }
    }
    // The header itself is ambiguous then, whatever is in it: not a question of which to take.
    if headers.get_all(http::header::AUTHORIZATION).iter().count() > 1 {
        return Err(signature::malformed(&"more than one Authorization header"));
    }
    for value in headers.get_all(http::header::AUTHORIZATION) {
        let value = value.as_bytes().trim_ascii();
        let (scheme, rest) = value.split_at(value.iter().position(|b| *b == b' ').unwrap_or(value.len()));
        let bearer = scheme.eq_ignore_ascii_case(b"bearer") || scheme.eq_ignore_ascii_case(b"token");
        found.push(match () {
            () if value.is_empty() => continue,
            () if bearer && accepts.bearer => Credential::Token(rest.trim_ascii()),
            () if !bearer && accepts.signature => Credential::Signature(value),
            () => Credential::Other,
        });
    }
    if accepts.query {
        let tokens = ["private_token", "access_token"].into_iter().flat_map(|name| query.all(name));
        let tokens = tokens.map(|token| token.trim().as_bytes()).filter(|token| !token.is_empty());
        found.extend(tokens.map(Credential::Token));
        found.dedup_by(|a, b| matches!((a, b), (Credential::Token(a), Credential::Token(b)) if a == b));
    }
    if found.len() > 1 {
        return Err(Error::ManyCredentials);
    }
    Ok(found.pop())
}

/// What was looked up, with the mark under which it holds.
#[derive(Clone)]
struct Cached<T> {
    mark: u64,
    value: T,
}

/// Sign-in, and what it remembers.
pub struct Auth {
    tokens: Cache<[u8; 32], Cached<(SignedIn, Option<Timestamp>)>>,
    keys: Cache<String, Cached<(Key, User)>>,
    /// Keys that sign nobody in, and why: asking for one again must take no longer than for one that does. Apart, so that made-up names drive
    /// no key out.
    useless: Cache<String, Cached<&'static str>>,
    standings: Cache<(i32, RepositoryKey), Cached<RepositoryAccess>>,
    hashes: ConcurrencyLimit,
    proofs: ConcurrencyLimit,
    explanations: ConcurrencyLimit,
    lockout: Lockout,
    failures: Failures,
    /// What an unknown key is verified with: random, or whoever signed with it would learn that the key is unknown.
    nobody: [u8; 32],
}

/// The key and its user, or why it does not sign anybody in.
type FoundKey = Result<(Key, User), &'static str>;

impl Auth {
    pub(crate) fn new(nobody: [u8; 32], proxies: &[IpAddr]) -> Self {
        metrics::describe_counter!(
            "stagepost_signatures_refused_total",
            "Signed requests that were refused, by reason"
        );
        Self {
            tokens: Cache::new(20_000),
            keys: Cache::new(20_000),
            useless: Cache::new(20_000),
            standings: Cache::new(100_000),
            hashes: ConcurrencyLimit::new(HASHES_AT_ONCE, HASHES_WAITING),
            proofs: ConcurrencyLimit::new(PROOFS_AT_ONCE, PROOFS_WAITING),
            explanations: ConcurrencyLimit::new(EXPLANATIONS_AT_ONCE, EXPLANATIONS_WAITING),
            lockout: Lockout::new(proxies),
            failures: Failures::new(),
            nobody,
        }
    }

    /// Who asks.
    ///
    /// # Errors
    /// [`Error::Unauthenticated`], [`Error::ManyCredentials`].
    pub async fn sign_in(&self, edge: &Edge, accepts: Accepts, request: &Incoming) -> Result<SignedIn> {
        match find(&request.headers, &request.query, accepts)? {
            None => match cookie::token(request, accepts.cookie)? {
                Some(token) => {
                    let signed_in =
                        self.by_token(&edge.app, token.as_bytes(), request.versions.access).await?;
                    let _ = request.visitor.set(signed_in.caller().clone());
                    Ok(signed_in)
                }
                None => Err(Error::Unauthenticated(AuthFailure::Missing)),
            },
            Some(Credential::Other) => Err(Error::Unauthenticated(AuthFailure::WrongKind)),
            Some(Credential::Token(token)) => self.by_token(&edge.app, token, request.versions.access).await,
            Some(Credential::Signature(authorization)) => {
                signature::sign_in(self, &edge.app, authorization, request).await
            }
        }
    }

    /// Who asked, of a request that has signed in already and is still being answered.
    ///
    /// # Errors
    /// [`Error::Unauthenticated`] when the credential no longer signs in. The age of a signature does not matter.
    pub async fn sign_in_again(&self, edge: &Edge, accepts: Accepts, request: &Incoming) -> Result<SignedIn> {
        match find(&request.headers, &request.query, accepts)? {
            Some(Credential::Signature(authorization)) => {
                signature::sign_in_again(self, &edge.app, authorization, request).await
            }
            _ => self.sign_in(edge, accepts, request).await,
        }
    }

    /// Whether an access key is not heard from there now.
    pub fn is_locked(&self, edge: &Edge, access: &str, from: Option<IpAddr>) -> bool {
        self.lockout.is_locked(Guessed::Key(access), from, edge.app.clock.now())
    }

    /// The signatures of an access key that were refused of late, the newest first.
    pub fn failures(&self, access: &str) -> Vec<Arc<Failure>> {
        self.failures.of(access)
    }

    /// Who shows this token; `mark` is the request's.
    ///
    /// # Errors
    /// [`Error::Unauthenticated`].
    pub async fn by_token(&self, app: &App, token: &[u8], mark: Option<u64>) -> Result<SignedIn> {
        let digest = app.secrets.digest(token);
        if let (Some(mark), Some(known)) = (mark, self.tokens.get(&digest))
            && known.mark == mark
            && known.value.1.is_none_or(|end| app.clock.now() < end)
        {
            return Ok(known.value.0);
        }
        let signed_in = access::by_token(app, token).await?;
        if let Some(mark) = still(app, mark).await {
            let value = (signed_in.clone(), signed_in.ends_at());
            self.tokens.insert(digest, Cached { mark, value });
        }
        Ok(signed_in)
    }

    async fn key(&self, app: &App, name: &str, mark: Option<u64>) -> Result<FoundKey> {
        // Both are looked at, whichever has it.
        let (known, useless) = (self.keys.get(name), self.useless.get(name));
        if let (Some(mark), Some(known)) = (mark, known)
            && known.mark == mark
        {
            return Ok(Ok(known.value));
        }
        if let (Some(mark), Some(useless)) = (mark, useless)
            && useless.mark == mark
        {
            return Ok(Err(useless.value));
        }
        let found = access::key(app, name).await?;
        if let Some(mark) = still(app, mark).await {
            match &found {
                Ok(value) => self.keys.insert(name.to_owned(), Cached { mark, value: value.clone() }),
                Err(why) => self.useless.insert(name.to_owned(), Cached { mark, value: *why }),
            }
        }
        Ok(found)
    }

    /// What the caller is to a repository; `mark` is the request's.
    ///
    /// # Errors
    /// [`Error::Unavailable`].
    pub async fn repository_access(
        &self,
        edge: &Edge,
        signed_in: &SignedIn,
        key: &RepositoryKey,
        mark: Option<u64>,
    ) -> Result<RepositoryAccess> {
        let (app, caller) = (&edge.app, signed_in.caller());
        // Remembered as the user's own, before the credential narrows it.
        let remembered = (caller.user.id.get(), key.clone());
        if let (Some(mark), Some(known)) = (mark, self.standings.get(&remembered))
            && known.mark == mark
        {
            return Ok(access::access_by_credential(caller, known.value));
        }
        let full = access::repository_access(app, &access::with_full_scope(caller), key).await?;
        // Paths of what does not exist are without number.
        let worth = full.is_some() || matches!(key, RepositoryKey::Id(_));
        if worth && let Some(mark) = still(app, mark).await {
            self.standings.insert(remembered, Cached { mark, value: full.clone() });
        }
        Ok(access::access_by_credential(caller, full))
    }

    /// Runs work that hashes a password, few at a time.
    ///
    /// # Errors
    /// [`Error::Overloaded`] when too many wait; the errors of the work.
    pub async fn slowly<T: Send + 'static>(
        &self,
        work: impl Future<Output = Result<T>> + Send + 'static,
    ) -> Result<T> {
        let runtime = tokio::runtime::Handle::current();
        self.hashes.run(move || runtime.block_on(work)).await?
    }

    /// Runs work that explains signatures, one at a time.
    ///
    /// # Errors
    /// [`Error::Overloaded`] when too many wait; the errors of the work.
    pub async fn explaining<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.explanations.run(work).await?
    }

    /// Verifies a signature: here when it is quick, else away from the threads that answer requests. No derived key is remembered: that of
    /// an unknown access key never is, and time would tell.
    async fn verify(&self, claim: Claim, secret: &[u8]) -> Result<Result<Payload, Mismatch>> {
        if !claim.is_slow() {
            return Ok(claim.verify(secret));
        }
        let secret = secret.to_vec();
        self.proofs.run(move || claim.verify(&secret)).await
    }
}

/// The mark, if it is the one of now: what was read since it was taken may be remembered under it.
async fn still(app: &App, mark: Option<u64>) -> Option<u64> {
    let mark = mark?;
    let now = app.store.current_versions(None).await.ok()?.access;
    (now == Some(mark)).then_some(mark)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(headers: &[(&'static str, &str)], accepts: Accepts) -> Result<Option<&'static str>> {
        kinds_with(headers, "", accepts)
    }

    fn kinds_with(
        headers: &[(&'static str, &str)],
        query: &str,
        accepts: Accepts,
    ) -> Result<Option<&'static str>> {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(*name, value.parse().unwrap());
        }
        find(&map, &Query::parse(query), accepts).map(|found| {
            found.map(|credential| match credential {
                Credential::Token(_) => "token",
                Credential::Signature(_) => "signature",
                Credential::Other => "other",
            })
        })
    }

    #[test]
    fn one_credential_of_a_kind_the_dialect_takes() {
        let codearts = Accepts {
            x_auth_token: true,
            private_token: false,
            bearer: false,
            signature: true,
            ..Accepts::NONE
        };
        let native = Accepts { private_token: true, bearer: true, ..codearts };
        let signed = ("authorization", "SDK-HMAC-SHA256 Access=a, SignedHeaders=x-sdk-date, Signature=0");
        assert_eq!(kinds(&[], native), Ok(None));
        assert_eq!(kinds(&[("x-auth-token", "")], native), Ok(None));
        assert_eq!(kinds(&[("x-auth-token", "t")], codearts), Ok(Some("token")));
        assert_eq!(kinds(&[signed], codearts), Ok(Some("signature")));
        assert_eq!(kinds(&[("private-token", "t")], codearts), Ok(Some("other")));
        assert_eq!(kinds(&[("private-token", "t")], native), Ok(Some("token")));
        assert_eq!(kinds(&[("authorization", "Bearer t")], native), Ok(Some("token")));
        assert_eq!(kinds(&[("authorization", "Bearer t")], codearts), Ok(Some("other")));
        for many in [
            &[("x-auth-token", "t"), signed][..],
            &[("x-auth-token", "t"), ("x-auth-token", "t")],
            &[("x-auth-token", "t"), ("private-token", "t")],
        ] {
            assert_eq!(kinds(many, codearts), Err(Error::ManyCredentials), "{many:?}");
        }
        let twice = kinds(&[signed, signed], codearts);
        assert!(matches!(twice, Err(Error::Unauthenticated(AuthFailure::Malformed(_)))), "{twice:?}");
    }

    #[test]
    fn a_token_may_be_in_the_query_where_the_dialect_says_so_and_be_repeated_there() {
        let gitlab = Accepts { private_token: true, bearer: true, query: true, ..Accepts::NONE };
        let elsewhere = Accepts { query: false, ..gitlab };
        let private = [("private-token", "t")];
        assert_eq!(kinds_with(&[], "private_token=t", elsewhere), Ok(None));
        for one in
            ["private_token=t", "access_token=t", "a=b&private_token=t&access_token=t", "private_token=%74"]
        {
            assert_eq!(kinds_with(&[], one, gitlab), Ok(Some("token")), "{one}");
            assert_eq!(kinds_with(&private, one, gitlab), Ok(Some("token")), "{one}");
        }
        assert_eq!(kinds_with(&[("authorization", "token t")], "", gitlab), Ok(Some("token")));
        assert_eq!(kinds_with(&[("x-auth-token", "t")], "", gitlab), Ok(Some("other")));
        for none in ["", "private_token=", "job_token=t"] {
            assert_eq!(kinds_with(&[("job-token", "t")], none, gitlab), Ok(None), "{none}");
        }
        for many in ["private_token=u", "access_token=t&access_token=u"] {
            assert_eq!(kinds_with(&private, many, gitlab), Err(Error::ManyCredentials), "{many}");
        }
    }
}
