//! Sends statuses to forges: claims due states, sends them and stores the results. Every server of a store runs it; a
//! state is claimed by one server at a time.

use super::background::Background;
use super::http_client::PermittedClient;
use domain::actions::forwarded_states;
use domain::model::deliveries::shares::ATTEMPTS_MAX;
use domain::model::destinations::Destination;
use domain::model::forwarded_states::{
    ClaimedState, ForgeOutcome, ForgeResponse, ForgeStatus, Progress, StateResult, knows_skipped,
};
use domain::model::status::Status;
use domain::model::webhooks::networks::Networks;
use domain::{App, Error, SignedDuration};
use edge::forwarding::{self, ForgeRequest};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::watch;
use tokio::task::JoinSet;

/// How often due states are polled, including those that another server has left.
const POLL_INTERVAL: Duration = Duration::from_secs(1);
/// How often storing a result is tried, and the pause between two tries.
const STORE_TRIES: u32 = 5;
const STORE_RETRY_PAUSE: Duration = Duration::from_millis(500);
/// How long the version of a forge is cached.
const VERSION_LIFETIME: Duration = Duration::from_secs(3_600);
/// The maximum number of forges whose version is cached.
const VERSIONS_MAX: usize = 1_000;

struct Sender {
    app: App,
    client: PermittedClient,
    /// The public URL of this server, below which its pages are.
    public_url: Option<String>,
    /// Whether the forge at a URL knows `skipped`, and when it said so.
    versions: Mutex<HashMap<String, (bool, Instant)>>,
}

/// Starts the sender. `allowed` are the permitted networks besides the public ones. A request that the server's stop
/// interrupts is sent again after the claim expired.
pub fn start(app: App, allowed: Networks, public_url: Option<String>) -> Background {
    for outcome in ["sent", "unchanged", "retried", "stopped"] {
        attempt_counter(outcome).increment(0);
    }
    let timeout = Duration::try_from(forwarded_states::ATTEMPT_MAX).unwrap_or(POLL_INTERVAL);
    let client = PermittedClient::new(allowed, timeout);
    let sender = Arc::new(Sender { app, client, public_url, versions: Mutex::default() });
    Background::start(|stopped| run(sender, stopped))
}

async fn run(sender: Arc<Sender>, mut stopped: watch::Receiver<()>) {
    let gauge = metrics::gauge!("stagepost_forward_attempts_under_way");
    let mut attempts = JoinSet::new();
    loop {
        if attempts.len() < ATTEMPTS_MAX as usize {
            let in_progress = u32::try_from(attempts.len()).unwrap_or(u32::MAX);
            let claimed_at = Instant::now();
            match forwarded_states::claim(&sender.app, in_progress).await {
                Ok(claimed) => claimed.into_iter().for_each(|claimed| {
                    let (sender, claimed) = (Arc::clone(&sender), forwarding::with_sentence(claimed));
                    attempts.spawn(async move { sender.attempt(claimed, claimed_at).await });
                }),
                // The integrity check has logged it.
                Err(Error::Damaged) => {}
                Err(error) => tracing::warn!(%error, "cannot read due forwarded states; retrying"),
            }
        }
        gauge.set(attempts.len() as f64);
        tokio::select! {
            _ = stopped.changed() => break,
            () = sender.app.store.wait_for_forwarded_state() => {}
            Some(_) = attempts.join_next() => while attempts.try_join_next().is_some() {},
            () = tokio::time::sleep(POLL_INTERVAL) => {}
        }
    }
    while attempts.join_next().await.is_some() {}
}

impl Sender {
    async fn attempt(&self, claimed: ClaimedState, claimed_at: Instant) {
        let start = Instant::now();
        let since_claim = SignedDuration::try_from(start - claimed_at).unwrap_or(SignedDuration::MAX);
        let time = forwarded_states::attempt_time(since_claim).and_then(|time| Duration::try_from(time).ok());
        let Some(time) = time else {
            let state = claimed.state.id;
            tracing::warn!(state, "a claimed forwarded state was read too slowly; it will be claimed again");
            return;
        };
        let sent = tokio::time::timeout(time, self.send(&claimed)).await;
        let (status, outcome) = sent.unwrap_or_else(|_| {
            let error = format!("timed out after {} s", time.as_secs());
            (None, ForgeOutcome::Failed { error })
        });
        metrics::histogram!("stagepost_forward_attempt_seconds").record(start.elapsed().as_secs_f64());
        let is_unchanged = outcome == ForgeOutcome::Unchanged;
        for remaining_tries in (0..STORE_TRIES).rev() {
            let stored =
                forwarded_states::record_result(&self.app, &claimed, status.clone(), outcome.clone()).await;
            match stored {
                Ok(result) => return report(&claimed, &result, is_unchanged),
                Err(Error::Overloaded | Error::Unavailable(_)) if remaining_tries > 0 => {
                    tokio::time::sleep(STORE_RETRY_PAUSE).await;
                }
                Err(error) => {
                    let state = claimed.state.id;
                    tracing::warn!(state, %error, "cannot store the result of a forwarded state; sending it again");
                    return;
                }
            }
        }
    }

