//! The sender of a request, according to its credential.

use domain::actions::access::CredentialId;
use domain::model::ids::UserId;
use domain::model::users::User;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

#[derive(Debug, Default, Clone)]
struct ClaimedNames {
    user: Option<ClaimedUser>,
    credential: Option<CredentialId>,
    signed_in: Option<UserId>,
}

#[derive(Debug, Clone)]
enum ClaimedUser {
    /// The name or the id that the request has.
    Named(String),
    /// The user whom the credential has signed in.
    SignedIn(Arc<User>),
}

impl ClaimedUser {
    fn name(&self) -> String {
        match self {
            Self::Named(name) => name.clone(),
            Self::SignedIn(user) => first_chars(&user.name, CLAIM_MAX).to_owned(),
        }
    }
}

/// The sender of a request, according to its credential, for the log. It is not verified: a refused request has it too.
#[derive(Debug, Default)]
pub struct Claimed(Mutex<ClaimedNames>);

/// The names in a credential. None of them is secret.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Claim {
    /// The name or the id of the user.
    pub user: Option<String>,
    /// The kind and the public name of the credential: `token 7`, `key AK`, `password`.
    pub credential: Option<String>,
}

/// The longest name in the log, in characters. A client may send any text.
const CLAIM_MAX: usize = 64;

impl Clone for Claimed {
    fn clone(&self) -> Self {
        Self(Mutex::new(self.lock().clone()))
    }
}

impl Claimed {
    /// Sets the user.
    pub fn set_user(&self, name: &str) {
        self.lock().user = Some(ClaimedUser::Named(first_chars(name, CLAIM_MAX).to_owned()));
    }

    /// Sets the credential.
    pub fn set_credential(&self, credential: CredentialId) {
        self.lock().credential = Some(credential);
    }

    /// Notes that this credential has signed this user in.
    pub fn set_signed_in(&self, user: &Arc<User>, credential: &CredentialId) {
        *self.lock() = ClaimedNames {
            user: Some(ClaimedUser::SignedIn(Arc::clone(user))),
            credential: Some(credential.clone()),
            signed_in: Some(user.id),
        };
    }

    /// The user and the credential that has signed the user in.
    pub fn signed_in(&self) -> Option<(UserId, CredentialId)> {
        let names = self.lock();
        names.signed_in.zip(names.credential.clone())
    }

    /// The user and the credential.
    pub fn names(&self) -> (Option<String>, Option<CredentialId>) {
        let names = self.lock();
        (names.user.as_ref().map(ClaimedUser::name), names.credential.clone())
    }

    /// The caller, as far as it is known.
    pub fn get(&self) -> Claim {
        let ClaimedNames { user, credential, .. } = &*self.lock();
        let credential = credential
            .as_ref()
            .map(|credential| first_chars(&credential.to_string(), CLAIM_MAX + 8).to_owned());
        Claim { user: user.as_ref().map(ClaimedUser::name), credential }
    }

    fn lock(&self) -> MutexGuard<'_, ClaimedNames> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// At most this number of characters of a text.
fn first_chars(text: &str, max: usize) -> &str {
    text.char_indices().nth(max).and_then(|(end, _)| text.get(..end)).unwrap_or(text)
}
