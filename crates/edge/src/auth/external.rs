//! Signing in with an account that this server does not keep: at an identity provider, or named by an authenticating
//! reverse proxy.

mod pending_sign_in;
mod trusted_header;

pub use pending_sign_in::{PendingSignIn, PendingSignInProblem};
pub use trusted_header::TrustedHeader;

use domain::model::identities::SignInRules;
use domain::ports::IdentityProvider;
use std::sync::Arc;

/// How people may sign in.
#[derive(Clone)]
pub struct SignInMethods {
    /// Passwords are accepted.
    pub passwords: bool,
    /// The identity providers, in the order of the sign-in page.
    pub providers: Vec<ProviderEntry>,
    /// The header of an authenticating reverse proxy.
    pub header: Option<TrustedHeader>,
}

impl Default for SignInMethods {
    fn default() -> Self {
        Self { passwords: true, providers: Vec::new(), header: None }
    }
}

/// An identity provider with its rules.
#[derive(Clone)]
pub struct ProviderEntry {
    /// The name in addresses: lower-case letters, digits and `-`.
    pub id: String,
    /// The name for people.
    pub name: String,
    /// Whom it signs in.
    pub rules: SignInRules,
    /// The provider.
    pub provider: Arc<dyn IdentityProvider>,
}

impl SignInMethods {
    /// The provider with this id.
    pub fn provider(&self, id: &str) -> Option<&ProviderEntry> {
        self.providers.iter().find(|provider| provider.id == id)
    }
}
