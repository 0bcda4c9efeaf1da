//! Authentication and authorization: from a credential to a caller, and from a caller to a proof of its
//! rights. Only the functions of this file create proofs.

mod keys;
mod passwords;

pub use keys::{KeyRefused, by_verified_key, key};
pub use passwords::{PasswordOwner, by_password, password_owner, user_name};

use crate::error::{AuthFailure, Error, Result};
use crate::model::access::Caller;
pub use crate::model::credentials::CredentialId;
use crate::model::credentials::{Lifetime, Limits, ReportCredential};
use crate::model::repositories::{Repository, RepositoryKey, Visibility};
use crate::model::roles::{Role, Scope};
use crate::model::tokens::{Token, TokenKind};
use crate::model::users::User;
use crate::ports::App;
use std::marker::PhantomData;
use std::sync::Arc;

/// Greatest length of a token, in bytes (the documented range of `X-Auth-Token`).
pub const TOKEN_MAX: usize = 100_000;

/// Proof that the caller is authenticated.
#[derive(Debug, Clone)]
pub struct SignedIn {
    caller: Caller,
    credential: CredentialId,
    digest: Option<[u8; 32]>,
    ends_at: Option<jiff::Timestamp>,
    tokens_end_at: Option<jiff::Timestamp>,
    identity: Option<i64>,
    temporary: bool,
    signature: Option<[u8; 32]>,
}

impl SignedIn {
    /// The caller.
    pub fn caller(&self) -> &Caller {
        &self.caller
    }

    /// The expiry of the credential, if it has one.
    pub fn ends_at(&self) -> Option<jiff::Timestamp> {
        self.ends_at
    }

    /// How long the credential and the rights of its user stay as they are, unless the store changes.
    pub fn unchanged_until(&self) -> Option<jiff::Timestamp> {
        self.ends_at.into_iter().chain(self.caller.user.rights_until()).min()
    }

    /// The identity whose sign-in the credential comes from.
    pub fn identity(&self) -> Option<i64> {
        self.identity
    }

    /// True when the credential is a temporary key. A temporary key creates no other credentials, because
    /// they could outlive it.
    pub fn is_temporary(&self) -> bool {
        self.temporary
    }

    /// The SHA-256 digest of the token, when the credential is a token.
    pub fn token_digest(&self) -> Option<&[u8; 32]> {
        self.digest.as_ref()
    }

    /// Which credential it is.
    pub fn credential(&self) -> &CredentialId {
        &self.credential
    }

    /// The permissions of the credential, and their end.
    pub fn limits(&self) -> Limits {
        Limits {
            scope: self.caller.scope,
            repositories: self.caller.repositories.as_deref().map(<[_]>::to_vec),
            ends_at: self.ends_at,
        }
    }

    /// The limits of new tokens of the caller that end with the identity of the credential. They may last longer than
    /// the session that a sign-in created, and no longer than any other credential.
    pub fn limits_of_tokens(&self) -> Limits {
        match self.identity {
            Some(_) => Limits { ends_at: self.tokens_end_at, ..self.limits() },
            None => self.limits(),
        }
    }

    /// Checks that the credential may create what does not expire: access keys, passwords, administrators.
    ///
    /// # Errors
    /// As [`Limits::issue`].
    pub fn check_lasting(&self) -> Result<()> {
        self.limits().issue(Scope::Full, None, Lifetime::Unlimited).map(drop)
    }

    /// With the digest of the signature of the request, which its action uses up.
    #[must_use]
    pub fn with_signature(self, digest: [u8; 32]) -> Self {
        Self { signature: Some(digest), ..self }
    }
}

/// Proof that the caller is an administrator.
#[derive(Debug, Clone)]
pub struct Administrator(SignedIn);

impl Administrator {
    /// The proof that the caller is authenticated.
    pub fn signed_in(&self) -> &SignedIn {
        &self.0
    }

    /// The caller.
    pub fn caller(&self) -> &Caller {
        &self.0.caller
    }
}

/// A role as a type, so that the type of a proof has its role.
pub trait RequiredRole: Send + Sync + 'static {
    /// The least role that the proof needs.
    const ROLE: Role;
}

/// The role `read`.
#[derive(Debug)]
pub struct Reads;
/// The role `report`.
#[derive(Debug)]
pub struct Reporting;
/// The role `manage`.
#[derive(Debug)]
pub struct Manages;

impl RequiredRole for Reads {
    const ROLE: Role = Role::Read;
}
impl RequiredRole for Reporting {
    const ROLE: Role = Role::Report;
}
impl RequiredRole for Manages {
    const ROLE: Role = Role::Manage;
}