    /// Sends a state, or the request of a test.
    async fn send(&self, claimed: &ClaimedState) -> (Option<ForgeStatus>, ForgeOutcome) {
        let Some(wanted) = &claimed.wanted else { return (None, self.test(&claimed.destination).await) };
        let knows_skipped =
            wanted.status == Status::Skipped && self.knows_skipped(&claimed.destination).await;
        let (to, key) = (&claimed.destination, &claimed.state.key);
        let page = self.public_url.as_ref().map(|url| forwarding::page(url, to, key, wanted));
        let Some(status) = claimed.forge_status(knows_skipped, page) else {
            return (None, ForgeOutcome::Unchanged);
        };
        if claimed.is_sent(&status) {
            return (None, ForgeOutcome::Unchanged);
        }
        let request = forwarding::status_request(claimed, wanted, &status);
        let mut outcome = self.request(request).await;
        if let ForgeOutcome::Responded(response) = &mut outcome {
            response.remote_id = forwarding::remote_id(claimed.destination.kind, &response.body);
        }
        (Some(status), outcome)
    }

    async fn test(&self, to: &Destination) -> ForgeOutcome {
        match self.request(forwarding::project_request(to)).await {
            ForgeOutcome::Responded(response) if forwarding::may_not_write(&response.body) => {
                ForgeOutcome::Failed {
                    error: "the token does not have the right to write to the project".into(),
                }
            }
            outcome => outcome,
        }
    }

    async fn request(&self, request: ForgeRequest) -> ForgeOutcome {
        let ForgeRequest { method, url, headers, body } = request;
        match self.client.send(method, &url, &headers, body, self.app.clock.now()).await {
            Ok(received) => ForgeOutcome::Responded(ForgeResponse {
                status: received.status,
                body: received.body,
                retry_after: received.retry_after,
                rate_reset: received.rate_reset,
                remote_id: None,
            }),
            Err(error) => ForgeOutcome::Failed { error },
        }
    }

    /// Whether the forge knows the status `skipped`, by its version. An unknown version does not.
    async fn knows_skipped(&self, to: &Destination) -> bool {
        let Some(request) = forwarding::version_request(to) else { return true };
        let known = self.versions().get(&to.url).copied();
        if let Some((knows, at)) = known
            && at.elapsed() < VERSION_LIFETIME
        {
            return knows;
        }
        let ForgeOutcome::Responded(response) = self.request(request).await else { return false };
        let Some(version) = forwarding::version_of(&response.body) else { return false };
        let knows = knows_skipped(&version);
        let mut versions = self.versions();
        if versions.len() >= VERSIONS_MAX {
            versions.clear();
        }
        versions.insert(to.url.clone(), (knows, Instant::now()));
        knows
    }

    fn versions(&self) -> std::sync::MutexGuard<'_, HashMap<String, (bool, Instant)>> {
        self.versions.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Counts and logs an attempt. The forge's response is not logged; only managers of the repository may read it.
fn report(claimed: &ClaimedState, result: &StateResult, is_unchanged: bool) {
    let outcome = match result.progress {
        Progress::Sent if is_unchanged => "unchanged",
        Progress::Sent => "sent",
        Progress::Pending(..) => "retried",
        Progress::Stopped(_) => "stopped",
    };
    attempt_counter(outcome).increment(1);
    let (destination, repository) = (claimed.destination.id, claimed.destination.repository_id);
    let (state, attempt) = (claimed.state.id, claimed.state.attempts);
    let status = result.last.as_ref().and_then(|last| last.status);
    tracing::debug!(%repository, %destination, state, attempt, status, outcome, "forwarding attempt finished");
}

fn attempt_counter(outcome: &'static str) -> metrics::Counter {
    metrics::counter!("stagepost_forward_attempts_total", "outcome" => outcome)
}
