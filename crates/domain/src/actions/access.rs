//! From a credential to a caller, and from a caller to a proof. Proofs have no other constructor than the functions here.

use crate::error::{AuthFailure, Error, Result};
use crate::model::access::Caller;
use crate::model::keys::Key;
use crate::model::repositories::{Repository, RepositoryKey, Visibility};
use crate::model::roles::{Role, Scope};
use crate::model::tokens::Token;
use crate::model::users::{PASSWORD_MAX, User};
use crate::ports::App;
use std::marker::PhantomData;
use std::sync::Arc;

/// Greatest length of a token we look at (the documented range of `X-Auth-Token`).
pub const TOKEN_MAX: usize = 100_000;

/// Proof that somebody signed in.
#[derive(Debug, Clone)]
pub struct SignedIn {
    caller: Caller,
    digest: Option<[u8; 32]>,
    ends_at: Option<jiff::Timestamp>,
    temporary: bool,
}

impl SignedIn {
    /// Who.
    pub fn caller(&self) -> &Caller {
        &self.caller
    }

    /// When this sign-in ends by itself, where it does.
    pub fn ends_at(&self) -> Option<jiff::Timestamp> {
        self.ends_at
    }

    /// By a temporary key, which makes no other credentials: they could outlive it.
    pub fn is_temporary(&self) -> bool {
        self.temporary
    }

    /// SHA-256 of the token they showed, when it was one.
    pub fn token_digest(&self) -> Option<&[u8; 32]> {
        self.digest.as_ref()
    }
}

/// Proof that an administrator asks.
#[derive(Debug, Clone)]
pub struct Administrator(SignedIn);

impl Administrator {
    /// The proof that this one signed in.
    pub fn signed_in(&self) -> &SignedIn {
        &self.0
    }

    /// Who.
    pub fn caller(&self) -> &Caller {
        &self.0.caller
    }
}

/// A role as a type, so that a proof says in its type what it proves.
pub trait RequiredRole: Send + Sync + 'static {
    /// The least role.
    const ROLE: Role;
}

/// May see.
#[derive(Debug)]
pub struct Reads;
/// May report.
#[derive(Debug)]
pub struct Reporting;
/// May manage.
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
    repository: Arc<Repository>,
    role: Role,
    needs: PhantomData<N>,
}

impl<N: RequiredRole> Granted<N> {
    /// Who.
    pub fn caller(&self) -> &Caller {
        &self.caller
    }

    /// Where.
    pub fn repository(&self) -> &Repository {
        &self.repository
    }

    /// What the caller may do there.
    pub fn role(&self) -> Role {
        self.role
    }
}

/// Proof that somebody may know how the refs of a repository stand: who may see it, and of a public one anybody.
#[derive(Debug)]
pub struct RefStatusAccess(Arc<Repository>);

impl RefStatusAccess {
    /// Where.
    pub fn repository(&self) -> &Repository {
        &self.0
    }
}

/// What a caller is to a repository, as looked up: the repository and the caller's role, if it may see it at all.
pub type RepositoryAccess = Option<(Arc<Repository>, Role)>;

/// Signs in by a token.
///
/// # Errors
/// [`Refused::Token`], saying why for the log.
pub async fn by_token(app: &App, token: &[u8]) -> Result<SignedIn> {
    let refuse = |why| Err(Error::Unauthenticated(AuthFailure::Token(why)));
    if token.len() > TOKEN_MAX {
        return refuse("longer than 100000 bytes");
    }
    let digest = app.secrets.digest(token);
    let Some((token, user)) = app.store.token(&digest).await? else { return refuse("unknown or revoked") };
    if let Err(why) = check_usable(&token, &user, app.clock.now()) {
        return refuse(why);
    }
    let caller =
        Caller { user: Arc::new(user), scope: token.scope, repositories: token.repositories.map(Arc::from) };
    Ok(SignedIn { caller, digest: Some(digest), ends_at: token.expires_at, temporary: false })
}

/// Whether a token may be used now, and else why not.
///
/// # Errors
/// The reason, for the log.
pub fn check_usable(
    token: &Token,
    user: &User,
    now: jiff::Timestamp,
) -> std::result::Result<(), &'static str> {
    if user.disabled {
        return Err("its user is disabled");
    }
    if token.expires_at.is_some_and(|at| at <= now) {
        return Err("expired");
    }
    Ok(())
}

/// The key of this name, to check a signature with. `None` for one that is unknown, disabled, or of a disabled user, with the
/// reason for the log: outside, these are all a signature that does not fit.
///
/// # Errors
/// [`Error::Unavailable`].
pub async fn key(app: &App, access: &str) -> Result<std::result::Result<(Key, User), &'static str>> {
    Ok(match app.store.key(access).await? {
        None => Err("no such access key"),
        Some((key, _)) if key.disabled => Err("the access key is disabled"),
        Some((_, user)) if user.disabled => Err("the user of the access key is disabled"),
        Some(found) => Ok(found),
    })
}