/// Proof that the caller has at least the role `N` in this repository.
#[derive(Debug)]
pub struct Granted<N: RequiredRole> {
    caller: Caller,
    credential: CredentialId,
    repository: Arc<Repository>,
    role: Role,
    signature: Option<[u8; 32]>,
    needs: PhantomData<N>,
}

impl<N: RequiredRole> Granted<N> {
    /// The caller.
    pub fn caller(&self) -> &Caller {
        &self.caller
    }

    /// The repository.
    pub fn repository(&self) -> &Repository {
        &self.repository
    }

    /// The role of the caller in the repository.
    pub fn role(&self) -> Role {
        self.role
    }

    /// The data about the credential that the reports of the caller record.
    pub fn report_credential(&self) -> Option<ReportCredential> {
        self.credential.of_report()
    }

    /// The digest of the signature of the request, if the action uses it up.
    pub fn signature(&self) -> Option<[u8; 32]> {
        self.signature
    }
}

/// Proof that the caller may read the status of refs of a repository: a caller with a role in it, and for a
/// public repository also an anonymous caller.
#[derive(Debug)]
pub struct RefStatusAccess {
    repository: Arc<Repository>,
    has_role: bool,
}

impl RefStatusAccess {
    /// The repository.
    pub fn repository(&self) -> &Repository {
        &self.repository
    }

    /// Whether the caller has a role in the repository. Others may not know its merge requests.
    pub fn has_role(&self) -> bool {
        self.has_role
    }
}

/// The repository and the role of a caller in it; `None` when the caller may not see it.
pub type RepositoryAccess = Option<(Arc<Repository>, Role)>;

/// Authenticates by a token.
///
/// # Errors
/// [`AuthFailure::Token`] or [`AuthFailure::TokenUnusable`], with the cause for the log.
pub async fn by_token(app: &App, token: &[u8]) -> Result<SignedIn> {
    by_checked_token(app, token, check_usable).await
}

/// Authenticates by a token of the scope `feeds`, for requests of feeds alone; `None`: the token has another scope.
///
/// # Errors
/// As [`by_token`].
pub async fn by_feed_token(app: &App, token: &[u8]) -> Result<Option<SignedIn>> {
    let signed_in = by_checked_token(app, token, check_valid).await?;
    Ok(Some(signed_in).filter(|signed_in| signed_in.caller.scope == Scope::Feeds))
}

/// Whether a token of a user may be used at a time; else the cause, for the log.
type TokenCheck = fn(&Token, &User, jiff::Timestamp) -> std::result::Result<(), &'static str>;

async fn by_checked_token(app: &App, token: &[u8], check: TokenCheck) -> Result<SignedIn> {
    let refuse = |cause| Err(Error::Unauthenticated(AuthFailure::Token(cause)));
    if token.len() > TOKEN_MAX {
        return refuse("longer than 100000 bytes");
    }
    let digest = app.secrets.digest(token);
    let Some((token, user)) = app.store.token(&digest).await? else { return refuse("unknown or revoked") };
    let now = app.clock.now();
    let user = user.at(now);
    if let Err(cause) = check(&token, &user, now) {
        let unusable = AuthFailure::TokenUnusable { cause, id: token.id, user: user.name };
        return Err(Error::Unauthenticated(unusable));
    }
    let renewed_until = token.identity_id.and_then(|id| user.renewed_until(id));
    let tokens_end_at = token.expires_at.filter(|_| token.sign_in.is_none());
    let caller =
        Caller { user: Arc::new(user), scope: token.scope, repositories: token.repositories.map(Arc::from) };
    Ok(SignedIn {
        caller,
        credential: match token.kind {
            TokenKind::Session => CredentialId::Session(token.id),
            TokenKind::Personal => CredentialId::Token(token.id),
        },
        digest: Some(digest),
        ends_at: token.expires_at.into_iter().chain(renewed_until).min(),
        tokens_end_at,
        identity: token.identity_id,
        temporary: false,
        signature: None,
    })
}

/// Why a token of the scope `feeds` is refused.
const FEEDS_ONLY: &str = "it is for feeds only";

/// Checks that a token may be used at `now`, elsewhere than for feeds. `user` has the rights of groups at that time.
///
/// # Errors
/// The cause, for the log.
pub fn check_usable(
    token: &Token,
    user: &User,
    now: jiff::Timestamp,
) -> std::result::Result<(), &'static str> {
    if token.scope == Scope::Feeds { Err(FEEDS_ONLY) } else { check_valid(token, user, now) }
}

