//! The requirements of a route for its caller, as types.

use crate::dialect::Dialect;
use crate::request::IncomingRequest;
use crate::state::{Edge, RepositoryNames};
use domain::actions::access::{self, Administrator, Granted, Reads, RefStatusAccess, RequiredRole, SignedIn};
use domain::error::{AuthFailure, Error, Result};
use domain::model::ids::UserId;
use domain::model::repositories::RepositoryKey;
use domain::model::roles::Role;
use std::marker::PhantomData;

/// A requirement of a route.
pub trait Requirement: Sized + Send + Sync + 'static {
    /// The proof that a caller meets it.
    type Proof: Send + Sync;
    /// The callers that it admits, for the table of routes.
    const ADMITS: &'static str;
    /// Whether the caller is authenticated, for which the store's versions are read first.
    const AUTHENTICATES: bool = true;
    /// Authorizes the caller of a request.
    fn authorize(
        edge: &Edge,
        dialect: &'static Dialect,
        request: &IncomingRequest,
    ) -> impl Future<Output = Result<Self::Proof>> + Send;
    /// The signed-in user of a proof, on whose behalf the handler runs.
    fn user(_: &Self::Proof) -> Option<UserId> {
        None
    }
}

/// No requirement.
pub struct Public;
/// Any signed-in user.
pub struct Authenticated;
/// As [`Authenticated`], also by the token of a feed, which the address may have.
pub struct FeedReader;
/// An administrator.
pub struct Admin;
/// May read the metrics, which contain names of repositories: an administrator, a client with the token for metrics,
/// every client of the listener for monitoring, and, without the names, a program of this machine where the settings
/// permit it.
pub struct MetricsReader;
/// A user with a role in the repository that the path names.
pub struct WithRole<N: RequiredRole>(PhantomData<N>);
/// As [`WithRole`] with the role `read`, also by the token of a feed, which the address may have.
pub struct FeedReaderOfRepository;
/// A user with a role in the repository that its token is limited to, on routes whose path names none. A credential
/// that is limited to no repository, or to several, has none.
pub struct WithRoleInTokenRepository<N: RequiredRole>(PhantomData<N>);
/// A caller who may see the status of refs of the repository that the path names: with the role `read`, and
/// of a public repository everybody. An invalid credential counts as none, so an image in a page
/// is either there or missing.
pub struct PublicReader;

impl Requirement for Public {
    type Proof = ();
    const ADMITS: &'static str = "anybody";
    const AUTHENTICATES: bool = false;
    async fn authorize(_: &Edge, _: &'static Dialect, _: &IncomingRequest) -> Result<()> {
        Ok(())
    }
}

impl Requirement for Authenticated {
    type Proof = SignedIn;
    const ADMITS: &'static str = "signed in";
    async fn authorize(
        edge: &Edge,
        dialect: &'static Dialect,
        request: &IncomingRequest,
    ) -> Result<SignedIn> {
        edge.auth.sign_in(&edge.app, dialect.accepts, request).await
    }
    fn user(proof: &SignedIn) -> Option<UserId> {
        Some(proof.caller().user.id)
    }
}

impl Requirement for FeedReader {
    type Proof = SignedIn;
    const ADMITS: &'static str = "signed in, or a feed token";
    async fn authorize(
        edge: &Edge,
        dialect: &'static Dialect,
        request: &IncomingRequest,
    ) -> Result<SignedIn> {
        edge.auth.sign_in_to_feed(&edge.app, dialect.accepts, request).await
    }
    fn user(proof: &SignedIn) -> Option<UserId> {
        Some(proof.caller().user.id)
    }
}

impl Requirement for FeedReaderOfRepository {
    type Proof = Granted<Reads>;
    const ADMITS: &'static str = "role read, or a feed token";
    async fn authorize(
        edge: &Edge,
        dialect: &'static Dialect,
        request: &IncomingRequest,
    ) -> Result<Granted<Reads>> {
        let signed_in = edge.auth.sign_in_to_feed(&edge.app, dialect.accepts, request).await?;
        grant(edge, dialect, request, signed_in).await
    }
    fn user(proof: &Granted<Reads>) -> Option<UserId> {
        Some(proof.caller().user.id)
    }
}

impl Requirement for Admin {
    type Proof = Administrator;
    const ADMITS: &'static str = "administrator";
    async fn authorize(
        edge: &Edge,
        dialect: &'static Dialect,
        request: &IncomingRequest,
    ) -> Result<Administrator> {
        access::administrator(edge.auth.sign_in(&edge.app, dialect.accepts, request).await?)
    }
    fn user(proof: &Administrator) -> Option<UserId> {
        Some(proof.caller().user.id)
    }
}