/// Signs in the user of a key. Only to be called after the signature was verified with that key. `security_token` is what came with
/// the request; a key that is its user's own needs none.
///
/// # Errors
/// Why a temporary key does not sign in now, for the log; the second one is for who holds it, since the signature fitted.
pub fn by_verified_key(
    app: &App,
    key: &Key,
    user: User,
    security_token: Option<&[u8]>,
) -> std::result::Result<SignedIn, KeyRefused> {
    let Some(temporary) = &key.temporary else { return Ok(by_verified_user(user)) };
    let digest = security_token.map(|token| app.secrets.digest(token));
    if digest != Some(temporary.security_token_digest) {
        return Err(KeyRefused::SecurityToken);
    }
    if temporary.expires_at <= app.clock.now() {
        return Err(KeyRefused::Expired(temporary.expires_at));
    }
    let only = temporary.repositories.clone().map(Arc::from);
    let caller = Caller { user: Arc::new(user), scope: temporary.scope, repositories: only };
    Ok(SignedIn { caller, digest: None, ends_at: Some(temporary.expires_at), temporary: true })
}

/// Why a temporary key does not sign in though the signature fits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyRefused {
    /// `X-Security-Token` is missing or another's.
    SecurityToken,
    /// Its time is over since then.
    Expired(jiff::Timestamp),
}

/// Signs in a user who has proved to be it.
pub fn by_verified_user(user: User) -> SignedIn {
    let caller = Caller { user: Arc::new(user), scope: Scope::Full, repositories: None };
    SignedIn { caller, digest: None, ends_at: None, temporary: false }
}

/// The name of the user with this IAM id; of an unknown one, a name that nobody has.
///
/// # Errors
/// [`Error::Unavailable`].
pub async fn user_name(app: &App, uuid: &str) -> Result<String> {
    let users = app.store.users().await?;
    Ok(users.into_iter().find(|user| user.uuid.as_str() == uuid).map(|user| user.name).unwrap_or_default())
}

/// Signs in by name and password.
///
/// # Errors
/// [`Refused::Password`], the same and after the same work whether the name or the password is wrong.
pub async fn by_password(app: &App, name: &str, password: &str) -> Result<SignedIn> {
    let refused = Err(Error::Unauthenticated(AuthFailure::Password));
    if password.len() > PASSWORD_MAX {
        return refused;
    }
    let found = app.store.user_by_name(name).await?;
    let hash = found.as_ref().and_then(|(_, hash)| hash.as_deref());
    let fits = app.secrets.verify_password(password, hash);
    match found {
        Some((user, _)) if fits && !user.disabled => Ok(by_verified_user(user)),
        _ => refused,
    }
}

/// Proves that an administrator asks.
///
/// # Errors
/// [`Error::Forbidden`], [`Error::InsufficientScope`].
pub fn administrator(signed_in: SignedIn) -> Result<Administrator> {
    let caller = &signed_in.caller;
    if signed_in.temporary {
        // An administrator makes users, who sign in for ever.
        return Err(Error::Forbidden);
    }
    if caller.is_administrator() {
        Ok(Administrator(signed_in))
    } else if caller.user.admin && caller.scope < Scope::Full {
        Err(Error::InsufficientScope { needed: Scope::Full })
    } else {
        Err(Error::Forbidden)
    }
}

/// The administrator that a start without anybody asking stands for, such as the loading of the demo.
///
/// # Errors
/// [`Error::Forbidden`] when the user is not one.
pub fn administrator_at_start(user: User) -> Result<Administrator> {
    administrator(by_verified_user(user))
}

/// The caller as its user would be by the widest credential: what is looked up for it holds for every credential of the user.
pub fn with_full_scope(caller: &Caller) -> Caller {
    Caller { user: Arc::clone(&caller.user), scope: Scope::Full, repositories: None }
}

/// What is left of the user's standing by this caller's credential.
pub fn access_by_credential(caller: &Caller, standing: RepositoryAccess) -> RepositoryAccess {
    let (repository, role) = standing?;
    let role = caller.role_by_credential(repository.id, role)?;
    Some((repository, role))
}

/// Looks up what the caller is to a repository.
///
/// # Errors
/// [`Error::Unavailable`].
pub async fn repository_access(app: &App, caller: &Caller, key: &RepositoryKey) -> Result<RepositoryAccess> {
    let Some(repository) = app.store.repository(key).await? else { return Ok(None) };
    let member = app.store.member_role(repository.id, caller.user.id).await?;
    let role = caller.role_in(&repository, member);
    Ok(role.map(|role| (Arc::new(repository), role)))
}

/// Proves that the caller has the role `N`, from what it is to the repository.
///
/// # Errors
/// [`Error::RepositoryNotFound`] when it may not even see it, [`Error::InsufficientScope`] when its credential keeps it from more,
/// [`Error::Forbidden`] when its role does.
pub fn grant<N: RequiredRole>(signed_in: SignedIn, standing: RepositoryAccess) -> Result<Granted<N>> {
    let (repository, role) = standing.ok_or(Error::RepositoryNotFound)?;
    if role < N::ROLE {
        let needed = Scope::required_for(N::ROLE);
        let narrow = signed_in.caller.scope < needed;
        return Err(if narrow { Error::InsufficientScope { needed } } else { Error::Forbidden });
    }
    Ok(Granted { caller: signed_in.caller, repository, role, needs: PhantomData })
}

/// Proves that somebody may know how the refs of a repository stand, from what they are to it; of a stranger that is `None`.
///
/// # Errors
/// [`Error::RepositoryNotFound`].
pub async fn ref_status_access(
    app: &App,
    standing: RepositoryAccess,
    key: &RepositoryKey,
) -> Result<RefStatusAccess> {
    if let Some((repository, _)) = standing {
        return Ok(RefStatusAccess(repository));
    }
    match app.store.repository(key).await? {
        Some(repository) if repository.visibility == Visibility::Public => {
            Ok(RefStatusAccess(Arc::new(repository)))
        }
        _ => Err(Error::RepositoryNotFound),
    }
}