/// Checks that a token is valid at `now`. `user` has the rights of groups at that time.
fn check_valid(token: &Token, user: &User, now: jiff::Timestamp) -> std::result::Result<(), &'static str> {
    if user.disabled {
        return Err("its user is disabled");
    }
    if token.expires_at.is_some_and(|at| at <= now) {
        return Err("expired");
    }
    if token.identity_id.is_some_and(|id| user.renewed_until(id).is_none()) {
        return Err("the account that it comes from has not signed in again in time");
    }
    Ok(())
}

/// Authenticates a user that was verified before, without a credential of a request.
pub fn by_verified_user(user: User) -> SignedIn {
    let caller = Caller { user: Arc::new(user), scope: Scope::Full, repositories: None };
    SignedIn {
        caller,
        credential: CredentialId::Local,
        digest: None,
        ends_at: None,
        tokens_end_at: None,
        identity: None,
        temporary: false,
        signature: None,
    }
}

/// Authenticates a user whose password, or sign-in link, was verified.
pub(super) fn by_verified_password(user: User) -> SignedIn {
    SignedIn { credential: CredentialId::Password, ..by_verified_user(user) }
}

/// Proves that the caller is an administrator.
///
/// # Errors
/// [`Error::Forbidden`], [`Error::InsufficientScope`].
pub fn administrator(signed_in: SignedIn) -> Result<Administrator> {
    let caller = &signed_in.caller;
    if signed_in.temporary {
        // An administrator creates users, whose credentials do not expire with the key.
        return Err(Error::Forbidden);
    }
    if caller.is_administrator() {
        Ok(Administrator(signed_in))
    } else if caller.user.is_administrator() && caller.scope < Scope::Full {
        Err(Error::InsufficientScope { needed: Scope::Full })
    } else {
        Err(Error::Forbidden)
    }
}

/// The administrator for actions at server start that no request causes, such as loading the demo.
///
/// # Errors
/// [`Error::Forbidden`] when the user is not an administrator.
pub fn administrator_at_start(user: User) -> Result<Administrator> {
    administrator(by_verified_user(user))
}

/// The caller with full scope and all repositories. A lookup for it is valid for every credential of the
/// user.
pub fn with_full_scope(caller: &Caller) -> Caller {
    Caller { user: Arc::clone(&caller.user), scope: Scope::Full, repositories: None }
}

/// Limits the access of the user to what the credential of the caller allows.
pub fn access_by_credential(caller: &Caller, access: RepositoryAccess) -> RepositoryAccess {
    let (repository, role) = access?;
    let role = caller.role_by_credential(repository.id, role)?;
    Some((repository, role))
}

/// Looks up the repository and the role of the caller in it.
///
/// # Errors
/// [`Error::Unavailable`].
pub async fn repository_access(app: &App, caller: &Caller, key: &RepositoryKey) -> Result<RepositoryAccess> {
    let Some(repository) = app.store.repository(key).await? else { return Ok(None) };
    let member = app.store.member_role(repository.id, caller.user.id).await?;
    let role = caller.role_in(&repository, member);
    Ok(role.map(|role| (Arc::new(repository), role)))
}

/// Proves that the caller has at least the role `N`.
///
/// # Errors
/// [`Error::RepositoryNotFound`] when the caller may not see the repository, [`Error::InsufficientScope`]
/// when the scope of the credential is too narrow, [`Error::Forbidden`] when the role of the user is too low.
pub fn grant<N: RequiredRole>(signed_in: SignedIn, access: RepositoryAccess) -> Result<Granted<N>> {
    let (repository, role) = access.ok_or(Error::RepositoryNotFound)?;
    if role < N::ROLE {
        let needed = Scope::required_for(N::ROLE);
        let scope_too_narrow = signed_in.caller.scope < needed;
        return Err(if scope_too_narrow { Error::InsufficientScope { needed } } else { Error::Forbidden });
    }
    let SignedIn { caller, credential, signature, .. } = signed_in;
    Ok(Granted { caller, credential, repository, role, signature, needs: PhantomData })
}

/// Proves that the caller may read the status of refs of a repository. `access` is `None` for an anonymous
/// caller.
///
/// # Errors
/// [`Error::RepositoryNotFound`].
pub async fn ref_status_access(
    app: &App,
    access: RepositoryAccess,
    key: &RepositoryKey,
) -> Result<RefStatusAccess> {
    if let Some((repository, _)) = access {
        return Ok(RefStatusAccess { repository, has_role: true });
    }
    match app.store.repository(key).await? {
        Some(repository) if repository.visibility == Visibility::Public => {
            Ok(RefStatusAccess { repository: Arc::new(repository), has_role: false })
        }
        _ => Err(Error::RepositoryNotFound),
    }
}
