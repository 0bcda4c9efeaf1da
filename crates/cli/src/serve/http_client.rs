//! The HTTP client for webhooks and forges. It connects only to permitted addresses: it checks the URL before the
//! request and the resolved addresses when it connects. It uses no proxy, follows no redirects, and limits
//! time and response size.

mod retry_after;

use domain::model::webhooks::networks::Networks;
use domain::model::webhooks::urls;
use domain::{SignedDuration, Timestamp};
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::header::{DATE, RETRY_AFTER};
use reqwest::{Client, ClientBuilder, Method, Response, redirect};
use std::collections::HashMap;
use std::net::{SocketAddr, ToSocketAddrs as _};
use std::sync::{Arc, Mutex, OnceLock, PoisonError, Weak};
use std::time::Duration;
use tokio::sync::{AcquireError, OwnedSemaphorePermit, Semaphore};

/// How much of a response body is read, in bytes. A complete read allows the connection to be reused.
const MAX_RESPONSE_BYTES: usize = 64 << 10;
/// The maximum number of concurrent name lookups. Each blocks a thread until the system resolver returns, also
/// after the attempt has timed out.
const MAX_LOOKUPS: usize = 96;
/// The maximum number of concurrent lookups of one name.
const MAX_LOOKUPS_OF_NAME: usize = 2;

/// Sends requests to permitted addresses.
pub struct PermittedClient {
    allowed: Arc<Networks>,
    timeout: Duration,
    client: OnceLock<Result<Client, String>>,
}

/// A response.
#[derive(Debug)]
pub struct Received {
    pub status: u16,
    /// The beginning of the body.
    pub body: String,
    /// The delay that `Retry-After` requests.
    pub retry_after: Option<SignedDuration>,
    /// The delay until `X-RateLimit-Reset`, if `X-RateLimit-Remaining` is 0.
    pub rate_reset: Option<SignedDuration>,
}

impl PermittedClient {
    /// `timeout` is that of a request, from the name lookup to the end of the response. System certificates are loaded
    /// with the first request.
    pub fn new(allowed: Networks, timeout: Duration) -> Self {
        Self { allowed: Arc::new(allowed), timeout, client: OnceLock::new() }
    }

    /// Sends a request once at the time `now`.
    ///
    /// # Errors
    /// Why there is no response, as text for people.
    pub async fn send(
        &self,
        method: Method,
        url: &str,
        headers: &[(&str, String)],
        body: Option<String>,
        now: Timestamp,
    ) -> Result<Received, String> {
        // The URL was checked when it was set, but the permitted networks may have changed since.
        if urls::check("url", url, &self.allowed).is_err() {
            return Err("the address of the URL is not in a permitted network (--webhook-allow)".into());
        }
        let client = self.client.get_or_init(|| build_client(&self.allowed, self.timeout)).as_ref()?;
        let mut request = client.request(method, url);
        for (name, value) in headers {
            request = request.header(*name, value);
        }
        if let Some(body) = body {
            request = request.body(body);
        }
        match request.send().await {
            Ok(response) => Ok(read_response(response, now).await),
            Err(error) if error.is_timeout() => Err(format!("timed out after {} s", self.timeout.as_secs())),
            // A URL may be a credential, and errors are stored and logged.
            Err(error) => Err(root_cause(&error.without_url())),
        }
    }
}

async fn read_response(mut response: Response, now: Timestamp) -> Received {
    let status = response.status().as_u16();
    let header = |name: &str| response.headers().get(name).and_then(|value| value.to_str().ok());
    let date = header(DATE.as_str());
    let retry_after = header(RETRY_AFTER.as_str()).and_then(|text| retry_after::parse(text, date, now));
    let rate_reset = header("x-ratelimit-reset")
        .filter(|_| header("x-ratelimit-remaining") == Some("0"))
        .and_then(|text| retry_after::until(text, date, now));
    let mut body = Vec::new();
    // Only the status matters: an incomplete or slow body is not an error.
    while body.len() < MAX_RESPONSE_BYTES
        && let Ok(Some(chunk)) = response.chunk().await
    {
        body.extend_from_slice(&chunk[..chunk.len().min(MAX_RESPONSE_BYTES - body.len())]);
    }
    Received { status, body: String::from_utf8_lossy(&body).into_owned(), retry_after, rate_reset }
}

/// The innermost error of the chain.
pub fn root_cause(error: &reqwest::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    cause.to_string()
}

fn build_client(allowed: &Arc<Networks>, timeout: Duration) -> Result<Client, String> {
    build_with_certificates(|builder| {
        builder
            .timeout(timeout)
            .dns_resolver(PermittedResolver::new(Arc::clone(allowed)))
            // A proxy would resolve names without the address check.
            .no_proxy()
            .redirect(redirect::Policy::none())
            .pool_max_idle_per_host(8)
            .pool_idle_timeout(Duration::from_secs(30))
    })
}

