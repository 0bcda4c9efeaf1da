//! Makes the identity providers of the settings. Nothing is requested from them before the first sign-in.

use super::http_client::build_with_certificates;
use super::settings::{OidcSettings, SignInSettings};
use async_trait::async_trait;
use domain::App;
use edge::auth::external::{ProviderEntry, SignInMethods};
use oidc::{HttpClient, HttpError, HttpRequest, HttpResponse, Provider};
use reqwest::{Client, redirect};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

/// The time limit of a request, from the name lookup to the end of the response.
const TIMEOUT: Duration = Duration::from_secs(10);
/// The longest response, in bytes.
const MAX_RESPONSE_BYTES: usize = 1 << 20;

/// How people sign in, by the settings.
///
/// # Errors
/// A message in one line.
pub fn methods(settings: &SignInSettings, app: &App) -> Result<Arc<SignInMethods>, String> {
    let http: Arc<dyn HttpClient> = Arc::new(ProviderClient::default());
    let entry = |of: &OidcSettings| {
        let provider = Provider::new(of.provider.clone(), Arc::clone(&http), Arc::clone(&app.clock));
        Ok(ProviderEntry {
            id: of.id.clone(),
            name: of.name.clone(),
            rules: of.rules.clone(),
            provider: Arc::new(provider.map_err(|error| error.to_string())?),
        })
    };
    Ok(Arc::new(SignInMethods {
        passwords: settings.passwords,
        providers: settings.providers.iter().map(entry).collect::<Result<_, String>>()?,
        header: settings.header.clone(),
    }))
}

/// Sends requests to providers. The operator names them, so their addresses may be private ones. It follows no
/// redirects.
#[derive(Default)]
struct ProviderClient {
    /// System certificates are loaded with the first request.
    client: OnceLock<Result<Client, String>>,
}

#[async_trait]
impl HttpClient for ProviderClient {
    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        let build = || {
            build_with_certificates(|builder| {
                builder.timeout(TIMEOUT).redirect(redirect::Policy::none()).pool_max_idle_per_host(2)
            })
        };
        let client = self.client.get_or_init(build).as_ref().map_err(|error| HttpError(error.clone()))?;
        let failed = |error: reqwest::Error| HttpError(super::http_client::root_cause(&error));
        let (parts, body) = request.into_parts();
        let sent = client.request(parts.method, parts.uri.to_string()).headers(parts.headers).body(body);
        let mut response = sent.send().await.map_err(failed)?;
        let mut received = HttpResponse::default();
        *received.status_mut() = response.status();
        *received.headers_mut() = response.headers().clone();
        while let Some(chunk) = response.chunk().await.map_err(failed)? {
            received.body_mut().extend_from_slice(&chunk);
            if received.body().len() > MAX_RESPONSE_BYTES {
                return Err(HttpError("the response is longer than 1 MiB".into()));
            }
        }
        Ok(received)
    }
}
