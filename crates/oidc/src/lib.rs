//! Signing in with OpenID Connect: discovery, the authorization code flow with PKCE, and the verification of ID tokens,
//! by the crate `openidconnect`. It implements [`domain::ports::IdentityProvider`] and knows no HTTP client: one is
//! passed in.
//!
//! Accepted are ID tokens with an asymmetric signature of a key of the provider, for this client alone, with the
//! nonce of the sign-in, whose times are right within [`CLOCK_SKEW`].

mod claims;
mod discovery;
mod http_client;
mod provider;

pub use http_client::{HttpClient, HttpError, HttpRequest, HttpResponse};
pub use provider::{CLOCK_SKEW, Provider, ProviderSettings};