/// Builds a client with the CA certificates of the system.
///
/// # Errors
/// Why there is no client, as text for people.
pub fn build_with_certificates(set: impl Fn(ClientBuilder) -> ClientBuilder) -> Result<Client, String> {
    // An error means that a provider is installed already, and that one is used.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let builder = || set(Client::builder().user_agent(concat!("stagepost/", env!("CARGO_PKG_VERSION"))));
    builder().build().or_else(|_| {
        // A system without CA certificates can still send to http URLs.
        tracing::warn!("the system has no CA certificates: requests to https URLs will fail");
        ClientBuilder::tls_certs_only(builder(), []).build().map_err(|error| root_cause(&error))
    })
}

/// A DNS resolver that returns permitted addresses only, so that exactly the checked addresses are connected
/// to.
struct PermittedResolver {
    allowed: Arc<Networks>,
    lookups: Arc<Lookups>,
}

impl PermittedResolver {
    fn new(allowed: Arc<Networks>) -> Self {
        Self { allowed, lookups: Arc::new(Lookups::new()) }
    }
}

impl Resolve for PermittedResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let (allowed, lookups) = (Arc::clone(&self.allowed), Arc::clone(&self.lookups));
        Box::pin(async move {
            let permit = lookups.start(name.as_str()).await?;
            // The permit is held by the thread: a lookup without a waiting request still blocks one.
            let lookup = move || {
                let _permit = permit;
                (name.as_str(), 0).to_socket_addrs().map(|found| found.collect::<Vec<SocketAddr>>())
            };
            let resolved = tokio::task::spawn_blocking(lookup).await??;
            let permitted: Vec<SocketAddr> =
                resolved.into_iter().filter(|address| allowed.allow(address.ip())).collect();
            if permitted.is_empty() {
                return Err("the host has no address that is permitted for webhooks".into());
            }
            Ok(Box::new(permitted.into_iter()) as Addrs)
        })
    }
}

/// The running name lookups, so that slow names use neither all lookups nor all threads.
struct Lookups {
    all: Arc<Semaphore>,
    by_name: Mutex<HashMap<String, Weak<Semaphore>>>,
}

/// The right to look up a name, until it is dropped.
struct LookupPermit {
    _of_name: OwnedSemaphorePermit,
    _of_all: OwnedSemaphorePermit,
    /// Kept so that others who look up the name find it.
    _name: Arc<Semaphore>,
}

impl Lookups {
    fn new() -> Self {
        Self { all: Arc::new(Semaphore::new(MAX_LOOKUPS)), by_name: Mutex::default() }
    }

    async fn start(&self, name: &str) -> Result<LookupPermit, AcquireError> {
        let of_name = {
            let mut by_name = self.by_name.lock().unwrap_or_else(PoisonError::into_inner);
            by_name.retain(|_, lookups| lookups.strong_count() > 0);
            let known = by_name.get(name).and_then(Weak::upgrade);
            known.unwrap_or_else(|| {
                let new = Arc::new(Semaphore::new(MAX_LOOKUPS_OF_NAME));
                by_name.insert(name.to_owned(), Arc::downgrade(&new));
                new
            })
        };
        // That of the name first: one who waits for it takes none of the others.
        let permit = Arc::clone(&of_name).acquire_owned().await?;
        let of_all = Arc::clone(&self.all).acquire_owned().await?;
        Ok(LookupPermit { _of_name: permit, _of_all: of_all, _name: of_name })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::pin::pin;
    use std::task::{Context, Poll, Waker};

    #[tokio::test]
    async fn one_name_has_two_lookups_and_all_names_have_96() {
        let lookups = Lookups::new();
        let start = |name: String| {
            let mut starting = pin!(tokio::task::unconstrained(lookups.start(&name)));
            match starting.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
                Poll::Ready(permit) => Some(permit.unwrap()),
                Poll::Pending => None,
            }
        };
        let of_name: Vec<_> = (0..9).filter_map(|_| start("slow.example.com".into())).collect();
        assert_eq!(of_name.len(), 2);
        let others: Vec<_> = (0..200).filter_map(|n| start(format!("{n}.example.com"))).collect();
        assert_eq!(others.len(), 94);
        drop(of_name);
        let again: Vec<_> = (0..9).filter_map(|_| start("slow.example.com".into())).collect();
        assert_eq!(again.len(), 2, "both were released");
        drop(again);
        drop(others);
        start("last.example.com".into()).unwrap();
        assert_eq!(lookups.by_name.lock().unwrap().len(), 1, "ended lookups are forgotten");
    }
}
