//! Authentication by a password: with a limit for guessing, and fair shares of the hashes.

use super::Auth;
use super::fair_queue::CheckRequest;
use crate::request::IncomingRequest;
use domain::App;
use domain::actions::access::{self, SignedIn};
use domain::error::{AuthFailure, Error, Result};

/// The user whose password it is.
#[derive(Debug, Clone)]
pub enum UserRef {
    /// By the user's name.
    Name(String),
    /// By the user's id in IAM.
    Id(String),
}

impl Auth {
    /// Authenticates by a password.
    ///
    /// # Errors
    /// [`AuthFailure::Password`], also where passwords are switched off; [`AuthFailure::PasswordLocked`] after too many
    /// wrong passwords;
    /// [`Error::Throttled`] and [`Error::Overloaded`] when too many passwords are being checked.
    pub async fn sign_in_with_password(
        &self,
        app: &App,
        user: UserRef,
        password: String,
        request: &IncomingRequest,
    ) -> Result<SignedIn> {
        if !self.sign_in.passwords {
            return Err(Error::Unauthenticated(AuthFailure::Password));
        }
        let (UserRef::Name(given) | UserRef::Id(given)) = &user;
        request.claimed.set_user(given);
        request.claimed.set_credential(access::CredentialId::Password);
        let attempt = self
            .guessing
            .attempt(given, request.from, app.clock.now())
            .map_err(|seconds| Error::Unauthenticated(AuthFailure::PasswordLocked { seconds }))?;
        let requester = CheckRequest {
            from: request.from,
            name: attempt.name_key(),
            known_pair: attempt.is_known.then(|| attempt.pair_key()),
        };
        let checked = self.check_password(app, requester, user, password).await;
        match &checked {
            Ok(signed_in) => {
                self.guessing.succeeded(attempt);
                request.claimed.set_user(&signed_in.caller().user.name);
            }
            Err(Error::Unauthenticated(_)) => {}
            Err(_) => self.guessing.not_checked(attempt),
        }
        checked
    }

    async fn check_password(
        &self,
        app: &App,
        requester: CheckRequest,
        user: UserRef,
        password: String,
    ) -> Result<SignedIn> {
        let place = self.hashes.enter(requester)?;
        let name = match user {
            UserRef::Name(name) => name,
            UserRef::Id(id) => access::user_name(app, &id).await?,
        };
        let owner = access::password_owner(app, &name, &password).await?;
        let (is_real, app) = (owner.has_password(), app.clone());
        let refused = || Err(Error::Unauthenticated(AuthFailure::Password));
        place.run(is_real, move || access::by_password(&app, owner, &password), refused).await?
    }
}
