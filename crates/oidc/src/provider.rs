//! A provider: the address of a sign-in, and the verification of its response.

use crate::claims::{OtherClaims, Person};
use crate::discovery::Discovery;
use crate::http_client::{Adapter, HttpClient, HttpError};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use domain::model::identities::Claims;
use domain::ports::{AuthorizationRequest, Clock, IdentityProvider, ProviderError};
use domain::{SignedDuration, Timestamp};
use openidconnect::core::{
    CoreAuthDisplay, CoreAuthPrompt, CoreAuthenticationFlow, CoreClientAuthMethod, CoreErrorResponseType,
    CoreGenderClaim, CoreJsonWebKey, CoreJweContentEncryptionAlgorithm, CoreJwsSigningAlgorithm,
    CoreRevocableToken, CoreRevocationErrorResponse, CoreTokenIntrospectionResponse, CoreTokenType,
};
use openidconnect::url::ParseError;
use openidconnect::{
    AccessTokenHash, AuthType, AuthorizationCode, ClaimsVerificationError, Client, ClientId, ClientSecret,
    CsrfToken, EmptyExtraTokenFields, EndpointMaybeSet, EndpointNotSet, EndpointSet, IdToken, IdTokenClaims,
    IdTokenFields, IdTokenVerifier, IssuerUrl, LogoutRequest, Nonce, OAuth2TokenResponse as _,
    PkceCodeChallenge, PkceCodeVerifier, PostLogoutRedirectUrl, ProviderMetadataWithLogout, RedirectUrl,
    RequestTokenError, Scope, SignatureVerificationError, StandardErrorResponse, StandardTokenResponse,
    TokenResponse as _, UserInfoClaims,
};
use std::error::Error;
use std::sync::Arc;

/// How much the clocks of the provider and of this server may differ.
pub const CLOCK_SKEW: SignedDuration = SignedDuration::from_secs(60);

/// The longest text about an error, in characters.
const ERROR_MAX: usize = 300;

/// The accepted signatures. Those with a shared secret and those without a key are not.
const ALGORITHMS: [CoreJwsSigningAlgorithm; 9] = [
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha384,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha512,
    CoreJwsSigningAlgorithm::RsaSsaPssSha256,
    CoreJwsSigningAlgorithm::RsaSsaPssSha384,
    CoreJwsSigningAlgorithm::RsaSsaPssSha512,
    CoreJwsSigningAlgorithm::EcdsaP256Sha256,
    CoreJwsSigningAlgorithm::EcdsaP384Sha384,
    CoreJwsSigningAlgorithm::EdDsa,
];

type Fields = IdTokenFields<
    OtherClaims,
    EmptyExtraTokenFields,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJwsSigningAlgorithm,
>;
type Tokens = StandardTokenResponse<Fields, CoreTokenType>;
type Token =
    IdToken<OtherClaims, CoreGenderClaim, CoreJweContentEncryptionAlgorithm, CoreJwsSigningAlgorithm>;
type TokenClaims = IdTokenClaims<OtherClaims, CoreGenderClaim>;
type OidcClient = Client<
    OtherClaims,
    CoreAuthDisplay,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJsonWebKey,
    CoreAuthPrompt,
    StandardErrorResponse<CoreErrorResponseType>,
    Tokens,
    CoreTokenIntrospectionResponse,
    CoreRevocableToken,
    CoreRevocationErrorResponse,
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;

/// The settings of a provider.
#[derive(Clone)]
pub struct ProviderSettings {
    /// The issuer: the URL of the provider, exactly as its metadata has it.
    pub issuer: String,
    /// The client id that the provider has assigned.
    pub client_id: String,
    /// The client secret; `None` for a public client.
    pub client_secret: Option<String>,
    /// The scopes, besides `openid`.
    pub scopes: Vec<String>,
    /// The claim with the groups. A name with dots is a path through objects.
    pub groups_claim: String,
    /// A person who signs out is sent to the provider, which ends its session too.
    pub sign_out: bool,
}

/// A provider.
pub struct Provider {
    settings: ProviderSettings,
    issuer: IssuerUrl,
    discovery: Discovery,
    http: Arc<dyn HttpClient>,
    clock: Arc<dyn Clock>,
}