impl Requirement for MetricsReader {
    type Proof = RepositoryNames;
    const ADMITS: &'static str = "administrator, metrics token or loopback";
    async fn authorize(
        edge: &Edge,
        dialect: &'static Dialect,
        request: &IncomingRequest,
    ) -> Result<RepositoryNames> {
        if request.is_for_monitoring {
            return Ok(RepositoryNames::Shown);
        }
        if let Some(digest) = &edge.metrics_token
            && edge.auth.has_token(&edge.app, dialect.accepts, request, digest)?
        {
            return Ok(RepositoryNames::Shown);
        }
        match edge.auth.sign_in(&edge.app, dialect.accepts, request).await {
            Err(Error::Unauthenticated(AuthFailure::Missing))
                if edge.settings.metrics_on_loopback && request.is_from_this_machine() =>
            {
                Ok(RepositoryNames::Hidden)
            }
            signed_in => access::administrator(signed_in?).map(|_| RepositoryNames::Shown),
        }
    }
}

impl<N: RequiredRole> Requirement for WithRole<N> {
    type Proof = Granted<N>;
    const ADMITS: &'static str = match N::ROLE {
        Role::Read => "role read",
        Role::Report => "role report",
        Role::Manage => "role manage",
    };
    async fn authorize(
        edge: &Edge,
        dialect: &'static Dialect,
        request: &IncomingRequest,
    ) -> Result<Granted<N>> {
        let signed_in = edge.auth.sign_in(&edge.app, dialect.accepts, request).await?;
        grant(edge, dialect, request, signed_in).await
    }
    fn user(proof: &Granted<N>) -> Option<UserId> {
        Some(proof.caller().user.id)
    }
}

impl<N: RequiredRole> Requirement for WithRoleInTokenRepository<N> {
    type Proof = Granted<N>;
    const ADMITS: &'static str = match N::ROLE {
        Role::Read => "role read in the token's repository",
        Role::Report => "role report in the token's repository",
        Role::Manage => "role manage in the token's repository",
    };
    async fn authorize(
        edge: &Edge,
        dialect: &'static Dialect,
        request: &IncomingRequest,
    ) -> Result<Granted<N>> {
        let signed_in = edge.auth.sign_in(&edge.app, dialect.accepts, request).await?;
        request.check_text()?;
        let only = signed_in.caller().repositories.clone().unwrap_or_default();
        let [only] = *only else { return Err(Error::RepositoryNotFound) };
        let (key, version) = (RepositoryKey::Id(only), request.versions.access);
        let access = edge.auth.repository_access(&edge.app, &signed_in, &key, version).await?;
        access::grant(signed_in, access)
    }
    fn user(proof: &Granted<N>) -> Option<UserId> {
        Some(proof.caller().user.id)
    }
}

impl Requirement for PublicReader {
    type Proof = RefStatusAccess;
    const ADMITS: &'static str = "role read; public: anybody";
    async fn authorize(
        edge: &Edge,
        dialect: &'static Dialect,
        request: &IncomingRequest,
    ) -> Result<RefStatusAccess> {
        request.check_text()?;
        let key = (dialect.repository)(request)?;
        let access = match edge.auth.sign_in(&edge.app, dialect.accepts, request).await {
            Ok(signed_in) => {
                edge.auth.repository_access(&edge.app, &signed_in, &key, request.versions.access).await?
            }
            Err(Error::Unauthenticated(_) | Error::ManyCredentials) => None,
            Err(error) => return Err(error),
        };
        access::ref_status_access(&edge.app, access, &key).await
    }
}

/// The proof of a signed-in user's role in the repository that the request names.
///
/// # Errors
/// [`Error::RepositoryNotFound`], [`Error::Forbidden`], [`Error::InsufficientScope`], [`Error::Invalid`]; the
/// errors of the store.
pub async fn grant<N: RequiredRole>(
    edge: &Edge,
    dialect: &'static Dialect,
    request: &IncomingRequest,
    signed_in: SignedIn,
) -> Result<Granted<N>> {
    request.check_text()?;
    let key = (dialect.repository)(request)?;
    let access = edge.auth.repository_access(&edge.app, &signed_in, &key, request.versions.access).await?;
    access::grant(signed_in, access)
}
