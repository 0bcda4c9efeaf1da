//! Identity providers. Only the sign-in pages call them.

use crate::model::identities::Claims;
use async_trait::async_trait;
use std::fmt;

/// The values of one sign-in. They are random, and known to one browser.
#[derive(Debug, Clone)]
pub struct AuthorizationRequest {
    /// The address of this server to which the provider sends the browser back.
    pub redirect_url: String,
    /// The value that the provider returns with the browser.
    pub state: String,
    /// The value that the provider puts into the ID token.
    pub nonce: String,
    /// The PKCE code verifier. The provider gets its digest first.
    pub verifier: String,
}

/// Why a provider cannot sign a person in. The text is for the log and has no secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ProviderError {
    /// The provider does not respond, or responds with what is no response.
    Unreachable(String),
    /// The response of the provider is refused.
    Refused(String),
}

impl fmt::Display for ProviderError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreachable(text) => write!(f, "the provider cannot be used: {text}"),
            Self::Refused(text) => write!(f, "the response of the provider is refused: {text}"),
        }
    }
}

/// An OpenID Connect provider: authorization code flow with PKCE.
#[async_trait]
pub trait IdentityProvider: Send + Sync {
    /// The issuer, as configured.
    fn issuer(&self) -> &str;
    /// The address of the provider to which the browser is sent.
    ///
    /// # Errors
    /// [`ProviderError::Unreachable`].
    async fn authorization_url(&self, request: &AuthorizationRequest) -> Result<String, ProviderError>;
    /// The address at which the provider ends its session with the person, and then sends the browser to `return_to`.
    /// `None`: it has none, or the settings exclude it.
    ///
    /// # Errors
    /// [`ProviderError::Unreachable`].
    async fn end_session_url(&self, return_to: &str) -> Result<Option<String>, ProviderError>;
    /// Exchanges the code of a response, and verifies who signed in.
    ///
    /// # Errors
    /// [`ProviderError`].
    async fn claims(&self, request: &AuthorizationRequest, code: &str) -> Result<Claims, ProviderError>;
}