impl Provider {
    /// A provider that is asked with this client. Nothing is requested before the first sign-in.
    ///
    /// # Errors
    /// Why the issuer is no URL.
    pub fn new(
        settings: ProviderSettings,
        http: Arc<dyn HttpClient>,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, ParseError> {
        let issuer = IssuerUrl::new(settings.issuer.clone())?;
        let discovery = Discovery::new(issuer.clone(), Arc::clone(&http), Arc::clone(&clock));
        Ok(Self { settings, issuer, discovery, http, clock })
    }

    fn client(
        &self,
        metadata: &ProviderMetadataWithLogout,
        redirect: &str,
    ) -> Result<OidcClient, ProviderError> {
        let redirect =
            RedirectUrl::new(redirect.to_owned()).map_err(|error| ProviderError::Refused(causes(&error)))?;
        let secret = self.settings.client_secret.clone().map(ClientSecret::new);
        let id = ClientId::new(self.settings.client_id.clone());
        let client =
            OidcClient::from_provider_metadata(metadata.clone(), id, secret).set_redirect_uri(redirect);
        let in_body = metadata.token_endpoint_auth_methods_supported().is_some_and(|methods| {
            methods.contains(&CoreClientAuthMethod::ClientSecretPost)
                && !methods.contains(&CoreClientAuthMethod::ClientSecretBasic)
        });
        Ok(if in_body { client.set_auth_type(AuthType::RequestBody) } else { client })
    }

    /// Verifies an ID token with the keys in `metadata`.
    fn verify<'a>(
        &self,
        metadata: &ProviderMetadataWithLogout,
        token: &'a Token,
        nonce: &str,
    ) -> Result<&'a TokenClaims, ClaimsVerificationError> {
        let verifier = self.verifier(metadata);
        let claims = token.claims(&verifier, &Nonce::new(nonce.to_owned()))?;
        let latest = self.latest().timestamp();
        let other = claims.additional_claims();
        if other.not_before().is_some_and(|second| second > latest as f64) {
            return Err(ClaimsVerificationError::Other("the token is not valid yet (nbf)".into()));
        }
        let party = claims.authorized_party();
        if party.is_some_and(|party| party.as_str() != self.settings.client_id) {
            return Err(ClaimsVerificationError::InvalidAudience(
                "the token is for another party (azp)".into(),
            ));
        }
        Ok(claims)
    }

    fn verifier(&self, metadata: &ProviderMetadataWithLogout) -> IdTokenVerifier<'static, CoreJsonWebKey> {
        let (earliest, latest) = (time(self.clock.now() - CLOCK_SKEW), self.latest());
        let id = ClientId::new(self.settings.client_id.clone());
        // As a public client, so that no signature with the client secret is accepted.
        IdTokenVerifier::new_public_client(id, self.issuer.clone(), metadata.jwks().clone())
            .set_allowed_algs(ALGORITHMS)
            .set_time_fn(move || earliest)
            .set_issue_time_verifier_fn(move |issued| {
                if issued > latest {
                    return Err(format!("the token is issued in the future, at {issued}"));
                }
                Ok(())
            })
    }

    /// The time of a clock that is ahead as much as is accepted.
    fn latest(&self) -> DateTime<Utc> {
        time(self.clock.now() + CLOCK_SKEW)
    }

    /// As [`Self::verify`]; after a signature by an unknown key with the current keys of the provider.
    async fn verify_with_new_keys<'a>(
        &self,
        metadata: &ProviderMetadataWithLogout,
        token: &'a Token,
        nonce: &str,
    ) -> Result<&'a TokenClaims, ProviderError> {
        let unknown =
            ClaimsVerificationError::SignatureVerification(SignatureVerificationError::NoMatchingKey);
        let verified = match self.verify(metadata, token, nonce) {
            Err(error) if error == unknown => {
                let metadata = self.discovery.metadata_with_new_keys().await?;
                self.verify(&metadata, token, nonce)
            }
            verified => verified,
        };
        verified.map_err(|error| ProviderError::Refused(causes(&error)))
    }

    /// Checks that the access token belongs to the ID token, if the ID token contains a hash of it.
    fn check_access_token(
        &self,
        metadata: &ProviderMetadataWithLogout,
        tokens: &Tokens,
        token: &Token,
        claims: &TokenClaims,
    ) -> Result<(), ProviderError> {
        let Some(expected) = claims.access_token_hash() else { return Ok(()) };
        let verifier = self.verifier(metadata);
        let refused = |error: &dyn Error| ProviderError::Refused(causes(error));
        let algorithm = token.signing_alg().map_err(|error| refused(&error))?;
        let key = token.signing_key(&verifier).map_err(|error| refused(&error))?;
        let actual = AccessTokenHash::from_token(tokens.access_token(), algorithm, key)
            .map_err(|error| refused(&error))?;
        if actual == *expected {
            return Ok(());
        }
        Err(ProviderError::Refused("the access token does not belong to the ID token (at_hash)".into()))
    }

    /// The claims of the userinfo endpoint; none if the provider has no such endpoint.
    async fn userinfo(
        &self,
        client: &OidcClient,
        tokens: &Tokens,
        claims: &TokenClaims,
    ) -> Result<Person, ProviderError> {
        let access = tokens.access_token().clone();
        let Ok(request) = client.user_info(access, Some(claims.subject().clone())) else {
            return Ok(Person::default());
        };
        let found: Result<UserInfoClaims<OtherClaims, CoreGenderClaim>, _> =
            request.request_async(&Adapter(&*self.http)).await;
        match found {
            Ok(claims) => Ok(Person::of_userinfo(&claims, &self.settings.groups_claim)),
            Err(error) => Err(ProviderError::Unreachable(format!("userinfo: {}", causes(&error)))),
        }
    }
}

