//! Authentication by a password, with a concurrency limit and a lockout.

use super::Auth;
use super::lockout::Subject;
use domain::App;
use domain::actions::access::{self, SignedIn};
use domain::error::{AuthFailure, Error, Result};
use std::net::IpAddr;

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
    /// [`AuthFailure::Password`]; [`AuthFailure::PasswordLocked`] after too many wrong passwords;
    /// [`Error::Overloaded`] when the queue is full.
    pub async fn sign_in_with_password(
        &self,
        app: &App,
        user: UserRef,
        password: String,
        from: Option<IpAddr>,
    ) -> Result<SignedIn> {
        let (UserRef::Name(given) | UserRef::Id(given)) = &user;
        let (given, now, lockout) = (given.clone(), app.clock.now(), &self.lockout);
        let subject = Subject::User(&given);
        if lockout.is_locked(subject, from, now) {
            return Err(Error::Unauthenticated(AuthFailure::PasswordLocked));
        }
        // Counted before the check, so that parallel requests get no more attempts than sequential ones.
        lockout.record_failure(subject, from, now);
        let app = app.clone();
        let work = async move {
            let name = match user {
                UserRef::Name(name) => name,
                UserRef::Id(id) => access::user_name(&app, &id).await?,
            };
            access::by_password(&app, &name, &password).await
        };
        let signed_in = self.run_hashing(work).await;
        match &signed_in {
            Ok(_) => lockout.clear(subject, from),
            Err(Error::Unauthenticated(_)) => {}
            Err(_) => lockout.forget_failure(subject, from),
        }
        signed_in
    }
}
