//! The HTTP client for webhooks. It connects only to permitted addresses: it checks the URL before the
//! request and the resolved addresses when it connects. It uses no proxy, follows no redirects, and limits
//! time and response size.

use domain::SignedDuration;
use domain::model::deliveries::Outcome;
use domain::model::webhooks::networks::Networks;
use domain::model::webhooks::urls;
use edge::SignedMessage;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::header::{CONTENT_TYPE, RETRY_AFTER};
use reqwest::{Client, ClientBuilder, Response, redirect};
use std::net::SocketAddr;
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use tokio::sync::Semaphore;
use wire::webhooks::{ID_HEADER, SIGNATURE_HEADER, TIMESTAMP_HEADER};

/// The timeout of an attempt, from the name lookup to the end of the response.
const TIMEOUT: Duration = Duration::from_secs(15);
/// How much of a response body is read, in bytes. A complete read allows the connection to be reused.
const MAX_RESPONSE_BYTES: usize = 64 << 10;
/// The maximum number of concurrent name lookups. Each blocks a thread until the system resolver returns.
const MAX_LOOKUPS: usize = 32;

/// Sends webhook messages.
pub struct WebhookClient {
    allowed: Arc<Networks>,
    client: OnceLock<Result<Client, String>>,
}

impl WebhookClient {
    /// System certificates are loaded with the first message.
    pub fn new(allowed: Networks) -> Self {
        Self { allowed: Arc::new(allowed), client: OnceLock::new() }
    }

    /// Sends a message once and returns the outcome.
    pub async fn send(&self, url: &str, message: &SignedMessage) -> Outcome {
        // The URL was checked when it was set, but the permitted networks may have changed since.
        if urls::check("url", url, &self.allowed).is_err() {
            return failed("the address of the URL is not permitted for webhooks");
        }
        let client = match self.client.get_or_init(|| build_client(&self.allowed)) {
            Ok(client) => client,
            Err(error) => return failed(error),
        };
        let sent = client
            .post(url)
            .header(CONTENT_TYPE, "application/json")
            .header(ID_HEADER, &message.id)
            .header(TIMESTAMP_HEADER, message.timestamp)
            .header(SIGNATURE_HEADER, &message.signature)
            .body(message.body.clone())
            .send()
            .await;
        match sent {
            Ok(response) => read_response(response).await,
            Err(error) if error.is_timeout() => failed(format!("timed out after {} s", TIMEOUT.as_secs())),
            Err(error) => failed(root_cause(&error)),
        }
    }
}

async fn read_response(mut response: Response) -> Outcome {
    let status = response.status().as_u16();
    let seconds = response.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok());
    let retry_after = seconds.and_then(|text| text.trim().parse().ok()).map(SignedDuration::from_secs);
    let mut body = Vec::new();
    // Only the status matters: an incomplete or slow body is not an error.
    while body.len() < MAX_RESPONSE_BYTES
        && let Ok(Some(chunk)) = response.chunk().await
    {
        body.extend_from_slice(&chunk[..chunk.len().min(MAX_RESPONSE_BYTES - body.len())]);
    }
    Outcome::Responded { status, body: String::from_utf8_lossy(&body).into_owned(), retry_after }
}

fn failed(error: impl Into<String>) -> Outcome {
    Outcome::Failed { error: error.into() }
}

/// The innermost error of the chain.
fn root_cause(error: &reqwest::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    cause.to_string()
}

fn build_client(allowed: &Arc<Networks>) -> Result<Client, String> {
    // An error means that a provider is installed already, and that one is used.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let builder = || {
        Client::builder()
            .user_agent(concat!("stagepost/", env!("CARGO_PKG_VERSION")))
            .timeout(TIMEOUT)
            .dns_resolver(PermittedResolver::new(Arc::clone(allowed)))
            // A proxy would resolve names without the address check.
            .no_proxy()
            .redirect(redirect::Policy::none())
            .pool_max_idle_per_host(8)
            .pool_idle_timeout(Duration::from_secs(30))
    };
    builder().build().or_else(|_| {
        // A system without CA certificates can still send to http URLs.
        tracing::warn!("the system has no CA certificates: webhooks to https URLs will fail");
        ClientBuilder::tls_certs_only(builder(), []).build().map_err(|error| root_cause(&error))
    })
}

/// A DNS resolver that returns permitted addresses only, so that exactly the checked addresses are connected
/// to.
struct PermittedResolver {
    allowed: Arc<Networks>,
    lookups: Arc<Semaphore>,
}

impl PermittedResolver {
    fn new(allowed: Arc<Networks>) -> Self {
        Self { allowed, lookups: Arc::new(Semaphore::new(MAX_LOOKUPS)) }
    }
}

impl Resolve for PermittedResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let (allowed, lookups) = (Arc::clone(&self.allowed), Arc::clone(&self.lookups));
        Box::pin(async move {
            let _permit = lookups.acquire().await?;
            let resolved: Vec<SocketAddr> = tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
            let permitted: Vec<SocketAddr> =
                resolved.into_iter().filter(|address| allowed.allow(address.ip())).collect();
            if permitted.is_empty() {
                return Err("the host has no address that is permitted for webhooks".into());
            }
            Ok(Box::new(permitted.into_iter()) as Addrs)
        })
    }
}
