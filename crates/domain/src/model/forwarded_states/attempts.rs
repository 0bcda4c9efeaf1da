//! Attempts to send a state: what a response means, and what follows from it.

use super::{ClaimedState, ForgeStatus, Progress, StatePage, StopReason, Target, WaitReason};
use crate::model::deliveries::{DeliveryAttempt, RETRY_AFTER_MAX, SCHEDULE, wait_after};
use crate::model::destinations::{Destination, ForgeKind};
use crate::model::trusted_time::TrustedTime;
use jiff::{SignedDuration, Timestamp};

/// How long a state is tried at least after it changed.
const TRIED_FOR: SignedDuration = SignedDuration::from_hours(72);
/// The pause after a limit of the rate that names no time.
const RATE_PAUSE: SignedDuration = SignedDuration::from_mins(1);

/// The outcome of an attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ForgeOutcome {
    /// The forge has this state already, so nothing was sent.
    Unchanged,
    /// The forge responded.
    Responded(ForgeResponse),
    /// There was no response.
    Failed {
        /// The error, as text for people.
        error: String,
    },
}

/// The response of a forge.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ForgeResponse {
    /// The HTTP status.
    pub status: u16,
    /// The beginning of the body.
    pub body: String,
    /// The delay that `Retry-After` requests.
    pub retry_after: Option<SignedDuration>,
    /// `X-RateLimit-Reset` of a response with `X-RateLimit-Remaining: 0`, as a delay.
    pub rate_reset: Option<SignedDuration>,
    /// The id of the pipeline that the response names.
    pub remote_id: Option<String>,
}

/// The meaning of a response.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Accepted,
    Refused,
    Temporary(Option<SignedDuration>),
    RateLimited(SignedDuration),
}

/// The result of an attempt, as it is stored.
#[derive(Debug, Clone, PartialEq)]
pub struct StateResult {
    /// The row.
    pub id: i64,
    /// The claim of the attempt. The result is discarded when the row has a later claim.
    pub claim: i64,
    /// As [`ClaimedState::changes`]. A state that changed since remains due.
    pub changes: i64,
    /// The progress after the attempt.
    pub progress: Progress,
    /// The time of the end.
    pub at: Timestamp,
    /// The attempt; `None`: nothing was sent.
    pub last: Option<DeliveryAttempt>,
    /// The state that the forge has now; `None`: the same as before.
    pub sent: Option<ForgeStatus>,
    /// GitLab's id of the pipeline; `None`: there is none to send on.
    pub remote_id: Option<String>,
    /// The destination as it was when the state was claimed. The result of another project or forge is discarded; that
    /// of another token has no information about the destination.
    pub destination: Destination,
    /// The state of the destination after the attempt.
    pub health: DestinationHealth,
}

/// The state of a destination after an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DestinationHealth {
    /// The attempt has no information about it.
    Unknown,
    /// The forge responds.
    Good,
    /// The forge does not respond, or cannot serve requests.
    Failing,
    /// The forge limits the rate until this time.
    PausedUntil(Timestamp),
}

impl ForgeResponse {
    /// The meaning of the response.
    fn verdict(&self, kind: ForgeKind, is_test: bool) -> Verdict {
        let is_limit = || self.retry_after.is_some() || self.rate_reset.is_some();
        let expected = match kind {
            _ if is_test => 200,
            ForgeKind::Bitbucket => 204,
            ForgeKind::GitHub | ForgeKind::GitLab | ForgeKind::Gitea => 201,
        };
        match self.status {
            status if status == expected => Verdict::Accepted,
            // The status is there already, or the forge has a later one.
            400 if kind == ForgeKind::GitLab && self.body.contains("Cannot transition status") => {
                Verdict::Accepted
            }
            429 => self.rate_limit(),
            403 if is_limit() || self.body.to_ascii_lowercase().contains("rate limit") => self.rate_limit(),
            408 | 409 | 425 | 500.. => Verdict::Temporary(self.retry_after),
            _ => Verdict::Refused,
        }
    }

    fn rate_limit(&self) -> Verdict {
        let delay = self.retry_after.or(self.rate_reset).unwrap_or(RATE_PAUSE);
        Verdict::RateLimited(delay.clamp(SignedDuration::from_secs(1), RETRY_AFTER_MAX))
    }
}

impl ClaimedState {
    /// The expected state in the terms of the forge. `knows_skipped` is the result of
    /// [`knows_skipped`](super::knows_skipped); `page` is the address of the page about it in this server. `None` for a
    /// test.
    pub fn forge_status(&self, knows_skipped: bool, page: Option<String>) -> Option<ForgeStatus> {
        let wanted = self.wanted.as_ref()?;
        let kind = self.destination.kind;
        let fits = |url: &String| kind.url_max().is_none_or(|max| url.chars().count() <= max);
        let (own, page) = (wanted.url.clone().filter(fits), page.filter(fits));
        let url = match wanted.page {
            StatePage::Job(..) => own.or(page),
            // The page here shows all jobs, also those of several runs.
            StatePage::Pipeline(_) | StatePage::Commit(_) => page.or(own),
        };
        Some(ForgeStatus::new(kind, wanted, url, knows_skipped))
    }

