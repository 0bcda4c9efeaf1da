//! Signing in by a password: slow work, done a few at a time, and not for ever.

use super::lockout::Guessed;
use crate::Edge;
use domain::actions::access::{self, SignedIn};
use domain::error::{AuthFailure, Error, Result};
use std::net::IpAddr;

/// Whose password it is.
#[derive(Debug, Clone)]
pub enum Named {
    /// A user's name.
    Name(String),
    /// A user's id in IAM.
    Id(String),
}

/// Who shows this password.
///
/// # Errors
/// [`Refused::Password`]; [`Refused::PasswordLocked`] after too many of them; [`Error::Overloaded`] when too many wait.
pub async fn sign_in(edge: &Edge, who: Named, password: String, from: Option<IpAddr>) -> Result<SignedIn> {
    let (Named::Name(said) | Named::Id(said)) = &who;
    let (said, now, auth) = (said.clone(), edge.app.clock.now(), &edge.auth);
    let guessed = Guessed::User(&said);
    if auth.lockout.is_locked(guessed, from, now) {
        return Err(Error::Unauthenticated(AuthFailure::PasswordLocked));
    }
    // Counted before it is looked at: of many at once no more are heard than one after another.
    auth.lockout.strike(guessed, from, now);
    let app = edge.app.clone();
    let work = async move {
        let name = match who {
            Named::Name(name) => name,
            Named::Id(id) => access::user_name(&app, &id).await?,
        };
        access::by_password(&app, &name, &password).await
    };
    let signed_in = auth.slowly(work).await;
    match &signed_in {
        Ok(_) => auth.lockout.clear(guessed, from),
        Err(Error::Unauthenticated(_)) => {}
        Err(_) => auth.lockout.take_back(guessed, from),
    }
    signed_in
}
