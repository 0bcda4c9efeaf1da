//! Signing in with an access key.

use super::{CredentialId, SignedIn, by_verified_user};
use crate::error::Result;
use crate::model::access::Caller;
use crate::model::keys::Key;
use crate::model::users::User;
use crate::ports::App;
use std::sync::Arc;

/// The access key with this AK, to verify a signature. The inner error is the cause, for the log, why there
/// is no usable key: it is unknown or disabled, or its user is disabled. The response is the same as for a
/// wrong signature.
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

/// Authenticates the user of an access key. The caller must have verified the signature with that key. A
/// temporary key also needs the `security_token` of the request.
///
/// # Errors
/// Why a temporary key is refused. The signature matched, so the response may state that the key has expired.
pub fn by_verified_key(
    app: &App,
    key: &Key,
    user: User,
    security_token: Option<&[u8]>,
) -> std::result::Result<SignedIn, KeyRefused> {
    let access = key.access.as_str().into();
    let user = user.at(app.clock.now());
    let Some(temporary) = &key.temporary else {
        let credential = CredentialId::Key(access);
        return Ok(SignedIn { credential, ..by_verified_user(user) });
    };
    let digest = security_token.map(|token| app.secrets.digest(token));
    if digest != Some(temporary.security_token_digest) {
        return Err(KeyRefused::SecurityToken);
    }
    if temporary.expires_at <= app.clock.now() {
        return Err(KeyRefused::Expired(temporary.expires_at));
    }
    let repositories = temporary.repositories.clone().map(Arc::from);
    let caller = Caller { user: Arc::new(user), scope: temporary.scope, repositories };
    Ok(SignedIn {
        caller,
        credential: CredentialId::TemporaryKey(access),
        digest: None,
        ends_at: Some(temporary.expires_at),
        tokens_end_at: None,
        identity: None,
        temporary: true,
        signature: None,
    })
}

/// Why a temporary key with a matching signature is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyRefused {
    /// `X-Security-Token` is missing or belongs to another key.
    SecurityToken,
    /// The key expired at this time.
    Expired(jiff::Timestamp),
}