    /// Whether the forge has this state.
    pub fn is_sent(&self, status: &ForgeStatus) -> bool {
        self.state.sent.as_ref().is_some_and(|(sent, _)| sent == status)
    }

    /// The result of an attempt at `now` that sent `status`. A state is given up by the trusted `time`. `random` is as
    /// in [`wait_after`].
    pub fn result(
        &self,
        status: Option<ForgeStatus>,
        outcome: ForgeOutcome,
        now: Timestamp,
        time: &TrustedTime,
        random: u32,
    ) -> StateResult {
        let is_test = self.state.key.target == Target::Test;
        let after = |delay| now.checked_add(delay).unwrap_or(now);
        // Attempts that the forge refused to serve are no failures, so their number alone is no limit.
        let attempts = usize::try_from(self.state.attempts).unwrap_or(usize::MAX);
        let is_exhausted = attempts > SCHEDULE.len() && self.state.changed_at <= time.cutoff(TRIED_FOR);
        let retry = |delay, reason| match () {
            () if is_test => Progress::Stopped(StopReason::Refused),
            () if is_exhausted => Progress::Stopped(StopReason::Exhausted),
            () => Progress::Pending(after(delay), Some(reason)),
        };
        let planned = |requested| {
            let attempt = u32::try_from(attempts.min(SCHEDULE.len())).unwrap_or(u32::MAX);
            wait_after(attempt, requested, random).unwrap_or(RETRY_AFTER_MAX)
        };
        let verdict = match &outcome {
            ForgeOutcome::Unchanged => None,
            ForgeOutcome::Responded(response) => Some(response.verdict(self.destination.kind, is_test)),
            ForgeOutcome::Failed { .. } => Some(Verdict::Temporary(None)),
        };
        let (progress, health) = match verdict {
            None => (Progress::Sent, DestinationHealth::Unknown),
            Some(Verdict::Accepted) => (Progress::Sent, DestinationHealth::Good),
            // The ref may have another pipeline now, or the pipeline does not exist any more: the next attempt names
            // none.
            Some(Verdict::Refused) if outcome.is_about_pipeline(self) => {
                (Progress::Pending(now, None), DestinationHealth::Good)
            }
            // The forge works; only this state is refused.
            Some(Verdict::Refused) => (Progress::Stopped(StopReason::Refused), DestinationHealth::Good),
            Some(Verdict::Temporary(requested)) => {
                (retry(planned(requested), WaitReason::Failing), DestinationHealth::Failing)
            }
            Some(Verdict::RateLimited(delay)) => {
                (retry(delay, WaitReason::RateLimited), DestinationHealth::PausedUntil(after(delay)))
            }
        };
        let is_accepted = matches!(verdict, Some(Verdict::Accepted));
        // A test with a wrong token has no effect on the states.
        let health = if is_test && !is_accepted { DestinationHealth::Unknown } else { health };
        let remote_id = match &outcome {
            ForgeOutcome::Responded(response) if is_accepted => {
                response.remote_id.clone().or_else(|| self.state.remote_id.clone())
            }
            // The pipeline may not exist any more.
            ForgeOutcome::Responded(_) if matches!(verdict, Some(Verdict::Refused)) => None,
            _ => self.state.remote_id.clone(),
        };
        StateResult {
            id: self.state.id,
            claim: self.claim,
            changes: self.changes,
            progress,
            at: now,
            last: outcome.attempt(now),
            sent: status.filter(|_| is_accepted),
            remote_id,
            destination: self.destination.clone(),
            health,
        }
    }
}

impl ForgeOutcome {
    /// Whether GitLab may have refused the pipeline that the request named.
    fn is_about_pipeline(&self, of: &ClaimedState) -> bool {
        let is_named = of.destination.kind == ForgeKind::GitLab && of.state.remote_id.is_some();
        is_named && matches!(self, Self::Responded(ForgeResponse { status: 400 | 404 | 422, .. }))
    }

    fn attempt(self, at: Timestamp) -> Option<DeliveryAttempt> {
        match self {
            Self::Unchanged => None,
            Self::Responded(ForgeResponse { status, body, .. }) => {
                Some(DeliveryAttempt::responded(at, status, &body))
            }
            Self::Failed { error } => Some(DeliveryAttempt::failed(at, &error)),
        }
    }
}