#[async_trait]
impl IdentityProvider for Provider {
    fn issuer(&self) -> &str {
        &self.settings.issuer
    }

    async fn authorization_url(&self, request: &AuthorizationRequest) -> Result<String, ProviderError> {
        let metadata = self.discovery.metadata().await?;
        let client = self.client(&metadata, &request.redirect_url)?;
        let verifier = PkceCodeVerifier::new(request.verifier.clone());
        let (state, nonce) = (CsrfToken::new(request.state.clone()), Nonce::new(request.nonce.clone()));
        let scopes = self.settings.scopes.iter().cloned().map(Scope::new);
        let (url, _, _) = client
            .authorize_url(CoreAuthenticationFlow::AuthorizationCode, || state, || nonce)
            .add_scopes(scopes)
            .set_pkce_challenge(PkceCodeChallenge::from_code_verifier_sha256(&verifier))
            .url();
        Ok(url.into())
    }

    async fn end_session_url(&self, return_to: &str) -> Result<Option<String>, ProviderError> {
        if !self.settings.sign_out {
            return Ok(None);
        }
        let metadata = self.discovery.metadata().await?;
        let endpoint = metadata.additional_metadata().end_session_endpoint.clone();
        // An unencrypted address of an encrypted issuer is not used.
        let is_usable = |scheme: &str| scheme == "https" || scheme == self.issuer.url().scheme();
        let Some(endpoint) = endpoint.filter(|endpoint| is_usable(endpoint.url().scheme())) else {
            return Ok(None);
        };
        let back = PostLogoutRedirectUrl::new(return_to.to_owned())
            .map_err(|error| ProviderError::Refused(causes(&error)))?;
        let request = LogoutRequest::from(endpoint)
            .set_client_id(ClientId::new(self.settings.client_id.clone()))
            .set_post_logout_redirect_uri(back);
        Ok(Some(request.http_get_url().into()))
    }

    async fn claims(&self, request: &AuthorizationRequest, code: &str) -> Result<Claims, ProviderError> {
        let metadata = self.discovery.metadata().await?;
        let client = self.client(&metadata, &request.redirect_url)?;
        let refused = |error: &dyn Error| ProviderError::Refused(causes(error));
        let tokens: Tokens = client
            .exchange_code(AuthorizationCode::new(code.to_owned()))
            .map_err(|error| refused(&error))?
            .set_pkce_verifier(PkceCodeVerifier::new(request.verifier.clone()))
            .request_async(&Adapter(&*self.http))
            .await
            .map_err(|error| exchange_error(&error))?;
        let token = tokens.id_token().ok_or_else(|| ProviderError::Refused("there is no ID token".into()))?;
        let claims = self.verify_with_new_keys(&metadata, token, &request.nonce).await?;
        let metadata = self.discovery.metadata().await?;
        self.check_access_token(&metadata, &tokens, token, claims)?;
        let mut person = Person::of_token(claims, &self.settings.groups_claim);
        if !person.is_complete() {
            person = person.or(self.userinfo(&client, &tokens, claims).await?);
        }
        Ok(Claims {
            issuer: self.settings.issuer.clone(),
            subject: claims.subject().as_str().to_owned(),
            name: person.name,
            email: person.email,
            email_verified: person.email_verified.unwrap_or_default(),
            groups: person.groups.unwrap_or_default(),
        })
    }
}

fn exchange_error(
    error: &RequestTokenError<HttpError, StandardErrorResponse<CoreErrorResponseType>>,
) -> ProviderError {
    match error {
        RequestTokenError::Request(_) => ProviderError::Unreachable(causes(error)),
        _ => ProviderError::Refused(causes(error)),
    }
}

fn time(time: Timestamp) -> DateTime<Utc> {
    DateTime::from_timestamp(time.as_second(), 0).unwrap_or_default()
}

/// The texts of an error and of its causes. They contain no token: the body of a response is not part of them.
pub fn causes(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text += &format!(": {error}");
        cause = error.source();
    }
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(ERROR_MAX).collect()
}
