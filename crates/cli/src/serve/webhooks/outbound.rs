//! One POST to somebody else's server: only to addresses that may be reached, checked on what the URL spells out and again on what its
//! name turns out to be at the very connection; no proxy, no redirects, no patience, and little of the answer.

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

/// For all of it: finding the address, connecting, sending, reading the answer.
const PATIENCE: Duration = Duration::from_secs(15);
/// Of an answer so much is read, so that the connection can be used again; of a longer one the rest is not.
const ANSWER_MAX: usize = 64 << 10;
/// Names looked up at once: each takes a thread for as long as the resolver of the system likes.
const LOOKUPS: usize = 32;

/// Sends messages.
pub struct Outbound {
    allowed: Arc<Networks>,
    client: OnceLock<Result<Client, String>>,
}

impl Outbound {
    /// Nothing is loaded before the first message.
    pub fn new(allowed: Networks) -> Self {
        Self { allowed: Arc::new(allowed), client: OnceLock::new() }
    }

    /// Sends a message, and says what came of it.
    pub async fn send(&self, url: &str, message: &SignedMessage) -> Outcome {
        // The URL was checked when it was given; since then the operator may have allowed less.
        if urls::check("url", url, &self.allowed).is_err() {
            return failed("the URL's address is not one that webhooks may reach");
        }
        let client = match self.client.get_or_init(|| client(&self.allowed)) {
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
            Ok(response) => answered(response).await,
            Err(error) if error.is_timeout() => failed(format!("no answer within {} s", PATIENCE.as_secs())),
            Err(error) => failed(innermost(&error)),
        }
    }
}

async fn answered(mut response: Response) -> Outcome {
    let status = response.status().as_u16();
    let seconds = response.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok());
    let retry_after = seconds.and_then(|text| text.trim().parse().ok()).map(SignedDuration::from_secs);
    let mut body = Vec::new();
    // The status says it all: a body that breaks off, or takes too long, changes nothing.
    while body.len() < ANSWER_MAX
        && let Ok(Some(chunk)) = response.chunk().await
    {
        body.extend_from_slice(&chunk[..chunk.len().min(ANSWER_MAX - body.len())]);
    }
    Outcome::Answered { status, answer: String::from_utf8_lossy(&body).into_owned(), retry_after }
}

fn failed(error: impl Into<String>) -> Outcome {
    Outcome::Failed { error: error.into() }
}

/// The cause that says most.
fn innermost(error: &reqwest::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    cause.to_string()
}

fn client(allowed: &Arc<Networks>) -> Result<Client, String> {
    // Refused only if there is one already, and then that one serves.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let builder = || {
        Client::builder()
            .user_agent(concat!("stagepost/", env!("CARGO_PKG_VERSION")))
            .timeout(PATIENCE)
            .dns_resolver(Public::new(Arc::clone(allowed)))
            // A proxy would look names up by itself.
            .no_proxy()
            .redirect(redirect::Policy::none())
            .pool_max_idle_per_host(8)
            .pool_idle_timeout(Duration::from_secs(30))
    };
    builder().build().or_else(|_| {
        // A machine without certificates can still send where there is no TLS.
        tracing::warn!("there is no certificate to trust on this machine: webhooks to https will fail");
        ClientBuilder::tls_certs_only(builder(), []).build().map_err(|error| innermost(&error))
    })
}

/// Looks names up, and keeps of their addresses those that may be reached: what is connected to is what was looked at.
struct Public {
    allowed: Arc<Networks>,
    lookups: Arc<Semaphore>,
}

impl Public {
    fn new(allowed: Arc<Networks>) -> Self {
        Self { allowed, lookups: Arc::new(Semaphore::new(LOOKUPS)) }
    }
}

impl Resolve for Public {
    fn resolve(&self, name: Name) -> Resolving {
        let (allowed, lookups) = (Arc::clone(&self.allowed), Arc::clone(&self.lookups));
        Box::pin(async move {
            let _turn = lookups.acquire().await?;
            let found: Vec<SocketAddr> = tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
            let public: Vec<SocketAddr> =
                found.into_iter().filter(|found| allowed.allow(found.ip())).collect();
            if public.is_empty() {
                return Err("the name has no address that webhooks may reach".into());
            }
            Ok(Box::new(public.into_iter()) as Addrs)
        })
    }
}
