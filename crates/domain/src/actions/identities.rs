//! Identities: signing in with an account of a provider, and linking accounts to users.

use super::access::{Administrator, SignedIn};
use super::keys::{owner, owner_even_disabled};
use super::tokens::random_token;
use crate::error::{Error, Result};
use crate::model::identities::{AdmissionRefused, Claims, Identity, SignInRules, check_key, user_names};
use crate::model::ids::Hex32;
use crate::model::tokens::SignInMethod;
use crate::ports::{App, IdentitySignIn, NewIdentity, NewIdentityUser, RecordedSignIn};

/// A session that a sign-in with an identity started.
#[derive(Debug, Clone)]
pub struct IdentitySession {
    /// The secret of the session.
    pub secret: String,
    /// The recorded changes.
    pub recorded: RecordedSignIn,
}

/// The result of a sign-in, or why the person is not admitted.
pub type SignInResult = std::result::Result<IdentitySession, AdmissionRefused>;

/// Signs in a person whose `claims` were verified by this method. The groups of the claims replace those of the last
/// sign-in. A loss of rights ends the sessions and tokens that came from the identity. `used` is the digest of the
/// response of the provider, which signs in once. `name` is stored with the session.
///
/// A person who is not admitted any more loses the rights, sessions and tokens as well.
///
/// # Errors
/// [`Error::Invalid`] for an issuer or subject that is no text; [`Error::Unavailable`].
pub async fn sign_in(
    app: &App,
    rules: &SignInRules,
    (method, claims): (SignInMethod, &Claims),
    used: Option<[u8; 32]>,
    name: &str,
) -> Result<SignInResult> {
    check_key(&claims.issuer, &claims.subject)?;
    if let Err(refused) = rules.admit(claims) {
        app.store.withdraw_identity(&claims.issuer, &claims.subject).await?;
        return Ok(Err(refused));
    }
    let secret = random_token(app, "sps_")?;
    let now = app.clock.now();
    let new_user = match rules.create_users {
        true => Some(NewIdentityUser {
            uuid: Hex32::from_bytes(app.random()?),
            names: user_names(claims, app.random()?),
        }),
        false => None,
    };
    let sign_in = IdentitySignIn {
        method,
        issuer: claims.issuer.clone(),
        subject: claims.subject.clone(),
        display: claims.display(),
        rights: rules.rights(claims),
        rights_until: now + rules.rights.max(rules.session),
        new_user,
        used,
        session_digest: app.secrets.digest(secret.as_bytes()),
        session_name: name.to_owned(),
        session_until: now + rules.session,
        now,
    };
    let recorded = app.store.sign_in_identity(sign_in).await?;
    Ok(recorded.map(|recorded| IdentitySession { secret, recorded }))
}

/// Links an account of a provider to a user, who then signs in with it.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::Invalid`] on the invalid field, and on `subject` for an account that is linked to
/// another user; [`Error::Outlives`] when the credential of the caller expires, because the link lasts.
pub async fn link(
    app: &App,
    by: &Administrator,
    user: &str,
    issuer: String,
    subject: String,
) -> Result<Identity> {
    by.signed_in().check_lasting()?;
    check_key(&issuer, &subject)?;
    let user = owner(app, by.signed_in(), user).await?;
    let display = subject.clone();
    let new = NewIdentity { user: user.id, issuer, subject, display, now: app.clock.now() };
    app.store.link_identity(new).await
}

/// Removes an identity of `user`, who may be disabled, with its rights, sessions and tokens.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::Forbidden`] and [`Error::InsufficientScope`] as for keys.
pub async fn unlink(app: &App, by: &SignedIn, user: &str, id: i64) -> Result<()> {
    let user = owner_even_disabled(app, by, user).await?;
    if app.store.unlink_identity(user.id, id).await? {
        Ok(())
    } else {
        Err(Error::NotFound { noun: "identity" })
    }
}

/// The identities of `user`, oldest first.
///
/// # Errors
/// As [`unlink`].
pub async fn list(app: &App, by: &SignedIn, user: &str) -> Result<Vec<Identity>> {
    let user = owner_even_disabled(app, by, user).await?;
    app.store.identities(user.id).await
}
