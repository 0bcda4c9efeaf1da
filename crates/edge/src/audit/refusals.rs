//! The refused requests of the server: the lines of the log about them, limited, and the counts for the audit log.

use crate::request::IncomingRequest;
use domain::actions;
use domain::error::{AuthFailure, Error, Result};
use domain::model::audit::{Refusal, RefusalReason, RefusalSummary};
use domain::{App, Timestamp};
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Lines about refusals of one address without a pause, and the time between further ones.
const ADDRESS_LINES: (u32, Duration) = (20, Duration::from_secs(10));
/// The same for all addresses.
const ALL_LINES: (u32, Duration) = (200, Duration::from_millis(500));
/// Addresses that are counted; further ones have the common limit only.
const ADDRESSES_MAX: usize = 4_096;
/// How long suppressed lines are counted before a line reports their number.
const SUMMARY_AFTER: Duration = Duration::from_secs(60);

/// The lines about refused requests, limited for each address and in all, so that a flood does not fill the disk.
#[derive(Default)]
pub struct Refusals {
    limits: Arc<Mutex<Limits>>,
    summary: Mutex<RefusalSummary>,
}

#[derive(Default)]
struct Limits {
    addresses: HashMap<Option<IpAddr>, Lines>,
    all: Lines,
    suppressed: u64,
}

/// How many lines were written recently.
#[derive(Default, Clone, Copy)]
struct Lines {
    /// When all lines are available again.
    until: Option<Instant>,
}

impl Lines {
    /// Uses a line, if there is one.
    fn take(&mut self, now: Instant, (burst, interval): (u32, Duration)) -> bool {
        let used = self.until.map_or(Duration::ZERO, |until| until.saturating_duration_since(now));
        let free = used + interval <= interval * burst;
        if free {
            self.until = Some(now + used + interval);
        }
        free
    }
}

impl Limits {
    /// Whether a line about this address may be written. Others are counted; true for the first one that is.
    fn admit(&mut self, address: Option<IpAddr>, now: Instant) -> Result<(), bool> {
        if self.addresses.len() >= ADDRESSES_MAX && !self.addresses.contains_key(&address) {
            self.addresses.retain(|_, lines| lines.until.is_some_and(|until| until > now));
        }
        let has_room = self.addresses.len() < ADDRESSES_MAX || self.addresses.contains_key(&address);
        let of_address = !has_room || self.addresses.entry(address).or_default().take(now, ADDRESS_LINES);
        if of_address && self.all.take(now, ALL_LINES) {
            return Ok(());
        }
        self.suppressed += 1;
        Err(self.suppressed == 1)
    }
}

impl Refusals {
    /// Logs a refused request, and counts it for the audit log.
    pub fn note(&self, error: &Error, request: &IncomingRequest, now: Timestamp) {
        self.log(error, request);
        if let Some(reason) = RefusalReason::of(error) {
            let (claimed_user, claimed_credential) = request.claimed.names();
            self.summary().add(Refusal {
                address: request.from,
                reason,
                claimed_user,
                claimed_credential,
                request_id: Some(request.request_id.clone()),
                times: (now, now),
                count: 1,
            });
        }
    }

    /// Records the refusals since the last call.
    pub async fn record(&self, app: &App) -> Result<()> {
        let taken = self.summary().take(app.clock.now());
        let recorded = actions::audit::record_refusals(app, taken.clone()).await;
        if recorded.is_err() {
            self.summary().put_back(taken);
        }
        recorded
    }

    fn summary(&self) -> MutexGuard<'_, RefusalSummary> {
        self.summary.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Logs a refused request: its address, and the names in its credential, which may be wrong.
    fn log(&self, error: &Error, request: &IncomingRequest) {
        let Some((message, reason)) = refusal(error) else {
            let (request_id, method, path) = (&request.request_id, &request.method, request.target.path());
            return tracing::debug!(request_id, %method, path, %error, "a request was refused");
        };
        let admitted = self.lock().admit(request.from, Instant::now());
        if let Err(first) = admitted {
            metrics::counter!("stagepost_log_lines_suppressed_total").increment(1);
            if first {
                self.summarize_later();
            }
            return;
        }
        let claim = request.claimed.get();
        tracing::info!(
            request_id = request.request_id,
            client = request.from.map(|address| address.to_string()),
            user = claim.user,
            credential = claim.credential,
            method = %request.method,
            path = request.target.path(),
            reason,
            "{message}"
        );
    }

    /// Writes the number of suppressed lines after a while.
    fn summarize_later(&self) {
        let limits = Arc::clone(&self.limits);
        tokio::spawn(async move {
            tokio::time::sleep(SUMMARY_AFTER).await;
            let lines = std::mem::take(&mut lock(&limits).suppressed);
            tracing::warn!(lines, "more requests were refused; they are not logged one by one");
        });
    }

    fn lock(&self) -> MutexGuard<'_, Limits> {
        lock(&self.limits)
    }
}

fn lock(limits: &Mutex<Limits>) -> MutexGuard<'_, Limits> {
    limits.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The message and the reason of a refusal that is about credentials or permissions. The canonical request of a
/// signature is left out: it contains signed values, such as temporary tokens.
fn refusal(error: &Error) -> Option<(&'static str, String)> {
    let message = match error {
        Error::Unauthenticated(AuthFailure::Signature { reason, .. }) => {
            return Some(("a signature was refused", (*reason).to_owned()));
        }
        Error::Unauthenticated(_) | Error::ManyCredentials => "a credential was refused",
        Error::Forbidden
        | Error::InsufficientScope { .. }
        | Error::Outlives { .. }
        | Error::OtherOrigin { .. } => "access was denied",
        Error::Throttled { .. } => "a client was refused for a while",
        _ => return None,
    };
    Some((message, error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_of_refusals_writes_few_lines() {
        let (mut limits, start) = (Limits::default(), Instant::now());
        let address = |n: u32| Some(IpAddr::from(n.to_be_bytes()));
        let mut written = |from: u32, count: u32, at: Duration| {
            (0..count).filter(|_| limits.admit(address(from), start + at).is_ok()).count()
        };
        assert_eq!(written(1, 1_000, Duration::ZERO), 20);
        assert_eq!(written(2, 5, Duration::ZERO), 5, "another address");
        assert_eq!(written(1, 1_000, Duration::from_secs(30)), 3, "one in ten seconds");
        let all: usize = (100..9_000).map(|from| written(from, 1, Duration::from_secs(30))).sum();
        assert_eq!(all, 197, "200 in all, of which three are used");
        assert_eq!(written(9_999, 10, Duration::from_secs(31)), 2, "two in a second");
        assert!(limits.addresses.len() <= ADDRESSES_MAX);
        assert_eq!(limits.suppressed, 980 + 997 + 8_900 - 197 + 8);
    }

    #[test]
    fn a_line_has_no_signed_content() {
        let signature =
            AuthFailure::Signature { canonical_request: "x-security-token:s3cret".into(), reason: "differs" };
        let unusable = AuthFailure::TokenUnusable { cause: "expired", id: 7, user: "lin".into() };
        for (error, expected) in [
            (Error::Unauthenticated(signature), Some("differs")),
            (Error::Unauthenticated(unusable), Some("the token is refused: expired")),
            (Error::Forbidden, Some("the caller is not allowed to do this")),
            (Error::RepositoryNotFound, None),
            (Error::Internal("x".into()), None),
        ] {
            assert_eq!(refusal(&error).map(|(_, reason)| reason).as_deref(), expected);
        }
    }
}
